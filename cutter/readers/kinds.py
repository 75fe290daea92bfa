"""What a file is: by its content first and by its name second.

Source: WHATWG MIME Sniffing §7 (what begins an HTML page); the formats' own first bytes.
"""

import re
from pathlib import PurePath
from typing import Literal, TypeAlias

from cutter.readers.extracted import Kind
from cutter.stops import Stop, StopCode

Seeming: TypeAlias = Kind | Literal["zip"]

# How many bytes tell what a file is: a page may have long comments before its first element.
_HEAD = 64 * 1024

# First bytes of files that are no text, each a byte sequence that no UTF-8 text or no word begins with.
_MAGIC = (
    (b"%PDF-", "pdf"),
    (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", "ole"),
    (b"{\\rtf", "rtf"),
    (b"\x1f\x8b", "gzip"),
    (b"\xfd7zXZ\0", "xz"),
    (b"7z\xbc\xaf\x27\x1c", "7z"),
    (b"Rar!\x1a\x07", "rar"),
    (b"\x28\xb5\x2f\xfd", "zstd"),
    (b"\x89PNG\r\n\x1a\n", "png"),
    (b"\xff\xd8\xff", "jpeg"),
    (b"GIF87a", "gif"),
    (b"GIF89a", "gif"),
    (b"II*\0", "tiff"),
    (b"MM\0*", "tiff"),
    (b"\x7fELF", "program"),
    (b"SQLite format 3\0", "sqlite"),
    (b"AT&TFORM", "djvu"),
)
# Also beginnings of words: only of a file that holds a NUL besides.
_MAGIC_WITH_NUL = ((b"MZ", "program"), (b"BZh", "bzip2"), (b"ID3", "audio"), (b"RIFF", "media"), (b"OggS", "audio"))
_ZIP = (b"PK\x03\x04", b"PK\x05\x06", b"PK\x07\x08")
# Names of streams in an OLE file are UTF-16: what Word 97 wrote, and what a password wraps a docx in.
_OLE_STREAMS = (
    ("EncryptedPackage".encode("utf-16-le"), "encrypted"),
    ("WordDocument".encode("utf-16-le"), "word_97"),
)
_BYTE_ORDER_MARKS = ((b"\xef\xbb\xbf", "utf-8"), (b"\xff\xfe", "utf-16-le"), (b"\xfe\xff", "utf-16-be"))

_BEFORE_PAGE = re.compile(r"(?:\s+|<\?[^>]{0,400}\?>|<!--.{0,20000}?-->){0,50}", re.DOTALL)
_PAGE = re.compile(r"<(?:!doctype\s+html|html|head|body)[\s>/]", re.IGNORECASE)
_XML = re.compile(r"\s*<(?:\?xml\s|[A-Za-z][\w:.-]{0,60}\s[^>]{0,2000}?xmlns[:=])")
_MHTML = re.compile(r"^MIME-Version:", re.IGNORECASE | re.MULTILINE)
_HEADER = re.compile(r"[A-Za-z-]{1,40}:")
_TAG = re.compile(rb"<[A-Za-z!/]")


def what_it_is(data: bytes, file_name: str) -> Seeming:
    """Whether a file is text, a page or a zip archive (which may be a Word document).

    Args:
        data: the whole file.
        file_name: its name; only its suffix counts, and only where the content leaves it open.

    Raises:
        Stop: STOP_FILE_UNSUPPORTED with what it seems to be (`pdf`, `word_97`, `encrypted`, `rtf`, `png`, `xml`,
            `binary` …).
    """
    if data.startswith(_ZIP):
        return "zip"
    if (other := _magic(data)) is not None:
        raise Stop(StopCode.STOP_FILE_UNSUPPORTED, other, found=_found(file_name))
    head = _decoded(data[:_HEAD])
    if _PAGE.match(head, _end_of_prologue(head)):
        return "html"
    if _HEADER.match(head) and _MHTML.search(head[:2000]) and "multipart/" in head[:4000].lower():
        raise Stop(StopCode.STOP_FILE_UNSUPPORTED, "mhtml", found=_found(file_name))
    suffix = PurePath(file_name).suffix.lower()
    if suffix in (".html", ".htm", ".xhtml") and (_TAG.search(data) or not data.strip()):
        return "html"
    if _XML.match(head) and suffix not in (".md", ".markdown"):
        raise Stop(StopCode.STOP_FILE_UNSUPPORTED, "xml", found=_found(file_name))
    return "text"


def _magic(data: bytes) -> str | None:
    for first, name in _MAGIC:
        if data.startswith(first):
            if name == "ole":
                return next((kind for stream, kind in _OLE_STREAMS if stream in data), name)
            return name
    if b"%PDF-" in data[:1024] and b"%%EOF" in data[-2048:]:
        return "pdf"
    if b"\0" in data[:_HEAD]:
        return next((name for first, name in _MAGIC_WITH_NUL if data.startswith(first)), None)
    return None


def _decoded(head: bytes) -> str:
    """The head as characters, to look for ASCII words in it."""
    for mark, charset in _BYTE_ORDER_MARKS:
        if head.startswith(mark):
            return head[len(mark) :].decode(charset, "replace")
    return head.decode("latin-1")


def _end_of_prologue(head: str) -> int:
    match = _BEFORE_PAGE.match(head)
    return match.end() if match else 0


def _found(file_name: str) -> str:
    suffix = PurePath(file_name).suffix.lower()
    return f"a file named {suffix}" if suffix.isascii() and suffix[1:].isalnum() and len(suffix) <= 10 else ""
