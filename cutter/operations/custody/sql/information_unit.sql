SELECT t.*
FROM library.information_unit AS t
WHERE t.doc_prefix = %(prefix)s
