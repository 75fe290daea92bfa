-- The example's own schema: customers whose region is to be filled in, and the one function that may do it.
-- Run it as the superuser, once: psql -v ON_ERROR_STOP=1 -f migration.sql "$(cutter db url --superuser)"
BEGIN;

-- The owner of the schema: no login and no members, so that its functions are the only way to write.
DO $role$
BEGIN
    IF NOT EXISTS (SELECT FROM pg_catalog.pg_roles WHERE rolname = 'app_owner') THEN
        CREATE ROLE app_owner NOLOGIN NOINHERIT;
    END IF;
END
$role$;
COMMENT ON ROLE app_owner IS 'Owns the example''s tables and functions. No members, no login.';

CREATE SCHEMA app AUTHORIZATION app_owner;
COMMENT ON SCHEMA app IS 'The example''s tables.';
-- What the function below asks before it writes, and what runs need in order to survey, back up and call it.
GRANT USAGE ON SCHEMA cutter_governance TO app_owner;
GRANT EXECUTE ON FUNCTION cutter_governance.fn_require_approval(text, bigint) TO app_owner;
GRANT USAGE ON SCHEMA app TO cutter_survey, cutter_writer;

SET LOCAL ROLE app_owner;

CREATE TABLE app.province (
    code text NOT NULL PRIMARY KEY,
    region text NOT NULL CHECK (region IN ('north', 'central', 'south'))
);
COMMENT ON TABLE app.province IS 'In which region a province lies.';
COMMENT ON COLUMN app.province.code IS 'The province''s code.';
COMMENT ON COLUMN app.province.region IS 'Its region.';

CREATE TABLE app.customer (
    id bigint NOT NULL PRIMARY KEY,
    name text NOT NULL,
    province text NOT NULL REFERENCES app.province,
    region text CHECK (region IN ('north', 'central', 'south'))
);
COMMENT ON TABLE app.customer IS 'The customers. The column region was added later and is empty.';
COMMENT ON COLUMN app.customer.id IS 'The customer''s number.';
COMMENT ON COLUMN app.customer.name IS 'The customer''s name.';
COMMENT ON COLUMN app.customer.province IS 'The customer''s province.';
COMMENT ON COLUMN app.customer.region IS 'The region of the province; null until it is filled in.';

INSERT INTO app.province (code, region) VALUES ('HN', 'north'), ('DN', 'central'), ('SG', 'south');
INSERT INTO app.customer (id, name, province)
SELECT n, 'Customer ' || n, (ARRAY['HN', 'DN', 'SG'])[1 + n % 3] FROM generate_series(1, 3000) AS n;

CREATE FUNCTION app.fn_fill_region(p_province text, p_row_count bigint) RETURNS bigint
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    v_rows bigint;
BEGIN
    -- the wall: refused outside an approved or rehearsing run of cutter, and for any other number of rows
    PERFORM cutter_governance.fn_require_approval('sql.execute', p_row_count);
    UPDATE app.customer AS c SET region = p.region
    FROM app.province AS p
    WHERE p.code = c.province AND c.province = p_province AND c.region IS NULL;
    GET DIAGNOSTICS v_rows = ROW_COUNT;
    -- what was signed is what was written, or nothing is
    IF v_rows IS DISTINCT FROM p_row_count THEN
        RAISE EXCEPTION USING ERRCODE = 'CU004', MESSAGE = 'another number of rows than was approved';
    END IF;
    RETURN v_rows;
END
$$;
COMMENT ON FUNCTION app.fn_fill_region(text, bigint) IS
    'Fills in the region of the customers of a province that have none; exactly p_row_count of them, and only for an approved run.';
REVOKE ALL ON FUNCTION app.fn_fill_region(text, bigint) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION app.fn_fill_region(text, bigint) TO cutter_writer;
GRANT SELECT ON app.province, app.customer TO cutter_survey;

COMMIT;
