SELECT cutter_governance.fn_ledger_append(%(bodies)s::bytea[])
