SELECT t.*
FROM cutter_governance.change_set AS t
WHERE t.doc_prefix = %(prefix)s
