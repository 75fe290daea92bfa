"""From YAML text to nodes with places, with every value that two readers could understand differently refused.

Rules kept here: depth and number of values are bounded while reading, not after; a refused value leaves a null in the
tree and reading goes on, so that all mistakes are found in one reading.

Source: YAML 1.2.2; approvals-and-evidence §7, rows 36–38.
"""

import re
from collections.abc import Callable
from typing import Any, TypeAlias

import msgspec
from ruamel.yaml.docinfo import DocInfo
from ruamel.yaml.error import YAMLError
from ruamel.yaml.events import (
    AliasEvent,
    DocumentStartEvent,
    MappingEndEvent,
    MappingStartEvent,
    ScalarEvent,
    SequenceEndEvent,
)
from ruamel.yaml.parser import Parser
from ruamel.yaml.reader import Reader
from ruamel.yaml.resolver import VersionedResolver
from ruamel.yaml.scanner import Scanner

from cutter.model import Scalar as Value
from cutter.pipeline.diagnostics import Code, visible
from cutter.pipeline.scalars import Refusal, read_plain

_SHOWN = 40  # characters of a value in a message

# What no text may hold, written out or escaped: controls, byte order marks, line separators of other systems, halves of
# characters, and what turns the direction of the text that people read before they sign it.
FORBIDDEN = (
    "\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069\ud800-\udfff\ufeff\ufffe\uffff"
)
_FORBIDDEN_IN_VALUES = re.compile(f"[{FORBIDDEN}\r]")
_DIRECTIVE = re.compile("^%.*", re.MULTILINE)

# What the reader raises on malformed text: its own errors, and those of `chr`, of indexing and of nesting that it lets
# through (`"\U00110000"` is a ValueError).
_READER_ERRORS = (YAMLError, ValueError, OverflowError, LookupError, RecursionError)


class Reading(msgspec.Struct, frozen=True):
    """What the kinds of files differ in: bounds, and what a plain scalar means.

    Attributes:
        most_values: scalars, lists and mappings in the file.
        deepest: levels of lists and mappings.
        plain: the value of a plain scalar, or why it is refused.
    """

    most_values: int = 4000
    deepest: int = 16
    plain: Callable[[str], Value | Refusal] = read_plain


PIPELINE = Reading()


class Place(msgspec.Struct, frozen=True):
    """A place in the file: line and column from 1 (characters), and how many characters are meant."""

    line: int
    column: int
    length: int = 1


class Scalar(msgspec.Struct, frozen=True):
    """A single value."""

    place: Place
    value: Value


class Sequence(msgspec.Struct, frozen=True):
    """A list."""

    place: Place
    items: tuple["Node", ...]


class Entry(msgspec.Struct, frozen=True):
    """An entry of a mapping: the place of its key, and its value."""

    place: Place
    node: "Node"


class Mapping(msgspec.Struct, frozen=True):
    """A mapping, in the order of the file."""

    place: Place
    entries: dict[str, Entry]


Node: TypeAlias = Scalar | Sequence | Mapping


class Mistake(msgspec.Struct, frozen=True):
    """What is wrong with a stretch of the text: its start and length in characters."""

    code: Code
    start: int
    length: int
    message: str
    found: str = ""
    needed: str = ""
    help: str = ""
    path: str = ""


class Unusable(Exception):  # noqa: N818  never leaves the package
    """The text cannot be read on from here."""

    def __init__(self, mistake: Mistake) -> None:
        super().__init__(mistake.message)
        self.mistake = mistake


