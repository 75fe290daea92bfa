-- The library: source documents, their versions with the bytes, the units and the bytes that each unit stands on.
SET LOCAL ROLE cutter_owner;

CREATE TABLE library.iu_lifecycle_vocab (
    code text COLLATE "C" NOT NULL PRIMARY KEY,
    title_en text NOT NULL,
    title_vi text NOT NULL
);
COMMENT ON TABLE library.iu_lifecycle_vocab IS 'The stages of a unit''s life.';
COMMENT ON COLUMN library.iu_lifecycle_vocab.code IS 'The stage.';
COMMENT ON COLUMN library.iu_lifecycle_vocab.title_en IS 'Its name in English.';
COMMENT ON COLUMN library.iu_lifecycle_vocab.title_vi IS 'Its name in Vietnamese.';
INSERT INTO library.iu_lifecycle_vocab (code, title_en, title_vi) VALUES
    ('draft', 'Draft', 'Bản thảo'),
    ('enacted', 'Enacted', 'Đã ban hành');
ALTER TABLE library.iu_lifecycle_vocab ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY;
CREATE POLICY readable ON library.iu_lifecycle_vocab FOR SELECT USING (true);

CREATE TABLE library.source_document (
    tenant_id text COLLATE "C" NOT NULL DEFAULT cutter_governance.current_tenant(),
    id uuid NOT NULL,
    doc_code text COLLATE "C" NOT NULL,
    title text NOT NULL,
    language text NOT NULL,
    created_at timestamptz NOT NULL DEFAULT transaction_timestamp(),
    run_id uuid NOT NULL,
    PRIMARY KEY (tenant_id, id),
    UNIQUE (tenant_id, doc_code),
    FOREIGN KEY (tenant_id, run_id) REFERENCES cutter_governance.run
);
COMMENT ON TABLE library.source_document IS 'The registry of source documents.';
COMMENT ON COLUMN library.source_document.tenant_id IS 'The tenant.';
COMMENT ON COLUMN library.source_document.id IS 'The document.';
COMMENT ON COLUMN library.source_document.doc_code IS 'The document id that people use; the first part of its units'' addresses.';
COMMENT ON COLUMN library.source_document.title IS 'Its title.';
COMMENT ON COLUMN library.source_document.language IS 'Its language, a BCP 47 tag.';
COMMENT ON COLUMN library.source_document.created_at IS 'When it was registered.';
COMMENT ON COLUMN library.source_document.run_id IS 'The run that registered it.';

CREATE TABLE library.source_version (
    tenant_id text COLLATE "C" NOT NULL DEFAULT cutter_governance.current_tenant(),
    id uuid NOT NULL,
    source_document_id uuid NOT NULL,
    version_string text COLLATE "C" NOT NULL,
    status text NOT NULL CHECK (status IN ('enacted', 'draft')),
    text bytea NOT NULL,
    text_sha256 text COLLATE "C" NOT NULL CHECK (text_sha256 ~ '^[0-9a-f]{64}$'),
    text_size bigint NOT NULL CHECK (text_size > 0),
    original_sha256 text COLLATE "C" NOT NULL CHECK (original_sha256 ~ '^[0-9a-f]{64}$'),
    media_type text NOT NULL,
    created_at timestamptz NOT NULL DEFAULT transaction_timestamp(),
    run_id uuid NOT NULL,
    PRIMARY KEY (tenant_id, id),
    UNIQUE (tenant_id, source_document_id, version_string),
    FOREIGN KEY (tenant_id, source_document_id) REFERENCES library.source_document,
    FOREIGN KEY (tenant_id, run_id) REFERENCES cutter_governance.run
);
COMMENT ON TABLE library.source_version IS 'The versions of source documents, with their bytes.';
COMMENT ON COLUMN library.source_version.tenant_id IS 'The tenant.';
COMMENT ON COLUMN library.source_version.id IS 'The version, derived from tenant, document id and text digest.';
COMMENT ON COLUMN library.source_version.source_document_id IS 'Its document.';
COMMENT ON COLUMN library.source_version.version_string IS 'The version as people write it.';
COMMENT ON COLUMN library.source_version.status IS 'enacted (in force) or draft.';
COMMENT ON COLUMN library.source_version.text IS 'The extracted text, UTF-8 bytes, never changed.';
COMMENT ON COLUMN library.source_version.text_sha256 IS 'Hex sha256 of text.';
COMMENT ON COLUMN library.source_version.text_size IS 'Its bytes.';
COMMENT ON COLUMN library.source_version.original_sha256 IS 'Hex sha256 of the file that the text was extracted from.';
COMMENT ON COLUMN library.source_version.media_type IS 'The media type of that file.';
COMMENT ON COLUMN library.source_version.created_at IS 'When it was registered.';
COMMENT ON COLUMN library.source_version.run_id IS 'The run that registered it.';

