-- The canonical writers: one definer function a governed table, each behind the wall (fn_require_cover).
-- Codes: CU001 the wall, CU002 rows are there, CU003 transition, CU004 the data is not what the arguments say.
SET LOCAL ROLE cutter_owner;

-- Sources

CREATE FUNCTION library.fn_source_register(
    p_document_id uuid, p_doc_code text, p_title text, p_language text,
    p_version_id uuid, p_version_string text, p_status text,
    p_text bytea, p_text_sha256 text, p_original_sha256 text, p_media_type text
) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    v_run uuid := cutter_governance.fn_require_cover('library.cut_leg_a', p_doc_code, NULL);
    v_tenant text := cutter_governance.current_tenant();
BEGIN
    IF (encode(sha256(p_text), 'hex') = p_text_sha256) IS NOT TRUE THEN
        RAISE EXCEPTION USING ERRCODE = 'CU004', MESSAGE = 'the text does not have the digest given';
    END IF;
    INSERT INTO library.source_document (tenant_id, id, doc_code, title, language, run_id)
    VALUES (v_tenant, p_document_id, p_doc_code, p_title, p_language, v_run)
    ON CONFLICT DO NOTHING;
    INSERT INTO library.source_version (tenant_id, id, source_document_id, version_string, status, text, text_sha256,
                                        text_size, original_sha256, media_type, run_id)
    SELECT v_tenant, p_version_id, d.id, p_version_string, p_status, p_text, p_text_sha256,
           octet_length(p_text), p_original_sha256, p_media_type, v_run
    FROM library.source_document AS d WHERE d.tenant_id = v_tenant AND d.id = p_document_id
    ON CONFLICT DO NOTHING;
    PERFORM FROM library.source_document AS d
    JOIN library.source_version AS v ON v.tenant_id = d.tenant_id AND v.source_document_id = d.id
    WHERE d.tenant_id = v_tenant AND d.id = p_document_id AND d.doc_code = p_doc_code AND d.title = p_title
      AND d.language = p_language AND v.id = p_version_id AND v.version_string = p_version_string
      AND v.status = p_status AND v.text_sha256 = p_text_sha256 AND v.original_sha256 = p_original_sha256
      AND v.media_type = p_media_type;
    IF NOT FOUND THEN
        RAISE EXCEPTION USING ERRCODE = 'CU002', MESSAGE = 'the document or version is registered otherwise';
    END IF;
END
$$;
COMMENT ON FUNCTION library.fn_source_register(uuid, text, text, text, uuid, text, text, bytea, text, text, text) IS
    'Registers a source document and a version with its bytes; what is there already, and the same, is kept.';

CREATE FUNCTION cutter_governance.fn_change_set_open(
    p_change_set uuid, p_source_version uuid, p_doc_prefix text, p_plan_sha256 text, p_row_count bigint
) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    v_run uuid;
BEGIN
    IF p_row_count IS NULL THEN
        RAISE EXCEPTION USING ERRCODE = 'CU001', MESSAGE = 'a number of rows is needed';
    END IF;
    v_run := cutter_governance.fn_require_cover('library.cut_leg_a', p_doc_prefix, p_row_count);
    PERFORM FROM library.source_version AS v
    JOIN library.source_document AS d ON d.tenant_id = v.tenant_id AND d.id = v.source_document_id
    WHERE v.tenant_id = cutter_governance.current_tenant() AND v.id = p_source_version AND d.doc_code = p_doc_prefix;
    IF NOT FOUND THEN
        RAISE EXCEPTION USING ERRCODE = 'CU001', MESSAGE = 'the source version is not one of this document';
    END IF;
    INSERT INTO cutter_governance.change_set
        (tenant_id, change_set_id, run_id, source_version_id, doc_prefix, plan_sha256, row_count)
    VALUES (cutter_governance.current_tenant(), p_change_set, v_run, p_source_version, p_doc_prefix, p_plan_sha256,
            p_row_count);
EXCEPTION WHEN unique_violation THEN
    RAISE EXCEPTION USING ERRCODE = 'CU002', MESSAGE = 'the run has a change set, or the change set exists';
END
$$;
COMMENT ON FUNCTION cutter_governance.fn_change_set_open(uuid, uuid, text, text, bigint) IS
    'Opens the change set of the current run: which version is cut, under which plan, into how many units.';

