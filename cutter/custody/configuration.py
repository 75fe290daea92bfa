"""Reading the YAML files of a workspace into typed values.

Rules kept here: YAML 1.2 core only; no anchors, aliases, tags, merge keys or duplicate keys; nothing is converted that
is not meant (a date stays text); unknown keys and newer formats are refused; every mistake names `file:line:col`;
values are never shown, because a connection string may stand where a name is due.

Source: DESIGN §5 (YAML), §8 (formats); approvals-and-evidence §7 rows 36–38.
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Generic, TypeAlias, TypeVar

import msgspec
from ruamel.yaml import YAML
from ruamel.yaml.error import MarkedYAMLError, StringMark, YAMLError
from ruamel.yaml.events import (
    DocumentEndEvent,
    MappingEndEvent,
    MappingStartEvent,
    NodeEvent,
    ScalarEvent,
    SequenceEndEvent,
    SequenceStartEvent,
    StreamEndEvent,
)

from cutter.custody.files import read_plain
from cutter.stops import Stop, StopCode

T = TypeVar("T", bound=msgspec.Struct)
Tree: TypeAlias = "dict[str, Tree] | list[Tree] | str | int | float | bool | None"

# A configuration is written by hand: 1 MiB (bytes) and eight levels are far beyond what any needs.
LARGEST_FILE = 1024 * 1024
_DEEPEST = 8
_LONGEST_INTEGER = 18

_NULL = frozenset({"", "~", "null", "Null", "NULL"})
_BOOLEAN = {"true": True, "True": True, "TRUE": True, "false": False, "False": False, "FALSE": False}
_INTEGER = re.compile(r"[-+]?[0-9]+")
_FLOAT = re.compile(r"[-+]?(\.[0-9]+|[0-9]+(\.[0-9]*)?)([eE][-+]?[0-9]+)?")
_WORD = re.compile(r"[A-Za-z_][A-Za-z0-9_-]{0,40}")
_FORMAT = re.compile(r"(?P<name>[a-z.]+)/(?P<number>[1-9][0-9]{0,5})")

_PLACE = re.compile(r" - at `(?P<path>.*)`$")
_UNKNOWN = re.compile(r"^Object contains unknown field `(?P<key>.*?)`")
_MISSING = re.compile(r"^Object missing required field `(?P<key>.*?)`")
_EXPECTED = re.compile(r"^Expected (?P<needed>.*?)(, got `(?P<found>[a-z|]*)`)?$")


@dataclass(frozen=True, slots=True)
class Place:
    """A place in a file; line and column count from 1."""

    file: str
    line: int
    column: int

    def __str__(self) -> str:
        return f"{self.file}:{self.line}:{self.column}"


@dataclass(frozen=True, slots=True)
class Configuration(Generic[T]):
    """A checked configuration, with the places of its parts for rules that types cannot state."""

    value: T
    places: Mapping[str, Place]

    def refuse(self, detail: str, path: str, found: str = "") -> Stop:
        """STOP_CONFIG_INVALID at a path such as `$.documents[0].id`."""
        return Stop(StopCode.STOP_CONFIG_INVALID, detail=detail, found=found, where=str(_nearest(self.places, path)))


def read_configuration(path: Path, form: str, type_: type[T]) -> Configuration[T]:
    """Read and check a configuration file.

    Args:
        path: the file.
        form: the format that it has to state, such as `cutter.workspace/1`.
        type_: what it becomes; a Struct with `forbid_unknown_fields` and a field `format`.

    Raises:
        FileNotFoundError: there is no such file.
        Stop: STOP_CONFIG_INVALID with the place of the mistake (detail: `not_utf8`, `not_yaml`, `anchor`, `tag`,
            `duplicate_key`, `key_not_text`, `too_deep`, `wrong_format`, `newer_format`, `unknown_key`,
            `missing_key`, `wrong_value`), STOP_PATH_UNSAFE, STOP_DISK.
    """
    data = read_plain(path, LARGEST_FILE, shared=True, too_large=StopCode.STOP_CONFIG_INVALID)
    return parse_configuration(data, str(path), form, type_)


def parse_configuration(data: bytes, name: str, form: str, type_: type[T]) -> Configuration[T]:
    """Check the bytes of a configuration file that is called `name`. Arguments and stops as `read_configuration`."""
    reader = _Reader(name)
    tree = reader.read(data)
    _check_format(tree, form, _nearest(reader.places, "$.format"))
    try:
        return Configuration(msgspec.convert(tree, type_), reader.places)
    except msgspec.ValidationError as error:
        raise _explain(str(error), reader.places) from None


def _nearest(places: Mapping[str, Place], path: str) -> Place:
    """Where the value at a path stands, or the nearest value around it."""
    while path not in places:
        path = path[: max(path.rfind("."), path.rfind("["))]
    return places[path]


class _Reader:
    """Builds a tree of plain values from YAML events, and remembers where each value stands."""

    def __init__(self, name: str) -> None:
        self._name = name
        self.places: dict[str, Place] = {"$": Place(name, 1, 1)}

    def read(self, data: bytes) -> Tree:
        """The tree of the only document in the bytes."""
        try:
            text = data.decode("utf-8-sig")
        except UnicodeDecodeError:
            raise self._refuse("not_utf8") from None
        try:
            return self._document(YAML(typ="safe", pure=True).parse(text))
        except MarkedYAMLError as error:
            raise self._refuse("not_yaml", error.problem_mark or error.context_mark) from None
        except YAMLError:
            raise self._refuse("not_yaml") from None

    def _document(self, events: Iterator[Any]) -> Tree:
        tree: Tree = None
        for event in events:
            if isinstance(event, NodeEvent):
                tree = self._value(event, events, "$", 0)
            elif isinstance(event, DocumentEndEvent):
                break
        for event in events:
            if not isinstance(event, StreamEndEvent):
                raise self._refuse("not_yaml", event.start_mark)
        return tree

    def _value(self, event: Any, events: Iterator[Any], path: str, depth: int) -> Tree:
        self._check(event, depth)
        # A value in a mapping is already known by the place of its key.
        self.places.setdefault(path, self._at(event.start_mark))
        if isinstance(event, MappingStartEvent):
            return self._mapping(events, path, depth + 1)
        if isinstance(event, SequenceStartEvent):
            return self._sequence(events, path, depth + 1)
        return _scalar(event)

    def _mapping(self, events: Iterator[Any], path: str, depth: int) -> Tree:
        tree: dict[str, Tree] = {}
        while not isinstance(key := next(events), MappingEndEvent):
            self._check(key, depth)
            name = _scalar(key) if isinstance(key, ScalarEvent) else None
            if not isinstance(name, str):
                raise self._refuse("key_not_text", key.start_mark)
            if name in tree:
                raise self._refuse("duplicate_key", key.start_mark, found=_word(name))
            self.places[f"{path}.{name}"] = self._at(key.start_mark)
            tree[name] = self._value(next(events), events, f"{path}.{name}", depth)
        return tree

    def _sequence(self, events: Iterator[Any], path: str, depth: int) -> Tree:
        tree: list[Tree] = []
        while not isinstance(event := next(events), SequenceEndEvent):
            tree.append(self._value(event, events, f"{path}[{len(tree)}]", depth))
        return tree

    def _check(self, event: Any, depth: int) -> None:
        """What no node may have; looked at while reading, so that a hostile file is left early."""
        if event.anchor is not None:
            raise self._refuse("anchor", event.start_mark)
        if getattr(event, "tag", None) is not None:
            raise self._refuse("tag", event.start_mark)
        if depth > _DEEPEST:
            raise self._refuse("too_deep", event.start_mark)

    def _at(self, mark: StringMark) -> Place:
        return Place(self._name, mark.line + 1, mark.column + 1)

    def _refuse(self, detail: str, mark: StringMark | None = None, found: str = "") -> Stop:
        place = self.places["$"] if mark is None else self._at(mark)
        return Stop(StopCode.STOP_CONFIG_INVALID, detail=detail, found=found, where=str(place))


def _scalar(event: ScalarEvent) -> Tree:
    """The value of a scalar by the core schema of YAML 1.2; integers beyond 18 digits stay text."""
    text: str = event.value
    plain = event.implicit[0]
    if not plain:
        return text
    if text in _NULL:
        return None
    if text in _BOOLEAN:
        return _BOOLEAN[text]
    if _INTEGER.fullmatch(text):
        return int(text) if len(text) <= _LONGEST_INTEGER else text
    return float(text) if _FLOAT.fullmatch(text) else text


def _word(key: str) -> str:
    """A key if it is a plain word; a connection string can stand in a key's place too."""
    return key if _WORD.fullmatch(key) else ""


