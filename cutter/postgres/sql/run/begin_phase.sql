SAVEPOINT cutter_phase;
SET LOCAL ROLE {appender};
SELECT cutter_governance.fn_run_enter({run}, {phase});
