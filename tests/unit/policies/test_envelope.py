"""Triggers from outside: two forms, read strictly; what is refused leaves nothing but its code."""

import json
from typing import Any

import msgspec
import pytest

from cutter import canon
from cutter.policies.decision import Reason
from cutter.policies.domain import (
    Field,
    FieldValue,
    IssuedReference,
    Moment,
    Trigger,
    TriggerType,
    TriggerTypes,
    Truth,
    Value,
    Whole,
    Words,
)
from cutter.policies.envelope import (
    LARGEST,
    Refused,
    canonical,
    claimed_id,
    read_canonical,
    read_envelope,
    references_of,
)
from cutter.policies.references import issue

TYPES = TriggerTypes(
    "TRG",
    ("urn:example:lab",),
    "notify",
    (
        TriggerType(
            "lab.result",
            (
                Field("at", Moment()),
                Field("consent", Truth()),
                Field("patient", IssuedReference("PAT")),
                Field("severity", Whole(0, 10)),
                Field("ward", Words(("north", "south"))),
            ),
        ),
    ),
)
ID, PATIENT = issue("TRG", "A5K8R2ME"), issue("PAT", "7KQ2M4XA")
AS_OF = "2026-06-01T08:00:00Z"
FIELDS: dict[str, Value] = {
    "consent": True,
    "severity": 3,
    "ward": "north",
    "patient": PATIENT,
    "at": "2026-06-02T08:00:00Z",
}
OWN = {"format": "cutter.trigger/1", "id": ID, "type": "lab.result", "as_of": "2026-06-01T08:00:00Z", "fields": FIELDS}
EVENT = {
    "specversion": "1.0",
    "id": ID,
    "source": "urn:example:lab",
    "type": "lab.result",
    "time": "2026-06-01T08:00:00Z",
    "data": FIELDS,
}
TRIGGER = Trigger(
    ID, "lab.result", "2026-06-01T08:00:00Z", tuple(FieldValue(name, FIELDS[name]) for name in sorted(FIELDS))
)
SECRET = "hunter2"  # stands in every refused trigger, and never comes out


def _bytes(value: Any) -> bytes:
    return json.dumps(value).encode()


def _fields(**changed: Any) -> bytes:
    return _bytes(OWN | {"fields": FIELDS | changed})


@pytest.mark.parametrize("value", [OWN, EVENT, EVENT | {"datacontenttype": "application/json"}])
def test_both_forms_say_the_same(value: dict[str, Any]) -> None:
    """Without it one event could be decided in two ways, depending on who hands it over."""
    assert read_envelope(_bytes(value), TYPES) == TRIGGER
    shuffled = {key: value[key] for key in sorted(value, reverse=True)}
    assert read_envelope(_bytes(shuffled), TYPES) == TRIGGER


