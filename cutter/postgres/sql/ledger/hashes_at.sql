SELECT e.seq, e.row_sha256
FROM cutter_governance.ledger_event AS e
WHERE e.seq = ANY (%(sizes)s::text[]::bigint[])
