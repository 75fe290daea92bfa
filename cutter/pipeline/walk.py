"""Walking a tree with places: each step takes a node and gives a plain value, or notes what is wrong with it.

Rules kept here: a mistake never hides another one: a step that fails gives None and the walk goes on; unknown words
come with the nearest known one.
"""

import difflib
import re
import warnings
from collections.abc import Iterable, Sequence

from cutter.pipeline.diagnostics import Code, Diagnostic
from cutter.pipeline.document import Entry, Mapping, Node, Place, Scalar
from cutter.pipeline.document import Sequence as Items
from cutter.pipeline.format import DURATION, Keys, allowed_keys, required_keys

_DURATION = re.compile(DURATION)
_KINDS = {Scalar: "a single value", Items: "a list", Mapping: "a mapping"}


def nearest(word: str, known: Iterable[str]) -> str:
    """The known word that is most like this one, the first of several that are alike; or nothing."""
    near = difflib.get_close_matches(word, list(known), n=3, cutoff=0.5)
    likeness = {match: difflib.SequenceMatcher(a=match, b=word).ratio() for match in near}
    return min(near, key=lambda match: (-likeness[match], match), default="")


class Walk:
    """The mistakes of one file, and the steps that find them."""

    def __init__(self, name: str) -> None:
        self._name = name
        self.mistakes: list[Diagnostic] = []

    def note(
        self,
        code: Code,
        place: Place,
        path: str,
        message: str,
        *,
        found: str = "",
        needed: str = "",
        suggestion: str = "",
    ) -> None:
        """Note one mistake."""
        self.mistakes.append(
            Diagnostic(
                file=self._name,
                line=place.line,
                column=place.column,
                code=code,
                path=path,
                message=message,
                found=found,
                needed=needed,
                suggestion=suggestion,
                length=place.length,
            )
        )

    def unknown(self, code: Code, place: Place, path: str, what: str, word: str, known: Sequence[str]) -> None:
        """Note a word that is not one of the known ones."""
        self.note(
            code,
            place,
            path,
            f"unknown {what} `{word}`",
            needed=", ".join(known) if len(known) <= 12 else "",
            suggestion=nearest(word, known),
        )

    def mapping(self, node: Node, path: str) -> dict[str, Entry]:
        """The entries of a mapping with free keys."""
        if isinstance(node, Mapping):
            return node.entries
        self._wrong_kind(node, path, Mapping)
        return {}

    def keyed(self, node: Node, path: str, keys: type[Keys]) -> dict[str, Entry]:
        """The entries of a mapping with declared keys: unknown and missing ones are noted."""
        entries = self.mapping(node, path)
        if not isinstance(node, Mapping):
            return entries
        allowed = allowed_keys(keys)
        misspelt = set()
        for key, entry in entries.items():
            if key not in allowed:
                self.unknown(Code.UNKNOWN_KEY, entry.place, join(path, key), "key", key, allowed)
                misspelt.add(nearest(key, allowed))
        for key in required_keys(keys):
            if key not in entries and key not in misspelt:
                self.note(Code.MISSING_KEY, node.place, path, f"the key `{key}` is missing", needed=key)
        return {key: entry for key, entry in entries.items() if key in allowed}

    def items(self, node: Node, path: str) -> Sequence[Node]:
        """The items of a list."""
        if isinstance(node, Items):
            return node.items
        self._wrong_kind(node, path, Items)
        return ()

    def some(self, node: Node, path: str) -> Sequence[Node]:
        """The items of a list that has at least one."""
        found = self.items(node, path)
        if isinstance(node, Items) and not found:
            self.note(Code.WRONG_VALUE, node.place, path, "the list is empty", needed="at least one item")
        return found

    def scalar(self, node: Node, path: str) -> Scalar | None:
        """A single value of any type."""
        if isinstance(node, Scalar):
            return node
        self._wrong_kind(node, path, Scalar)
        return None

    def text(self, node: Node, path: str, pattern: str | None = None) -> str | None:
        """A text, of a form where one is asked for."""
        scalar = self.scalar(node, path)
        if scalar is None:
            return None
        if not isinstance(scalar.value, str) or not scalar.value:
            self.note(Code.WRONG_TYPE, scalar.place, path, "a text is needed here", needed=pattern or "text")
            return None
        if pattern is not None and not re.fullmatch(pattern, scalar.value):
            self.note(Code.WRONG_VALUE, scalar.place, path, "the text has another form", needed=pattern)
            return None
        return scalar.value

    def word(self, node: Node, path: str, known: Sequence[str]) -> str | None:
        """One of the known words."""
        found = self.text(node, path)
        if found is None or found in known:
            return found
        self.unknown(Code.WRONG_VALUE, node.place, path, "value", found, known)
        return None

    def integer(self, node: Node, path: str, least: int, most: int) -> int | None:
        """A whole number within bounds."""
        scalar = self.scalar(node, path)
        if scalar is None:
            return None
        value = scalar.value
        if isinstance(value, bool) or not isinstance(value, int) or not least <= value <= most:
            self.note(Code.WRONG_VALUE, scalar.place, path, "a whole number is needed", needed=f"{least} to {most}")
            return None
        return value

    def boolean(self, node: Node, path: str) -> bool | None:
        """True or false."""
        scalar = self.scalar(node, path)
        if scalar is not None and not isinstance(scalar.value, bool):
            self.note(Code.WRONG_TYPE, scalar.place, path, "true or false is needed", needed="true or false")
            return None
        return None if scalar is None else bool(scalar.value)

    def seconds(self, node: Node, path: str) -> int | None:
        """A duration such as PT1H30M, in seconds; not nothing."""
        found = self.text(node, path)
        match = _DURATION.fullmatch(found) if found else None
        hours, minutes, seconds = (int((part or "0H")[:-1]) for part in match.groups()) if match else (0, 0, 0)
        total = hours * 3600 + minutes * 60 + seconds
        if found and not total:
            self.note(Code.WRONG_VALUE, node.place, path, "a duration is needed", needed="such as PT15M or PT72H")
        return total or None

    def _wrong_kind(self, node: Node, path: str, needed: type[Node]) -> None:
        self.note(Code.WRONG_TYPE, node.place, path, f"{_KINDS[needed]} is needed here", found=_KINDS[type(node)])


def join(path: str, key: str) -> str:
    """The path of a key."""
    return f"{path}.{key}" if path else key


def is_pattern(text: str) -> bool:
    """Whether a text is a regular expression that means the same in every version of Python: a warning is a no."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("error")
            re.compile(text)
    except (re.error, OverflowError, RecursionError, Warning):
        return False
    return True
