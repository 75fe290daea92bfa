SELECT status FROM cutter_governance.change_set WHERE change_set_id = %(change_set)s
