SELECT r.requester
FROM cutter_governance.run AS r
WHERE r.run_id = %(run)s::text::uuid
