-- What a policy may start, and the only two things that it may write: that a message is sent, and notifications.
DO $roles$
BEGIN
    IF NOT EXISTS (SELECT FROM pg_catalog.pg_roles AS p WHERE p.rolname = 'cutter_notifier') THEN
        BEGIN
            CREATE ROLE cutter_notifier NOLOGIN NOINHERIT;
            COMMENT ON ROLE cutter_notifier IS
                'The writer of runs that a policy started: may execute the functions of schema comm, and nothing else.';
        EXCEPTION WHEN duplicate_object OR unique_violation THEN
            NULL;  -- another database's migration made it a moment ago
        END;
    END IF;
END
$roles$;

CREATE SCHEMA comm AUTHORIZATION cutter_owner;
COMMENT ON SCHEMA comm IS 'What runs that a policy started have done: messages, by reference, and notifications.';
GRANT USAGE ON SCHEMA comm, cutter_governance TO cutter_notifier;
GRANT USAGE ON SCHEMA comm TO cutter_survey;

SET LOCAL ROLE cutter_owner;

-- Who started a run

ALTER TABLE cutter_governance.run ADD COLUMN started_by text NOT NULL DEFAULT 'person'
    CHECK (started_by IN ('person', 'policy'));
COMMENT ON COLUMN cutter_governance.run.started_by IS
    'person or policy: a run that a policy started writes messages and notifications, and nothing else; the others never write these.';

DROP FUNCTION cutter_governance.fn_run_create(uuid, text, text, text, text);
CREATE FUNCTION cutter_governance.fn_run_create(
    p_run uuid, p_pipeline text, p_pipeline_sha256 text, p_mode text, p_lock_key text, p_started_by text DEFAULT 'person'
) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    v_tenant text := cutter_governance.current_tenant();
BEGIN
    IF v_tenant IS NULL THEN
        RAISE EXCEPTION USING ERRCODE = 'CU001', MESSAGE = 'the login belongs to no tenant';
    END IF;
    INSERT INTO cutter_governance.run
        (tenant_id, run_id, pipeline, pipeline_sha256, mode, lock_key, requester, requester_login, started_by)
    VALUES (v_tenant, p_run, p_pipeline, p_pipeline_sha256, p_mode, p_lock_key, cutter_governance.current_person(),
            session_user::text, p_started_by)
    ON CONFLICT DO NOTHING;
    PERFORM FROM cutter_governance.run AS r
    WHERE r.tenant_id = v_tenant AND r.run_id = p_run AND r.pipeline = p_pipeline
      AND r.pipeline_sha256 = p_pipeline_sha256 AND r.mode = p_mode AND r.lock_key = p_lock_key
      AND r.started_by = p_started_by;
    IF NOT FOUND THEN
        RAISE EXCEPTION USING ERRCODE = 'CU005', MESSAGE = 'the run exists with other values';
    END IF;
END
$$;
COMMENT ON FUNCTION cutter_governance.fn_run_create(uuid, text, text, text, text, text) IS
    'Makes the run known, once; tenant and requester come from the login. The same again does nothing, other values are CU005.';
GRANT EXECUTE ON FUNCTION cutter_governance.fn_run_create(uuid, text, text, text, text, text) TO cutter_appender;

CREATE OR REPLACE FUNCTION cutter_governance.fn_require_cover(p_operation text, p_doc_prefix text, p_row_count bigint)
RETURNS uuid
LANGUAGE plpgsql STABLE SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    v_run cutter_governance.run := cutter_governance.current_run();
BEGIN
    IF (v_run.run_id IS NOT NULL AND v_run.lock_key = p_doc_prefix) IS NOT TRUE THEN
        RAISE EXCEPTION USING ERRCODE = 'CU001', MESSAGE = 'no current run for this document';
    END IF;
    -- before anything else, in a rehearsal too: what a policy started does these two things, and nobody else does them
    IF (v_run.started_by = 'policy') IS DISTINCT FROM
       (p_operation IN ('comm.send_message', 'comm.create_notification')) THEN
        RAISE EXCEPTION USING ERRCODE = 'CU001', MESSAGE = 'a run that was started so may not do this';
    END IF;
    PERFORM FROM cutter_governance.rehearsal AS h WHERE h.run_id = v_run.run_id;
    IF FOUND THEN
        RETURN v_run.run_id;
    END IF;
    PERFORM FROM cutter_governance.approval_use AS u
    WHERE u.tenant_id = v_run.tenant_id AND u.run_id = v_run.run_id AND u.doc_prefix = p_doc_prefix
      AND u.gate_id <> 'GATE_FAILURE_ESCALATION'
      AND (p_row_count IS NULL OR u.row_count = p_row_count)
      AND EXISTS (SELECT FROM pg_catalog.unnest(u.covers) AS c (operation)
                  WHERE pg_catalog.split_part(c.operation, '@', 1) = p_operation);
    IF NOT FOUND THEN
        RAISE EXCEPTION USING ERRCODE = 'CU001', MESSAGE = 'no rehearsal and no approval covers this operation';
    END IF;
    RETURN v_run.run_id;
