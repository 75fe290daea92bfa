"""What is decided: case by case, against a second evaluator, and when things break."""

import dataclasses
import random
from collections.abc import Callable
from typing import Any

import msgspec
import pytest

from cutter.policies.decision import Decision, Reason
from cutter.policies.domain import Field, FieldValue, Trigger, TriggerType, TriggerTypes, Value, Whole
from cutter.policies.evaluation import decide, refused
from cutter.policies.index import Index
from cutter.policies.policy import (
    CREATE_NOTIFICATION,
    SEND_MESSAGE,
    Action,
    Between,
    Condition,
    Equal,
    OneOf,
    Policy,
    PolicyLimits,
    Rule,
    Selection,
    Slot,
    Template,
    Test,
    Verdict,
    View,
)
from tests.support.agreement import compared
from tests.support.policy_pairs import FIELDS, ID, PATIENT, VIEW, pairs

NOON = "2026-06-01T12:00:00Z"
X = Action(SEND_MESSAGE, "x", "1.0", "patient", ())
Y = Action(SEND_MESSAGE, "y", "1.0", "patient", ())
TIMED = Action(SEND_MESSAGE, "x", "1.0", "patient", (Slot("when", "at"),))
TEMPLATES = tuple(Template(name, "1.0", False, SEND_MESSAGE, "en", "x", "x", (), name * 64) for name in "xy")
ALL: dict[str, Value] = {
    "at": NOON,
    "consent": True,
    "count": 5,
    "level": "low",
    "patient": PATIENT,
    "severity": 1,
}


def _rule(name: str, verdict: Verdict, action: Action | None = None, **when: Any) -> Rule:
    tests = {key.replace("__", "."): value for key, value in when.items()}
    conditions = tuple(Condition(key, _test(tests[key])) for key in sorted(tests))
    return Rule(name, conditions, verdict, f"BY_{name.upper()}", action)


def _test(value: Any) -> Test:
    return value if isinstance(value, Equal | OneOf | Between) else Equal(value)


def deny(name: str, **when: Any) -> Rule:
    """A rule that denies."""
    return _rule(name, Verdict.DENY, **when)


def escalate(name: str, action: Action | None = None, **when: Any) -> Rule:
    """A rule that escalates."""
    return _rule(name, Verdict.ESCALATE, action, **when)


def allow(name: str, action: Action = X, **when: Any) -> Rule:
    """A rule that allows."""
    return _rule(name, Verdict.ALLOW, action, **when)


def policy(*rules: Rule, **changed: Any) -> Policy:
    """A policy of these rules, effective for ever."""
    made = Policy(
        id="p",
        version="1.0",
        title_en="x",
        title_vi="x",
        effective_from="2026-01-01T00:00:00Z",
        effective_until="",
        withdrawn=False,
        triggers=("t",),
        otherwise_deny=False,
        rules=rules,
        limits=PolicyLimits(),
        sha256="1" * 64,
    )
    return msgspec.structs.replace(made, **changed)


def selected(*policies: Policy, **changed: Any) -> Selection:
    """A selection of these policies."""
    types = TriggerTypes("TRG", (), "notify", (TriggerType("t", FIELDS, ("recent",)), TriggerType("other", ())))
    return msgspec.structs.replace(Selection(types, policies, (VIEW,), TEMPLATES, "f" * 64), **changed)


def decided(
    selection: Selection,
    said: dict[str, Value],
    outside: tuple[str, ...] = (),
    under_limit: bool | None = True,
    used_up: frozenset[str] = frozenset(),
) -> Decision:
    """The decision at noon."""
    fields = tuple(FieldValue(name, said[name]) for name in sorted(said))
    answers = () if under_limit is None else (FieldValue("recent.under_limit", under_limit),)
    return decide(selection, Trigger(ID, "t", NOON, fields, outside), answers, used_up)


def _without(*names: str) -> dict[str, Value]:
    return {name: value for name, value in ALL.items() if name not in names}


