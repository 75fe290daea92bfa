INSERT INTO cutter_governance.dot_config (tenant_id, key, value)
VALUES
    (%(tenant)s, 'cutter_orchestrator.grant_apply_principal', 'cutter_writer'),
    (%(tenant)s, 'cutter_orchestrator.backup_policy', '{"drill_max_age":"PT24H","recipients_min":2}')
ON CONFLICT DO NOTHING
