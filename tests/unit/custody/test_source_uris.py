"""Which URIs may stand as the source of a text."""

import pytest

from cutter.custody.source_uris import is_source_uri

PAGE = "https://example.vn/"

TAKEN = {
    "a page": "https://vanban.example.vn/luat/2015?id=91&lang=vi",
    "a page at a port": "https://localhost:8443",
    "an address": "https://[2001:db8::1]/a",
    "escaped letters": "https://example.vn/b%E1%BB%99-lu%E1%BA%ADt",
    "an at sign in a path": "https://example.vn/@office/law",
    "a file of the workspace": "file:incoming/2024/law.docx",
    "a hidden file": "file:.incoming/law..docx",
    "the longest": PAGE + "a" * (2048 - len(PAGE)),
}

REFUSED = {
    "nothing": "",
    "one more than the longest": PAGE + "a" * (2049 - len(PAGE)),
    "no scheme": "example.vn/law",
    "not encrypted": "http://example.vn/law",
    "a script": "javascript:alert(1)",
    "a user": "https://an@example.vn/",
    "a user and a password": "https://an:secret@example.vn/",
    "a fragment": "https://example.vn/law#art-5",
    "no host": "https:///law",
    "a relative page": "https:law",
    "letters beyond ASCII": "https://example.vn/luật",
    "digits beyond ASCII": "https://example.vn:٤٤٣/",
    "a space": "https://example.vn/a b",
    "a line end": "https://example.vn/\n",
    "an escape of a terminal": "https://example.vn/\x1b[31m",
    "an escape that is none": "https://example.vn/%zz",
    "a file of the host": "file:///home/an/law.txt",
    "a file of the host, in short": "file:/home/an/law.txt",
    "a file of another host": "file://server/law.txt",
    "a drive": "file:C:/law.txt",
    "a drive, escaped": "file:%43%3A/law.txt",
    "a root, escaped": "file:%2Fhome/law.txt",
    "a root of Windows, escaped": "file:%5C%5Cserver/law.txt",
    "above the workspace": "file:../law.txt",
    "above the workspace, later": "file:a/../../law.txt",
    "above the workspace, escaped": "file:a/%2E%2e/law.txt",
    "a zero byte": "file:a%00b",
    "a folder": "file:incoming/",
    "no file": "file:",
    "a question to a file": "file:law.txt?a",
    "a fragment of a file": "file:law.txt#a",
}


@pytest.mark.parametrize("uri", TAKEN.values(), ids=TAKEN)
def test_a_source_is_taken(uri: str) -> None:
    """Without it a text could not say where it is from."""
    assert is_source_uri(uri)


@pytest.mark.parametrize("uri", REFUSED.values(), ids=REFUSED)
def test_what_is_no_source_is_refused(uri: str) -> None:
    """Without it a password or a path of somebody's machine would get into an index that others read."""
    assert not is_source_uri(uri)
