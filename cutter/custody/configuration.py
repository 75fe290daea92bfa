"""Reading the YAML files of a workspace into typed values.

Rules kept here: the YAML is read by the pipelines' own strict reader (no anchors, aliases, tags, merge keys or
duplicate keys); nothing is converted that is not meant (a date stays text); unknown keys and newer formats are refused;
every mistake names `file:line:col`; values are never shown, because a connection string may stand where a name is due.

Source: DESIGN §5 (YAML), §8 (formats); approvals-and-evidence §7 rows 36–38.
"""

import re
from collections.abc import Iterator
from collections.abc import Mapping as Lookup
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Generic, TypeVar, assert_never

import msgspec

from cutter.custody.accepted import QUOTED, accepted
from cutter.custody.files import read_plain
from cutter.model import Scalar as Value
from cutter.pipeline.composer import Composer, Mapping, Mistake, Node, Reading, Scalar, Sequence, Unusable
from cutter.pipeline.diagnostics import Code
from cutter.pipeline.document import plain
from cutter.pipeline.scalars import Refusal
from cutter.pipeline.scalars import read_plain as read_scalar
from cutter.stops import Stop, StopCode

T = TypeVar("T", bound=msgspec.Struct)

# A configuration is written by hand: 1 MiB (bytes) and nine levels are far beyond what any needs. An index of texts is
# grown by cutter to a few megabytes.
LARGEST_FILE = 1024 * 1024
_DEEPEST = 9
_MOST_VALUES = 400_000
_LONGEST_INTEGER = 18

_INTEGER = re.compile(r"[-+]?[0-9]+")
_FLOAT = re.compile(r"[-+]?(\.[0-9]+|[0-9]+(\.[0-9]*)?)([eE][-+]?[0-9]+)?")
_WORD = re.compile(r"[A-Za-z_][A-Za-z0-9_-]{0,40}")
_FORMAT = re.compile(r"(?P<name>[a-z.-]+)/(?P<number>[1-9][0-9]{0,5})")

# Which word says what the reader found; of what is not here, the text is not YAML of one plain document.
_DETAILS = {
    Code.ANCHOR: "anchor",
    Code.ALIAS: "anchor",
    Code.TAG: "tag",
    Code.DUPLICATE_KEY: "duplicate_key",
    Code.KEY_FORM: "key_not_text",
    Code.MERGE_KEY: "unknown_key",
    Code.TOO_DEEP: "too_deep",
    Code.TOO_LARGE: "too_large",
    Code.FORBIDDEN_CHARACTER: "forbidden_character",
}

