SELECT d.kb_id, d.run_id::text, d.body, d.sha256
FROM kb.document AS d
WHERE d.kb_id = %(kb_id)s
