BEGIN READ ONLY;
SET LOCAL ROLE {survey};
SELECT pg_catalog.pg_try_advisory_lock(cutter_governance.fn_lock_number({lock_key}));
COMMIT;
