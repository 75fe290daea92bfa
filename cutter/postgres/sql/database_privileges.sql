-- What belongs to the database itself, and is not copied when it serves as a template: nobody makes temporary tables
-- but the owner's staging functions.
DO $privileges$
BEGIN
    EXECUTE pg_catalog.format('REVOKE CREATE, TEMPORARY ON DATABASE %I FROM PUBLIC', pg_catalog.current_database());
    EXECUTE pg_catalog.format('GRANT TEMPORARY ON DATABASE %I TO cutter_owner', pg_catalog.current_database());
    IF pg_catalog.to_regnamespace('public') IS NOT NULL THEN
        REVOKE CREATE ON SCHEMA public FROM PUBLIC;
    END IF;
END
$privileges$
