"""In what two pipelines differ, by place: for the stop of a run whose pipeline is another one by now. Pure.

Rules kept here: lists of named things (phases, surveys) are matched by name, not by place; a change is told by its path
and digests, never by its text, so that it may stand in an event.

Source: approvals-and-evidence §3 (What happens when: a structural diff).
"""

import json
from dataclasses import dataclass
from typing import Any

from cutter import canon

_NAMES = ("id", "survey", "fingerprint")
_SHORT = 12  # hex digits of a digest in a change


@dataclass(frozen=True, slots=True)
class Change:
    """One change: `path` such as `phases.plan.with.text_sha256`, and the digests of what stood and stands there."""

    path: str
    before: str
    after: str

    @property
    def kind(self) -> str:
        """`added`, `removed` or `changed`."""
        return "added" if not self.before else "removed" if not self.after else "changed"

    def __str__(self) -> str:
        """As a token: path and kind."""
        return f"{self.path}:{self.kind}"


def differences(before: bytes, after: bytes) -> tuple[Change, ...]:
    """Everything in which two pipelines differ, by path.

    Args:
        before: the canonical JSON of the one.
        after: that of the other.
    """
    return tuple(_compare("", _named(json.loads(before)), _named(json.loads(after))))


def _compare(path: str, before: Any, after: Any) -> list[Change]:
    if before == after:
        return []
    if not (isinstance(before, dict) and isinstance(after, dict)):
        return [Change(path, _digest(before), _digest(after))]
    found = []
    for key in sorted(before.keys() | after.keys()):
        place = f"{path}.{key}" if path else key
        if key not in before or key not in after:
            found.append(Change(place, *(_digest(side[key]) if key in side else "" for side in (before, after))))
        else:
            found += _compare(place, before[key], after[key])
    return found


def _named(value: Any) -> Any:
    """The same with lists of named things as mappings; their order is a value of its own."""
    if isinstance(value, dict):
        return {key: _named(item) for key, item in value.items()}
    if not isinstance(value, list):
        return value
    names = [_name(item) for item in value]
    if not value or not all(names) or len(set(names)) != len(names):
        return [_named(item) for item in value]
    by_name = {name: _named(item) for name, item in zip(names, value, strict=True)}
    return {**by_name, "order": names}


def _name(item: Any) -> str:
    return next((str(item[key]) for key in _NAMES if key in item), "") if isinstance(item, dict) else ""


def _digest(value: Any) -> str:
    return canon.digest(value)[:_SHORT]
