SELECT cutter_governance.fn_checkpoint_keep(%(size)s::bigint, %(head_sha256)s, %(envelope)s::bytea)