END
$$;

-- Messages

CREATE TABLE comm.message (
    tenant_id text COLLATE "C" NOT NULL DEFAULT cutter_governance.current_tenant(),
    run_id uuid NOT NULL,
    trigger_id text COLLATE "C" NOT NULL CHECK (trigger_id ~ '^[A-Z]{2,6}-[0-9A-Z]{4,16}-[0-9]{2}$'),
    attempt integer NOT NULL CHECK (attempt BETWEEN 1 AND 99),
    message_id text COLLATE "C" NOT NULL CHECK (message_id ~ '^[0-9a-f]{64}$'),
    policy_id text COLLATE "C" NOT NULL CHECK (policy_id ~ '^([a-z][a-z0-9_-]{0,62})?$'),
    policy_version text COLLATE "C" NOT NULL CHECK (policy_version ~ '^([0-9A-Za-z][0-9A-Za-z.]{0,19})?$'),
    rule_id text COLLATE "C" NOT NULL CHECK (rule_id ~ '^([a-z][a-z0-9_-]{0,62})?$'),
    template_id text COLLATE "C" NOT NULL CHECK (template_id ~ '^[a-z][a-z0-9_-]{0,62}$'),
    template_version text COLLATE "C" NOT NULL CHECK (template_version ~ '^[0-9A-Za-z][0-9A-Za-z.]{0,19}$'),
    recipient text COLLATE "C" NOT NULL CHECK (recipient ~ '^[A-Z]{2,6}-[0-9A-Z]{4,16}-[0-9]{2}$'),
    intended_at timestamptz NOT NULL DEFAULT transaction_timestamp(),
    PRIMARY KEY (tenant_id, run_id),
    UNIQUE (tenant_id, trigger_id, attempt),
    UNIQUE (tenant_id, message_id),
    FOREIGN KEY (tenant_id, run_id) REFERENCES cutter_governance.run
);
CREATE INDEX message_recent ON comm.message (tenant_id, policy_id, intended_at);
COMMENT ON TABLE comm.message IS
    'Messages that were about to be sent: one row a run, in the transaction that uses the approval. How it ended is in the ledger. References only, never an address or a text.';
COMMENT ON COLUMN comm.message.tenant_id IS 'The tenant.';
COMMENT ON COLUMN comm.message.run_id IS 'The run.';
COMMENT ON COLUMN comm.message.trigger_id IS 'The issued reference of the trigger.';
COMMENT ON COLUMN comm.message.attempt IS 'Counts from 1; more only where people decided to send again what nobody knows to have arrived.';
COMMENT ON COLUMN comm.message.message_id IS 'The keyed commitment that the Message-ID header holds.';
COMMENT ON COLUMN comm.message.policy_id IS 'The policy that decided; empty where people did.';
COMMENT ON COLUMN comm.message.policy_version IS 'Its version.';
COMMENT ON COLUMN comm.message.rule_id IS 'The rule that decided.';
COMMENT ON COLUMN comm.message.template_id IS 'The template of the text.';
COMMENT ON COLUMN comm.message.template_version IS 'Its version.';
COMMENT ON COLUMN comm.message.recipient IS 'The issued reference of the recipient.';
COMMENT ON COLUMN comm.message.intended_at IS 'When it was about to be sent.';
ALTER TABLE comm.message ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY;
CREATE POLICY tenant ON comm.message USING (tenant_id = (SELECT cutter_governance.current_tenant()));
GRANT SELECT ON comm.message TO cutter_survey;