CREATE TABLE cutter_governance.change_set (
    tenant_id text COLLATE "C" NOT NULL DEFAULT cutter_governance.current_tenant(),
    change_set_id uuid NOT NULL,
    run_id uuid NOT NULL,
    source_version_id uuid NOT NULL,
    doc_prefix text COLLATE "C" NOT NULL,
    plan_sha256 text NOT NULL CHECK (plan_sha256 ~ '^[0-9a-f]{64}$'),
    row_count bigint NOT NULL CHECK (row_count > 0),
    status text NOT NULL DEFAULT 'draft' CHECK (status IN ('draft', 'enacted')),
    created_at timestamptz NOT NULL DEFAULT transaction_timestamp(),
    PRIMARY KEY (tenant_id, change_set_id),
    UNIQUE (tenant_id, run_id),
    -- what a unit repeats of its change set is bound to it by one key
    UNIQUE (tenant_id, change_set_id, source_version_id, run_id, doc_prefix),
    FOREIGN KEY (tenant_id, run_id) REFERENCES cutter_governance.run,
    FOREIGN KEY (tenant_id, source_version_id) REFERENCES library.source_version
);
COMMENT ON TABLE cutter_governance.change_set IS 'The units of one cut, as one thing that is approved, enacted or voided. A run has at most one.';
COMMENT ON COLUMN cutter_governance.change_set.tenant_id IS 'The tenant.';
COMMENT ON COLUMN cutter_governance.change_set.change_set_id IS 'The change set, a UUIDv7.';
COMMENT ON COLUMN cutter_governance.change_set.run_id IS 'The run that opened it.';
COMMENT ON COLUMN cutter_governance.change_set.source_version_id IS 'The source version that is cut.';
COMMENT ON COLUMN cutter_governance.change_set.doc_prefix IS 'The document id: the first part of all its addresses.';
COMMENT ON COLUMN cutter_governance.change_set.plan_sha256 IS 'Hex sha256 of the plan that it carries out.';
COMMENT ON COLUMN cutter_governance.change_set.row_count IS 'How many units the plan has.';
COMMENT ON COLUMN cutter_governance.change_set.status IS 'draft until its units are enacted.';
COMMENT ON COLUMN cutter_governance.change_set.created_at IS 'When it was opened.';

