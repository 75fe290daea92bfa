SELECT v.version_string, v.status, v.text_sha256
FROM library.source_version AS v
JOIN library.source_document AS d ON d.tenant_id = v.tenant_id AND d.id = v.source_document_id
WHERE d.doc_code = %(document_id)s
ORDER BY v.created_at, v.id
