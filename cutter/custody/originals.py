"""The original file that a text of the workspace was read from, as the index states it.

Source: issue 5, part 3.
"""

import re
from pathlib import Path
from typing import Annotated, Literal

import msgspec

from cutter.readers import Extracted

# One visible line without a folder; what else a name held stands as `_`.
_HIDDEN = r"/\\\x00-\x1f\x7f-\x9f\u200e\u200f\u2028-\u202e\u2066-\u2069"
_UNSEEN = re.compile(f"[{_HIDDEN}]")
_LONGEST_NAME = 200
# Suffixes that a text keeps; any other text is kept as `.txt`.
_LONGEST_SUFFIX = 10

OriginalName = Annotated[str, msgspec.Meta(pattern=rf"^[^{_HIDDEN}]{{1,{_LONGEST_NAME}}}\Z")]
Digest = Annotated[str, msgspec.Meta(pattern=r"^[0-9a-f]{64}\Z")]
RemarkName = Annotated[str, msgspec.Meta(pattern=r"^[a-z][a-z_]{0,40}\Z")]


class Original(msgspec.Struct, frozen=True, forbid_unknown_fields=True, omit_defaults=True):
    """A file that is no plain text: the name that it was given under, its sha256, its kind, and what of it is not in
    the text as it stood (`readers.RemarkCode`, with counts).
    """

    file: OriginalName
    sha256: Digest
    kind: Literal["html", "docx"]
    remarks: dict[RemarkName, int] = {}


def original_of(extracted: Extracted, source: Path) -> Original | None:
    """What the index states of the original; None of a text, which is its own original."""
    if extracted.kind == "text":
        return None
    remarks = {remark.code.value: remark.count for remark in extracted.remarks}
    return Original(_visible_name(source.name), extracted.original_sha256, extracted.kind, remarks)


def suffix_of(extracted: Extracted, source: Path) -> str:
    """The suffix of the file that keeps the text."""
    kind = source.suffix.lower()
    kept = extracted.kind == "text" and kind.isascii() and kind[1:].isalnum() and len(kind) <= _LONGEST_SUFFIX
    return kind if kept else ".txt"


def _visible_name(name: str) -> str:
    shown = _UNSEEN.sub("_", name.encode("utf-8", "replace").decode())
    return shown[-_LONGEST_NAME:] or "_"
