"""Deciding once more from what a decision recorded: it comes out the same, differs, or cannot be told.

Rules kept here: only what the record holds is used, and the selection that it names by digest; where anything is
missing that the decision rests on, the answer is `NOT_REPLAYABLE` with the names of it, never `MATCH`.

Source: issue 7, rule 2; policies.md §3.9.
"""

from enum import Enum

import msgspec

from cutter.policies.decision import Decision, Read, Reason
from cutter.policies.domain import Trigger
from cutter.policies.index import Index
from cutter.policies.policy import Rule, Selection, Verdict
from cutter.policies.preparation import fields_of, reads_of_selection


class Replayed(Enum):
    """How a replay ended."""

    MATCH = "match"
    DIFFERS = "differs"
    NOT_REPLAYABLE = "not_replayable"


class Replay(msgspec.Struct, frozen=True):
    """How a replay ended.

    Attributes:
        outcome: so.
        missing: what the record or the selection does not hold, sorted: `trigger`, `policy ID@VERSION`,
            `view ID@VERSION`, `template ID@VERSION`, `field NAME`.
        changed: what the selection holds otherwise, as it was recorded: `selection`, and the like of `missing`.
    """

    outcome: Replayed
    missing: tuple[str, ...] = ()
    changed: tuple[str, ...] = ()


def replay(decision: Decision, selection: Selection) -> Replay:
    """Decide once more.

    Args:
        decision: what was recorded.
        selection: what it was decided with, loaded anew.
    """
    index = Index(selection)
    missing, changed = _missing_reads(decision, index, selection)
    if missing or changed:
        return Replay(Replayed.NOT_REPLAYABLE, tuple(sorted(missing)), tuple(sorted(changed)))
    again = _again(decision, index, selection)
    if needed := _missing_fields(decision, again, selection):
        return Replay(Replayed.NOT_REPLAYABLE, needed)
    return Replay(Replayed.MATCH if again.body == decision.body else Replayed.DIFFERS)


def _missing_reads(decision: Decision, index: Index, selection: Selection) -> tuple[set[str], set[str]]:
    """What the decision read and the selection does not hold, or what had to be read and was not; and what it holds in
    other bytes.
    """
    held = {reads_of_selection(selection)}
    held |= {Read("policy", part.id, part.version, part.sha256) for part in selection.policies}
    held |= {Read("view", part.id, part.version, part.sha256) for part in selection.views}
    held |= {Read("template", part.id, part.version, part.sha256) for part in selection.templates}
    recorded, due = set(decision.reads), set(index.reads(decision.trigger_type))
    names, recorded_names = {(read.kind, read.id) for read in held}, {(read.kind, read.id) for read in recorded}
    changed = {read for read in recorded - held if (read.kind, read.id) in names}
    unread = {read for read in due - recorded if (read.kind, read.id) not in recorded_names}
    missing = {_name(read) for read in unread | (recorded - held - changed)}
    known = decision.trigger and decision.trigger_type and decision.as_of
    return missing if known else missing | {"trigger"}, {_name(read) for read in changed}


def _missing_fields(decision: Decision, again: Decision, selection: Selection) -> tuple[str, ...]:
    """Fields that the rule which decided hangs on, or that are uncertain now and were not then."""
    policies = (policy for policy in selection.policies if policy.id == decision.policy)
    rules = (rule for policy in policies for rule in policy.rules if rule.id == decision.rule)
    hanging = [name for rule in rules for name in _needed(rule)]
    recorded = {item.name for item in decision.fields}
    missing = (set(hanging) - recorded) | (set(again.uncertain) - set(decision.uncertain))
    return tuple(f"field {name}" for name in sorted(missing))


def _needed(rule: Rule) -> tuple[str, ...]:
    conditions = tuple(condition.field for condition in rule.when)
    return conditions if rule.action is None else conditions + fields_of(rule.action)


def _name(read: Read) -> str:
    return read.kind if read.kind == "selection" else f"{read.kind} {read.id}@{read.version}"


def _again(decision: Decision, index: Index, selection: Selection) -> Decision:
    """The decision on what was recorded. What was uncertain, and not for being missing, was outside its domain."""
    kinds = (kind for kind in selection.triggers.types if kind.name == decision.trigger_type)
    own = {field.name for kind in kinds for field in kind.fields}
    outside = decision.uncertain if decision.reason == Reason.OUTSIDE_DOMAIN.value else ()
    fields = tuple(item for item in decision.fields if item.name in own)
    trigger = Trigger(decision.trigger, decision.trigger_type, decision.as_of, fields, outside)
    answers = tuple(item for item in decision.fields if item.name not in own)
    paced = decision.verdict is Verdict.ESCALATE and decision.reason == Reason.PACE_EXCEEDED.value
    return index.decide(trigger, answers, frozenset({decision.policy} if paced else ()))
