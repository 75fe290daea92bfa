SELECT cutter_governance.fn_trust_raise(%(version)s::bigint, %(sha256)s)