CREATE FUNCTION cutter_governance.fn_current_change_set(p_change_set uuid) RETURNS cutter_governance.change_set
LANGUAGE plpgsql STABLE SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    v_set cutter_governance.change_set;
BEGIN
    SELECT s.* INTO v_set FROM cutter_governance.change_set AS s
    WHERE s.tenant_id = cutter_governance.current_tenant() AND s.change_set_id = p_change_set
      AND s.run_id = (SELECT r.run_id FROM cutter_governance.current_run() AS r);
    IF NOT FOUND THEN
        RAISE EXCEPTION USING ERRCODE = 'CU001', MESSAGE = 'not a change set of the current run';
    END IF;
    RETURN v_set;
END
$$;
COMMENT ON FUNCTION cutter_governance.fn_current_change_set(uuid) IS
    'For the owner''s functions only: the change set, if the current run opened it; else CU001.';

-- Staging: the definer makes the tables, so that nothing of the caller's hangs on them

CREATE FUNCTION library.fn_stage_check(p_stage regclass) RETURNS void
LANGUAGE plpgsql STABLE SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
    PERFORM FROM pg_catalog.pg_class AS c
    JOIN pg_catalog.pg_roles AS o ON o.oid = c.relowner
    WHERE c.oid = p_stage AND c.relkind = 'r' AND c.relpersistence = 't' AND o.rolname = 'cutter_owner'
      AND NOT c.relhastriggers AND NOT c.relhasrules AND NOT c.relrowsecurity;
    IF NOT FOUND THEN
        RAISE EXCEPTION USING ERRCODE = 'CU001', MESSAGE = 'no staging table that the owner made';
    END IF;
END
$$;
COMMENT ON FUNCTION library.fn_stage_check(regclass) IS
    'For the owner''s functions only: refuses (CU001) a staging table that is missing or that somebody else made.';

CREATE FUNCTION library.fn_stage_open(p_name text) RETURNS void
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    v_writer text;
    v_stage regclass := pg_catalog.to_regclass('pg_temp.' || pg_catalog.quote_ident(p_name));
BEGIN
    SELECT c.value INTO v_writer FROM cutter_governance.dot_config AS c
    WHERE c.tenant_id = cutter_governance.current_tenant() AND c.key = 'cutter_orchestrator.grant_apply_principal';
    IF v_writer IS NULL THEN
        RAISE EXCEPTION USING ERRCODE = 'CU001', MESSAGE = 'no writer is named for this tenant';
    END IF;
    IF v_stage IS NOT NULL THEN
        PERFORM library.fn_stage_check(v_stage);  -- left by an attempt that failed half way: made anew
        EXECUTE pg_catalog.format('DROP TABLE pg_temp.%I', p_name);
    END IF;
    IF p_name = 'iu_stage' THEN
        CREATE TEMPORARY TABLE iu_stage (
            unit_id uuid NOT NULL, address text COLLATE "C" NOT NULL, short_address text COLLATE "C" NOT NULL,
            address_ascii text COLLATE "C" NOT NULL, sort_key text COLLATE "C" NOT NULL, type text NOT NULL,
            rank text NOT NULL, num_raw text, ordinal integer NOT NULL, parent_address text COLLATE "C", heading text,
            body text NOT NULL, body_sha256 text NOT NULL
        ) ON COMMIT DROP;
    ELSE
        CREATE TEMPORARY TABLE region_stage (
            address text COLLATE "C" NOT NULL, region_index integer NOT NULL, start_byte bigint NOT NULL,
            end_byte bigint NOT NULL, sha256 text NOT NULL
        ) ON COMMIT DROP;
    END IF;
    EXECUTE pg_catalog.format('GRANT INSERT ON pg_temp.%I TO %I', p_name, v_writer);
END
$$;
COMMENT ON FUNCTION library.fn_stage_open(text) IS
    'For the owner''s functions only: makes iu_stage or region_stage and lets the writer of the tenant fill it.';

CREATE FUNCTION library.fn_iu_stage() RETURNS void
LANGUAGE sql SECURITY DEFINER SET search_path = pg_catalog, pg_temp
AS $$ SELECT library.fn_stage_open('iu_stage') $$;
COMMENT ON FUNCTION library.fn_iu_stage() IS
    'Makes pg_temp.iu_stage (unit_id, address, short_address, address_ascii, sort_key, type, rank, num_raw, ordinal, parent_address, heading, body, body_sha256) for the writer to COPY units into.';

