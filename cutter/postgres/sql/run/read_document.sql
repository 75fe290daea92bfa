SELECT body, sha256 FROM kb.document WHERE kb_id = %(kb_id)s
