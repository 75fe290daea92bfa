"""From the bytes of a trigger to a recognised one, or to why it is refused; nothing of a refused one is kept.

Rules kept here:

- Two forms, both JSON and both closed: cutter's own envelope, and a CloudEvent of one of the sources that are known.
- JSON is read strictly: UTF-8 without a byte order mark, no duplicate keys, no NaN, no lone surrogates, flat, small.
- Every field has the type of its domain: a number with a fraction, null, a list or an object is refused. A word or a
  number of the right type outside its domain is dropped, and its field named in `outside`.
- A refusal is one of our codes, with a name that is declared or a case of ours: no key, no value, no digest of what was
  read. What is recorded of it is the code, that name and that case.
- The canonical text is what a run is started with: of values it holds those of the domains, and no others.

Source: issue 7, rules 1 and 6; CloudEvents 1.0.2 §3 (JSON event format, structured mode); RFC 8259; policies.md §2.
"""

import json
from collections.abc import Collection, Iterable
from typing import Any, NamedTuple, NoReturn

import msgspec

from cutter import canon
from cutter.policies.decision import Reason
from cutter.policies.domain import IssuedReference, Trigger, TriggerType, TriggerTypes, Whole, Words
from cutter.policies.grammar import MOMENT, Fault, Grammar, is_moment, said_by
from cutter.policies.malformed import DEEPEST, Case, diagnose
from cutter.policies.references import is_issued, payload_of
from cutter.policies.tripwire import suspicious

FORMAT = "cutter.trigger/1"
LARGEST = 16 * 1024  # bytes
ENVELOPE = "envelope"
"""What a refusal calls the trigger itself, where a key that is not of its form stands in it."""

_SPECVERSION = "1.0"
_JSON = "application/json"
_OWN = frozenset({"format", "id", "type", "as_of", "fields"})
_EVENT = frozenset({"specversion", "id", "type", "source", "time", "data"})
_OPTIONAL = frozenset({"datacontenttype"})
_PARTS = (*sorted(_OWN | _EVENT | _OPTIONAL), ENVELOPE)
_KINDS = {str: "text in quotes", dict: "{…}"}
_DIGITS = len(str(canon.LARGEST_INTEGER)) + 1  # with a sign


class Refused(msgspec.Struct, frozen=True):
    """Why a trigger is refused.

    Attributes:
        reason: the code; `PHI_SUSPECTED` where `suspected`.
        suspected: text where a reference or a word is due looks like a person's data.
        where: a part of the form, or a declared field (`fields.ward`); empty where there is none.
        case: which case of the code it is, where it has several.
        needed: what is accepted there, in declared words; shown, and not kept.
        line, column: where the text is malformed, from 1; 0 for no place. Shown, and not kept.
    """

    reason: Reason
    suspected: bool = False
    where: str = ""
    case: str = ""
    needed: str = ""
    line: int = 0
    column: int = 0


class _Claim(NamedTuple):
    """The four parts of a trigger as they were read, of any JSON type, and what its form calls the last two."""

    id: Any
    type: Any
    as_of: Any
    fields: Any
    moment: str
    holder: str


def read_envelope(data: bytes, types: TriggerTypes) -> Trigger | Refused:
    """The trigger in some bytes from outside.

    Args:
        data: one JSON text, at most 16 KiB: cutter's own envelope, or a CloudEvent in structured mode.
        types: what is recognised.
    """
    plain = _parse(data)
    if plain is None:
        found = diagnose(data, LARGEST)
        return Refused(Reason.MALFORMED_TRIGGER, case=found.case.value, line=found.line, column=found.column)
    claim = _event(plain, types) if "specversion" in plain else _own(plain)
    return claim if isinstance(claim, Refused) else _recognised(claim, types)


def canonical(trigger: Trigger | Refused) -> str:
    """The canonical text that a run is started with: of a refused trigger the reason, where and which case."""
    if isinstance(trigger, Refused):
        told = {"refused": trigger.reason.value, "where": trigger.where, "case": trigger.case}
        return canon.encode({"format": FORMAT} | {name: said for name, said in told.items() if said}).decode()
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
        return _not_canonical()
    found = _again(plain, types)
    if isinstance(found, Refused) and "refused" not in plain:
        return found
    return found if canonical(found) == text else _not_canonical()


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


def fields_that_name(trigger: Trigger, types: TriggerTypes, references: Collection[str]) -> tuple[str, ...]:
    """The declared fields in which these references stand, as a refusal names them, sorted."""
    kind = _named(trigger.type, types)
    fields = () if kind is None else kind.fields
    names = frozenset(field.name for field in fields if isinstance(field.domain, IssuedReference))
    return tuple(sorted(f"fields.{i.name}" for i in trigger.fields if i.name in names and i.value in references))


