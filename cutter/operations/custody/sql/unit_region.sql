SELECT r::text
FROM library.unit_region AS r
JOIN library.information_unit AS u ON u.tenant_id = r.tenant_id AND u.id = r.unit_id
WHERE u.doc_prefix = %(prefix)s
ORDER BY r.unit_id, r.region_index
