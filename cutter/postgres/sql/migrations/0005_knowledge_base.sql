-- The knowledge base: documents that runs publish about themselves, metadata only.
SET LOCAL ROLE cutter_owner;

CREATE TABLE kb.document (
    tenant_id text COLLATE "C" NOT NULL DEFAULT cutter_governance.current_tenant(),
    kb_id text COLLATE "C" NOT NULL CHECK (kb_id <> ''),
    run_id uuid NOT NULL,
    media_type text NOT NULL,
    body bytea NOT NULL,
    sha256 text COLLATE "C" NOT NULL CHECK (sha256 = encode(sha256(body), 'hex')),
    created_at timestamptz NOT NULL DEFAULT transaction_timestamp(),
    PRIMARY KEY (tenant_id, kb_id),
    FOREIGN KEY (tenant_id, run_id) REFERENCES cutter_governance.run
);
COMMENT ON TABLE kb.document IS 'Documents that runs published. Never changed.';
COMMENT ON COLUMN kb.document.tenant_id IS 'The tenant.';
COMMENT ON COLUMN kb.document.kb_id IS 'The document''s path-like id.';
COMMENT ON COLUMN kb.document.run_id IS 'The run that published it.';
COMMENT ON COLUMN kb.document.media_type IS 'The media type of body.';
COMMENT ON COLUMN kb.document.body IS 'The bytes.';
COMMENT ON COLUMN kb.document.sha256 IS 'Hex sha256 of body.';
COMMENT ON COLUMN kb.document.created_at IS 'When it was published.';
ALTER TABLE kb.document ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY;
CREATE POLICY tenant ON kb.document USING (tenant_id = (SELECT cutter_governance.current_tenant()));
CREATE POLICY current_run_only ON kb.document AS RESTRICTIVE FOR INSERT
    WITH CHECK (run_id = (SELECT r.run_id FROM cutter_governance.current_run() AS r));
GRANT SELECT ON kb.document TO cutter_survey;
GRANT INSERT (kb_id, run_id, media_type, body, sha256) ON kb.document TO cutter_appender;
