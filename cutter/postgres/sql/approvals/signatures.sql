SELECT s.request_sha256, s.signature_sha256, s.kind, s.envelope, s.person_id, s.login_name, s.signed_at
FROM cutter_governance.signature AS s
WHERE s.request_sha256 = %(request_sha256)s
ORDER BY s.signed_at, s.signature_sha256
