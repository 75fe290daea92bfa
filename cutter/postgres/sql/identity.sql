SELECT cutter_governance.current_tenant(), cutter_governance.current_person()
