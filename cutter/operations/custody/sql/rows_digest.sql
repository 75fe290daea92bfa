SELECT d.row_count, d.digest
FROM library.fn_rows_digest(%(table)s, %(prefix)s) AS d
