SELECT
    u.address, u.short_address, u.address_ascii, u.sort_key, u.type, u.rank, u.num_raw, u.ordinal, u.parent_address,
    u.heading, u.body_sha256, r.start_byte, r.end_byte, r.sha256, u.lifecycle,
    u.body_sha256 = encode(sha256(convert_to(u.body, 'UTF8')), 'hex') AS sound
FROM library.information_unit AS u
LEFT JOIN library.unit_region AS r ON r.tenant_id = u.tenant_id AND r.unit_id = u.id
WHERE u.doc_prefix = %(prefix)s
ORDER BY u.sort_key COLLATE "C", r.region_index
