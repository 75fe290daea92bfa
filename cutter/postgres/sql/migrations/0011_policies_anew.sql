-- The columns of `run` stand by name in the stored form of a policy that reads current_run(). 0008 added one; a dump
-- that is restored writes the policy anew, and would differ from a database that was migrated. Made anew, both agree.
SET LOCAL ROLE cutter_owner;

DROP POLICY current_run_only ON cutter_governance.phase_marker;
CREATE POLICY current_run_only ON cutter_governance.phase_marker AS RESTRICTIVE FOR INSERT
    WITH CHECK (run_id = (SELECT r.run_id FROM cutter_governance.current_run() AS r) AND voided_by IS NULL);
DROP POLICY current_run_only ON kb.document;
CREATE POLICY current_run_only ON kb.document AS RESTRICTIVE FOR INSERT
    WITH CHECK (run_id = (SELECT r.run_id FROM cutter_governance.current_run() AS r));