CREATE TABLE library.information_unit (
    tenant_id text COLLATE "C" NOT NULL DEFAULT cutter_governance.current_tenant(),
    id uuid NOT NULL,
    source_version_id uuid NOT NULL,
    change_set_id uuid NOT NULL,
    doc_prefix text COLLATE "C" NOT NULL,
    address text COLLATE "C" NOT NULL,
    short_address text COLLATE "C" NOT NULL,
    address_ascii text COLLATE "C" NOT NULL,
    sort_key text COLLATE "C" NOT NULL,
    type text COLLATE "C" NOT NULL,
    rank text COLLATE "C" NOT NULL,
    num_raw text,
    ordinal integer NOT NULL,
    parent_address text COLLATE "C",
    parent_id uuid,
    heading text,
    body text NOT NULL,
    body_sha256 text COLLATE "C" NOT NULL,
    lifecycle text COLLATE "C" NOT NULL,
    run_id uuid NOT NULL,
    created_at timestamptz NOT NULL DEFAULT transaction_timestamp(),
    enacted_at timestamptz,
    PRIMARY KEY (tenant_id, id),
    UNIQUE (tenant_id, source_version_id, address),
    UNIQUE (tenant_id, source_version_id, short_address),
    CHECK ((lifecycle = 'enacted') = (enacted_at IS NOT NULL)),
    FOREIGN KEY (tenant_id, change_set_id, source_version_id, run_id, doc_prefix) REFERENCES cutter_governance.change_set
        (tenant_id, change_set_id, source_version_id, run_id, doc_prefix),
    FOREIGN KEY (tenant_id, parent_id) REFERENCES library.information_unit,
    FOREIGN KEY (lifecycle) REFERENCES library.iu_lifecycle_vocab
);
CREATE INDEX information_unit_doc_prefix ON library.information_unit (tenant_id, doc_prefix);
CREATE INDEX information_unit_parent ON library.information_unit (tenant_id, parent_id) WHERE parent_id IS NOT NULL;
COMMENT ON TABLE library.information_unit IS 'The addressed pieces of source documents.';
COMMENT ON COLUMN library.information_unit.tenant_id IS 'The tenant.';
COMMENT ON COLUMN library.information_unit.id IS 'The unit.';
COMMENT ON COLUMN library.information_unit.source_version_id IS 'The source version that it was cut from.';
COMMENT ON COLUMN library.information_unit.change_set_id IS 'The change set that it belongs to.';
COMMENT ON COLUMN library.information_unit.doc_prefix IS 'The document id, first part of the address.';
COMMENT ON COLUMN library.information_unit.address IS 'The canonical address, such as a document/CH-01/ART-05.';
COMMENT ON COLUMN library.information_unit.short_address IS 'The address as people cite it, without containers.';
COMMENT ON COLUMN library.information_unit.address_ascii IS 'The address in ASCII, for links.';
COMMENT ON COLUMN library.information_unit.sort_key IS 'Text whose byte order is the order of the document.';
COMMENT ON COLUMN library.information_unit.type IS 'What the document''s word makes it: CH, ART, CL, PT and so on.';
COMMENT ON COLUMN library.information_unit.rank IS 'container, basic or sub.';
COMMENT ON COLUMN library.information_unit.num_raw IS 'Its number as printed.';
COMMENT ON COLUMN library.information_unit.ordinal IS 'Its place in the cut, counted from the start of the document.';
COMMENT ON COLUMN library.information_unit.parent_address IS 'The address of the unit that it stands in; null at the top.';
COMMENT ON COLUMN library.information_unit.parent_id IS 'That unit, once the units are bound to the source.';
COMMENT ON COLUMN library.information_unit.heading IS 'Its heading, if it has one.';
COMMENT ON COLUMN library.information_unit.body IS 'Its text.';
COMMENT ON COLUMN library.information_unit.body_sha256 IS 'Hex sha256 of body in UTF-8.';
COMMENT ON COLUMN library.information_unit.lifecycle IS 'Where it is in its life (iu_lifecycle_vocab).';
COMMENT ON COLUMN library.information_unit.run_id IS 'The run that wrote it.';
COMMENT ON COLUMN library.information_unit.created_at IS 'When it was written.';
COMMENT ON COLUMN library.information_unit.enacted_at IS 'When it was enacted.';

CREATE TABLE library.unit_region (
    tenant_id text COLLATE "C" NOT NULL DEFAULT cutter_governance.current_tenant(),
    unit_id uuid NOT NULL,
    region_index integer NOT NULL CHECK (region_index >= 0),
    start_byte bigint NOT NULL CHECK (start_byte >= 0),
    end_byte bigint NOT NULL,
    sha256 text COLLATE "C" NOT NULL,
    PRIMARY KEY (tenant_id, unit_id, region_index),
    CHECK (end_byte >= start_byte),
    FOREIGN KEY (tenant_id, unit_id) REFERENCES library.information_unit
);
COMMENT ON TABLE library.unit_region IS 'Which bytes of the source text a unit stands on.';
COMMENT ON COLUMN library.unit_region.tenant_id IS 'The tenant.';
COMMENT ON COLUMN library.unit_region.unit_id IS 'The unit.';
COMMENT ON COLUMN library.unit_region.region_index IS 'The region''s place among the regions of its unit.';
COMMENT ON COLUMN library.unit_region.start_byte IS 'The first byte, counted from 0.';
COMMENT ON COLUMN library.unit_region.end_byte IS 'The byte after the last one.';
COMMENT ON COLUMN library.unit_region.sha256 IS 'Hex sha256 of these bytes.';

DO $policies$
DECLARE
    v_table text;
BEGIN
    FOREACH v_table IN ARRAY ARRAY['library.source_document', 'library.source_version', 'library.information_unit',
                                   'library.unit_region', 'cutter_governance.change_set']
    LOOP
        EXECUTE 'ALTER TABLE ' || v_table || ' ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY';
        EXECUTE 'CREATE POLICY tenant ON ' || v_table || ' USING (tenant_id = (SELECT cutter_governance.current_tenant()))';
        EXECUTE 'GRANT SELECT ON ' || v_table || ' TO cutter_survey';
    END LOOP;
END
$policies$;
GRANT SELECT ON library.iu_lifecycle_vocab TO cutter_survey;
