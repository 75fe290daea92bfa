BEGIN ISOLATION LEVEL READ COMMITTED READ WRITE;
SET LOCAL ROLE {appender};
SELECT cutter_governance.fn_run_create({run}, {pipeline}, {pipeline_sha256}, {mode}, {lock_key}, {started_by});
