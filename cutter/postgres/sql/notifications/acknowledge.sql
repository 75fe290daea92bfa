SELECT comm.fn_notification_acknowledge(%(run)s::text::uuid)
