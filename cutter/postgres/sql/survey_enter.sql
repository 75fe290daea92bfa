SAVEPOINT cutter_survey;
SELECT current_user::text, pg_catalog.current_setting('transaction_read_only'), pg_catalog.transaction_timestamp();
SET LOCAL ROLE cutter_survey;
SET LOCAL transaction_read_only = on
