SELECT library.fn_region_bind_batch(%(change_set)s, %(row_count)s)
