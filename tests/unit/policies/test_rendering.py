"""Texts from templates: what a slot shows, and what is refused."""

import msgspec
import pytest

from cutter.policies.domain import (
    Domain,
    Field,
    FieldValue,
    IssuedReference,
    Moment,
    Trigger,
    Truth,
    Value,
    Whole,
    Words,
)
from cutter.policies.policy import SEND_MESSAGE, Action, Slot, SlotForm, Template
from cutter.policies.references import issue
from cutter.policies.rendering import Rendered, Unrenderable, render, slots_of

REFERENCE = issue("PAT", "7KQ2M4XA")
LABELS = (("north", "North ward"), ("south", "South {count} ward"))


def _form(name: str, domain: Domain, labels: tuple[tuple[str, str], ...] = ()) -> SlotForm:
    return SlotForm(Field(name, domain), labels)


TEMPLATE = Template(
    id="notice",
    version="1.0",
    withdrawn=False,
    operation=SEND_MESSAGE,
    language="en",
    subject="{ward}: {count}",
    body="{ward}, {count}, {sure}, {at}, {who}\nEnd.\n",
    slots=(
        _form("at", Moment()),
        _form("count", Whole(0, 9)),
        _form("sure", Truth(), (("false", "perhaps"), ("true", "surely"))),
        _form("ward", Words(("north", "south")), LABELS),
        _form("who", IssuedReference("PAT")),
    ),
    sha256="0" * 64,
)
ACTION = Action(SEND_MESSAGE, "notice", "1.0", "who", tuple(Slot(n, n) for n in ("at", "count", "sure", "ward", "who")))
SAID: dict[str, Value] = {"at": "2026-06-02T08:05:00Z", "count": 3, "sure": False, "ward": "south", "who": REFERENCE}


def _trigger(said: dict[str, Value]) -> Trigger:
    fields = tuple(FieldValue(name, value) for name, value in sorted(said.items()))
    return Trigger(issue("TRG", "A5K8R2ME"), "lab.result", "2026-06-01T08:00:00Z", fields)


def test_a_slot_shows_what_the_template_says_of_a_value() -> None:
    """Without it people would read codes; and what is filled in would be looked at for slots once more."""
    assert render(TEMPLATE, ACTION, _trigger(SAID)) == Rendered(
        "South {count} ward: 3", f"South {{count}} ward, 3, perhaps, 2026-06-02 08:05 UTC, {REFERENCE}\nEnd.\n"
    )


OUTSIDE: dict[str, dict[str, Value]] = {
    "a word without a label": {"ward": "west"},
    "a text for a word": {"ward": "north\r\nBcc: x"},
    "a number that is too large": {"count": 10},
    "a truth for a number": {"count": True},
    "a number for a truth": {"sure": 1},
    "a word for a truth": {"sure": "true"},
    "a number for a word": {"ward": 1},
    "a text for a time": {"at": "tomorrow"},
    "a time that does not exist": {"at": "2026-02-30T08:05:00Z"},
    "another issuer's reference": {"who": issue("TEAM", "N4RTH")},
    "a text for a reference": {"who": "jane@example.org"},
}


@pytest.mark.parametrize("changed", OUTSIDE.values(), ids=OUTSIDE)
def test_a_value_outside_its_slot_is_refused(changed: dict[str, Value]) -> None:
    """Without it whatever a trigger says could come to stand in a message."""
    with pytest.raises(Unrenderable) as caught:
        render(TEMPLATE, ACTION, _trigger(SAID | changed))
    assert not any(str(value) in str(caught.value) for value in changed.values() if type(value) is str)


@pytest.mark.parametrize("name", sorted(SAID))
def test_a_slot_that_is_not_filled_is_refused(name: str) -> None:
    """Without it a message could go out with a hole in it."""
    with pytest.raises(Unrenderable):
        render(TEMPLATE, ACTION, _trigger({key: value for key, value in SAID.items() if key != name}))
    slots = tuple(slot for slot in ACTION.slots if slot.name != name)
    with pytest.raises(Unrenderable):
        render(TEMPLATE, msgspec.structs.replace(ACTION, slots=slots), _trigger(SAID))


OTHERS = {
    "another template": {"id": "other"},
    "another version": {"version": "1.1"},
    "another operation": {"operation": "comm.create_notification@1"},
    "withdrawn": {"withdrawn": True},
    "an undeclared slot": {"body": "{other}"},
    "a line end in the subject": {"subject": "a\r\nBcc: x"},
    "a line separator in the subject": {"subject": "a\u2028b"},
    "a control character in the body": {"body": "a\rb"},
}


@pytest.mark.parametrize("changed", OTHERS.values(), ids=OTHERS)
def test_only_the_template_that_was_decided_is_rendered(changed: dict[str, str | bool]) -> None:
    """Without it a text that nobody selected could be sent, or a header could be put into it."""
    with pytest.raises(Unrenderable):
        render(msgspec.structs.replace(TEMPLATE, **changed), ACTION, _trigger(SAID))


@pytest.mark.parametrize(
    ("text", "slots"),
    [
        ("no slot", frozenset()),
        ("{a} and {b_2}{a}", frozenset({"a", "b_2"})),
        ("{A}", None),
        ("{a.b}", None),
        ("{a!r}", None),
        ("{}", None),
        ("{a", None),
        ("a}", None),
        ("{{a}}", None),
    ],
)
def test_slots_are_braces_around_a_word(text: str, slots: frozenset[str] | None) -> None:
    """Without it a template could reach into values, or show a brace that its author meant as a slot."""
    assert slots_of(text) == slots
