SELECT
    u.address, u.short_address, u.address_ascii, u.sort_key, u.type, u.rank, u.num_raw, u.ordinal, u.parent_address,
    u.heading, u.body_sha256, u.lifecycle, r.start_byte, r.end_byte, r.sha256
FROM library.information_unit AS u
LEFT JOIN library.unit_region AS r ON r.tenant_id = u.tenant_id AND r.unit_id = u.id
WHERE u.change_set_id = %(change_set)s
ORDER BY u.sort_key COLLATE "C", r.region_index
