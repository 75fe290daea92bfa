"""What the fields of a trigger may say, prepared once of the trigger types: the check of every value.

Rules kept here: a value has exactly the type of its field; a time and a reference have their form, or the trigger is
refused; a word or a number outside its domain is dropped and its field named; text that is not a word of the domain is
looked at by the tripwire, and then forgotten.

Source: issue 7, rules 1, 4 and 6.
"""

import re
from collections.abc import Callable, Mapping
from datetime import datetime
from functools import partial
from typing import Any, NamedTuple, assert_never

import msgspec

from cutter.policies.decision import Reason
from cutter.policies.domain import (
    Domain,
    Field,
    FieldValue,
    IssuedReference,
    Moment,
    TriggerType,
    Truth,
    Whole,
    Words,
)
from cutter.policies.references import is_issued, payload_of
from cutter.policies.tripwire import suspicious

MOMENT = "2026-01-01T00:00:00Z"
"""A time in the only form that times have."""

_MOMENT = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}Z")


class Said(msgspec.Struct, frozen=True):
    """What a trigger's fields say: values of their domains by name, and the fields outside theirs."""

    fields: tuple[FieldValue, ...]
    outside: tuple[str, ...]


class Fault(msgspec.Struct, frozen=True):
    """Why fields are refused.

    Attributes:
        reason: the code.
        field: the declared field that it is about; empty where it is about one that is not declared, whose name may be
            anything.
        needed: what that field says; of a field that is not declared, the names of those that are.
    """

    reason: Reason
    field: str
    needed: str


class _Row(NamedTuple):
    """One field: its only type, whether a value is admitted, and what one that is not comes to (None: outside)."""

    name: str
    kind: type
    admits: Callable[[Any], bool]
    failure: Reason | None


class Grammar:
    """The fields of one trigger type.

    Args:
        kind: the type.
    """

    def __init__(self, kind: TriggerType) -> None:
        self._kind = kind
        self._rows = tuple(_row(field) for field in sorted(kind.fields, key=lambda field: field.name))

    def read(self, fields: Mapping[str, Any]) -> Said | Fault:
        """What the fields say, or why they are refused: `UNKNOWN_FIELD` before all, then `PHI_SUSPECTED`, then the
        first field's by name.
        """
        kept = []
        for name, kind, admits, _ in self._rows:
            value: Any = fields.get(name)  # null is of no field's type
            fits = type(value) is kind and admits(value)
            if fits:
                kept.append(FieldValue(name, value))
        return Said(tuple(kept), ()) if len(kept) == len(fields) else self._faults(fields, tuple(kept))

    def _faults(self, fields: Mapping[str, Any], kept: tuple[FieldValue, ...]) -> Said | Fault:
        """What is to be said of fields that are not all admitted."""
        admitted = {item.name for item in kept}
        others = [row for row in self._rows if row.name in fields and row.name not in admitted]
        if len(others) + len(kept) != len(fields):
            return Fault(Reason.UNKNOWN_FIELD, "", "|".join(row.name for row in self._rows))
        faults = [(_fault(fields[row.name], row.kind, row.failure), row.name) for row in others]
        if Reason.PHI_SUSPECTED in (reason for reason, _ in faults):
            return Fault(Reason.PHI_SUSPECTED, "", "")
        domains = {field.name: field.domain for field in self._kind.fields}
        found = (Fault(reason, name, said_by(domains[name])) for reason, name in faults if reason is not None)
        return next(found, None) or Said(kept, tuple(row.name for row in others))


def said_by(domain: Domain) -> str:
    """What a field of a domain says, as people write it: `er|icu`, `0…10`, `true|false`; else the form of it."""
    match domain:
        case Words(words):
            return "|".join(words)
        case Whole(minimum, maximum):
            return f"{minimum}…{maximum}"
        case Truth():
            return "true|false"
        case Moment():
            return MOMENT
        case IssuedReference(issuer):
            return f"{issuer}-PAYLOAD-CC"
        case _ as never:
            assert_never(never)


def is_moment(text: str) -> bool:
    """Whether a text is a time of the calendar, `YYYY-MM-DDTHH:MM:SSZ`."""
    if not _MOMENT.fullmatch(text):
        return False
    try:
        datetime.fromisoformat(text)
    except ValueError:
        return False
    return True


def is_opaque(text: str, issuer: str) -> bool:
    """Whether a text is a reference of this issuer whose payload does not look like a person's data."""
    return is_issued(text, issuer) and not suspicious(payload_of(text))


def _fault(value: object, kind: type, failure: Reason | None) -> Reason | None:
    """Why a value is not admitted; None: it is of the right type and outside its domain."""
    if type(value) is not kind:
        return Reason.WRONG_TYPE
    looked_at = isinstance(value, str) and failure is not Reason.WRONG_TYPE
    return Reason.PHI_SUSPECTED if looked_at and suspicious(payload_of(str(value))) else failure


def _row(field: Field) -> _Row:
    match field.domain:
        case Words(words):
            return _Row(field.name, str, frozenset(words).__contains__, None)
        case Whole(minimum, maximum):
            return _Row(field.name, int, range(minimum, maximum + 1).__contains__, None)
        case Truth():
            return _Row(field.name, bool, _anything, None)
        case Moment():
            return _Row(field.name, str, is_moment, Reason.WRONG_TYPE)
        case IssuedReference(issuer):
            return _Row(field.name, str, partial(is_opaque, issuer=issuer), Reason.REFERENCE_INVALID)
        case _ as never:
            assert_never(never)


def _anything(_value: object) -> bool:
    return True