CREATE FUNCTION comm.fn_message_intend(
    p_trigger text, p_attempt integer, p_message_id text, p_policy text, p_policy_version text, p_rule text,
    p_template text, p_template_version text, p_recipient text
) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    v_run uuid := cutter_governance.fn_require_cover('comm.send_message', p_trigger, 1);
BEGIN
    INSERT INTO comm.message (run_id, trigger_id, attempt, message_id, policy_id, policy_version, rule_id, template_id,
                              template_version, recipient)
    VALUES (v_run, p_trigger, p_attempt, p_message_id, p_policy, p_policy_version, p_rule, p_template,
            p_template_version, p_recipient);
END
$$;
COMMENT ON FUNCTION comm.fn_message_intend(text, integer, text, text, text, text, text, text, text) IS
    'Records that the current run is about to send its message; each attempt of a trigger once, whatever host or run.';

-- Notifications

CREATE FUNCTION comm.fn_slots_closed(p_slots jsonb) RETURNS boolean
LANGUAGE sql IMMUTABLE PARALLEL SAFE SET search_path = pg_catalog, pg_temp
AS $$
    SELECT jsonb_typeof(p_slots) = 'object' AND NOT EXISTS (
        SELECT FROM jsonb_each(CASE WHEN jsonb_typeof(p_slots) = 'object' THEN p_slots ELSE '{}' END) AS s (name, value)
        WHERE s.name !~ '^[a-z][a-z0-9_]{0,40}$' OR jsonb_typeof(s.value) NOT IN ('string', 'number', 'boolean')
           OR s.value #>> '{}' !~ '^[A-Za-z0-9_.:-]{1,64}$'
    )
$$;
COMMENT ON FUNCTION comm.fn_slots_closed(jsonb) IS
    'Whether slots hold words, numbers, booleans, times and references only: nothing with a space or an @.';

CREATE TABLE comm.notification (
    tenant_id text COLLATE "C" NOT NULL DEFAULT cutter_governance.current_tenant(),
    run_id uuid NOT NULL,
    trigger_id text COLLATE "C" NOT NULL CHECK (trigger_id ~ '^[A-Z]{2,6}-[0-9A-Z]{4,16}-[0-9]{2}$'),
    policy_id text COLLATE "C" NOT NULL CHECK (policy_id ~ '^([a-z][a-z0-9_-]{0,62})?$'),
    policy_version text COLLATE "C" NOT NULL CHECK (policy_version ~ '^([0-9A-Za-z][0-9A-Za-z.]{0,19})?$'),
    rule_id text COLLATE "C" NOT NULL CHECK (rule_id ~ '^([a-z][a-z0-9_-]{0,62})?$'),
    template_id text COLLATE "C" NOT NULL CHECK (template_id ~ '^[a-z][a-z0-9_-]{0,62}$'),
    template_version text COLLATE "C" NOT NULL CHECK (template_version ~ '^[0-9A-Za-z][0-9A-Za-z.]{0,19}$'),
    recipient text COLLATE "C" NOT NULL CHECK (recipient ~ '^[A-Z]{2,6}-[0-9A-Z]{4,16}-[0-9]{2}$'),
    slots jsonb NOT NULL CHECK (comm.fn_slots_closed(slots) AND length(slots::text) <= 4096),
    created_at timestamptz NOT NULL DEFAULT transaction_timestamp(),
    acknowledged_at timestamptz,
    acknowledged_by text,
    PRIMARY KEY (tenant_id, run_id),
    UNIQUE (tenant_id, trigger_id),
    FOREIGN KEY (tenant_id, run_id) REFERENCES cutter_governance.run,
    CHECK ((acknowledged_at IS NULL) = (acknowledged_by IS NULL))
);
CREATE INDEX notification_recent ON comm.notification (tenant_id, policy_id, created_at);
COMMENT ON TABLE comm.notification IS
    'Notifications to people, each by the run of a policy: a template with the closed values of its slots, never a text.';
