SELECT d::text
FROM library.source_document AS d
WHERE d.doc_code = %(prefix)s
ORDER BY d.id
