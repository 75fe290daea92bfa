SELECT cutter_governance.fn_consume(%(kb_id)s, %(request_sha256)s, %(signatures)s::text[], %(roles)s::text[])
