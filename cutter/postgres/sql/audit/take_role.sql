SET LOCAL ROLE cutter_auditor
