SELECT t.*
FROM library.source_version AS t
JOIN library.source_document AS d ON d.tenant_id = t.tenant_id AND d.id = t.source_document_id
WHERE d.doc_code = %(prefix)s