CREATE FUNCTION library.fn_region_stage() RETURNS void
LANGUAGE sql SECURITY DEFINER SET search_path = pg_catalog, pg_temp
AS $$ SELECT library.fn_stage_open('region_stage') $$;
COMMENT ON FUNCTION library.fn_region_stage() IS
    'Makes pg_temp.region_stage (address, region_index, start_byte, end_byte, sha256) for the writer to COPY regions into.';

-- Units

CREATE FUNCTION library.fn_iu_write_staged(
    p_set cutter_governance.change_set, p_source_version uuid, p_doc_prefix text, p_row_count bigint
) RETURNS bigint
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    v_sound boolean;
    v_before bigint;
BEGIN
    IF (p_set.source_version_id = p_source_version AND p_set.doc_prefix = p_doc_prefix AND p_set.status = 'draft')
        IS NOT TRUE
    THEN
        RAISE EXCEPTION USING ERRCODE = 'CU001', MESSAGE = 'the change set is of another version, or is enacted';
    END IF;
    PERFORM cutter_governance.fn_require_cover('library.cut_leg_a', p_doc_prefix, p_set.row_count);
    PERFORM library.fn_stage_check(pg_catalog.to_regclass('pg_temp.iu_stage'));
    SELECT count(*) = p_row_count
       AND bool_and(s.address = p_doc_prefix OR starts_with(s.address, p_doc_prefix || '/'))
       AND bool_and(s.body_sha256 = encode(sha256(convert_to(s.body, 'UTF8')), 'hex'))
    INTO v_sound FROM ONLY pg_temp.iu_stage AS s;
    IF v_sound IS NOT TRUE THEN
        RAISE EXCEPTION USING ERRCODE = 'CU004', MESSAGE = 'the staged units are not what the arguments say';
    END IF;
    PERFORM FROM library.information_unit AS u
    WHERE u.tenant_id = p_set.tenant_id AND u.doc_prefix = p_doc_prefix AND u.source_version_id <> p_source_version;
    IF FOUND THEN
        RAISE EXCEPTION USING ERRCODE = 'CU002', MESSAGE = 'units of another version of the document exist';
    END IF;
    SELECT count(*) INTO v_before FROM library.information_unit AS u
    WHERE u.tenant_id = p_set.tenant_id AND u.source_version_id = p_source_version;
    IF v_before + p_row_count > p_set.row_count THEN
        RAISE EXCEPTION USING ERRCODE = 'CU002', MESSAGE = 'the version would have more units than the plan';
    END IF;
    INSERT INTO library.information_unit
        (tenant_id, id, source_version_id, change_set_id, doc_prefix, address, short_address, address_ascii, sort_key,
         type, rank, num_raw, ordinal, parent_address, heading, body, body_sha256, lifecycle, run_id)
    SELECT p_set.tenant_id, s.unit_id, p_source_version, p_set.change_set_id, p_doc_prefix, s.address, s.short_address,
           s.address_ascii, s.sort_key, s.type, s.rank, s.num_raw, s.ordinal, s.parent_address, s.heading, s.body,
           s.body_sha256, 'draft', p_set.run_id
    FROM ONLY pg_temp.iu_stage AS s;
    RETURN p_row_count;
EXCEPTION WHEN unique_violation THEN
    RAISE EXCEPTION USING ERRCODE = 'CU002', MESSAGE = 'a unit with this id or address exists';
END
$$;
COMMENT ON FUNCTION library.fn_iu_write_staged(cutter_governance.change_set, uuid, text, bigint) IS
    'For the owner''s functions only: the rules of writing units, over the staged rows; both writers of units stand on it.';

CREATE FUNCTION library.fn_iu_create_batch(
    p_change_set uuid, p_source_version uuid, p_doc_prefix text, p_row_count bigint
) RETURNS bigint
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    v_set cutter_governance.change_set := cutter_governance.fn_current_change_set(p_change_set);
    v_written bigint;
BEGIN
    IF v_set.row_count IS DISTINCT FROM p_row_count THEN
        RAISE EXCEPTION USING ERRCODE = 'CU001', MESSAGE = 'the plan has another number of units';
    END IF;
    v_written := library.fn_iu_write_staged(v_set, p_source_version, p_doc_prefix, p_row_count);
    DROP TABLE pg_temp.iu_stage;
    RETURN v_written;
