SELECT library.fn_restore(%(prefix)s, %(row_count)s)
