SELECT comm.fn_message_intend(%(trigger)s, %(attempt)s, %(message_id)s, %(policy)s, %(policy_version)s, %(rule)s,
                              %(template)s, %(template_version)s, %(recipient)s)
