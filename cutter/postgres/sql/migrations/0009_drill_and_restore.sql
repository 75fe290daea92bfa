-- Backups: stages for drills and restores, the digest of the rows that a backup holds, and the one function that
-- restores them.
SET LOCAL ROLE cutter_owner;

-- 'restored': a restore took the units of the change set away.
ALTER TABLE cutter_governance.change_set DROP CONSTRAINT IF EXISTS change_set_status_check;
ALTER TABLE cutter_governance.change_set ADD CONSTRAINT change_set_status_check
    CHECK (status IN ('draft', 'enacted', 'voided', 'restored'));

-- What a backup holds

CREATE FUNCTION library.fn_backup_scope(p_table text) RETURNS text
LANGUAGE plpgsql IMMUTABLE SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
    RETURN CASE p_table
        WHEN 'library.source_document' THEN
            'SELECT t.* FROM library.source_document AS t WHERE t.doc_code = $1'
        WHEN 'library.source_version' THEN
            'SELECT t.* FROM library.source_version AS t JOIN library.source_document AS d'
            ' ON d.tenant_id = t.tenant_id AND d.id = t.source_document_id WHERE d.doc_code = $1'
        WHEN 'cutter_governance.change_set' THEN
            'SELECT t.* FROM cutter_governance.change_set AS t WHERE t.doc_prefix = $1'
        WHEN 'library.information_unit' THEN
            'SELECT t.* FROM library.information_unit AS t WHERE t.doc_prefix = $1'
        WHEN 'library.unit_region' THEN
            'SELECT t.* FROM library.unit_region AS t JOIN library.information_unit AS u'
            ' ON u.tenant_id = t.tenant_id AND u.id = t.unit_id WHERE u.doc_prefix = $1'
        WHEN 'cutter_governance.phase_marker' THEN
            'SELECT t.* FROM cutter_governance.phase_marker AS t JOIN cutter_governance.run AS r'
            ' ON r.tenant_id = t.tenant_id AND r.run_id = t.run_id WHERE r.lock_key = $1'
    END;
END
$$;
COMMENT ON FUNCTION library.fn_backup_scope(text) IS
    'The rows of a table that a backup of the document $1 holds, as a query; null for a table that no backup holds.';

-- The settings are those of backups: with others the same row has another text.
CREATE FUNCTION library.fn_rows_digest(p_table text, p_doc_prefix text) RETURNS TABLE (row_count bigint, digest text)
LANGUAGE plpgsql STABLE SET search_path = pg_catalog, pg_temp SET timezone = 'UTC' SET datestyle = 'ISO, YMD'
SET intervalstyle = 'postgres' SET bytea_output = 'hex' SET extra_float_digits = 1
AS $$
BEGIN
    RETURN QUERY EXECUTE
        'SELECT count(*), encode(sha256(coalesce(string_agg(h.hash, ''''::bytea ORDER BY h.hash), ''''::bytea)), ''hex'')'
        ' FROM (SELECT sha256(convert_to(r::text, ''UTF8'')) AS hash FROM ('
        || library.fn_backup_scope(p_table) || ') AS r) AS h'
    USING p_doc_prefix;
END
$$;
COMMENT ON FUNCTION library.fn_rows_digest(text, text) IS
    'How many rows of a table a backup of the document would hold now, and hex sha256 over the sorted sha256 of their row texts.';

-- Stages

CREATE FUNCTION library.fn_backup_stage_open(p_purpose text, p_table text) RETURNS text
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    v_name text := p_purpose || '_' || pg_catalog.split_part(p_table, '.', 2);
    v_stage regclass := pg_catalog.to_regclass('pg_temp.' || pg_catalog.quote_ident(v_name));
BEGIN
    IF library.fn_backup_scope(p_table) IS NULL THEN
        RAISE EXCEPTION USING ERRCODE = 'CU001', MESSAGE = 'no backup holds this table';
    END IF;
    IF v_stage IS NOT NULL THEN
        PERFORM library.fn_stage_check(v_stage);  -- left by an attempt that failed half way: made anew
        EXECUTE pg_catalog.format('DROP TABLE pg_temp.%I', v_name);
    END IF;
    -- the name was found in the list above, so it is one of ours
    EXECUTE pg_catalog.format('CREATE TEMPORARY TABLE %I (LIKE %s) ON COMMIT DROP', v_name, p_table);
    RETURN v_name;
END
$$;
COMMENT ON FUNCTION library.fn_backup_stage_open(text, text) IS
    'For the owner''s functions only: makes an empty temporary table with the columns of a table that backups hold; returns its name.';

CREATE FUNCTION library.fn_drill_stage(p_table text) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
    EXECUTE pg_catalog.format(
        'GRANT SELECT, INSERT ON pg_temp.%I TO cutter_survey', library.fn_backup_stage_open('drill', p_table));
END
$$;
COMMENT ON FUNCTION library.fn_drill_stage(text) IS
    'Makes pg_temp.drill_TABLE for a drill to restore a backup into and to compare; nothing is ever written from it.';

