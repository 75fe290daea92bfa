SELECT count(*) = 1 AS there FROM comm.notification AS n
WHERE n.run_id = %(run)s::uuid AND n.trigger_id = %(trigger)s AND n.recipient = %(recipient)s
    AND n.template_id = %(template)s AND n.template_version = %(template_version)s
