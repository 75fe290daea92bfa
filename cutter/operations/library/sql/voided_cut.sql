SELECT
    s.status,
    (SELECT count(*) FROM library.information_unit AS u WHERE u.change_set_id = s.change_set_id) AS units,
    (
        SELECT count(*) FROM cutter_governance.phase_marker AS m
        WHERE m.run_id = s.run_id AND m.voided_by IS NULL
    ) AS markers_in_force,
    (
        SELECT count(*) FROM cutter_governance.phase_marker AS m
        WHERE m.run_id = s.run_id AND m.voided_by = %(run)s
    ) AS markers,
    (SELECT count(*) FROM library.source_version AS v WHERE v.id = s.source_version_id) AS versions
FROM cutter_governance.change_set AS s
WHERE s.change_set_id = %(change_set)s
