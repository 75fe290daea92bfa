"""Texts from templates: typed slots, filled with what the trigger says, in the template's own words.

Rules kept here: a slot shows a label of the template, a bounded number, a time or an issued reference, never a text of
the trigger; a slot that cannot be filled refuses the whole; the subject is one line by construction, because nothing
that is filled in holds a control character; what is filled in is not looked at again for slots.

Source: issue 7, rules 4 and 6.
"""

import re
from collections.abc import Iterable
from typing import assert_never

import msgspec

from cutter.policies.domain import IssuedReference, Moment, Trigger, Truth, Value, Whole, Words
from cutter.policies.grammar import is_moment
from cutter.policies.policy import Action, SlotForm, Template
from cutter.policies.references import is_issued

YES, NO = "true", "false"
"""What labels of a boolean slot are called."""

_SLOT = re.compile(r"\{([a-z][a-z0-9_]{0,40})\}")
_CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029]")


class Unrenderable(ValueError):  # noqa: N818  a word for what the action is
    """An action has no text: its template is another one, or a slot cannot be filled. No value is in the message."""


class Rendered(msgspec.Struct, frozen=True):
    """A text that is ready to be sent or shown; the subject of a notification is empty."""

    subject: str
    body: str


def slots_of(text: str) -> frozenset[str] | None:
    """The slots that a text has, written `{slot}`; None when a brace stands there for anything else."""
    left = _SLOT.sub("", text)
    return None if "{" in left or "}" in left else frozenset(_SLOT.findall(text))


def find_template(action: Action, templates: Iterable[Template]) -> Template | None:
    """The very version of the template that an action names; None when it is not among these."""
    named = (action.template, action.template_version)
    return next((template for template in templates if (template.id, template.version) == named), None)


def render(template: Template, action: Action, trigger: Trigger) -> Rendered:
    """The text of an action.

    Args:
        template: the version that the action names.
        action: what a decision said is to be done.
        trigger: on what.

    Raises:
        Unrenderable: the template is another one or withdrawn, a slot is not declared or not filled, or a value is not
            of the slot's domain.
    """
    named = (action.template, action.template_version, action.operation)
    if named != (template.id, template.version, template.operation) or template.withdrawn:
        raise Unrenderable("the template is not the one that the action names")
    said = {item.name: item.value for item in trigger.fields}
    filled = {slot.name: said[slot.field] for slot in action.slots if slot.field in said}
    texts = {form.field.name: _text(form, filled) for form in template.slots}
    subject = _SLOT.sub(lambda found: _filled(texts, found[1]), template.subject)
    body = _SLOT.sub(lambda found: _filled(texts, found[1]), template.body)
    if _CONTROL.search(subject) or _CONTROL.search(body.replace("\n", "")):
        raise Unrenderable("a control character stands in the text")
    return Rendered(subject, body)


def _filled(texts: dict[str, str], slot: str) -> str:
    if slot not in texts:
        raise Unrenderable("a slot is not declared")
    return texts[slot]


def _text(form: SlotForm, filled: dict[str, Value]) -> str:
    if form.field.name not in filled:
        raise Unrenderable("a slot is not filled")
    text = _shown(form, filled[form.field.name])
    if text is None:
        raise Unrenderable("a value is not of its slot's domain")
    return text


def _shown(form: SlotForm, value: Value) -> str | None:
    """How a value is shown; None when it is not of the slot's domain."""
    labels = dict(form.labels)
    match form.field.domain:
        case Words(words):
            return labels.get(value) if isinstance(value, str) and value in words else None
        case Truth():
            return labels.get(YES if value else NO) if type(value) is bool else None
        case Whole(minimum, maximum):
            return str(value) if type(value) is int and minimum <= value <= maximum else None
        case Moment():
            return f"{value[:10]} {value[11:16]} UTC" if isinstance(value, str) and is_moment(value) else None
        case IssuedReference(issuer):
            return value if isinstance(value, str) and is_issued(value, issuer) else None
        case _ as never:
            assert_never(never)
