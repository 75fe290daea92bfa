ROLLBACK TO SAVEPOINT cutter_survey;
RELEASE SAVEPOINT cutter_survey;
SELECT current_user::text, pg_catalog.current_setting('transaction_read_only'), pg_catalog.transaction_timestamp()
