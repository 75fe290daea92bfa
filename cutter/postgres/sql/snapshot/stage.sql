SELECT library.fn_drill_stage({table})
