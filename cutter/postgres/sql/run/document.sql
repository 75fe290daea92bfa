SELECT d.kb_id, d.media_type, d.body
FROM kb.document AS d
WHERE d.kb_id = %(kb_id)s
