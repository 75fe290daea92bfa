SELECT max(m.run_id::text) AS run FROM comm.message AS m
WHERE m.trigger_id = %(trigger)s AND m.attempt = %(attempt)s AND m.run_id <> %(run)s::uuid
