-- Voiding a cut that is still a draft, and the wall that a user's own definer functions ask.
SET LOCAL ROLE cutter_owner;

-- Voiding

ALTER TABLE cutter_governance.change_set DROP CONSTRAINT IF EXISTS change_set_status_check;
ALTER TABLE cutter_governance.change_set ADD CONSTRAINT change_set_status_check
    CHECK (status IN ('draft', 'enacted', 'voided', 'restored'));
COMMENT ON COLUMN cutter_governance.change_set.status IS
    'draft until its units are enacted; voided or restored when they were taken away: the version can be cut again then.';

-- The units may be of a moment ago, so the planner has no statistics of them: without the setting it joins them by nested
-- loops, in quadratic time.
CREATE FUNCTION library.fn_iu_void(p_change_set uuid, p_row_count bigint)
RETURNS TABLE (units bigint, regions bigint, markers bigint)
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp SET enable_nestloop = off
AS $$
DECLARE
    v_tenant text := cutter_governance.current_tenant();
    v_set cutter_governance.change_set;
    v_run uuid;
BEGIN
    SELECT s.* INTO v_set FROM cutter_governance.change_set AS s
    WHERE s.tenant_id = v_tenant AND s.change_set_id = p_change_set FOR UPDATE;
    IF (v_set.row_count = p_row_count) IS NOT TRUE THEN
        RAISE EXCEPTION USING ERRCODE = 'CU001', MESSAGE = 'the change set is unknown, or has another number of units';
    END IF;
    v_run := cutter_governance.fn_require_cover('library.void', v_set.doc_prefix, p_row_count);
    IF v_set.run_id = v_run THEN
        RAISE EXCEPTION USING ERRCODE = 'CU001', MESSAGE = 'a run does not void what it wrote itself';
    END IF;
    PERFORM FROM library.information_unit AS u
    WHERE u.tenant_id = v_tenant AND u.source_version_id = v_set.source_version_id AND u.change_set_id = p_change_set
      AND u.lifecycle <> 'draft';
    IF FOUND OR v_set.status <> 'draft' THEN
        RAISE EXCEPTION USING ERRCODE = 'CU003', MESSAGE = 'only drafts can be voided';
    END IF;
    DELETE FROM library.unit_region AS r USING library.information_unit AS u
    WHERE u.tenant_id = v_tenant AND u.source_version_id = v_set.source_version_id AND u.change_set_id = p_change_set
      AND r.tenant_id = u.tenant_id AND r.unit_id = u.id;
    GET DIAGNOSTICS regions = ROW_COUNT;
    DELETE FROM library.information_unit AS u
    WHERE u.tenant_id = v_tenant AND u.source_version_id = v_set.source_version_id AND u.change_set_id = p_change_set;
    GET DIAGNOSTICS units = ROW_COUNT;
    IF units <> p_row_count THEN
        RAISE EXCEPTION USING ERRCODE = 'CU004', MESSAGE = 'not every unit of the plan was there';
    END IF;
    UPDATE cutter_governance.change_set AS s SET status = 'voided'
    WHERE s.tenant_id = v_tenant AND s.change_set_id = p_change_set;
    UPDATE cutter_governance.phase_marker AS m SET voided_by = v_run
    WHERE m.tenant_id = v_tenant AND m.run_id = v_set.run_id AND m.voided_by IS NULL;
    GET DIAGNOSTICS markers = ROW_COUNT;
    RETURN NEXT;
END
$$;
COMMENT ON FUNCTION library.fn_iu_void(uuid, bigint) IS
    'Voids the change set of another run: deletes its units (p_row_count of them, all drafts, else CU003) with their regions, and voids the markers of the run that cut it; document, version and run stay. Returns how many units, regions and markers.';
GRANT EXECUTE ON FUNCTION library.fn_iu_void(uuid, bigint) TO cutter_writer;

-- The wall for functions that are not cutter's

CREATE FUNCTION cutter_governance.fn_require_approval(p_operation text, p_row_count bigint) RETURNS uuid
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    v_run cutter_governance.run := cutter_governance.current_run();
BEGIN
    -- the operations of cutter's own governed tables have writers of their own, which ask with the document
    IF (v_run.run_id IS NOT NULL AND p_row_count >= 0 AND starts_with(p_operation, 'sql.')) IS NOT TRUE THEN
        RAISE EXCEPTION USING ERRCODE = 'CU001', MESSAGE = 'no current run, or no operation and number of rows';
    END IF;
    RETURN cutter_governance.fn_require_cover(p_operation, v_run.lock_key, p_row_count);
END
$$;
COMMENT ON FUNCTION cutter_governance.fn_require_approval(text, bigint) IS
    'The wall, for definer functions of a user''s own schema: the current run, if it rehearses or an approval of it covers the operation (such as sql.execute) and exactly this number of rows; else CU001. A migration grants it to the owner of such functions, never to a role that logs in.';
