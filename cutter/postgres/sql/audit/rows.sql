SELECT a."at", a.pipeline, a.mode, a.started_by, a.phase, a.event, a.operation, a.gate, a.stop_code, a.exit_code,
    a.category, a.verdict, a.reason, a.outcome
FROM cutter_governance.audit AS a
WHERE (%(since)s::timestamptz IS NULL OR a."at" >= %(since)s::timestamptz)
  AND (%(until)s::timestamptz IS NULL OR a."at" < %(until)s::timestamptz)
ORDER BY 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14