class Composer:
    """Makes the nodes of one text; `mistakes` are those that did not end the reading."""

    def __init__(self, text: str, reading: Reading = PIPELINE) -> None:
        self.mistakes: list[Mistake] = []
        self._text = text
        self._reading = reading
        self._values = 0
        self._events: Any = None

    def compose(self) -> Node:
        """The root of the only document.

        Raises:
            Unusable: the text is not YAML, is empty, too deep or too large, or has directives or further documents.
        """
        try:
            self._events = _Events(self._text)
            return self._document()
        except _READER_ERRORS as error:
            raise self._not_yaml(error) from None

    def _document(self) -> Node:
        self._next()  # the start of the stream
        start = self._next()
        if not isinstance(start, DocumentStartEvent):
            raise Unusable(Mistake(Code.EMPTY, 0, 1, "the file is empty", needed="a pipeline"))
        directive = _DIRECTIVE.search(self._text, 0, start.start_mark.index)
        if directive is not None:
            message, remedy = "a YAML directive stands in the file", "leave it out: a pipeline file is YAML 1.2"
            raise Unusable(Mistake(Code.DIRECTIVE, directive.start(), len(directive[0]), message, help=remedy))
        root = self._node(self._next(), "", 0)
        if isinstance(root, Scalar) and root.value is None and not self.mistakes:
            raise Unusable(Mistake(Code.EMPTY, 0, 1, "the file is empty", needed="a pipeline"))
        self._next()  # the end of the document
        following = self._next()
        if isinstance(following, DocumentStartEvent):
            at = following.start_mark.index
            raise Unusable(Mistake(Code.SEVERAL_DOCUMENTS, at, 3, "a second document begins here", needed="one"))
        return root

    def _next(self) -> Any:
        return self._events.get_event()

    def _not_yaml(self, error: Exception) -> Unusable:
        mark = getattr(error, "problem_mark", None) or getattr(error, "context_mark", None)
        at = mark.index if mark is not None else getattr(self._events, "index", 0)
        found = visible(str(getattr(error, "problem", None) or "text that no YAML has"))
        return Unusable(Mistake(Code.NOT_YAML, at, 1, "the text is not YAML", found))

    def _node(self, event: Any, path: str, depth: int) -> Node:
        self._values += 1
        if self._values > self._reading.most_values:
            message, limit = "the file has too many values", f"at most {self._reading.most_values} values"
            raise Unusable(Mistake(Code.TOO_LARGE, event.start_mark.index, 1, message, needed=limit))
        kind = type(event)
        if kind is ScalarEvent:
            return Scalar(_place(event), self._value(event, path))
        if kind is AliasEvent:
            self._refuse(Code.ALIAS, event, path, "an alias stands for a value", "write the value out")
            return Scalar(_place(event), None)
        if depth >= self._reading.deepest:
            message, limit = "values stand too deeply inside one another", f"at most {self._reading.deepest} levels"
            raise Unusable(Mistake(Code.TOO_DEEP, event.start_mark.index, 1, message, needed=limit, path=path))
        self._check_properties(event, path)
        if kind is MappingStartEvent:
            return Mapping(_place(event), self._entries(path, depth + 1))
        return Sequence(_place(event), self._items(path, depth + 1))

    def _entries(self, path: str, depth: int) -> dict[str, Entry]:
        entries: dict[str, Entry] = {}
        while type(event := self._next()) is not MappingEndEvent:
            key = self._key(event, path, depth)
            inner = path if key is None else f"{path}.{key}" if path else key
            if key is not None and key in entries:
                self._refuse(Code.DUPLICATE_KEY, event, inner, f"the key `{_short(key)}` stands twice", "keep one")
                key = None
            value = self._next()
            node = self._node(value, inner, depth)
            if isinstance(node, Scalar) and value.start_mark.index == value.end_mark.index:
                node = Scalar(_place(event), node.value)  # nothing is written: the reader places it at what follows
            if key is not None:
                entries[key] = Entry(_place(event), node)
        return entries

    def _items(self, path: str, depth: int) -> tuple[Node, ...]:
        items: list[Node] = []
        while type(event := self._next()) is not SequenceEndEvent:
            items.append(self._node(event, f"{path}[{len(items)}]", depth))
        return tuple(items)

    def _key(self, event: Any, path: str, depth: int) -> str | None:
        """The key that an event is, if it can be one; a key that is a collection is read over."""
        if type(event) is not ScalarEvent:
            self._refuse(Code.KEY_FORM, event, path, "a key is not a plain word", "write one word as the key")
            self._node(event, path, depth)
            return None
        if event.value == "<<" and event.style is None:
            self._refuse(Code.MERGE_KEY, event, path, "a merge key takes keys from elsewhere", "write the keys out")
            return None
        before = len(self.mistakes)
        key = self._value(event, path)
        if isinstance(key, str) and key.isascii():
            return key
        if len(self.mistakes) == before:
            self._refuse(Code.KEY_FORM, event, path, f"the key `{_short(event.value)}` is not ASCII text", "")
        return None

    def _value(self, event: Any, path: str) -> Value:
        self._check_properties(event, path)
        text: str = event.value
        if event.style is not None:
            if _FORBIDDEN_IN_VALUES.search(text):
                message = "an escape stands for a character that the file may not hold"
                self._refuse(Code.FORBIDDEN_CHARACTER, event, path, message, "leave it out")
            return text
        value = self._reading.plain(text)
        if value is Refusal.UNQUOTED:
            message = f"readers of YAML disagree about {_short(text)}"
            self._refuse(Code.UNQUOTED, event, path, message, "put it in quotes, if it is text")
            return None
        if value is Refusal.LARGE_INTEGER:
            self._refuse(Code.LARGE_INTEGER, event, path, "an integer of 2^53 or more", "put it in quotes, as text")
            return None
        return value

    def _check_properties(self, event: Any, path: str) -> None:
        if event.anchor is not None:
            self._refuse(Code.ANCHOR, event, path, "an anchor names a value", "leave it out, write values out")
        if event.ctag is not None:
            self._refuse(Code.TAG, event, path, "a tag gives a value another type", "leave it out")

    def _refuse(self, code: Code, event: Any, path: str, message: str, remedy: str) -> None:
        place = _place(event)
        self.mistakes.append(Mistake(code, event.start_mark.index, place.length, message, help=remedy, path=path))


class _Events(Reader, Scanner, Parser, VersionedResolver):
    """The events of a text. ruamel's `YAML` object is not used: it looks for plug-ins on the disk first."""

    def __init__(self, text: str) -> None:
        self.comment_handling = None
        self.doc_infos = [DocInfo()]  # the scanner notes a %YAML directive there
        Reader.__init__(self, text, loader=self)
        Scanner.__init__(self, loader=self)
        Parser.__init__(self, loader=self)
        VersionedResolver.__init__(self, None, loader=self)


def _place(event: Any) -> Place:
    """The place of an event; of a collection or a block of text, only where it starts."""
    start, end = event.start_mark, event.end_mark
    whole = type(event) in (ScalarEvent, AliasEvent) and start.line == end.line
    return Place(start.line + 1, start.column + 1, max(1, end.index - start.index) if whole else 1)


def _short(text: str) -> str:
    return visible(text[:_SHOWN]) + ("…" if len(text) > _SHOWN else "")
