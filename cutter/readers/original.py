"""An original file into its text: what it is, then the reader of its kind.

Rules kept here: text and Markdown are checked and passed on byte for byte; a page or a Word document is read by a
process of its own with bounded time and memory (`confined`), because its parser is a C library that meets files made
to exhaust it; there is no partial result.

Source: issue 5, part 3 and Bad input.
"""

from cutter.canon import sha256
from cutter.cutting.shadow import LARGEST_TEXT
from cutter.readers.confined import read_confined
from cutter.readers.encodings import check_utf8
from cutter.readers.extracted import Extracted, Remark, RemarkCode
from cutter.readers.kinds import what_it_is
from cutter.stops import Stop, StopCode

# The largest original in bytes: as large as the largest text, so that no text is refused for its wrapping.
LARGEST_ORIGINAL = LARGEST_TEXT


def read_original(data: bytes, file_name: str) -> Extracted:
    """The text of an original file.

    Args:
        data: the whole file.
        file_name: its name, with or without folders; it counts only where the content leaves the kind open.

    Raises:
        Stop: STOP_FILE_UNSUPPORTED (detail: what it seems to be), STOP_FILE_UNREADABLE, STOP_READER_MISSING with the
            command that installs the reader, STOP_TEXT_NOT_UTF8 (detail `byte_N` or `nul_byte_N`; found: the line and
            what it seems to be), STOP_TEXT_EMPTY, STOP_TEXT_TOO_LARGE.
    """
    if len(data) > LARGEST_ORIGINAL:
        raise Stop(StopCode.STOP_TEXT_TOO_LARGE, f"limit_{LARGEST_ORIGINAL}_bytes", found=str(len(data)))
    digest = sha256(data)
    kind = what_it_is(data, file_name)
    if kind == "text":
        check_utf8(data)
        return Extracted(data, "text", digest)
    kind = "html" if kind == "html" else "docx"
    reading = read_confined(kind, data)
    text = reading.text.encode()
    if not text.strip():
        raise Stop(StopCode.STOP_TEXT_EMPTY, "no_text_in_it", found=_only_pictures(reading.remarks))
    if len(text) > LARGEST_TEXT:
        raise Stop(StopCode.STOP_TEXT_TOO_LARGE, f"limit_{LARGEST_TEXT}_bytes", found=str(len(text)))
    check_utf8(text)
    return Extracted(text, kind, digest, reading.remarks, reading.apart)


def _only_pictures(remarks: tuple[Remark, ...]) -> str:
    """Why there is no text, where the document shows pictures: it was scanned."""
    count = sum(remark.count for remark in remarks if remark.code is RemarkCode.PICTURE)
    return f"only pictures ({count})" if count else ""
