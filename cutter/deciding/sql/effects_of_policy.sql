SELECT (
    SELECT count(*) FROM comm.message AS m
    WHERE m.policy_id = %(policy)s AND m.intended_at > %(since)s AND m.trigger_id <> %(trigger)s
) + (
    SELECT count(*) FROM comm.notification AS n
    WHERE n.policy_id = %(policy)s AND n.created_at > %(since)s AND n.trigger_id <> %(trigger)s
) AS effects
