"""Why a trigger is decided as it is; nothing is started, kept, or asked of a database.

Rules kept here: a trigger is read as a run would read it, and a refused one is explained by its reason alone;
references are not looked up; what a view answers is given by hand, or missing, and that is said first; no value that
was given is told again.

Source: policies.md §3.7; issue 7, rules 1 and 6.
"""

import re
from collections.abc import Sequence
from pathlib import Path
from typing import BinaryIO

from cutter.app.policies.loading import load, policies_folder, words_of
from cutter.custody.files import read_plain
from cutter.policies.analysis.explanation import explain
from cutter.policies.decision import Reason
from cutter.policies.domain import Domain, Field, FieldValue, TriggerType, Truth, Value, Whole, Words
from cutter.policies.envelope import LARGEST, Refused, fields_that_name, read_given, references_of
from cutter.policies.grammar import said_by
from cutter.policies.policy import Selection, Verdict
from cutter.report.next_steps import command
from cutter.report.policies.explained import PolicyExplanation
from cutter.report.policies.words import rule_name
from cutter.report.result import NextStep
from cutter.settings import Settings
from cutter.stops import Stop, StopCode

STDIN = "-"
_INTEGER = re.compile(r"-?[0-9]{1,10}", re.ASCII)
_NOT_IN_FORCE = (Reason.NOT_SELECTED.value, Reason.WITHDRAWN.value)
_TRUTHS = {"true": True, "false": False}


def explain_trigger(
    settings: Settings, path: Path | None, stdin: BinaryIO, answers: Sequence[str], folder: Path | None
) -> PolicyExplanation:
    """Why a trigger is decided as it is.

    Args:
        settings: the workspace.
        path: the file of the trigger; None: stdin.
        stdin: what is read then.
        answers: what views answer, as `VIEW.COLUMN=VALUE`; any other column is missing.
        folder: another folder of policies, or a file of one; None: the workspace's.

    Raises:
        Stop: STOP_SOURCE_MISSING, STOP_PHI_SUSPECTED, STOP_INVALID_INPUT (detail `answer`), STOP_CONFIG_INVALID.
    """
    data = _read(path, stdin)
    selection = load(policies_folder(settings, folder)).selection
    trigger = read_given(data, selection.triggers)
    steps = (NextStep("policies", command("policies", "list", *words_of(folder))),)
    if isinstance(trigger, Refused):
        return _refused(trigger, STDIN if path is None else str(path), steps)
    kind = next(each for each in selection.triggers.types if each.name == trigger.type)
    said = _answers(answers, kind, selection)
    found = explain(selection, trigger, said)
    answered = {answer.name for answer in said}
    unasked = [column for column in _columns(kind, selection) if column.name not in answered]
    if found.reason in _NOT_IN_FORCE:
        steps = (NextStep("check", command("policies", "lint", *words_of(folder))),)
    return PolicyExplanation(
        trigger=trigger.type,
        decision=found.verdict,
        rule=rule_name(found.policy, found.rule),
        reason=found.reason,
        uncertain=found.uncertain,
        rules=found.lines,
        left_out=found.left_out,
        nearest=found.nearest,
        searched=found.searched,
        unasked=tuple(sorted(f"{column.name}={said_by(column.domain)}" for column in unasked)),
        assumed=fields_that_name(trigger, selection.triggers, references_of(trigger, selection.triggers)),
        next=(NextStep("policy", command("policies", "show", found.policy)),) if found.policy else steps,
    )


def _read(path: Path | None, stdin: BinaryIO) -> bytes:
    """The bytes of a trigger; of too many one more than is read, so that they are refused."""
    if path is None:
        return stdin.read(LARGEST + 1)
    try:
        return read_plain(path.absolute(), LARGEST, shared=True, too_large=StopCode.STOP_INVALID_INPUT)
    except FileNotFoundError:
        raise Stop(StopCode.STOP_SOURCE_MISSING, where=str(path)) from None


def _refused(trigger: Refused, file: str, steps: tuple[NextStep, ...]) -> PolicyExplanation:
    if trigger.reason is Reason.PHI_SUSPECTED:
        raise Stop(StopCode.STOP_PHI_SUSPECTED)
    return PolicyExplanation(
        trigger="",
        decision=Verdict.DENY,
        rule="",
        reason=trigger.reason.value,
        uncertain=(),
        rules=(),
        left_out=0,
        nearest=None,
        searched=False,
        where=f"{file}:{trigger.line}:{trigger.column}" if trigger.line else trigger.where,
        case=trigger.case,
        needed=trigger.needed,
        next=steps,
    )


def _answers(given: Sequence[str], kind: TriggerType, selection: Selection) -> tuple[FieldValue, ...]:
    """What the views of a type answer. A value is of its column's type; it may be outside its domain."""
    columns = {column.name: column.domain for column in _columns(kind, selection)}
    found: dict[str, Value] = {}
    for number, said in enumerate(given, start=1):
        name, _equals, text = said.partition("=")
        value = _value(text, columns[name]) if name in columns and name not in found else None
        if value is None:
            needed = "|".join(f"{column}=…" for column in columns) or "no answer: the type has no views"
            raise Stop(StopCode.STOP_INVALID_INPUT, "answer", where=f"--answer {number}", needed=needed)
        found[name] = value
    return tuple(FieldValue(name, found[name]) for name in sorted(found))


def _columns(kind: TriggerType, selection: Selection) -> tuple[Field, ...]:
    """The columns of a type's views, of those that are selected."""
    return tuple(column for view in selection.views if view.id in kind.views for column in view.columns)


def _value(text: str, domain: Domain) -> Value | None:
    match domain:
        case Words():
            return text
        case Whole():
            return int(text) if _INTEGER.fullmatch(text) else None
        case Truth():
            return _TRUTHS.get(text)
        case _:
            return None
