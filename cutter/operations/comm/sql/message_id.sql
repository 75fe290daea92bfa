SELECT max(m.message_id) AS message_id FROM comm.message AS m
WHERE m.run_id = %(run)s::uuid AND m.trigger_id = %(trigger)s AND m.attempt = %(attempt)s
