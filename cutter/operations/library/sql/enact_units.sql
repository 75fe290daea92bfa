SELECT library.fn_iu_enact(%(change_set)s, %(row_count)s)