REFUSED: dict[str, tuple[bytes, Reason]] = {
    "nothing": (b"", Reason.MALFORMED_TRIGGER),
    "not JSON": (b"{" + SECRET.encode(), Reason.MALFORMED_TRIGGER),
    "a list": (b'["hunter2"]', Reason.MALFORMED_TRIGGER),
    "not UTF-8": (b'{"a": "hunter2\xff"}', Reason.MALFORMED_TRIGGER),
    "UTF-16": (json.dumps(OWN).encode("utf-16"), Reason.MALFORMED_TRIGGER),
    "byte order mark": (b"\xef\xbb\xbf" + _bytes(OWN), Reason.MALFORMED_TRIGGER),
    "two texts": (_bytes(OWN) * 2, Reason.MALFORMED_TRIGGER),
    "a key twice": (_bytes(OWN)[:-1] + b', "id": "hunter2"}', Reason.MALFORMED_TRIGGER),
    "a field twice": (_fields().replace(b'"severity"', b'"consent"'), Reason.MALFORMED_TRIGGER),
    "NaN": (_fields().replace(b": 3", b": NaN"), Reason.MALFORMED_TRIGGER),
    "Infinity": (_fields().replace(b": 3", b": -Infinity"), Reason.MALFORMED_TRIGGER),
    "a lone surrogate": (_fields().replace(b'"north"', b'"\\ud800"'), Reason.MALFORMED_TRIGGER),
    "a lone surrogate in a key": (_fields().replace(b'"ward"', b'"\\udfff"'), Reason.MALFORMED_TRIGGER),
    "too deep": (_fields(ward=[[[[[[[["hunter2"]]]]]]]]), Reason.MALFORMED_TRIGGER),
    "deeper than the stack": (b'{"a":' + b"[" * 8000 + b"]" * 8000 + b"}", Reason.MALFORMED_TRIGGER),
    "too large": (_bytes(OWN) + b" " * LARGEST, Reason.MALFORMED_TRIGGER),
    "no format": (_bytes({k: v for k, v in OWN.items() if k != "format"}), Reason.MALFORMED_TRIGGER),
    "another format": (_bytes(OWN | {"format": "cutter.trigger/2"}), Reason.MALFORMED_TRIGGER),
    "no fields": (_bytes({k: v for k, v in OWN.items() if k != "fields"}), Reason.MALFORMED_TRIGGER),
    "another version of CloudEvents": (_bytes(EVENT | {"specversion": "0.3"}), Reason.MALFORMED_TRIGGER),
    "other content": (_bytes(EVENT | {"datacontenttype": "text/plain"}), Reason.MALFORMED_TRIGGER),
    "no time": (_bytes({k: v for k, v in EVENT.items() if k != "time"}), Reason.MALFORMED_TRIGGER),
    "an unknown key": (_bytes(OWN | {SECRET: 1}), Reason.UNKNOWN_FIELD),
    "an extension of CloudEvents": (_bytes(EVENT | {SECRET: "x"}), Reason.UNKNOWN_FIELD),
    "a subject": (_bytes(EVENT | {"subject": "hunter2"}), Reason.UNKNOWN_FIELD),
    "base64 data": (_bytes(EVENT | {"data_base64": "aHVudGVyMg=="}), Reason.UNKNOWN_FIELD),
    "an unknown field": (_fields(**{SECRET: 1}), Reason.UNKNOWN_FIELD),
    "a view's column": (_fields(**{"recent.under_limit": True}), Reason.UNKNOWN_FIELD),
    "the names of what is outside": (_bytes(OWN | {"outside": ["ward"]}), Reason.UNKNOWN_FIELD),
    "an unknown source": (_bytes(EVENT | {"source": "urn:hunter2"}), Reason.UNKNOWN_TRIGGER),
    "a source that is no text": (_bytes(EVENT | {"source": [SECRET]}), Reason.UNKNOWN_TRIGGER),
    "an unknown type": (_bytes(OWN | {"type": SECRET}), Reason.UNKNOWN_TRIGGER),
    "an id that is no text": (_bytes(OWN | {"id": 5}), Reason.WRONG_TYPE),
    "a type that is no text": (_bytes(OWN | {"type": None}), Reason.WRONG_TYPE),
    "fields that are a list": (_bytes(OWN | {"fields": [SECRET]}), Reason.WRONG_TYPE),
    "a time with an offset": (_bytes(OWN | {"as_of": "2026-06-01T08:00:00+00:00"}), Reason.WRONG_TYPE),
    "a time with a fraction": (_bytes(OWN | {"as_of": "2026-06-01T08:00:00.5Z"}), Reason.WRONG_TYPE),
    "a day that does not exist": (_bytes(OWN | {"as_of": "2026-02-30T08:00:00Z"}), Reason.WRONG_TYPE),
    "a number for a truth": (_fields(consent=1), Reason.WRONG_TYPE),
    "a text for a truth": (_fields(consent="true"), Reason.WRONG_TYPE),
    "a truth for a number": (_fields(severity=True), Reason.WRONG_TYPE),
    "a text for a number": (_fields(severity="3"), Reason.WRONG_TYPE),
    "a fraction": (_fields(severity=3.0), Reason.WRONG_TYPE),
    "a number beyond all": (_fields().replace(b": 3", b": 1e400"), Reason.WRONG_TYPE),
    "a number beyond 2^53": (_fields(severity=2**53), Reason.WRONG_TYPE),
    "a number of 5,000 digits": (_fields().replace(b": 3", b": " + b"9" * 5000), Reason.WRONG_TYPE),
    "a null": (_fields(ward=None), Reason.WRONG_TYPE),
    "a list of words": (_fields(ward=["north"]), Reason.WRONG_TYPE),
    "an object": (_fields(ward={"a": SECRET}), Reason.WRONG_TYPE),
    "a field's time in another form": (_fields(at="yesterday"), Reason.WRONG_TYPE),
    "an id of another issuer": (_bytes(OWN | {"id": PATIENT}), Reason.REFERENCE_INVALID),
    "an id with wrong check digits": (_bytes(OWN | {"id": "TRG-A5K8R2ME-70"}), Reason.REFERENCE_INVALID),
    "a reference of another issuer": (_fields(patient=ID), Reason.REFERENCE_INVALID),
    "a reference with wrong check digits": (_fields(patient="PAT-7KQ2M4XA-56"), Reason.REFERENCE_INVALID),
    "a name for a reference": (_fields(patient=SECRET), Reason.REFERENCE_INVALID),
    "a mail address for an id": (_bytes(OWN | {"id": "hunter2@example.org"}), Reason.PHI_SUSPECTED),
    "a mail address for a reference": (_fields(patient="hunter2%40example.org"), Reason.PHI_SUSPECTED),
    "a mail address for a word": (_fields(ward="hunter2\u200b@example.org"), Reason.PHI_SUSPECTED),
    "a birth in a payload": (_bytes(OWN | {"id": issue("TRG", "19850312")}), Reason.PHI_SUSPECTED),
    "a phone in a payload": (_fields(patient=issue("PAT", "0901234567")), Reason.PHI_SUSPECTED),
    "the suspicion before other reasons": (_fields(consent=5, ward="a@example.org"), Reason.PHI_SUSPECTED),
}