def _own(plain: dict[str, Any]) -> _Claim | Refused:
    if plain.keys() - _OWN:
        return Refused(Reason.UNKNOWN_FIELD, where=ENVELOPE, needed=_listed(_OWN))
    if missing := _OWN - plain.keys():
        return Refused(Reason.MALFORMED_TRIGGER, case=Case.MISSING_KEY.value, needed=_listed(missing))
    if plain["format"] != FORMAT:
        return _wrong_format("format", FORMAT)
    return _Claim(plain["id"], plain["type"], plain["as_of"], plain["fields"], "as_of", "fields")


def _event(plain: dict[str, Any], types: TriggerTypes) -> _Claim | Refused:
    if plain.keys() - _EVENT - _OPTIONAL:
        return Refused(Reason.UNKNOWN_FIELD, where=ENVELOPE, needed=_listed(_EVENT | _OPTIONAL))
    if missing := _EVENT - plain.keys():
        return Refused(Reason.MALFORMED_TRIGGER, case=Case.MISSING_KEY.value, needed=_listed(missing))
    if plain["specversion"] != _SPECVERSION:
        return _wrong_format("specversion", _SPECVERSION)
    if plain.get("datacontenttype", _JSON) != _JSON:
        return _wrong_format("datacontenttype", _JSON)
    if plain["source"] not in types.sources:
        return Refused(Reason.UNKNOWN_TRIGGER, where="source", needed=_listed(types.sources))
    return _Claim(plain["id"], plain["type"], plain["time"], plain["data"], "time", "data")


def _listed(names: Iterable[str]) -> str:
    return "|".join(sorted(names))


def _wrong_format(where: str, needed: str) -> Refused:
    return Refused(Reason.MALFORMED_TRIGGER, where=where, case=Case.WRONG_FORMAT.value, needed=needed)


def _not_canonical() -> Refused:
    return Refused(Reason.MALFORMED_TRIGGER, case=Case.NOT_CANONICAL.value)


def _again(plain: dict[str, Any], types: TriggerTypes) -> Trigger | Refused:
    """What a text of `canonical` says; whether it is exactly that is compared by the caller."""
    if "refused" in plain:
        return _refused_before(plain, types)
    outside = plain.pop("outside", None)
    claim = _own(plain)
    if isinstance(claim, Refused):
        return claim
    found = _recognised(claim, types)
    if isinstance(found, Refused):
        return found
    kind = _named(found.type, types)
    closed = () if kind is None else tuple(f.name for f in kind.fields if isinstance(f.domain, Words | Whole))
    named = type(outside) is list and all(name in closed for name in outside)
    said = {item.name for item in found.fields}
    if not named or found.outside or sorted(set(outside) - said) != outside:
        return _not_canonical()
    return msgspec.structs.replace(found, outside=tuple(outside))


def _refused_before(plain: dict[str, Any], types: TriggerTypes) -> Refused:
    """A refusal that was recorded: the place is one that a refusal can name, or it is none."""
    reasons = [reason for reason in Reason if reason.value == plain["refused"]]
    where, case = plain.get("where", ""), plain.get("case", "")
    fields = [f"{holder}.{f.name}" for holder in ("fields", "data") for kind in types.types for f in kind.fields]
    if not reasons or where not in ("", *_PARTS, *fields) or case not in ("", *(each.value for each in Case)):
        return _not_canonical()
    return Refused(reasons[0], reasons[0] is Reason.PHI_SUSPECTED, where, case)


def _recognised(claim: _Claim, types: TriggerTypes) -> Trigger | Refused:
    parts = ((claim.id, "id", str), (claim.type, "type", str), (claim.as_of, claim.moment, str))
    for said, where, kind_of_it in (*parts, (claim.fields, claim.holder, dict)):
        if type(said) is not kind_of_it:
            return Refused(Reason.WRONG_TYPE, where=where, needed=_KINDS[kind_of_it])
    if suspicious(payload_of(claim.id)):
        return _suspected()
    if not is_issued(claim.id, types.issuer):
        return Refused(Reason.REFERENCE_INVALID, where="id", needed=said_by(IssuedReference(types.issuer)))
    kind = _named(claim.type, types)
    if kind is None:
        return Refused(Reason.UNKNOWN_TRIGGER, where="type", needed=_listed(each.name for each in types.types))
    if not is_moment(claim.as_of):
        return Refused(Reason.WRONG_TYPE, where=claim.moment, needed=MOMENT)
    said = Grammar(kind).read(claim.fields)
    if isinstance(said, Fault):
        if said.reason is Reason.PHI_SUSPECTED:
            return _suspected()
        where = f"{claim.holder}.{said.field}" if said.field else claim.holder
        return Refused(said.reason, where=where, needed=said.needed)
    return Trigger(claim.id, kind.name, claim.as_of, said.fields, said.outside)


def _named(name: str, types: TriggerTypes) -> TriggerType | None:
    return next((kind for kind in types.types if kind.name == name), None)


def _suspected() -> Refused:
    return Refused(Reason.PHI_SUSPECTED, suspected=True)


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
        _check(plain, DEEPEST)
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