CREATE FUNCTION library.fn_restore_stage(p_table text) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    v_writer text;
BEGIN
    SELECT c.value INTO v_writer FROM cutter_governance.dot_config AS c
    WHERE c.tenant_id = cutter_governance.current_tenant() AND c.key = 'cutter_orchestrator.grant_apply_principal';
    IF v_writer IS NULL THEN
        RAISE EXCEPTION USING ERRCODE = 'CU001', MESSAGE = 'no writer is named for this tenant';
    END IF;
    EXECUTE pg_catalog.format(
        'GRANT INSERT ON pg_temp.%I TO %I', library.fn_backup_stage_open('restore', p_table), v_writer);
END
$$;
COMMENT ON FUNCTION library.fn_restore_stage(text) IS
    'Makes pg_temp.restore_TABLE for the writer to COPY a backup''s rows into; fn_restore reads it.';

-- Restoring

CREATE FUNCTION library.fn_restore_check(p_doc_prefix text) RETURNS void
LANGUAGE plpgsql STABLE SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    v_tenant text := cutter_governance.current_tenant();
    v_name text;
BEGIN
    FOREACH v_name IN ARRAY ARRAY['source_document', 'source_version', 'change_set', 'information_unit', 'unit_region',
                                  'phase_marker']
    LOOP
        PERFORM library.fn_stage_check(pg_catalog.to_regclass('pg_temp.restore_' || v_name));
    END LOOP;
    -- all rows are this tenant's and this document's, and every body is its digest
    PERFORM FROM (
        SELECT d.tenant_id = v_tenant AND d.doc_code = p_doc_prefix FROM ONLY pg_temp.restore_source_document AS d
        UNION ALL
        SELECT v.tenant_id = v_tenant AND v.text_sha256 = encode(sha256(v.text), 'hex')
               AND v.source_document_id IN (SELECT d.id FROM ONLY pg_temp.restore_source_document AS d)
        FROM ONLY pg_temp.restore_source_version AS v
        UNION ALL
        SELECT s.tenant_id = v_tenant AND s.doc_prefix = p_doc_prefix FROM ONLY pg_temp.restore_change_set AS s
        UNION ALL
        SELECT u.tenant_id = v_tenant AND u.doc_prefix = p_doc_prefix
               AND u.body_sha256 = encode(sha256(convert_to(u.body, 'UTF8')), 'hex')
        FROM ONLY pg_temp.restore_information_unit AS u
        UNION ALL
        SELECT g.tenant_id = v_tenant
               AND g.unit_id IN (SELECT u.id FROM ONLY pg_temp.restore_information_unit AS u)
        FROM ONLY pg_temp.restore_unit_region AS g
        UNION ALL
        SELECT m.tenant_id = v_tenant FROM ONLY pg_temp.restore_phase_marker AS m
    ) AS staged (sound) WHERE staged.sound IS NOT TRUE;
    IF FOUND THEN
        RAISE EXCEPTION USING ERRCODE = 'CU004', MESSAGE = 'a staged row is not of this document';
    END IF;
    -- records are never deleted: what the backup holds of them must be there still, but for what a restore may set
    PERFORM FROM ONLY pg_temp.restore_source_document AS s
    WHERE NOT EXISTS (SELECT FROM library.source_document AS d
                      WHERE d.tenant_id = s.tenant_id AND d.id = s.id AND ROW(d.*) IS NOT DISTINCT FROM ROW(s.*));
    IF FOUND THEN
        RAISE EXCEPTION USING ERRCODE = 'CU004', MESSAGE = 'a source document of the backup is gone or changed';
    END IF;
    PERFORM FROM ONLY pg_temp.restore_source_version AS s
    WHERE NOT EXISTS (SELECT FROM library.source_version AS v
                      WHERE v.tenant_id = s.tenant_id AND v.id = s.id AND ROW(v.*) IS NOT DISTINCT FROM ROW(s.*));
    IF FOUND THEN
        RAISE EXCEPTION USING ERRCODE = 'CU004', MESSAGE = 'a source version of the backup is gone or changed';
    END IF;
    PERFORM FROM ONLY pg_temp.restore_change_set AS s
    WHERE NOT EXISTS (
        SELECT FROM cutter_governance.change_set AS c
        WHERE c.tenant_id = s.tenant_id AND c.change_set_id = s.change_set_id AND c.run_id = s.run_id
          AND c.plan_sha256 = s.plan_sha256 AND c.row_count = s.row_count);
    IF FOUND THEN
        RAISE EXCEPTION USING ERRCODE = 'CU004', MESSAGE = 'a change set of the backup is gone or changed';
    END IF;
    PERFORM FROM ONLY pg_temp.restore_phase_marker AS s
    WHERE NOT EXISTS (
        SELECT FROM cutter_governance.phase_marker AS m
        JOIN cutter_governance.run AS r ON r.tenant_id = m.tenant_id AND r.run_id = m.run_id
        WHERE m.tenant_id = s.tenant_id AND m.run_id = s.run_id AND m.phase = s.phase AND m.guard = s.guard
          AND m.key_sha256 = s.key_sha256 AND r.lock_key = p_doc_prefix);
    IF FOUND THEN
        RAISE EXCEPTION USING ERRCODE = 'CU004', MESSAGE = 'a marker of the backup is gone or changed';
    END IF;
