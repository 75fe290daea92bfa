SELECT t.*
FROM library.source_document AS t
WHERE t.doc_code = %(prefix)s
