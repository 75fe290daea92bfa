"""The zip package of a Word document: checked before anything is unpacked, read in memory, never onto the disk.

Rules kept here: no entry is unpacked that is larger, or compressed better, than documents are; names that would lead
out of a folder, or stand twice, make the whole file suspect; no entity can be declared in a part.

Source: ECMA-376 part 2 (Open Packaging Conventions: §9.1.1 part names, §9.3 relationships; M1.17: no DTD).
"""

import posixpath
import zlib
from importlib import import_module
from io import BytesIO
from typing import Any, TypeAlias
from zipfile import BadZipFile, ZipFile, ZipInfo

from cutter.stops import Stop, StopCode

# An element of lxml, which has no types of its own.
Element: TypeAlias = Any

MOST_ENTRIES = 20_000
LARGEST_UNPACKED = 1024 * 1024 * 1024
# One part as XML: a law of 700 articles has about 5 MB; the tree of the largest takes under 2 GB.
LARGEST_PART = 64 * 1024 * 1024
# XML of Word compresses 10 to 60 times.
MOST_RATIO = 200
_RATIO_FROM = 1024 * 1024

_ENCRYPTED = 0x1
_WORD = "word/document.xml"
# What a zip without a Word document seems to be, by a name in it.
_OTHERS = (
    ("xl/workbook.xml", "xlsx"),
    ("ppt/presentation.xml", "pptx"),
    ("meta-inf/container.xml", "epub"),
    ("meta-inf/manifest.mf", "jar"),
    ("content.xml", "odt"),
)


class Package:
    """The parts of a Word document.

    Args:
        data: the whole file.

    Raises:
        Stop: STOP_FILE_UNSUPPORTED (detail `encrypted`, `odt`, `xlsx`, `zip` …), STOP_FILE_UNREADABLE (detail
            `damaged_zip`, `entry_name`, `entry_twice`, `limit_N_entries`, `limit_N_bytes`).
    """

    def __init__(self, data: bytes) -> None:
        try:
            self._zip = ZipFile(BytesIO(data))
        except (BadZipFile, ValueError, OverflowError, OSError, NotImplementedError):
            raise _unreadable("damaged_zip") from None
        self._entries = _checked(self._zip.infolist())
        self.main = self._main_part()

    def part(self, name: str) -> Element:
        """The root element of a part, or None when there is no such part.

        Raises:
            Stop: STOP_FILE_UNREADABLE (detail `damaged_zip`, `limit_N_bytes`, `ratio`, `entity_declaration`,
                `malformed_xml`), STOP_READER_MISSING.
        """
        entry = self._entries.get(name.lower())
        return None if entry is None else _parse(self._unpack(entry))

    def related(self, name: str) -> list[tuple[str, str]]:
        """The relations of a part (empty name: of the package): the last word of each type, and the part meant."""
        folder, base = posixpath.split(name)
        root = self.part(posixpath.join(folder, "_rels", f"{base}.rels"))
        found = []
        for relation in () if root is None else root:
            target = relation.get("Target", "")
            if relation.get("TargetMode") != "External" and target:
                path = posixpath.normpath(posixpath.join("/", folder, target)).lstrip("/")
                found.append((relation.get("Type", "").rpartition("/")[2], path))
        return found

    def _main_part(self) -> str:
        main = next((target for kind, target in self.related("") if kind == "officeDocument"), _WORD)
        if main.lower() in self._entries and not main.lower().startswith(("xl/", "ppt/")):
            return main
        seems = next((kind for entry, kind in _OTHERS if entry in self._entries), "zip")
        raise Stop(StopCode.STOP_FILE_UNSUPPORTED, seems)

    def _unpack(self, entry: ZipInfo) -> bytes:
        """The bytes of an entry: no more than it declares, whatever it holds."""
        if entry.file_size > LARGEST_PART:
            raise _unreadable(f"limit_{LARGEST_PART}_bytes", str(entry.file_size))
        if entry.file_size > _RATIO_FROM and entry.file_size > entry.compress_size * MOST_RATIO:
            raise _unreadable("ratio", f"{entry.file_size // max(1, entry.compress_size)} to 1", f"{MOST_RATIO} to 1")
        try:
            with self._zip.open(entry) as file:
                data = file.read(LARGEST_PART + 1)
        except (BadZipFile, zlib.error, EOFError, ValueError, OSError, NotImplementedError, RuntimeError):
            raise _unreadable("damaged_zip") from None
        if len(data) != entry.file_size:
            raise _unreadable("damaged_zip", f"{len(data)} bytes", f"{entry.file_size} bytes")
        return data


def _checked(entries: list[ZipInfo]) -> dict[str, ZipInfo]:
    """The entries by name in small letters: names of parts do not tell capitals."""
    if len(entries) > MOST_ENTRIES:
        raise _unreadable(f"limit_{MOST_ENTRIES}_entries", str(len(entries)))
    if (size := sum(entry.file_size for entry in entries)) > LARGEST_UNPACKED:
        raise _unreadable(f"limit_{LARGEST_UNPACKED}_bytes", str(size))
    found: dict[str, ZipInfo] = {}
    for entry in entries:
        if _leads_out(entry.orig_filename):
            raise _unreadable("entry_name")
        if entry.filename.lower() in found:
            raise _unreadable("entry_twice")
        found[entry.filename.lower()] = entry
    if any(entry.flag_bits & _ENCRYPTED for entry in entries):
        raise Stop(StopCode.STOP_FILE_UNSUPPORTED, "encrypted")
    return found


def _leads_out(name: str) -> bool:
    parts = name.replace("\\", "/").split("/")
    return name.startswith(("/", "\\")) or ".." in parts or "\0" in name or parts[0].endswith(":")


def _parse(data: bytes) -> Element:
    # With zeros out, the word is found in UTF-16 too.
    if b"<!DOCTYPE" in data.replace(b"\0", b""):
        raise _unreadable("entity_declaration")
    try:
        etree = import_module("lxml.etree")
    except ImportError:
        raise Stop(StopCode.STOP_READER_MISSING, "docx", needed="pip install 'lxml>=6.1,<7'") from None
    parser = etree.XMLParser(
        resolve_entities=False,
        no_network=True,
        load_dtd=False,
        huge_tree=False,
        remove_comments=True,
        remove_pis=True,
    )
    try:
        root = etree.fromstring(data, parser)
    except (etree.XMLSyntaxError, ValueError):
        raise _unreadable("malformed_xml") from None
    if root.getroottree().docinfo.internalDTD is not None:
        raise _unreadable("entity_declaration")
    return root


def _unreadable(detail: str, found: str = "", needed: str = "") -> Stop:
    return Stop(StopCode.STOP_FILE_UNREADABLE, detail, found=found, needed=needed)
