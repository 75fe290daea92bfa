SELECT t.*
FROM library.unit_region AS t
JOIN library.information_unit AS u ON u.tenant_id = t.tenant_id AND u.id = t.unit_id
WHERE u.doc_prefix = %(prefix)s
