SELECT
    count(*) FILTER (WHERE parent_address IS NOT NULL AND parent_id IS NULL) AS unbound,
    count(*) FILTER (WHERE parent_id IS NOT NULL) AS bound
FROM library.information_unit
WHERE change_set_id = %(change_set)s