END
$$;
COMMENT ON FUNCTION library.fn_iu_create_batch(uuid, uuid, text, bigint) IS
    'The canonical writer of units: all units of the change set, from pg_temp.iu_stage, as drafts; drops the staging table.';

CREATE FUNCTION library.fn_iu_create(
    p_change_set uuid, p_source_version uuid, p_doc_prefix text, p_unit_id uuid, p_address text, p_short_address text,
    p_address_ascii text, p_sort_key text, p_type text, p_rank text, p_num_raw text, p_ordinal integer,
    p_parent_address text, p_heading text, p_body text, p_body_sha256 text
) RETURNS uuid
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    v_set cutter_governance.change_set := cutter_governance.fn_current_change_set(p_change_set);
BEGIN
    -- one table for all calls of the transaction: a table a call would fill the server's lock table
    IF pg_catalog.to_regclass('pg_temp.iu_stage') IS NULL THEN
        PERFORM library.fn_stage_open('iu_stage');
    END IF;
    PERFORM library.fn_stage_check(pg_catalog.to_regclass('pg_temp.iu_stage'));
    INSERT INTO pg_temp.iu_stage
    VALUES (p_unit_id, p_address, p_short_address, p_address_ascii, p_sort_key, p_type, p_rank, p_num_raw, p_ordinal,
            p_parent_address, p_heading, p_body, p_body_sha256);
    PERFORM library.fn_iu_write_staged(v_set, p_source_version, p_doc_prefix, 1);
    TRUNCATE pg_temp.iu_stage;
    RETURN p_unit_id;
END
$$;
COMMENT ON FUNCTION library.fn_iu_create(uuid, uuid, text, uuid, text, text, text, text, text, text, text, integer, text, text, text, text) IS
    'Writes one unit as a draft: stages it and applies the rules of fn_iu_create_batch; never more units than the plan has.';

-- Regions and parents

-- The units are of this transaction or a little older, so the planner has no statistics of them: without the setting it
-- joins them by nested loops, in quadratic time.
CREATE FUNCTION library.fn_region_bind_batch(p_change_set uuid, p_row_count bigint) RETURNS bigint
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp SET enable_nestloop = off
AS $$
DECLARE
    v_set cutter_governance.change_set := cutter_governance.fn_current_change_set(p_change_set);
    v_text bytea;
    v_regions bigint;
BEGIN
    IF (v_set.row_count = p_row_count AND v_set.status = 'draft') IS NOT TRUE THEN
        RAISE EXCEPTION USING ERRCODE = 'CU001', MESSAGE = 'the plan has another number of units, or is enacted';
    END IF;
    PERFORM cutter_governance.fn_require_cover('library.cut_leg_b', v_set.doc_prefix, p_row_count);
    PERFORM library.fn_stage_check(pg_catalog.to_regclass('pg_temp.region_stage'));
    -- read once into memory: a slice of a stored value would unpack all of it for each region
    SELECT v.text || ''::bytea INTO v_text FROM library.source_version AS v
    WHERE v.tenant_id = v_set.tenant_id AND v.id = v_set.source_version_id;
    PERFORM FROM ONLY pg_temp.region_stage AS s
    WHERE (s.start_byte >= 0 AND s.end_byte BETWEEN s.start_byte AND octet_length(v_text)
           AND s.sha256 = encode(sha256(substr(v_text, s.start_byte::integer + 1, (s.end_byte - s.start_byte)::integer)),
                                 'hex')) IS NOT TRUE;
    IF FOUND THEN
        RAISE EXCEPTION USING ERRCODE = 'CU004', MESSAGE = 'a region is not of the source text';
    END IF;
    INSERT INTO library.unit_region (tenant_id, unit_id, region_index, start_byte, end_byte, sha256)
    SELECT v_set.tenant_id, u.id, s.region_index, s.start_byte, s.end_byte, s.sha256
    FROM ONLY pg_temp.region_stage AS s
    JOIN library.information_unit AS u
      ON u.tenant_id = v_set.tenant_id AND u.source_version_id = v_set.source_version_id AND u.address = s.address
    WHERE u.change_set_id = p_change_set;
    GET DIAGNOSTICS v_regions = ROW_COUNT;
    UPDATE library.information_unit AS u SET parent_id = p.id
    FROM library.information_unit AS p
    WHERE u.tenant_id = v_set.tenant_id AND u.source_version_id = v_set.source_version_id
      AND u.change_set_id = p_change_set
      AND p.tenant_id = v_set.tenant_id AND p.source_version_id = v_set.source_version_id
      AND p.change_set_id = p_change_set AND p.address = u.parent_address;
    PERFORM library.fn_binding_check(v_set, v_regions);
    DROP TABLE pg_temp.region_stage;
    RETURN v_regions;
