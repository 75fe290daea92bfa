SELECT units, regions, markers FROM library.fn_iu_void(%(change_set)s, %(row_count)s)
