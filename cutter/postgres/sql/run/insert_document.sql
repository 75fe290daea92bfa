INSERT INTO kb.document (kb_id, run_id, media_type, body, sha256)
VALUES (%(kb_id)s, %(run)s, %(media_type)s, %(body)s, %(sha256)s)
