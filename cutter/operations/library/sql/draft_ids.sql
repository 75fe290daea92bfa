SELECT DISTINCT doc_prefix FROM cutter_governance.change_set WHERE status = 'draft' ORDER BY doc_prefix
