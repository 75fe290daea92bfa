SELECT comm.fn_notification_create(%(trigger)s, %(policy)s, %(policy_version)s, %(rule)s, %(template)s,
                                   %(template_version)s, %(recipient)s, %(slots)s::jsonb)