@pytest.mark.parametrize(("data", "reason"), REFUSED.values(), ids=REFUSED)
def test_it_is_refused_with_its_code_only(data: bytes, reason: Reason) -> None:
    """Without it a trigger that nobody recognises could be acted upon, or leave a person's data in a record."""
    found = read_envelope(data, TYPES)
    assert isinstance(found, Refused)
    assert (found.reason, found.suspected) == (reason, reason is Reason.PHI_SUSPECTED)
    text = canonical(found)
    kept = {"refused": reason.value, "where": found.where, "case": found.case}
    assert json.loads(text) == {"format": "cutter.trigger/1"} | {name: said for name, said in kept.items() if said}
    assert SECRET not in text + repr(found)
    assert read_canonical(text, TYPES) == msgspec.structs.replace(found, needed="", line=0, column=0)
    assert claimed_id(found) == ""


NAMED: dict[str, tuple[str, str, str, int, int]] = {
    "nothing": ("", "not_json", "", 1, 1),
    "not JSON": ("", "not_json", "", 1, 2),
    "a list": ("", "not_an_object", "", 1, 1),
    "not UTF-8": ("", "not_utf8", "", 1, 15),
    "byte order mark": ("", "byte_order_mark", "", 1, 1),
    "deeper than the stack": ("", "too_deep", "", 1, 13),
    "too large": ("", "too_large", "", 0, 0),
    "no format": ("", "missing_key", "format", 0, 0),
    "another format": ("format", "wrong_format", "cutter.trigger/1", 0, 0),
    "another version of CloudEvents": ("specversion", "wrong_format", "1.0", 0, 0),
    "other content": ("datacontenttype", "wrong_format", "application/json", 0, 0),
    "no time": ("", "missing_key", "time", 0, 0),
    "an unknown key": ("envelope", "", "as_of|fields|format|id|type", 0, 0),
    "a subject": ("envelope", "", "data|datacontenttype|id|source|specversion|time|type", 0, 0),
    "an unknown field": ("fields", "", "at|consent|patient|severity|ward", 0, 0),
    "an unknown source": ("source", "", "urn:example:lab", 0, 0),
    "an unknown type": ("type", "", "lab.result", 0, 0),
    "an id that is no text": ("id", "", "text in quotes", 0, 0),
    "fields that are a list": ("fields", "", "{…}", 0, 0),
    "a time with an offset": ("as_of", "", "2026-01-01T00:00:00Z", 0, 0),
    "a number for a truth": ("fields.consent", "", "true|false", 0, 0),
    "a text for a number": ("fields.severity", "", "0…10", 0, 0),
    "a null": ("fields.ward", "", "north|south", 0, 0),
    "a field's time in another form": ("fields.at", "", "2026-01-01T00:00:00Z", 0, 0),
    "an id of another issuer": ("id", "", "TRG-PAYLOAD-CC", 0, 0),
    "a reference of another issuer": ("fields.patient", "", "PAT-PAYLOAD-CC", 0, 0),
    "a mail address for a reference": ("", "", "", 0, 0),
}


PLACED = {
    "a key twice": ("duplicate_key", b'"id"'),
    "a field twice": ("duplicate_key", b'"consent"'),
    "NaN": ("not_a_number", b"NaN"),
    "Infinity": ("not_a_number", b"-Infinity"),
    "a lone surrogate": ("lone_surrogate", b'"\\ud800"'),
    "a lone surrogate in a key": ("lone_surrogate", b'"\\udfff"'),
    "too deep": ("too_deep", b'[["hunter2"'),
}


@pytest.mark.parametrize("name", PLACED)
def test_a_malformed_text_is_told_with_its_place(name: str) -> None:
    """Without it a file of a hundred lines would be searched for one key that stands there twice."""
    data = REFUSED[name][0].replace(b', "type"', b',\n"type"')
    case, wrong = PLACED[name]
    found = read_envelope(data, TYPES)
    assert isinstance(found, Refused)
    before = data[: data.rindex(wrong)]
    assert (found.case, found.line, found.column) == (case, before.count(b"\n") + 1, len(before) - before.rfind(b"\n"))


