SELECT e.kb_id, e.kind, e.run_id, e.media_type, e.size, e.sha256, e.at
FROM (
    SELECT d.kb_id COLLATE "C" AS kb_id, '' AS kind, d.run_id::text AS run_id, d.media_type,
        octet_length(d.body) AS size, d.sha256 COLLATE "C" AS sha256, d.created_at AS at
    FROM kb.document AS d
    UNION ALL
    SELECT (s.kb_id || '/' || s.kind || '/' || left(s.signature_sha256, 16)) COLLATE "C", s.kind, d.run_id::text,
        'application/vnd.dsse+json', octet_length(s.envelope), s.signature_sha256 COLLATE "C", s.signed_at
    FROM cutter_governance.signature AS s
    JOIN kb.document AS d ON d.tenant_id = s.tenant_id AND d.kb_id = s.kb_id
    UNION ALL
    SELECT ('runs/' || i.run_id::text || '/incident/' || left(i.incident_id::text, 8)) COLLATE "C", 'incident',
        i.run_id::text, 'application/json', 0, '' COLLATE "C", i.opened_at
    FROM cutter_governance.incident AS i
) AS e
WHERE starts_with(e.kb_id, %(prefix)s)
ORDER BY e.at DESC, e.kb_id
