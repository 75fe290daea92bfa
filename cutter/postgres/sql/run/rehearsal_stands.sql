SELECT count(*) FROM cutter_governance.rehearsal WHERE run_id = %(run)s
