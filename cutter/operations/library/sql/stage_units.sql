SELECT library.fn_iu_stage()
