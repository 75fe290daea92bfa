SELECT library.fn_iu_create_batch(%(change_set)s, %(source_version)s, %(prefix)s, %(row_count)s)
