SELECT max(n.run_id::text) AS run FROM comm.notification AS n
WHERE n.trigger_id = %(trigger)s AND n.run_id <> %(run)s::uuid
