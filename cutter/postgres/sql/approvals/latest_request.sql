SELECT d.kb_id, d.run_id::text, d.body, d.sha256
FROM kb.document AS d
WHERE d.run_id = %(run)s::text::uuid
    AND pg_catalog.starts_with(d.kb_id, pg_catalog.concat_ws('/', 'approvals', %(run)s::text, %(gate)s::text, ''))
ORDER BY d.created_at DESC, d.kb_id
LIMIT 1
