SELECT address, type, ordinal, parent_address, heading, body_sha256
FROM library.information_unit
WHERE change_set_id = %(change_set)s
ORDER BY sort_key COLLATE "C"