# rules; what is missing; what is outside; verdict, rule or reason, action, uncertain
CASES: dict[str, tuple[tuple[Rule, ...], tuple[str, ...], tuple[str, ...], Verdict, str, Action | None, str]] = {
    "a rule that always allows": ((allow("a"),), (), (), Verdict.ALLOW, "BY_A", X, ""),
    "no rule matches": ((allow("a", consent=False),), (), (), Verdict.DENY, "NO_MATCH", None, ""),
    "deny beats allow": ((allow("a"), deny("d", severity=1)), (), (), Verdict.DENY, "BY_D", None, ""),
    "deny beats escalate": ((escalate("e"), deny("d")), (), (), Verdict.DENY, "BY_D", None, ""),
    "escalate beats allow": ((allow("a"), escalate("e", Y)), (), (), Verdict.ESCALATE, "BY_E", Y, ""),
    "an escalation may be about nothing": ((escalate("e"),), (), (), Verdict.ESCALATE, "BY_E", None, ""),
    "the smallest of two": ((deny("d"), deny("c")), (), (), Verdict.DENY, "BY_C", None, ""),
    "two that allow one action": ((allow("b"), allow("a")), (), (), Verdict.ALLOW, "BY_A", X, ""),
    "two that allow two": ((allow("b"), allow("a", Y)), (), (), Verdict.ESCALATE, "CONFLICT", None, ""),
    "slots are part of the action": ((allow("b"), allow("a", TIMED)), (), (), Verdict.ESCALATE, "CONFLICT", None, ""),
    "deny beats a conflict": ((allow("b"), allow("a", Y), deny("d")), (), (), Verdict.DENY, "BY_D", None, ""),
    "missing": ((allow("a", level="low"),), ("level",), (), Verdict.ESCALATE, "MISSING_FIELD", X, "level"),
    "outside": ((allow("a", level="low"),), ("level",), ("level",), Verdict.ESCALATE, "OUTSIDE_DOMAIN", X, "level"),
    "missing and outside": (
        (allow("a", level="low", severity=1),),
        ("level", "severity"),
        ("level",),
        Verdict.ESCALATE,
        "MISSING_FIELD",
        X,
        "level severity",
    ),
    "missing, and no rule needs it": ((allow("a", severity=1),), ("level",), (), Verdict.ALLOW, "BY_A", X, ""),
    "missing, where another condition fails": (
        (allow("a", level="low", severity=2), allow("b")),
        ("level",),
        (),
        Verdict.ALLOW,
        "BY_B",
        X,
        "",
    ),
    "missing for a deny": (
        (allow("a"), deny("d", level="low")),
        ("level",),
        (),
        Verdict.ESCALATE,
        "MISSING_FIELD",
        X,
        "level",
    ),
    "missing only for a deny": (
        (deny("d", level="low"),),
        ("level",),
        (),
        Verdict.ESCALATE,
        "MISSING_FIELD",
        None,
        "level",
    ),
    "missing, and a deny is certain": (
        (allow("a", level="low"), deny("d")),
        ("level",),
        (),
        Verdict.DENY,
        "BY_D",
        None,
        "",
    ),
    "uncertain beats escalate": (
        (escalate("e", Y), allow("a", level="low")),
        ("level",),
        (),
        Verdict.ESCALATE,
        "MISSING_FIELD",
        None,
        "level",
    ),
    "uncertain between two actions": (
        (allow("b"), allow("a", Y, level="low")),
        ("level",),
        (),
        Verdict.ESCALATE,
        "MISSING_FIELD",
        None,
        "level",
    ),
    "uncertain, one action": (
        (escalate("e", X), allow("a", level="low")),
        ("level",),
        (),
        Verdict.ESCALATE,
        "MISSING_FIELD",
        X,
        "level",
    ),
    "uncertain between an action and none": (
        (escalate("e"), allow("a", level="low")),
        ("level",),
        (),
        Verdict.ESCALATE,
        "MISSING_FIELD",
        None,
        "level",
    ),
    "no recipient": ((allow("a"),), ("patient",), (), Verdict.ESCALATE, "MISSING_FIELD", None, "patient"),
    "no slot": ((allow("a", TIMED),), ("at",), (), Verdict.ESCALATE, "MISSING_FIELD", None, "at"),
    "no recipient of an escalation": (
        (escalate("e", X),),
        ("patient",),
        (),
        Verdict.ESCALATE,
        "MISSING_FIELD",
        None,
        "patient",
    ),
    "no recipient, and it is denied": ((allow("a"), deny("d")), ("patient",), (), Verdict.DENY, "BY_D", None, ""),
    "no recipient of what does not match": (
        (allow("a", severity=2),),
        ("patient",),
        (),
        Verdict.DENY,
        "NO_MATCH",
        None,
        "",
    ),
    "people cannot say yes to what has no recipient": (
        (allow("a", level="low"),),
        ("level", "patient"),
        (),
        Verdict.ESCALATE,
        "MISSING_FIELD",
        None,
        "level patient",
    ),
}


