SELECT count(*) AS markers, count(*) FILTER (WHERE outcome = convert_to(%(outcome)s, 'UTF8')) AS same
FROM cutter_governance.phase_marker
WHERE run_id = %(run)s AND operation = %(operation)s AND voided_by IS NULL
