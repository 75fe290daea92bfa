"""Witnesses: from what an analysis found to a trigger that can be explained, and as lines of a screen.

Rules kept here: a witness is explained by a command that runs as it stands, once it is in a file; what the views would
have to answer is part of that command. References and times of a witness are made up, and belong to nobody.
"""

import msgspec

from cutter.messages import _
from cutter.policies.analysis.regions import Witness
from cutter.policies.analysis.selections import fields_of_type
from cutter.policies.analysis.witnesses import trigger_of
from cutter.policies.domain import Domain, Value, Whole, Words
from cutter.policies.policy import Selection
from cutter.report.next_steps import command
from cutter.report.policies.results import ShownWitness, WitnessTrigger
from cutter.report.policies.words import value_word
from cutter.report.result import NextStep
from cutter.report.visible import visible

_UNLISTED = "unlisted"


def shown_witness(found: Witness, selection: Selection) -> ShownWitness:
    """A witness as the trigger that it is of, with the answers of its views apart."""
    domains = {field.name: field.domain for field in fields_of_type(selection, found.trigger_type)}
    trigger, answers = trigger_of(selection, found)
    values = {each.name: each.value for each in trigger.fields}
    values.update({name: _beyond(domains[name]) for name in trigger.outside})
    written = WitnessTrigger(
        id=trigger.id,
        type=trigger.type,
        as_of=trigger.as_of,
        fields={name: values[name] for name in sorted(values)},
    )
    said = {each.name: each.value for each in answers}
    return ShownWitness(trigger=written, answers=said, missing=found.missing, outside=found.outside)


def witness_phrase(witness: ShownWitness) -> str:
    """What the trigger says, and what the views answer: `consent=true severity=7 recent.under_limit=false`."""
    said = {**witness.trigger.fields, **witness.answers}
    words = [f"{name}={value_word(value)}" for name, value in said.items()]
    if witness.missing:
        words.append(_("missing: {names}", names=", ".join(witness.missing)))
    return visible(" ".join(words)) or _("any")


def explain_steps(witness: ShownWitness | None, folder: str) -> tuple[NextStep, ...]:
    """The step that explains a witness which is in a file; `folder` has the policies, empty for the workspace's own."""
    if witness is None or not witness.path:
        return ()
    answers = (f"{name}={value_word(value)}" for name, value in witness.answers.items())
    options = [word for answer in answers for word in ("--answer", answer)]
    where = ("--policies", folder) if folder else ()
    return (NextStep("explain", command("policies", "explain", witness.path, *options, *where)),)


def trigger_bytes(witness: ShownWitness) -> bytes:
    """The trigger of a witness as a file, for people too."""
    return msgspec.json.format(msgspec.json.encode(witness.trigger), indent=2) + b"\n"


def _beyond(domain: Domain) -> Value:
    """A value of a domain's form that is not in it."""
    match domain:
        case Whole(maximum=maximum):
            return maximum + 1
        case Words(words=words) if _UNLISTED in words:
            return f"un{_UNLISTED}"
        case _:
            return _UNLISTED