@pytest.mark.parametrize(
    ("rules", "missing", "outside", "verdict", "reason", "action", "uncertain"), CASES.values(), ids=CASES
)
def test_the_strongest_wins(
    rules: tuple[Rule, ...],
    missing: tuple[str, ...],
    outside: tuple[str, ...],
    verdict: Verdict,
    reason: str,
    action: Action | None,
    uncertain: str,
) -> None:
    """Without it a deny could lose, a gap could be filled by a guess, or a boundary be taken for the middle."""
    said = _without(*missing)
    found = decided(selected(policy(*rules)), said, outside)
    assert (found.verdict, found.reason, found.action) == (verdict, reason, action)
    assert found.uncertain == tuple(uncertain.split())
    assert found.rule == (reason.removeprefix("BY_").lower() if reason.startswith("BY_") else "")
    assert found.policy == ("p" if found.rule else "")
    options = () if verdict is not Verdict.ESCALATE else ("proceed", "refuse") if action else ("refuse",)
    assert found.options == options
    assert decided(selected(policy(*reversed(rules))), said, outside).body == found.body


OPEN = policy(allow("a"))
LATER = {"effective_from": "2026-06-01T12:00:01Z"}
ENDED = {"effective_until": "2026-06-01T12:00:00Z"}
STANDING: dict[str, tuple[Selection, str]] = {
    "no policy": (selected(), "NO_POLICY"),
    "a policy for another type": (selected(msgspec.structs.replace(OPEN, triggers=("other",))), "NO_POLICY"),
    "not yet": (selected(policy(allow("a"), **LATER)), "NOT_EFFECTIVE"),
    "until is excluded": (selected(policy(allow("a"), **ENDED)), "NOT_EFFECTIVE"),
    "from is included": (selected(policy(allow("a"), effective_from=NOON)), "BY_A"),
    "the last second": (selected(policy(allow("a"), effective_until="2026-06-01T12:00:01Z")), "BY_A"),
    "one of two is effective": (selected(OPEN, policy(deny("d"), id="q", **LATER)), "BY_A"),
    "withdrawn": (selected(policy(allow("a"), withdrawn=True)), "WITHDRAWN"),
    "another one is withdrawn": (selected(OPEN, policy(deny("d"), id="q", withdrawn=True)), "WITHDRAWN"),
    "withdrawn before it is not effective": (selected(policy(deny("d"), withdrawn=True, **LATER)), "WITHDRAWN"),
    "no view": (selected(OPEN, views=()), "NOT_SELECTED"),
    "a view that is withdrawn": (selected(OPEN, views=(msgspec.structs.replace(VIEW, withdrawn=True),)), "WITHDRAWN"),
    "no template": (selected(OPEN, templates=TEMPLATES[1:]), "NOT_SELECTED"),
    "another version of the template": (
        selected(OPEN, templates=(msgspec.structs.replace(TEMPLATES[0], version="1.1"),)),
        "NOT_SELECTED",
    ),
    "a template of another operation": (
        selected(OPEN, templates=(msgspec.structs.replace(TEMPLATES[0], operation=CREATE_NOTIFICATION),)),
        "NOT_SELECTED",
    ),
    "a template that is withdrawn": (
        selected(OPEN, templates=(msgspec.structs.replace(TEMPLATES[0], withdrawn=True),)),
        "WITHDRAWN",
    ),
    "another rule's template": (
        selected(policy(allow("a"), allow("b", Y, severity=3)), templates=TEMPLATES[:1]),
        "BY_A",
    ),
    "the template of what is escalated": (selected(policy(escalate("e", X)), templates=()), "NOT_SELECTED"),
}


