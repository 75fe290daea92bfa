"""Deciding once more from a record: the same, another, or not to be told."""

import random
from collections.abc import Callable
from typing import Any

import msgspec
import pytest

from cutter.policies.decision import Decision, Reason
from cutter.policies.domain import FieldValue, Trigger
from cutter.policies.evaluation import decide, refused
from cutter.policies.policy import SEND_MESSAGE, Action, Condition, Equal, Rule, Selection, Verdict
from cutter.policies.replay import Replay, Replayed, replay
from tests.support.policy_pairs import PATIENT, Pair, pairs


def _decided(pair: Pair) -> Decision:
    return decide(pair.selection, pair.trigger, pair.answers, pair.used_up)


def _pair(verdict: Verdict, *, fields: int = 0) -> Pair:
    """A pair of which a rule decided this."""
    for pair in pairs(random.Random(9), 2000, 4):
        found = _decided(pair)
        policy = next((p for p in pair.selection.policies if p.id == found.policy), None)
        rule = next((r for r in policy.rules if r.id == found.rule), None) if policy else None
        if rule and found.verdict is verdict and len(rule.when) >= fields:
            return pair
    raise AssertionError("no such pair")


def test_what_was_recorded_is_decided_once_more() -> None:
    """Without it an auditor could not tell a decision of the policies from one that somebody made up."""
    seen = set()
    for pair in pairs(random.Random(4), 500, 4):
        found = _decided(pair)
        wanted = Replayed.MATCH if found.trigger else Replayed.NOT_REPLAYABLE
        assert replay(found, pair.selection).outcome is wanted, found
        seen.add(found.reason)
    assert {"MISSING_FIELD", "OUTSIDE_DOMAIN", "CONFLICT", "PACE_EXCEEDED", "NO_MATCH", "NOT_EFFECTIVE"} <= seen


FORGED: dict[str, Callable[[Decision], Decision]] = {
    "another verdict": lambda d: msgspec.structs.replace(d, verdict=Verdict.ESCALATE),
    "another reason": lambda d: msgspec.structs.replace(d, reason="REASON_9"),
    "another rule": lambda d: msgspec.structs.replace(d, rule="r-9"),
    "another version": lambda d: msgspec.structs.replace(d, policy_version="3.0"),
    "no action": lambda d: msgspec.structs.replace(d, action=None),
    "options": lambda d: msgspec.structs.replace(d, options=("proceed",)),
    "uncertain fields": lambda d: msgspec.structs.replace(d, uncertain=("level",)),
}


@pytest.mark.parametrize("forge", FORGED.values(), ids=FORGED)
def test_a_forged_record_differs(forge: Callable[[Decision], Decision]) -> None:
    """Without it a record that was changed would be confirmed."""
    pair = _pair(Verdict.ALLOW)
    assert replay(_decided(pair), pair.selection) == Replay(Replayed.MATCH)
    assert replay(forge(_decided(pair)), pair.selection) == Replay(Replayed.DIFFERS)


@pytest.mark.parametrize("verdict", [Verdict.ALLOW, Verdict.DENY, Verdict.ESCALATE])
def test_without_a_field_that_it_rests_on_it_cannot_be_told(verdict: Verdict) -> None:
    """Without it a decision whose inputs are gone would be called right."""
    pair = _pair(verdict, fields=2)
    found = _decided(pair)
    policy = next(p for p in pair.selection.policies if p.id == found.policy)
    rule = next(r for r in policy.rules if r.id == found.rule)
    for condition in rule.when:
        left = tuple(item for item in found.fields if item.name != condition.field)
        outcome = replay(msgspec.structs.replace(found, fields=left), pair.selection)
        assert outcome.outcome is Replayed.NOT_REPLAYABLE
        assert f"field {condition.field}" in outcome.missing


LOW, SURE = Condition("level", Equal("low")), Condition("consent", Equal(True))
ACTION = Action(SEND_MESSAGE, "x", "1.0", "patient", ())
HIDDEN = {
    "what the rule needs, where another rule would deny too": (
        Rule("a", (LOW,), Verdict.DENY, "REASON_1"),
        Rule("b", (SURE,), Verdict.DENY, "REASON_2"),
    ),
    "what only a rule that did not match needs": (
        Rule("a", (Condition("level", Equal("high")),), Verdict.DENY, "REASON_1"),
        Rule("b", (), Verdict.ALLOW, "REASON_2", ACTION),
    ),
}


