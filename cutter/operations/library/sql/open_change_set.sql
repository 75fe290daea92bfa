SELECT cutter_governance.fn_change_set_open(
    %(change_set)s, %(source_version)s, %(prefix)s, %(plan_sha256)s, %(row_count)s
)