_ROOT = "$"
_END = r"\Z"  # what ends a pattern of ours; a reader knows `$`
_PLACE = re.compile(r" - at `(?:key` in `)?(?P<path>[^`]*)`$")
_UNKNOWN = re.compile(r"^Object contains unknown field `(?P<key>.*?)`")
_MISSING = re.compile(r"^Object missing required field `(?P<key>.*?)`")
_KEY = " - at `key` in `"
_TEXT = re.compile("`str`( matching regex .*)?")
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
    places: Lookup[str, Place]

    def refuse(self, detail: str, path: str, found: str = "", needed: str = "") -> Stop:
        """STOP_CONFIG_INVALID at a path such as `$.documents[0].id`."""
        return _refuse(detail, _nearest(self.places, path), found=found, needed=needed)


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
            `missing_key`, `wrong_value`, `forbidden_character`, `too_large`), STOP_PATH_UNSAFE, STOP_DISK.
    """
    data = read_plain(path, LARGEST_FILE, shared=True, too_large=StopCode.STOP_CONFIG_INVALID)
    return parse_configuration(data, str(path), form, type_)


def parse_configuration(data: bytes, name: str, form: str, type_: type[T]) -> Configuration[T]:
    """Check the bytes of a configuration file that is called `name`. Arguments and stops as `read_configuration`."""
    tree, places = _tree(data, name, type_)
    _check_format(tree, form, _nearest(places, "$.format"))
    try:
        return Configuration(msgspec.convert(tree, type_), places)
    except msgspec.ValidationError as error:
        raise _explain(str(error), places, type_) from None


def _nearest(places: Lookup[str, Place], path: str) -> Place:
    """Where the value at a path stands, or the nearest value around it."""
    while path not in places:
        path = path[: max(path.rfind("."), path.rfind("["), 0)] or _ROOT
    return places[path]


def _tree(data: bytes, name: str, type_: type[Any]) -> tuple[Any, Lookup[str, Place]]:
    """The plain tree of the only document in the bytes, and the places of its values and keys."""
    places = {"$": Place(name, 1, 1)}
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError:
        raise _refuse("not_utf8", places["$"]) from None
    composer = Composer(text, _READING)
    try:
        root = composer.compose()
    except Unusable as unusable:
        mistakes = [*composer.mistakes, unusable.mistake]
    else:
        places.update(_placed(root, "$", name))
        mistakes = composer.mistakes
    for mistake in sorted(mistakes, key=lambda mistake: mistake.start):
        if mistake.code is not Code.EMPTY:
            raise _mistaken(mistake, text, places, type_)
    return (None if mistakes else plain(root)), places


def _placed(node: Node, path: str, name: str) -> Iterator[tuple[str, Place]]:
    """Where the values below a node stand: in a mapping at their key, in a list where they begin."""
    match node:
        case Mapping():
            for key, entry in node.entries.items():
                yield f"{path}.{key}", Place(name, entry.place.line, entry.place.column)
                yield from _placed(entry.node, f"{path}.{key}", name)
        case Sequence():
            for number, item in enumerate(node.items):
                yield f"{path}[{number}]", Place(name, item.place.line, item.place.column)
                yield from _placed(item, f"{path}[{number}]", name)
        case Scalar():
            return
        case _ as never:
            assert_never(never)


def _mistaken(mistake: Mistake, text: str, places: Lookup[str, Place], type_: type[Any]) -> Stop:
    """A mistake of form as a stop; its message may quote the file, so it is dropped."""
    name = places["$"].file
    line = text.count("\n", 0, mistake.start) + 1
    place = Place(name, line, mistake.start - text.rfind("\n", 0, mistake.start))
    key = mistake.path.rpartition(".")[2]
    if mistake.code is Code.UNQUOTED:
        path = f"$.{mistake.path}"
        needed = accepted(type_, path) or f"{QUOTED}, or an integer"
        return _refuse("wrong_value", _nearest(places, path), needed=needed)
    found = _word(key) if mistake.code in (Code.DUPLICATE_KEY, Code.MERGE_KEY) else ""
    return _refuse(_DETAILS.get(mistake.code, "not_yaml"), place, found=found)


def _refuse(detail: str, place: Place, *, found: str = "", needed: str = "") -> Stop:
    return Stop(StopCode.STOP_CONFIG_INVALID, detail=detail, found=found, needed=needed, where=str(place))


def _meaning(text: str) -> Value | Refusal:
    """The value of a plain scalar by the core schema of YAML 1.2: a date stays text, and so does a huge integer.

    A number with a fraction is refused: no configuration has one, and readers disagree about its digits.
    """
    value = read_scalar(text)
    if not isinstance(value, Refusal):
        return value
    if _INTEGER.fullmatch(text) and len(text) <= _LONGEST_INTEGER:
        return int(text)
    return Refusal.UNQUOTED if _FLOAT.fullmatch(text) and not _INTEGER.fullmatch(text) else text


_READING = Reading(most_values=_MOST_VALUES, deepest=_DEEPEST, plain=_meaning)


def _word(key: str) -> str:
    """A key if it is a plain word; a connection string can stand in a key's place too."""
    return key if _WORD.fullmatch(key) else ""


def _check_format(tree: Any, form: str, place: Place) -> None:
    stated = tree.get("format") if isinstance(tree, dict) else None
    match = _FORMAT.fullmatch(stated) if isinstance(stated, str) else None
    name, number = form.split("/")
    if match is None or match["name"] != name:
        raise Stop(StopCode.STOP_CONFIG_INVALID, detail="wrong_format", needed=form, where=str(place))
    if int(match["number"]) > int(number):
        raise Stop(StopCode.STOP_CONFIG_INVALID, detail="newer_format", found=match[0], needed=form, where=str(place))


def _explain(message: str, places: Lookup[str, Place], type_: type[Any]) -> Stop:
    """Turn msgspec's message into a stop: the place and what is due, but never the value that stands there."""
    found_place = _PLACE.search(message)
    path = found_place["path"] if found_place else "$"
    what = _PLACE.sub("", message)
    if match := _UNKNOWN.match(what):
        path, detail, found, needed = f"{path}.{match['key']}", "unknown_key", _word(match["key"]), ""
    elif match := _MISSING.match(what):
        detail, found, needed = "missing_key", "", match["key"]
    elif match := _EXPECTED.match(what):
        declared = accepted(type_, path, key=_KEY in message) if _TEXT.fullmatch(match["needed"]) else ""
        detail, found, needed = "wrong_value", match["found"] or "", declared or form_needed(match["needed"])
    else:
        detail, found, needed = "wrong_value", "", accepted(type_, path)
    where = str(_nearest(places, path))
    return Stop(StopCode.STOP_CONFIG_INVALID, detail=detail, found=found, needed=needed, where=where)


def form_needed(words: str) -> str:
    """What msgspec says it expected, as people write it: a pattern stands as it is in the code, without quotes."""
    kind, is_pattern, pattern = words.replace("`", "").partition("matching regex ")
    if not is_pattern:
        return kind
    return f"text of the form {pattern[1:-1].replace(chr(92) * 2, chr(92)).removesuffix(_END).removesuffix('$')}$"
