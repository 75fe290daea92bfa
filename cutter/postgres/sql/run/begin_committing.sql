BEGIN ISOLATION LEVEL READ COMMITTED READ WRITE;
SET LOCAL ROLE {appender};
SELECT cutter_governance.fn_run_enter({run}, {phase});
