SELECT d.body
FROM kb.document AS d
WHERE d.kb_id = %(kb_id)s
UNION ALL
SELECT s.envelope
FROM cutter_governance.signature AS s
WHERE s.kb_id || '/' || s.kind || '/' || left(s.signature_sha256, 16) = %(kb_id)s