END
$$;
COMMENT ON FUNCTION library.fn_restore_check(text) IS
    'For the owner''s functions only: refuses (CU004) staged rows of another tenant or document, and a backup whose records are gone.';

CREATE FUNCTION library.fn_restore_records(p_doc_prefix text, p_run uuid) RETURNS void
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    v_tenant text := cutter_governance.current_tenant();
BEGIN
    UPDATE cutter_governance.change_set AS c
    SET status = coalesce((SELECT s.status FROM ONLY pg_temp.restore_change_set AS s
                           WHERE s.change_set_id = c.change_set_id), 'restored')
    WHERE c.tenant_id = v_tenant AND c.doc_prefix = p_doc_prefix;
    -- what happened after the backup is undone: its markers are voided by this run
    UPDATE cutter_governance.phase_marker AS m SET voided_by = p_run
    FROM cutter_governance.run AS r
    WHERE r.tenant_id = m.tenant_id AND r.run_id = m.run_id AND m.tenant_id = v_tenant AND r.lock_key = p_doc_prefix
      AND m.run_id <> p_run AND m.voided_by IS NULL
      AND NOT EXISTS (SELECT FROM ONLY pg_temp.restore_phase_marker AS s
                      WHERE s.run_id = m.run_id AND s.phase = m.phase AND s.voided_by IS NULL);
    -- what was undone after the backup is in force again
    UPDATE cutter_governance.phase_marker AS m SET voided_by = NULL
    FROM ONLY pg_temp.restore_phase_marker AS s
    WHERE m.tenant_id = v_tenant AND s.run_id = m.run_id AND s.phase = m.phase AND s.voided_by IS NULL
      AND m.voided_by IS NOT NULL;
END
$$;
COMMENT ON FUNCTION library.fn_restore_records(text, uuid) IS
    'For the owner''s functions only: change sets and markers of the document as the backup has them; none is deleted.';

CREATE FUNCTION library.fn_restore(p_doc_prefix text, p_row_count bigint) RETURNS bigint
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp SET enable_nestloop = off
AS $$
DECLARE
    v_run uuid := cutter_governance.fn_require_cover('custody.restore', p_doc_prefix, p_row_count);
    v_tenant text := cutter_governance.current_tenant();
    v_rows bigint := 0;
    v_step bigint;
    v_name text;
BEGIN
    PERFORM library.fn_restore_check(p_doc_prefix);
    DELETE FROM library.unit_region AS g USING library.information_unit AS u
    WHERE g.tenant_id = v_tenant AND u.tenant_id = v_tenant AND u.id = g.unit_id AND u.doc_prefix = p_doc_prefix;
    GET DIAGNOSTICS v_step = ROW_COUNT;
    v_rows := v_rows + v_step;
    DELETE FROM library.information_unit AS u WHERE u.tenant_id = v_tenant AND u.doc_prefix = p_doc_prefix;
    GET DIAGNOSTICS v_step = ROW_COUNT;
    v_rows := v_rows + v_step;
    INSERT INTO library.information_unit SELECT s.* FROM ONLY pg_temp.restore_information_unit AS s;
    GET DIAGNOSTICS v_step = ROW_COUNT;
    v_rows := v_rows + v_step;
    INSERT INTO library.unit_region SELECT s.* FROM ONLY pg_temp.restore_unit_region AS s;
    GET DIAGNOSTICS v_step = ROW_COUNT;
    v_rows := v_rows + v_step;
    IF v_rows IS DISTINCT FROM p_row_count THEN
        RAISE EXCEPTION USING ERRCODE = 'CU004', MESSAGE = 'another number of rows was removed and written than approved';
    END IF;
    PERFORM library.fn_restore_records(p_doc_prefix, v_run);
    FOREACH v_name IN ARRAY ARRAY['source_document', 'source_version', 'change_set', 'information_unit', 'unit_region',
                                  'phase_marker']
    LOOP
        EXECUTE pg_catalog.format('DROP TABLE pg_temp.%I', 'restore_' || v_name);
    END LOOP;
    RETURN v_rows;
END
$$;
COMMENT ON FUNCTION library.fn_restore(text, bigint) IS
    'Puts units and regions of the document in the state of the staged backup, with its change sets and markers; p_row_count is how many units and regions that removes and writes.';

GRANT EXECUTE ON FUNCTION library.fn_backup_scope(text), library.fn_rows_digest(text, text), library.fn_drill_stage(text)
    TO cutter_survey;
GRANT EXECUTE ON FUNCTION library.fn_restore_stage(text), library.fn_restore(text, bigint) TO cutter_writer;
