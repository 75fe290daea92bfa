SELECT count(*) AS documents FROM library.source_document WHERE doc_code = %(prefix)s
