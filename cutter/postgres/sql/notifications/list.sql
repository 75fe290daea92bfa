SELECT n.run_id::text, n.trigger_id, n.policy_id, n.policy_version, n.rule_id, n.template_id, n.template_version,
    n.recipient, n.slots::text, n.created_at, n.acknowledged_at, coalesce(n.acknowledged_by, '')
FROM comm.notification AS n
WHERE %(all)s OR n.acknowledged_at IS NULL
ORDER BY n.acknowledged_at IS NOT NULL, n.created_at DESC, n.run_id