@pytest.mark.parametrize("rules", HIDDEN.values(), ids=HIDDEN)
def test_a_field_that_is_gone_is_not_taken_for_a_difference(rules: tuple[Rule, ...]) -> None:
    """Without it a decision would be called forged, when all that is wrong with its record is a gap."""
    pair = _pair(Verdict.ALLOW)
    kept = next(policy for policy in pair.selection.policies if policy.id == _decided(pair).policy)
    selection = msgspec.structs.replace(pair.selection, policies=(msgspec.structs.replace(kept, rules=rules),))
    said = (FieldValue("consent", True), FieldValue("level", "low"), FieldValue("patient", PATIENT))
    found = decide(selection, msgspec.structs.replace(pair.trigger, fields=said, outside=()), (), frozenset())
    assert replay(found, selection) == Replay(Replayed.MATCH)
    left = tuple(item for item in found.fields if item.name != "level")
    outcome = replay(msgspec.structs.replace(found, fields=left), selection)
    assert outcome == Replay(Replayed.NOT_REPLAYABLE, ("field level",))


def _reads(decision: Decision, kind: str) -> Decision:
    return msgspec.structs.replace(decision, reads=tuple(read for read in decision.reads if read.kind != kind))


def _without(selection: Selection, **changed: Any) -> Selection:
    return msgspec.structs.replace(selection, **changed)


def _other(parts: tuple[Any, ...]) -> tuple[Any, ...]:
    return tuple(msgspec.structs.replace(part, sha256="9" * 64) for part in parts)


LACKING: dict[str, tuple[Callable[[Decision], Decision], Callable[[Selection], Selection], str]] = {
    "no selection": (lambda d: _reads(d, "selection"), lambda s: s, "selection"),
    "no policy read": (lambda d: _reads(d, "policy"), lambda s: s, "policy "),
    "no view read": (lambda d: _reads(d, "view"), lambda s: s, "view recent@1.0"),
    "no template read": (lambda d: _reads(d, "template"), lambda s: s, "template x@1.0"),
    "another selection": (lambda d: d, lambda s: _without(s, sha256="9" * 64), "selection"),
    "other policies": (lambda d: d, lambda s: _without(s, policies=_other(s.policies)), "policy "),
    "another view": (lambda d: d, lambda s: _without(s, views=_other(s.views)), "view recent@1.0"),
    "other templates": (lambda d: d, lambda s: _without(s, templates=_other(s.templates)), "template x@1.0"),
    "no policies": (lambda d: d, lambda s: _without(s, policies=()), "policy "),
    "no trigger": (lambda d: msgspec.structs.replace(d, trigger=""), lambda s: s, "trigger"),
    "no time": (lambda d: msgspec.structs.replace(d, as_of=""), lambda s: s, "trigger"),
}


@pytest.mark.parametrize("name", LACKING)
def test_without_what_was_read_it_cannot_be_told(name: str) -> None:
    """Without it a decision would be confirmed with other policies than it was made with."""
    pair = _pair(Verdict.ALLOW)
    (record, select, missing), changed = LACKING[name], name.startswith(("another", "other"))
    outcome = replay(record(_decided(pair)), select(pair.selection))
    assert outcome.outcome is Replayed.NOT_REPLAYABLE
    named = (outcome.changed, outcome.missing) if changed else (outcome.missing, outcome.changed)
    assert any(name.startswith(missing) for name in named[0])
    assert not any(name.startswith(missing) for name in named[1])


def test_a_refused_trigger_cannot_be_replayed() -> None:
    """Without it a denial of what was not kept would be called right."""
    pair = _pair(Verdict.ALLOW)
    outcome = replay(refused(Reason.UNKNOWN_FIELD, pair.selection), pair.selection)
    assert outcome == Replay(Replayed.NOT_REPLAYABLE, ("trigger",))


def test_a_column_outside_its_domain_is_replayed_as_that() -> None:
    """Without it a decision about a boundary that a view crossed would differ from itself."""
    pair = _pair(Verdict.ALLOW)
    selection = pair.selection
    named = ("recent.under_limit",)
    trigger = Trigger(pair.trigger.id, pair.trigger.type, pair.trigger.as_of, pair.trigger.fields, named)
    found = decide(selection, trigger, (), frozenset())
    assert replay(found, selection).outcome is Replayed.MATCH
    assert FieldValue("recent.under_limit", True) not in found.fields