@pytest.mark.parametrize(("selection", "reason"), STANDING.values(), ids=STANDING)
def test_only_what_is_selected_and_in_force_decides(selection: Selection, reason: str) -> None:
    """Without it a policy of tomorrow or of yesterday, or a text that was taken back, would be acted upon."""
    found = decided(selection, ALL)
    assert found.reason == reason
    assert found.verdict is (Verdict.ALLOW if reason == "BY_A" else Verdict.DENY)
    assert (found.action is None) is (reason != "BY_A")


def test_a_template_that_is_taken_back_denies_what_is_uncertain_too() -> None:
    """Without it people could say yes to a text that nobody may send any more."""
    found = decided(selected(policy(allow("a", level="low")), templates=()), _without("level"))
    assert (found.verdict, found.reason, found.options) == (Verdict.DENY, "NOT_SELECTED", ())


PACES: dict[str, tuple[tuple[Policy, ...], frozenset[str], Verdict, str, str]] = {
    "not used up": ((OPEN,), frozenset(), Verdict.ALLOW, "BY_A", "p"),
    "used up": ((OPEN,), frozenset({"p"}), Verdict.ESCALATE, "PACE_EXCEEDED", "p"),
    "another's": ((OPEN,), frozenset({"q"}), Verdict.ALLOW, "BY_A", "p"),
    "that of the second which allows it": (
        (OPEN, policy(allow("b"), id="q")),
        frozenset({"q"}),
        Verdict.ESCALATE,
        "PACE_EXCEEDED",
        "q",
    ),
    "one that does not match": (
        (OPEN, policy(allow("b", severity=3), id="q")),
        frozenset({"q"}),
        Verdict.ALLOW,
        "BY_A",
        "p",
    ),
    "denied anyway": ((policy(allow("a"), deny("d")),), frozenset({"p"}), Verdict.DENY, "BY_D", "p"),
}


@pytest.mark.parametrize(("policies", "used_up", "verdict", "reason", "name"), PACES.values(), ids=PACES)
def test_a_pace_that_is_used_up_escalates(
    policies: tuple[Policy, ...], used_up: frozenset[str], verdict: Verdict, reason: str, name: str
) -> None:
    """Without it a fault upstream could send a thousand messages before anybody looks."""
    found = decided(selected(*policies), ALL, used_up=used_up)
    assert (found.verdict, found.reason, found.policy) == (verdict, reason, name)
    if verdict is Verdict.ESCALATE:
        assert (found.action, found.options) == (X, ("proceed", "refuse"))


EDGES: dict[str, tuple[Test, tuple[int, ...], tuple[int, ...]]] = {
    "between": (Between(-5, 7), (-5, 0, 7), (-300, -6, 8, 300)),
    "from the smallest": (Between(-300, 7), (-300, 7), (8, 300)),
    "to the largest": (Between(7, 300), (7, 300), (-300, 6)),
    "one number": (Equal(7), (7,), (6, 8, -300, 300)),
    "the largest only": (Equal(300), (300,), (299,)),
    "several": (OneOf((-300, 0, 1, 300)), (-300, 0, 1, 300), (-299, -1, 2, 299)),
}


@pytest.mark.parametrize(("test", "inside", "outside"), EDGES.values(), ids=EDGES)
def test_bounds_are_included(test: Test, inside: tuple[int, ...], outside: tuple[int, ...]) -> None:
    """Without it a rule would hold for one number more or less than it says."""
    selection = selected(policy(allow("a", count=test)))
    for number in inside + outside:
        verdict = Verdict.ALLOW if number in inside else Verdict.DENY
        assert decided(selection, ALL | {"count": number}).verdict is verdict, number


@pytest.mark.parametrize("view", [None, False])
def test_what_a_view_answers_is_a_field_like_others(view: bool | None) -> None:
    """Without it a limit that could not be asked about would be taken as kept."""
    found = decided(selected(policy(allow("a", recent__under_limit=True))), ALL, under_limit=view)
    assert found.verdict is (Verdict.ESCALATE if view is None else Verdict.DENY)