def _check_format(tree: Tree, form: str, place: Place) -> None:
    stated = tree.get("format") if isinstance(tree, dict) else None
    match = _FORMAT.fullmatch(stated) if isinstance(stated, str) else None
    name, number = form.split("/")
    if match is None or match["name"] != name:
        raise Stop(StopCode.STOP_CONFIG_INVALID, detail="wrong_format", needed=form, where=str(place))
    if int(match["number"]) > int(number):
        raise Stop(StopCode.STOP_CONFIG_INVALID, detail="newer_format", found=match[0], needed=form, where=str(place))


def _explain(message: str, places: Mapping[str, Place]) -> Stop:
    """Turn msgspec's message into a stop: the place and what is due, but never the value that stands there."""
    found_place = _PLACE.search(message)
    path = found_place["path"] if found_place else "$"
    what = _PLACE.sub("", message)
    if match := _UNKNOWN.match(what):
        path, detail, found, needed = f"{path}.{match['key']}", "unknown_key", _word(match["key"]), ""
    elif match := _MISSING.match(what):
        detail, found, needed = "missing_key", "", match["key"]
    elif match := _EXPECTED.match(what):
        detail, found, needed = "wrong_value", match["found"] or "", match["needed"].replace("`", "")
    else:
        detail, found, needed = "wrong_value", "", ""
    where = str(_nearest(places, path))
    return Stop(StopCode.STOP_CONFIG_INVALID, detail=detail, found=found, needed=needed, where=where)
