SELECT body FROM kb.document WHERE kb_id = %(kb_id)s
