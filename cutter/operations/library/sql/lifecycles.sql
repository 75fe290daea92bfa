SELECT
    count(*) AS units,
    count(*) FILTER (WHERE lifecycle = 'enacted') AS enacted
FROM library.information_unit
WHERE change_set_id = %(change_set)s