def _malformed(selection: Selection) -> dict[str, tuple[Trigger, tuple[FieldValue, ...], str]]:
    def trigger(*fields: FieldValue, **changed: Any) -> Trigger:
        return msgspec.structs.replace(Trigger(ID, "t", NOON, fields), **changed)

    whole = tuple(FieldValue(name, ALL[name]) for name in sorted(ALL))
    answer = FieldValue("recent.under_limit", True)
    swapped: dict[str, Any] = {"consent": 1, "count": True, "level": 5, "severity": "1", "patient": 5, "at": 5}
    cases: dict[str, tuple[Trigger, tuple[FieldValue, ...], str]] = {
        f"{name} of another type": (
            trigger(*(FieldValue(f.name, value) if f.name == name else f for f in whole)),
            (answer,),
            "WRONG_TYPE",
        )
        for name, value in swapped.items()
    }
    null: Any = None
    return (
        cases
        | {
            "an unknown type": (trigger(*whole, type="z"), (answer,), "UNKNOWN_TRIGGER"),
            "an unknown field": (trigger(*whole, FieldValue("z", 1)), (answer,), "UNKNOWN_FIELD"),
            "an unknown field outside": (trigger(*whole, outside=("z",)), (answer,), "UNKNOWN_FIELD"),
            "a null": (trigger(*whole[:-1], FieldValue("severity", null)), (answer,), "WRONG_TYPE"),
            "a fraction": (trigger(*whole[:-1], FieldValue("severity", 1.0)), (answer,), "WRONG_TYPE"),  # type: ignore[arg-type]
            "a field twice": (trigger(*whole, whole[0]), (answer,), "EVALUATION_FAILED"),
            "a field twice, another missing": (trigger(*whole[:-1], whole[0]), (answer,), "EVALUATION_FAILED"),
            "there and outside": (trigger(*whole, outside=("level",)), (answer,), "EVALUATION_FAILED"),
            "a trigger that answers for the view": (trigger(*whole, answer), (), "UNKNOWN_FIELD"),
            "a view that answers for the trigger": (trigger(*whole[:-1]), (whole[-1], answer), "VIEW_FAILED"),
            "an unknown column": (trigger(*whole), (FieldValue("recent.z", True),), "VIEW_FAILED"),
            "a column of another type": (trigger(*whole), (FieldValue("recent.under_limit", 1),), "VIEW_FAILED"),
            "a column twice": (trigger(*whole), (answer, answer), "EVALUATION_FAILED"),
            "no time": (trigger(*whole, as_of=""), (answer,), "EVALUATION_FAILED"),
            "a time that is a number": (trigger(*whole, as_of=5), (answer,), "EVALUATION_FAILED"),
            "no fields": (trigger(fields=null), (answer,), "EVALUATION_FAILED"),
            "no answers": (trigger(*whole), null, "EVALUATION_FAILED"),
        }
    )


EVERYTHING_GOES = selected(policy(allow("a")))
MALFORMED = _malformed(EVERYTHING_GOES)


@pytest.mark.parametrize(("trigger", "answers", "reason"), MALFORMED.values(), ids=MALFORMED)
def test_what_no_reader_gives_is_denied(trigger: Trigger, answers: tuple[FieldValue, ...], reason: str) -> None:
    """Without it `True` would pass for 1, a trigger could answer for the database, and an error would be skipped."""
    found = decide(EVERYTHING_GOES, trigger, answers, frozenset())
    assert (found.verdict, found.reason, found.fields, found.trigger) == (Verdict.DENY, reason, (), "")