EXCEPTION WHEN unique_violation THEN
    RAISE EXCEPTION USING ERRCODE = 'CU002', MESSAGE = 'a region of this unit exists';
END
$$;
COMMENT ON FUNCTION library.fn_region_bind_batch(uuid, bigint) IS
    'Binds the units of the change set (p_row_count of them) to the source: writes their regions from pg_temp.region_stage, resolves their parents; returns the number of regions and drops the staging table.';

CREATE FUNCTION library.fn_binding_check(p_set cutter_governance.change_set, p_regions bigint) RETURNS void
LANGUAGE plpgsql STABLE SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    v_whole boolean;
BEGIN
    SELECT count(*) = p_set.row_count
       AND count(*) FILTER (WHERE u.parent_address IS NOT NULL AND u.parent_id IS NULL) = 0
       AND p_regions = (SELECT count(*) FROM ONLY pg_temp.region_stage)
       AND p_set.row_count = (SELECT count(DISTINCT s.address) FROM ONLY pg_temp.region_stage AS s)
    INTO v_whole
    FROM library.information_unit AS u
    WHERE u.tenant_id = p_set.tenant_id AND u.source_version_id = p_set.source_version_id
      AND u.change_set_id = p_set.change_set_id;
    IF v_whole IS NOT TRUE THEN
        RAISE EXCEPTION USING ERRCODE = 'CU004', MESSAGE = 'not every unit has its region and its parent';
    END IF;
END
$$;
COMMENT ON FUNCTION library.fn_binding_check(cutter_governance.change_set, bigint) IS
    'For the owner''s functions only: every unit of the change set has a region, every staged region found its unit, every parent is resolved; else CU004.';

-- Enactment

CREATE FUNCTION library.fn_iu_enact(p_change_set uuid, p_row_count bigint) RETURNS bigint
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    v_set cutter_governance.change_set := cutter_governance.fn_current_change_set(p_change_set);
    v_drafts bigint;
BEGIN
    IF v_set.row_count IS DISTINCT FROM p_row_count THEN
        RAISE EXCEPTION USING ERRCODE = 'CU001', MESSAGE = 'the plan has another number of units';
    END IF;
    PERFORM cutter_governance.fn_require_cover('library.enact', v_set.doc_prefix, p_row_count);
    IF v_set.status <> 'draft' THEN
        RAISE EXCEPTION USING ERRCODE = 'CU003', MESSAGE = 'only drafts can be enacted';
    END IF;
    UPDATE library.information_unit AS u SET lifecycle = 'enacted', enacted_at = transaction_timestamp()
    WHERE u.tenant_id = v_set.tenant_id AND u.source_version_id = v_set.source_version_id
      AND u.change_set_id = p_change_set AND u.lifecycle = 'draft';
    GET DIAGNOSTICS v_drafts = ROW_COUNT;
    IF v_drafts <> p_row_count THEN
        RAISE EXCEPTION USING ERRCODE = 'CU003', MESSAGE = 'not every unit of the plan is a draft';
    END IF;
    UPDATE cutter_governance.change_set AS s SET status = 'enacted'
    WHERE s.tenant_id = v_set.tenant_id AND s.change_set_id = p_change_set;
    RETURN v_drafts;
END
$$;
COMMENT ON FUNCTION library.fn_iu_enact(uuid, bigint) IS
    'Enacts the units of the change set: draft to enacted, all or none; anything else is CU003.';

GRANT EXECUTE ON FUNCTION
    library.fn_source_register(uuid, text, text, text, uuid, text, text, bytea, text, text, text),
    cutter_governance.fn_change_set_open(uuid, uuid, text, text, bigint),
    library.fn_iu_stage(),
    library.fn_region_stage(),
    library.fn_iu_create_batch(uuid, uuid, text, bigint),
    library.fn_iu_create(uuid, uuid, text, uuid, text, text, text, text, text, text, text, integer, text, text, text, text),
    library.fn_region_bind_batch(uuid, bigint),
    library.fn_iu_enact(uuid, bigint)
TO cutter_writer;
