SELECT v::text
FROM library.source_version AS v
JOIN library.source_document AS d ON d.tenant_id = v.tenant_id AND d.id = v.source_document_id
WHERE d.doc_code = %(prefix)s
ORDER BY v.id
