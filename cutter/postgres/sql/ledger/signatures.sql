SELECT s.request_sha256, s.kind, s.person_id, s.envelope
FROM cutter_governance.signature AS s
ORDER BY s.request_sha256, s.signed_at, s.person_id