UNFIT: dict[str, Selection] = {
    "a condition on no field": selected(policy(allow("a", z=1))),
    "a test of another type": selected(policy(allow("a", consent=1))),
    "a truth for a number": selected(policy(allow("a", severity=True))),
    "a test outside the domain": selected(policy(deny("a", level="none"), allow("b"))),
    "bounds outside the domain": selected(policy(deny("a", count=Between(0, 400)), allow("b"))),
    "bounds of words": selected(policy(deny("a", level=Between(0, 1)), allow("b"))),
    "one of nothing": selected(policy(deny("a", level=OneOf(())), allow("b"))),
    "a condition on a reference": selected(policy(allow("a", patient=PATIENT))),
    "two conditions on one field": selected(
        policy(
            Rule("a", (Condition("severity", Equal(1)), Condition("severity", Equal(2))), Verdict.DENY, "R"), allow("b")
        )
    ),
    "two rules of one name": selected(policy(allow("a"), allow("a", severity=1))),
    "two policies of one name": selected(OPEN, OPEN),
    "an allow without an action": selected(policy(Rule("a", (), Verdict.ALLOW, "R"))),
    "a deny with an action": selected(policy(allow("a"), Rule("b", (), Verdict.DENY, "R", X))),
    "a recipient that the view answers": selected(
        policy(allow("a", Action(SEND_MESSAGE, "x", "1.0", "recent.under_limit", ())))
    ),
    "a field with two domains": selected(OPEN, views=(VIEW, msgspec.structs.replace(VIEW, version="2.0"))),
}


@pytest.mark.parametrize("selection", UNFIT.values(), ids=UNFIT)
def test_a_selection_that_does_not_fit_together_allows_nothing(selection: Selection) -> None:
    """Without it a deny that can never hold, or that nobody can understand, would be skipped in silence."""
    found = decided(selection, ALL)
    assert found.verdict is Verdict.DENY
    assert found.reason in {"EVALUATION_FAILED", "NOT_SELECTED"}


@pytest.mark.parametrize("place", range(len(FIELDS) + 1))
def test_an_exception_in_any_matcher_denies(place: int, monkeypatch: pytest.MonkeyPatch) -> None:
    """Without it a rule that fails would be left out, which is how a forbidden thing becomes an allowed one."""
    index = Index(EVERYTHING_GOES)
    prepared = index._types["t"]
    broken = list(prepared.matchers)

    def fail(_value: Value) -> int:
        raise RuntimeError("hunter2")

    broken[place] = broken[place]._replace(match=fail)
    monkeypatch.setitem(index._types, "t", _replaced(prepared, matchers=tuple(broken)))
    trigger = Trigger(ID, "t", NOON, tuple(FieldValue(name, ALL[name]) for name in sorted(ALL)))
    for fields in (trigger.fields, trigger.fields[:place] + trigger.fields[place + 1 :]):
        for answers in ((FieldValue("recent.under_limit", True),), ()):
            found = index.decide(msgspec.structs.replace(trigger, fields=fields), answers, frozenset())
            asked = len(fields) + len(answers) == len(FIELDS) + 1
            assert found.verdict is not Verdict.ALLOW or not asked
            assert "hunter2" not in repr(found)


