SELECT s.change_set_id::text, s.run_id::text, s.source_version_id::text, s.row_count, s.status
FROM cutter_governance.change_set AS s
WHERE s.doc_prefix = %(prefix)s AND s.status IN ('draft', 'enacted')
ORDER BY s.change_set_id
