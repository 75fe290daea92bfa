SELECT count(*) = 1 AS there FROM comm.message AS m
WHERE m.run_id = %(run)s::uuid AND m.trigger_id = %(trigger)s AND m.message_id = %(message_id)s
