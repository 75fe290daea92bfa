SELECT library.fn_region_stage()
