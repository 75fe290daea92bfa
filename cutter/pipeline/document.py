"""From bytes to a tree with places: YAML 1.2 without anything that two readers could understand differently.

Rules kept here: the size is bounded before anything is read, depth and number of values while reading; only plain
UTF-8 is read; anchors, aliases, merge keys, tags, directives, duplicate keys and further documents are refused, each
where it stands. There is one reading: ruamel's events carry places, and composing from them is faster than its loader.

Source: DESIGN §5; approvals-and-evidence §7, rows 36–38; YAML 1.2.2.
"""

import re
from collections.abc import Iterable
from typing import Any, TypeAlias

import msgspec

from cutter.model import Scalar as Value
from cutter.pipeline.composer import FORBIDDEN, Composer, Entry, Mapping, Node, Place, Scalar, Sequence, Unusable
from cutter.pipeline.composer import Mistake as Mistake
from cutter.pipeline.diagnostics import Code, Diagnostic, Refused, visible

__all__ = ["Document", "Entry", "Mapping", "Node", "Place", "Scalar", "Sequence", "load", "placed", "plain"]

LARGEST_FILE = 64 * 1024  # bytes
MOST = 100  # diagnostics of one reading: beyond that, the first ones help more than all

Plain: TypeAlias = Any  # text, integers, booleans, null, lists, mappings by text: what JSON can say

_FORBIDDEN = re.compile(f"[{FORBIDDEN}]|\r(?!\n)|\t+")


class Document(msgspec.Struct, frozen=True):
    """A file that was read: what diagnostics call it, and its tree."""

    name: str
    root: Node


def load(data: bytes, name: str) -> Document | Refused:
    """Read the bytes of a pipeline file.

    Args:
        data: the file, UTF-8.
        name: what diagnostics call it.

    Returns:
        the document, or everything in it that YAML 1.2 core, read strictly, does not have.
    """
    if len(data) > LARGEST_FILE:
        limit = f"at most {LARGEST_FILE} bytes"
        mistake = Mistake(Code.TOO_LARGE, 0, 1, "the file is too large for a pipeline", f"{len(data)} bytes", limit)
        return _refused(name, "", [mistake])
    try:
        text = data.decode("utf-8")
    except UnicodeDecodeError as error:
        before = data[: error.start].decode("utf-8")
        found = f"byte 0x{data[error.start]:02x} at offset {error.start}"
        return _refused(
            name, before, [Mistake(Code.NOT_UTF8, len(before), 1, "the file is not valid UTF-8", found, "UTF-8")]
        )
    forbidden = [_forbidden(match) for match in _FORBIDDEN.finditer(text)]
    if forbidden:
        return _refused(name, text, forbidden)
    composer = Composer(text)
    try:
        root = composer.compose()
    except Unusable as unusable:
        return _refused(name, text, [*composer.mistakes, unusable.mistake])
    if composer.mistakes:
        return _refused(name, text, composer.mistakes)
    return Document(name, root)


def plain(node: Node) -> Plain:
    """The tree without places."""
    match node:
        case Scalar(value=value):
            return value
        case Sequence(items=items):
            return [plain(item) for item in items]
        case Mapping(entries=entries):
            return {key: plain(entry.node) for key, entry in entries.items()}


def placed(tree: Plain) -> Node:
    """A tree that stands in no file: every place is the start."""
    start = Place(1, 1)
    match tree:
        case dict():
            return Mapping(start, {key: Entry(start, placed(value)) for key, value in tree.items()})
        case list():
            return Sequence(start, tuple(placed(value) for value in tree))
        case _:
            value: Value = tree
            return Scalar(start, value)


def _forbidden(match: re.Match[str]) -> Mistake:
    start, length = match.start(), len(match[0])
    if match[0].startswith("\t"):
        remedy = "indent with spaces; in double quotes write \\t"
        return Mistake(Code.TAB, start, length, "a tab stands in the file", help=remedy)
    found = visible(match[0])
    return Mistake(Code.FORBIDDEN_CHARACTER, start, length, "a character that a pipeline file may not hold", found)


def _refused(name: str, text: str, mistakes: Iterable[Mistake]) -> Refused:
    ordered = sorted(mistakes, key=lambda mistake: mistake.start)[:MOST]
    return Refused(tuple(_diagnostic(name, text, mistake) for mistake in ordered))


def _diagnostic(name: str, text: str, mistake: Mistake) -> Diagnostic:
    start = min(mistake.start, len(text.rstrip("\r\n")))
    line_end = text.find("\n", start)
    end = min(mistake.start + mistake.length, len(text) if line_end < 0 else line_end)
    return Diagnostic(
        file=name,
        line=text.count("\n", 0, start) + 1,
        column=start - text.rfind("\n", 0, start),
        code=mistake.code,
        path=mistake.path,
        message=mistake.message,
        found=mistake.found,
        needed=mistake.needed,
        help=mistake.help,
        length=max(1, end - start),
    )
