SELECT i.incident_id::text, i.run_id::text, i.phase, i.code
FROM cutter_governance.incident AS i
WHERE 'runs/' || i.run_id::text || '/incident/' || left(i.incident_id::text, 8) = %(kb_id)s
