SELECT cutter_governance.fn_incident_open(%(phase)s, %(code)s)