@pytest.mark.parametrize("name", NAMED)
def test_a_refusal_names_what_is_declared(name: str) -> None:
    """Without it who sends triggers would have to guess which of their fields is wrong, or in which way."""
    found = read_envelope(REFUSED[name][0], TYPES)
    assert isinstance(found, Refused)
    assert (found.where, found.case, found.needed, found.line, found.column) == NAMED[name]


def test_a_refusal_of_an_event_uses_the_names_of_events() -> None:
    """Without it somebody who sends CloudEvents would be told of keys that these do not have."""
    places = [
        EVENT | {"time": "2026-06-01T08:00:00+02:00"},
        EVENT | {"data": FIELDS | {"consent": 1}},
        EVENT | {"data": FIELDS | {SECRET: 1}},
    ]
    found = [read_envelope(_bytes(event), TYPES) for event in places]
    assert [refused.where for refused in found if isinstance(refused, Refused)] == ["time", "data.consent", "data"]


@pytest.mark.parametrize(
    "extra",
    [{"where": SECRET}, {"where": f"fields.{SECRET}"}, {"case": SECRET}, {"where": ["id"]}, {"needed": "x"}, {"x": 1}],
)
def test_a_refusal_that_is_read_again_is_closed(extra: dict[str, Any]) -> None:
    """Without it a text of a stranger could be put into the records as the place of a refusal."""
    text = canon.encode({"format": "cutter.trigger/1", "refused": "WRONG_TYPE"} | extra).decode()
    found = read_canonical(text, TYPES)
    assert found == Refused(Reason.MALFORMED_TRIGGER, case="not_canonical")


OUTSIDE = {
    "an unknown word": ({"ward": "hunter2"}, ("ward",)),
    "a number too large": ({"severity": 11}, ("severity",)),
    "a number too small": ({"severity": -1}, ("severity",)),
    "both": ({"ward": "", "severity": 11}, ("severity", "ward")),
}


@pytest.mark.parametrize(("changed", "names"), OUTSIDE.values(), ids=OUTSIDE)
def test_what_is_outside_its_domain_is_named_and_dropped(changed: dict[str, Any], names: tuple[str, ...]) -> None:
    """Without it text of a stranger would be kept, or the boundary would be taken for an ordinary value."""
    found = read_envelope(_fields(**changed), TYPES)
    assert isinstance(found, Trigger)
    assert found.outside == names
    assert not {item.name for item in found.fields} & set(names)
    assert SECRET not in canonical(found)
    assert read_canonical(canonical(found), TYPES) == found


def test_a_field_may_be_missing() -> None:
    """Without it a missing field would be refused, instead of being uncertain where a rule needs it."""
    found = read_envelope(_bytes(OWN | {"fields": {"consent": False}}), TYPES)
    assert found == Trigger(ID, "lab.result", AS_OF, (FieldValue("consent", False),))
    assert read_canonical(canonical(found), TYPES) == found


def test_the_canonical_text_is_one_for_one_trigger() -> None:
    """Without it the same trigger would have two digests, or a text written by hand would start a run."""
    text = canonical(TRIGGER)
    assert read_canonical(text, TYPES) == TRIGGER
    assert claimed_id(TRIGGER) == ID
    assert json.loads(text)["fields"] == FIELDS
    others = [f" {text}", text + "\n", text.replace(":3", ":3.0"), text.replace('"outside":[]', '"outside":["ward"]')]
    others += [text.replace('"outside":[]', '"outside":["patient"]'), text.replace('"outside":[],', ""), '"x"', ""]
    others += [text.replace('"north"', '"west"'), text.replace('"outside":[]', '"outside":["hunter2"]')]
    others += [
        canonical(Refused(Reason.NO_MATCH)).replace("NO_MATCH", "hunter2"),
        "\ud800",
        text.replace('"outside":[]', '"outside":{}'),
    ]
    for other in others:
        found = read_canonical(other, TYPES)
        assert isinstance(found, Refused), other


def test_what_is_no_longer_recognised_is_refused_when_it_is_read_again() -> None:
    """Without it a run would go on with a type that was taken out of `triggers.yaml` meanwhile."""
    none = TriggerTypes("TRG", (), "notify", ())
    assert read_canonical(canonical(TRIGGER), none) == Refused(Reason.UNKNOWN_TRIGGER, where="type")


def test_the_references_are_what_the_directory_must_know() -> None:
    """Without it a reference that nobody issued would pass, or the trigger's own id would be looked up."""
    assert references_of(TRIGGER, TYPES) == (PATIENT,)
    assert references_of(Trigger(ID, "lab.result", AS_OF, ()), TYPES) == ()
