SELECT text_size FROM library.source_version WHERE text_sha256 = %(text_sha256)s LIMIT 1
