SELECT u::text
FROM library.information_unit AS u
WHERE u.doc_prefix = %(prefix)s
ORDER BY u.id
