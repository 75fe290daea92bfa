"""From the bytes of a trigger to a recognised one, or to why it is refused; nothing of a refused one is kept.

Rules kept here:

- Two forms, both JSON and both closed: cutter's own envelope, and a CloudEvent of one of the sources that are known.
- JSON is read strictly: UTF-8 without a byte order mark, no duplicate keys, no NaN, no lone surrogates, flat, small.
- Every field has the type of its domain: a number with a fraction, null, a list or an object is refused. A word or a
  number of the right type outside its domain is dropped, and its field named in `outside`.
- A refusal is one of our codes: no key, no value, no digest of what was read.
- The canonical text is what a run is started with: of values it holds those of the domains, and no others.

Source: issue 7, rules 1 and 6; CloudEvents 1.0.2 §3 (JSON event format, structured mode); RFC 8259; policies.md §2.
"""

import json
from typing import Any, NamedTuple, NoReturn

import msgspec

from cutter import canon
from cutter.policies.decision import Reason
from cutter.policies.domain import IssuedReference, Trigger, TriggerType, TriggerTypes, Whole, Words
from cutter.policies.grammar import Grammar, is_moment
from cutter.policies.references import is_issued, payload_of
from cutter.policies.tripwire import suspicious

FORMAT = "cutter.trigger/1"
LARGEST = 16 * 1024  # bytes

_DEEPEST = 8
_SPECVERSION = "1.0"
_JSON = "application/json"
_OWN = frozenset({"format", "id", "type", "as_of", "fields"})
_EVENT = frozenset({"specversion", "id", "type", "source", "time", "data"})
_OPTIONAL = frozenset({"datacontenttype"})
_DIGITS = len(str(canon.LARGEST_INTEGER)) + 1  # with a sign


class Refused(msgspec.Struct, frozen=True):
    """Why a trigger is refused.

    Attributes:
        reason: the code, all that is ever shown or kept; `PHI_SUSPECTED` where `suspected`.
        suspected: text where a reference or a word is due looks like a person's data.
    """

    reason: Reason
    suspected: bool = False


class _Claim(NamedTuple):
    """The four parts of a trigger as they were read, of any JSON type."""

    id: Any
    type: Any
    as_of: Any
    fields: Any


def read_envelope(data: bytes, types: TriggerTypes) -> Trigger | Refused:
    """The trigger in some bytes from outside.

    Args:
        data: one JSON text, at most 16 KiB: cutter's own envelope, or a CloudEvent in structured mode.
        types: what is recognised.
    """
    plain = _parse(data)
    if plain is None:
        return Refused(Reason.MALFORMED_TRIGGER)
    claim = _event(plain, types) if "specversion" in plain else _own(plain)
    return _refuse(claim) if isinstance(claim, Reason) else _recognised(claim, types)


def canonical(trigger: Trigger | Refused) -> str:
    """The canonical text that a run is started with: of a refused trigger the reason, and nothing else."""
    if isinstance(trigger, Refused):
        return canon.encode({"format": FORMAT, "refused": trigger.reason.value}).decode()
    fields = {item.name: item.value for item in trigger.fields}
    own = {"format": FORMAT, "id": trigger.id, "type": trigger.type, "as_of": trigger.as_of, "fields": fields}
    return canon.encode({**own, "outside": list(trigger.outside)}).decode()


def read_canonical(text: str, types: TriggerTypes) -> Trigger | Refused:
    """The trigger of a canonical text, checked anew; `MALFORMED_TRIGGER` when the text is not exactly that.

    Args:
        text: what `canonical` wrote.
        types: what is recognised now: what is no longer recognised is refused.
    """
    plain = _parse(text.encode(errors="surrogatepass"))
    if plain is None:
        return Refused(Reason.MALFORMED_TRIGGER)
    found = _again(plain, types)
    if isinstance(found, Refused) and "refused" not in plain:
        return found
    return found if canonical(found) == text else Refused(Reason.MALFORMED_TRIGGER)


def read_given(data: bytes, types: TriggerTypes) -> Trigger | Refused:
    """The trigger in some bytes that a person gives: one from outside, or the canonical text that an attempt kept.

    Args:
        data: as of `read_envelope`, or what `canonical` wrote, with a line end or without.
        types: what is recognised.
    """
    trigger = read_envelope(data, types)
    if isinstance(trigger, Refused) and trigger.reason is Reason.UNKNOWN_FIELD:
        kept = read_canonical(data.decode("utf-8", "replace").rstrip("\n"), types)
        return kept if isinstance(kept, Trigger) else trigger
    return trigger


def claimed_id(trigger: Trigger | Refused) -> str:
    """The id that a trigger has; empty of a refused one, whose own id is not kept."""
    return trigger.id if isinstance(trigger, Trigger) else ""


