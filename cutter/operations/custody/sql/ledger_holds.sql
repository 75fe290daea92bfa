SELECT count(*) AS events
FROM cutter_governance.ledger_event AS e
WHERE e.seq = %(size)s::bigint AND e.row_sha256 = %(sha256)s