COMMENT ON COLUMN comm.notification.tenant_id IS 'The tenant.';
COMMENT ON COLUMN comm.notification.run_id IS 'The run that made it; its id is the notification''s.';
COMMENT ON COLUMN comm.notification.trigger_id IS 'The issued reference of the trigger.';
COMMENT ON COLUMN comm.notification.policy_id IS 'The policy that decided; empty where people did.';
COMMENT ON COLUMN comm.notification.policy_version IS 'Its version.';
COMMENT ON COLUMN comm.notification.rule_id IS 'The rule that decided.';
COMMENT ON COLUMN comm.notification.template_id IS 'The template of the text.';
COMMENT ON COLUMN comm.notification.template_version IS 'Its version.';
COMMENT ON COLUMN comm.notification.recipient IS 'The issued reference of whom it is for.';
COMMENT ON COLUMN comm.notification.slots IS 'The values of the template''s slots: words, numbers, booleans, times, references.';
COMMENT ON COLUMN comm.notification.created_at IS 'When it was made.';
COMMENT ON COLUMN comm.notification.acknowledged_at IS 'When somebody acknowledged it.';
COMMENT ON COLUMN comm.notification.acknowledged_by IS 'The person who did.';
ALTER TABLE comm.notification ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY;
CREATE POLICY tenant ON comm.notification USING (tenant_id = (SELECT cutter_governance.current_tenant()));
GRANT SELECT ON comm.notification TO cutter_survey;

CREATE FUNCTION comm.fn_notification_create(
    p_trigger text, p_policy text, p_policy_version text, p_rule text, p_template text, p_template_version text,
    p_recipient text, p_slots jsonb
) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    v_run uuid := cutter_governance.fn_require_cover('comm.create_notification', p_trigger, 1);
BEGIN
    INSERT INTO comm.notification (run_id, trigger_id, policy_id, policy_version, rule_id, template_id, template_version,
                                   recipient, slots)
    VALUES (v_run, p_trigger, p_policy, p_policy_version, p_rule, p_template, p_template_version, p_recipient, p_slots);
END
$$;
COMMENT ON FUNCTION comm.fn_notification_create(text, text, text, text, text, text, text, jsonb) IS
    'Makes the notification of the current run, one a trigger.';

CREATE FUNCTION comm.fn_notification_acknowledge(p_run uuid) RETURNS text
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    v_by text;
    v_run cutter_governance.run := cutter_governance.current_run();
BEGIN
    IF v_run.run_id IS NOT NULL THEN
        RAISE EXCEPTION USING ERRCODE = 'CU001', MESSAGE = 'a run acknowledges nothing: people do';
    END IF;
    UPDATE comm.notification AS n
    SET acknowledged_at = transaction_timestamp(), acknowledged_by = cutter_governance.current_person()
    WHERE n.tenant_id = cutter_governance.current_tenant() AND n.run_id = p_run AND n.acknowledged_at IS NULL;
    SELECT n.acknowledged_by INTO v_by FROM comm.notification AS n
    WHERE n.tenant_id = cutter_governance.current_tenant() AND n.run_id = p_run;
    RETURN v_by;
END
$$;
COMMENT ON FUNCTION comm.fn_notification_acknowledge(uuid) IS
    'Acknowledges a notification of the login''s tenant, once, outside every run; returns the person who did so first, null when there is none.';

GRANT EXECUTE ON FUNCTION comm.fn_message_intend(text, integer, text, text, text, text, text, text, text),
    comm.fn_notification_create(text, text, text, text, text, text, text, jsonb),
    comm.fn_notification_acknowledge(uuid) TO cutter_notifier;
GRANT EXECUTE ON FUNCTION cutter_governance.current_tenant(), cutter_governance.current_person(),
    cutter_governance.current_run() TO cutter_notifier;
GRANT USAGE ON TYPE cutter_governance.run TO cutter_notifier;

-- `run` has one more column: the policies that read current_run() are made anew (see 0011).

DROP POLICY current_run_only ON cutter_governance.phase_marker;
CREATE POLICY current_run_only ON cutter_governance.phase_marker AS RESTRICTIVE FOR INSERT
    WITH CHECK (run_id = (SELECT r.run_id FROM cutter_governance.current_run() AS r) AND voided_by IS NULL);
DROP POLICY current_run_only ON kb.document;
CREATE POLICY current_run_only ON kb.document AS RESTRICTIVE FOR INSERT
    WITH CHECK (run_id = (SELECT r.run_id FROM cutter_governance.current_run() AS r));