def references_of(trigger: Trigger, types: TriggerTypes) -> tuple[str, ...]:
    """The references in a trigger's fields, sorted: what the directory must know. Its own id is not among them."""
    kind = _named(trigger.type, types)
    fields = () if kind is None else kind.fields
    names = frozenset(field.name for field in fields if isinstance(field.domain, IssuedReference))
    return tuple(sorted({str(item.value) for item in trigger.fields if item.name in names}))


def _own(plain: dict[str, Any]) -> _Claim | Reason:
    if plain.keys() - _OWN:
        return Reason.UNKNOWN_FIELD
    if plain.keys() != _OWN or plain["format"] != FORMAT:
        return Reason.MALFORMED_TRIGGER
    return _Claim(plain["id"], plain["type"], plain["as_of"], plain["fields"])


def _event(plain: dict[str, Any], types: TriggerTypes) -> _Claim | Reason:
    if plain.keys() - _EVENT - _OPTIONAL:
        return Reason.UNKNOWN_FIELD
    if _EVENT - plain.keys() or plain["specversion"] != _SPECVERSION or plain.get("datacontenttype", _JSON) != _JSON:
        return Reason.MALFORMED_TRIGGER
    if plain["source"] not in types.sources:
        return Reason.UNKNOWN_TRIGGER
    return _Claim(plain["id"], plain["type"], plain["time"], plain["data"])


def _again(plain: dict[str, Any], types: TriggerTypes) -> Trigger | Refused:
    """What a text of `canonical` says; whether it is exactly that is compared by the caller."""
    if "refused" in plain:
        known = [reason for reason in Reason if reason.value == plain["refused"]]
        return _refuse(known[0]) if known else Refused(Reason.MALFORMED_TRIGGER)
    outside = plain.pop("outside", None)
    claim = _own(plain)
    if isinstance(claim, Reason):
        return _refuse(claim)
    found = _recognised(claim, types)
    if isinstance(found, Refused):
        return found
    kind = _named(found.type, types)
    closed = () if kind is None else tuple(f.name for f in kind.fields if isinstance(f.domain, Words | Whole))
    named = type(outside) is list and all(name in closed for name in outside)
    said = {item.name for item in found.fields}
    if not named or found.outside or sorted(set(outside) - said) != outside:
        return Refused(Reason.MALFORMED_TRIGGER)
    return msgspec.structs.replace(found, outside=tuple(outside))


def _recognised(claim: _Claim, types: TriggerTypes) -> Trigger | Refused:
    if not (type(claim.id) is type(claim.type) is type(claim.as_of) is str and type(claim.fields) is dict):
        return Refused(Reason.WRONG_TYPE)
    if suspicious(payload_of(claim.id)):
        return _refuse(Reason.PHI_SUSPECTED)
    if not is_issued(claim.id, types.issuer):
        return Refused(Reason.REFERENCE_INVALID)
    kind = _named(claim.type, types)
    if kind is None:
        return Refused(Reason.UNKNOWN_TRIGGER)
    if not is_moment(claim.as_of):
        return Refused(Reason.WRONG_TYPE)
    said = Grammar(kind).read(claim.fields)
    if isinstance(said, Reason):
        return _refuse(said)
    return Trigger(claim.id, kind.name, claim.as_of, said.fields, said.outside)


def _named(name: str, types: TriggerTypes) -> TriggerType | None:
    return next((kind for kind in types.types if kind.name == name), None)


def _refuse(reason: Reason) -> Refused:
    return Refused(reason, reason is Reason.PHI_SUSPECTED)


def _parse(data: bytes) -> dict[str, Any] | None:
    """The object of a strict JSON text, or None. (`json` refuses a byte order mark in text by itself.)"""
    if len(data) > LARGEST:
        return None
    try:
        plain = json.loads(
            data.decode("utf-8"),
            object_pairs_hook=_members,
            parse_int=_integer,
            parse_constant=_no_constant,
        )
        _check(plain, _DEEPEST)
    except (ValueError, RecursionError):
        return None
    return plain if type(plain) is dict else None


def _members(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    members = dict(pairs)
    if len(members) != len(pairs):
        raise ValueError("a key stands there twice")
    return members


def _integer(digits: str) -> int | None:
    """An integer that has a canonical form, else what is of no field's type, as `null` and fractions are.

    Long digits are refused before they are computed with.
    """
    if len(digits) > _DIGITS or abs(int(digits)) > canon.LARGEST_INTEGER:
        return None
    return int(digits)


def _no_constant(_word: str) -> NoReturn:
    raise ValueError("this is no JSON")


def _check(value: Any, left: int) -> None:
    """Refuse what is too deep, and lone surrogates, which have no UTF-8: encoding them raises a ValueError."""
    if type(value) is str:
        value.encode("utf-8")
    elif type(value) is dict or type(value) is list:
        if left == 0:
            raise ValueError("too deep")
        for child in value:
            _check(child, left - 1)
        for child in value.values() if type(value) is dict else ():
            _check(child, left - 1)
