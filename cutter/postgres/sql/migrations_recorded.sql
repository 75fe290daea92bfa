SELECT m.number, m.name, m.sha256 FROM cutter_governance.migration AS m ORDER BY m.number
