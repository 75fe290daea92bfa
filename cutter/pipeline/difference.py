"""What differs between two pipelines: the one that a run was started with, and the one that stands there now.

Rules kept here: phases are matched by id, inputs by name, surveys by name, so that a phase that was put in before
others is one difference; a change of order alone is a difference too; values are told by digest, never as they are.

Source: approvals-and-evidence §3 (What happens when: a structural diff).
"""

import re
from collections.abc import Iterator
from enum import Enum
from typing import Any, TypeAlias

import msgspec

from cutter import canon

_NAMED_BY = ("id", "survey", "fingerprint")  # the keys that name the mappings of a list
_NO_WORD = re.compile(r"[^A-Za-z0-9_.:/@+-]")
_LONGEST = 180  # characters of a path in a token

Parts: TypeAlias = tuple[str, ...]


class Kind(Enum):
    """How something differs."""

    ADDED = "added"
    REMOVED = "removed"
    CHANGED = "changed"


class Change(msgspec.Struct, frozen=True):
    """One difference: its path, and the first 16 hex digits of each side's digest (empty: it was not there)."""

    path: str
    kind: Kind
    before_sha: str
    after_sha: str

    @property
    def words(self) -> str:
        """The difference as people read it: `phases.plan.with.text_sha256 changed`."""
        return f"{self.path} {self.kind.value}"

    def __str__(self) -> str:
        """The difference as an event holds it: `phases.plan.with.text_sha256:changed`."""
        return f"{_NO_WORD.sub('_', self.path)[:_LONGEST]}:{self.kind.value}"


def differences(before: bytes, after: bytes) -> tuple[Change, ...]:
    """Every difference between two pipelines, in the order of their paths.

    Args:
        before: the canonical JSON of the pipeline that a run was started with.
        after: that of the pipeline now.
    """
    found = _compare((), msgspec.json.decode(before), msgspec.json.decode(after))
    return tuple(sorted(found, key=lambda change: change.path))


def _compare(path: Parts, before: Any, after: Any) -> Iterator[Change]:
    if canon.encode(before) == canon.encode(after):
        return
    if isinstance(before, dict) and isinstance(after, dict):
        yield from _compare_entries(path, before, after)
        return
    old, new = _named(before), _named(after)
    if old is None or new is None:
        yield _change(path, Kind.CHANGED, before, after)
        return
    yield from _compare_entries(path, old, new)
    kept = [name for name in old if name in new], [name for name in new if name in old]
    if kept[0] != kept[1]:
        yield _change((*path, "order"), Kind.CHANGED, *kept)


def _compare_entries(path: Parts, before: dict[str, Any], after: dict[str, Any]) -> Iterator[Change]:
    for name in sorted(before.keys() | after.keys()):
        where = (*path, name)
        if name not in after:
            yield _change(where, Kind.REMOVED, before[name], None)
        elif name not in before:
            yield _change(where, Kind.ADDED, None, after[name])
        else:
            yield from _compare(where, before[name], after[name])


def _named(value: Any) -> dict[str, Any] | None:
    """The mappings of a list by their names, in order; None when they have none, or share one."""
    if not isinstance(value, list):
        return None
    named = {name: item for item in value if (name := _name(item))}
    return named if len(named) == len(value) else None


def _name(item: Any) -> str:
    if not isinstance(item, dict):
        return ""
    key = next((key for key in _NAMED_BY if isinstance(item.get(key), str)), "")
    return f"fingerprint:{item[key]}" if key == "fingerprint" else str(item.get(key, ""))


def _change(path: Parts, kind: Kind, before: Any, after: Any) -> Change:
    sides = ("" if kind is Kind.ADDED else _short(before), "" if kind is Kind.REMOVED else _short(after))
    return Change(".".join(path) or "pipeline", kind, *sides)


def _short(value: Any) -> str:
    return canon.digest(value)[:16]
