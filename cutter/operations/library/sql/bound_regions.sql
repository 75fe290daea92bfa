SELECT u.address, r.start_byte, r.end_byte, r.sha256
FROM library.information_unit AS u
JOIN library.unit_region AS r ON r.tenant_id = u.tenant_id AND r.unit_id = u.id
WHERE u.change_set_id = %(change_set)s
ORDER BY r.start_byte
