SELECT library.fn_restore_stage(%(table)s)
