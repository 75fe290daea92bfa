SELECT cutter_governance.fn_sign(%(kb_id)s, %(kind)s, %(envelope)s::bytea)