@pytest.mark.parametrize("name", ["", "moments", "effective", "outcomes", "alike", "allow", "matchers"])
def test_a_broken_table_denies(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Without it a fault of ours in one table would end in a decision of the others."""
    index = Index(EVERYTHING_GOES)
    if name:
        monkeypatch.setitem(index._types, "t", _replaced(index._types["t"], **{name: None}))
    trigger = Trigger(ID, "t", NOON, tuple(FieldValue(key, ALL[key]) for key in sorted(ALL)))
    found = index.verdict(trigger, (FieldValue("recent.under_limit", True),))
    assert (found.verdict, found.reason) == ((Verdict.DENY, "EVALUATION_FAILED") if name else (Verdict.ALLOW, "BY_A"))


def _replaced(prepared: Any, **changed: Any) -> Any:
    return dataclasses.replace(prepared, **changed)


def test_unknown_references_deny_and_are_not_kept() -> None:
    """Without it a reference that nobody issued would be written to; or would stay in the record."""
    trigger = Trigger(ID, "t", NOON, tuple(FieldValue(name, ALL[name]) for name in sorted(ALL)))
    found = decide(EVERYTHING_GOES, trigger, (), frozenset(), (PATIENT,))
    assert (found.verdict, found.reason) == (Verdict.DENY, "REFERENCE_UNKNOWN")
    assert PATIENT not in found.body.decode()
    assert found == refused(Reason.REFERENCE_UNKNOWN, EVERYTHING_GOES)


def test_a_refusal_names_what_was_selected() -> None:
    """Without it nobody could tell later with which policies a trigger was refused."""
    assert [read.sha256 for read in refused(Reason.UNKNOWN_TRIGGER, EVERYTHING_GOES).reads] == ["f" * 64]
    assert refused(Reason.VIEW_FAILED, None).reads == ()


def test_a_decision_records_everything_that_it_rests_on() -> None:
    """Without it a decision could not be made again from its record, nor be compared with it."""
    found = decided(selected(policy(allow("a")), policy(deny("d", severity=3), id="q")), ALL)
    assert [(read.kind, read.id) for read in found.reads] == [
        ("policy", "p"),
        ("policy", "q"),
        ("selection", "selection"),
        ("template", "x"),
        ("view", "recent"),
    ]
    assert [item.name for item in found.fields] == sorted([*ALL, "recent.under_limit"])
    assert (found.trigger, found.trigger_type, found.as_of) == (ID, "t", NOON)


def test_a_value_outside_its_domain_is_not_recorded() -> None:
    """Without it text that a caller put into a trigger by another way would stay in the record."""
    found = decided(selected(policy(allow("a", level="low"))), ALL | {"level": "hunter2"})
    assert (found.verdict, found.reason, found.uncertain) == (Verdict.ESCALATE, "OUTSIDE_DOMAIN", ("level",))
    assert "hunter2" not in found.body.decode()


def test_the_evaluator_agrees_with_the_naive_one() -> None:
    """Without it the tables could decide something else than the rules in words. (`make witnesses` takes 10⁵.)"""
    seed = 20261121
    for number, pair in enumerate(pairs(random.Random(seed), 500, 4)):
        found = compared(pair)
        assert not found.differs, f"seed {seed}, pair {number}: {found}"


MUTANTS: dict[str, Callable[[Any], Any]] = {
    "a deny less": lambda p: _replaced(p, deny=0, allow=p.allow | p.deny),
    "everything is effective": lambda p: _replaced(
        p, effective=tuple(max(e or 0 for e in p.effective) for _ in p.effective)
    ),
    "nothing is needed": lambda p: _replaced(p, matchers=tuple(m._replace(needed=0) for m in p.matchers)),
    "all actions are alike": lambda p: _replaced(p, alike=dict.fromkeys(p.alike, -1)),
    "no template is looked at": lambda p: _replaced(p, blocked={}),
}


@pytest.mark.parametrize("mutant", MUTANTS.values(), ids=MUTANTS)
def test_the_naive_evaluator_finds_a_fault(mutant: Callable[[Any], Any], monkeypatch: pytest.MonkeyPatch) -> None:
    """Without it two evaluators could agree because the pairs never get to what matters."""
    made = Index.__init__

    def broken(self: Index, selection: Selection) -> None:
        made(self, selection)
        self._types = {name: mutant(p) if p.refusal is None else p for name, p in self._types.items()}

    monkeypatch.setattr(Index, "__init__", broken)
    assert any(compared(pair).differs for pair in pairs(random.Random(3), 500, 4))


def test_large_domains_are_not_enumerated() -> None:
    """Without it a field of a thousand million numbers would fill the memory."""
    field = Field("count", Whole(-(10**9), 10**9))
    view = View("recent", "1.0", False, "", (), (), "")
    types = TriggerTypes("TRG", (), "notify", (TriggerType("t", (field, FIELDS[4]), ("recent",)),))
    selection = Selection(types, (policy(allow("a", count=Between(5, 10**9))),), (view,), TEMPLATES, "")
    for number, verdict in ((10**9, Verdict.ALLOW), (5, Verdict.ALLOW), (4, Verdict.DENY), (-(10**9), Verdict.DENY)):
        trigger = Trigger(ID, "t", NOON, (FieldValue("count", number), FieldValue("patient", PATIENT)))
        assert decide(selection, trigger, (), frozenset()).verdict is verdict
