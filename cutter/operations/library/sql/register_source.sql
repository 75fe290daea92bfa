SELECT library.fn_source_register(
    %(document)s, %(doc_code)s, %(title)s, %(language)s, %(version)s, %(version_string)s, %(status)s, %(text)s,
    %(text_sha256)s, %(text_sha256)s, 'text/plain'
)
