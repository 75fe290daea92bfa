SELECT doc_code FROM library.source_document ORDER BY doc_code COLLATE "C"
