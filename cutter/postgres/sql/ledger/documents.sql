SELECT d.kb_id, d.body
FROM kb.document AS d
WHERE d.kb_id LIKE %(pattern)s
ORDER BY d.kb_id
