"""Tables of tests cannot lie: whatever is not really tested fails."""

from dataclasses import dataclass

import msgspec
import pytest

from cutter.policies.analysis.tables import (
    Expected,
    Failure,
    Fault,
    Row,
    Table,
    action_text,
    holding_rows,
    run_tables,
)
from cutter.policies.domain import FieldValue, Value
from cutter.policies.policy import Between, Equal, Pace, Selection, Verdict
from tests.support.policy_sets import EARLY, FIRST, SECOND, TYPE, policy, rule, selection

DENY, ESCALATE, ALLOW = Verdict.DENY, Verdict.ESCALATE, Verdict.ALLOW
CHOSEN = selection(
    policy(
        "p",
        rule("no", DENY, {"consent": Equal(False)}, "NO_CONSENT"),
        rule("routine", ALLOW, {"consent": Equal(True), "severity": Between(0, 2)}, "ROUTINE", SECOND),
        rule("severe", ESCALATE, {"consent": Equal(True), "severity": Between(3, 4)}, "SEVERE", FIRST),
        pace=Pace(3, 60),
    )
)
DO = "comm.send_message@1 ready@1.0 to recipient (ward=ward)"


def row(
    expect: Expected,
    given: tuple[str, ...] = ("recipient",),
    outside: tuple[str, ...] = (),
    trigger_type: str = TYPE,
    **values: Value,
) -> Row:
    """A row."""
    fields = tuple(FieldValue(name, values[name]) for name in sorted(values))
    return Row(trigger_type, EARLY, fields, given, outside, expect)


def expected(verdict: Verdict | None, name: str, reason: str, do: str | None = None) -> Expected:
    """What a row expects."""
    return Expected(verdict, name, reason, do)


GOOD = (
    row(expected(DENY, "p/no", "NO_CONSENT", ""), consent=False),
    row(expected(ALLOW, "p/routine", "ROUTINE", DO), consent=True, severity=2, ward="er"),
    row(expected(ESCALATE, "p/severe", "SEVERE"), consent=True, severity=3),
    row(expected(ESCALATE, "", "MISSING_FIELD"), consent=True),
    row(expected(ESCALATE, "", "OUTSIDE_DOMAIN"), outside=("severity", "ward"), consent=True),
)


def table(*rows: Row, policies: tuple[tuple[str, str], ...] = (("p", "1.0"),), name: str = "t") -> Table:
    """A table."""
    return Table(name, policies, rows)


def test_good_tables_pass() -> None:
    """Without it a runner that fails everything would pass all the tests below."""
    results = run_tables(CHOSEN, (table(*GOOD[:2]), table(*GOOD[2:], name="u")))
    assert results.failures == ()
    assert results.passed
    counted = (results.tables, results.rows, results.passed_rows, results.rules, results.witnessed_rules)
    assert counted == (2, 5, 5, 3, 3)


def _flips(one: Row) -> list[Row]:
    """A row with each cell of its expectation changed."""
    expect = one.expect
    cells: list[dict[str, object]] = [{"decision": other} for other in Verdict if other is not expect.decision]
    cells += [{"rule": "p/no" if expect.rule != "p/no" else "p/severe"}, {"rule": "" if expect.rule else "p/no"}]
    cells += [{"reason": "ANOTHER"}]
    cells += [{"do": "another"}, {"do": DO if expect.do == "" else ""}] if expect.do is not None else []
    changed = [msgspec.structs.replace(expect, **cell) for cell in cells]
    return [msgspec.structs.replace(one, expect=each) for each in changed]


@pytest.mark.parametrize("number", range(len(GOOD)))
def test_flipping_any_cell_of_an_expectation_turns_it_red(number: int) -> None:
    """Without it a row could pass whatever it expects."""
    flips = _flips(GOOD[number])
    assert len(flips) >= 5
    for flipped in flips:
        rows = (*GOOD[:number], flipped, *GOOD[number + 1 :])
        results = run_tables(CHOSEN, (table(*rows),))
        assert not results.passed
        assert any(failure.row == number + 1 for failure in results.failures)
        assert results.passed_rows == len(GOOD) - 1


@dataclass(frozen=True)
class Case:
    """Tables that fail, and how."""

    tables: tuple[Table, ...]
    failures: tuple[tuple[int, Fault, str], ...]
    chosen: Selection = CHOSEN


def _with(one: Row) -> tuple[Table, ...]:
    return (table(*GOOD, one),)


NO = expected(DENY, "p/no", "NO_CONSENT")
CASES: dict[str, Case] = {
    "no tables": Case(
        (),
        ((0, Fault.NO_TABLES, ""), *((0, Fault.NEVER_WITNESSED, f"p/{name}") for name in ("no", "routine", "severe"))),
    ),
    "a table without rows": Case((table(*GOOD), table(name="empty")), ((0, Fault.NO_ROWS, ""),)),
    "a table for no policy": Case((table(*GOOD), table(GOOD[3], policies=())), ((0, Fault.UNKNOWN_POLICY, ""),)),
    "an unknown policy": Case(
        (table(*GOOD, policies=(("gone", "1.0"), ("p", "1.0"))),), ((0, Fault.UNKNOWN_POLICY, "gone"),)
    ),
    "another version": Case((table(*GOOD, policies=(("p", "1.1"),)),), ((0, Fault.OTHER_VERSION, "p"),)),
    "an unknown type": Case(_with(row(NO, trigger_type="gone", consent=False)), ((6, Fault.UNKNOWN_TRIGGER, "gone"),)),
    "an unknown column": Case(_with(row(NO, consent=False, colour="red")), ((6, Fault.UNKNOWN_COLUMN, "colour"),)),
    "a column of no view": Case(
        _with(row(NO, consent=False, outside=("quota.gone",))), ((6, Fault.UNKNOWN_COLUMN, "quota.gone"),)
    ),
    "a value of another type": Case(
        _with(row(NO, consent=False, severity=True)), ((6, Fault.WRONG_VALUE, "severity"),)
    ),
    "one for true": Case(_with(row(NO, consent=0)), ((6, Fault.WRONG_VALUE, "consent"),)),
    "a value outside": Case(_with(row(NO, consent=False, severity=9)), ((6, Fault.WRONG_VALUE, "severity"),)),
    "a value of a reference": Case(
        _with(row(NO, given=(), consent=False, recipient="REC-1")), ((6, Fault.WRONG_VALUE, "recipient"),)
    ),
    "given and finite": Case(_with(row(NO, given=("ward",), consent=False)), ((6, Fault.WRONG_VALUE, "ward"),)),
    "said twice": Case(
        _with(row(NO, consent=False, severity=1, outside=("severity",))),
        ((6, Fault.WRONG_VALUE, "severity"), (6, Fault.WRONG_VALUE, "severity")),
    ),
    "outside of a boolean": Case(_with(row(NO, outside=("consent",))), ((6, Fault.WRONG_VALUE, "consent"),)),
    "nothing expected": Case(_with(row(expected(None, "", ""), consent=False)), ((6, Fault.NO_EXPECTATION, ""),)),
    "no decision expected": Case(
        _with(row(expected(None, "p/no", "NO_CONSENT"), consent=False)), ((6, Fault.NO_EXPECTATION, ""),)
    ),
    "no reason expected": Case(_with(row(expected(DENY, "p/no", ""), consent=False)), ((6, Fault.NO_EXPECTATION, ""),)),
    "an unknown rule": Case(
        _with(row(expected(DENY, "p/gone", "NO_CONSENT"), consent=False)), ((6, Fault.UNKNOWN_RULE, "p/gone"),)
    ),
    "a rule of a policy that the table is not for": Case(
        (table(*GOOD), table(GOOD[0], policies=(("q", "1.0"),), name="u")),
        ((1, Fault.UNKNOWN_POLICY, "p"), (0, Fault.NEVER_WITNESSED, "q/late")),
        selection(*CHOSEN.policies, policy("q", rule("late", DENY, {}), since="2028-01-01T00:00:00Z")),
    ),
    "a rule that no row is decided by": Case((table(GOOD[0], *GOOD[2:]),), ((0, Fault.NEVER_WITNESSED, "p/routine"),)),
    "a rule that only a failing row is decided by": Case(
        (table(row(expected(DENY, "p/no", "ANOTHER"), consent=False), *GOOD[1:]),),
        ((1, Fault.OTHER_REASON, ""), (0, Fault.NEVER_WITNESSED, "p/no")),
    ),
}


@pytest.mark.parametrize("name", CASES)
def test_what_fails(name: str) -> None:
    """Without it tables that test nothing, or something else, would be green."""
    case = CASES[name]
    results = run_tables(case.chosen, case.tables)
    assert [(f.row, f.fault, f.name) for f in results.failures] == list(case.failures)
    assert not results.passed


def test_a_withdrawn_policy_needs_no_witnesses() -> None:
    """Without it a withdrawn policy could only be tested by taking it out."""
    chosen = selection(policy("p", rule("a", ALLOW, {}), withdrawn=True))
    results = run_tables(chosen, (table(row(expected(DENY, "", "WITHDRAWN", ""))),))
    assert results.passed
    assert results.rules == 0


@pytest.mark.parametrize(
    ("tested", "missing"), [(None, ("q/late",)), ({"p"}, ()), ({"p", "q"}, ("q/late",)), (set(), ())]
)
def test_only_rules_of_policies_that_are_tested_need_witnesses(tested: set[str] | None, missing: tuple[str]) -> None:
    """Without it a table could not be run alone, or the whole would be green although a rule is in no row."""
    chosen = selection(*CHOSEN.policies, policy("q", rule("late", DENY, {}), since="2028-01-01T00:00:00Z"))
    results = run_tables(chosen, (table(*GOOD),), tested)
    assert tuple(failure.name for failure in results.failures) == missing
    assert results.rules == 3 * (tested != set()) + len(missing)


def test_a_failure_tells_both_sides() -> None:
    """Without it people would have to find out themselves what was decided."""
    wrong = row(expected(ALLOW, "p/routine", "ROUTINE", ""), consent=True, severity=1, ward="icu")
    (failure,) = run_tables(CHOSEN, (table(*GOOD, wrong),)).failures
    assert failure == Failure("t", 6, Fault.OTHER_ACTION, "", "", DO)


def test_the_action_is_one_line_that_tells_every_action_apart() -> None:
    """Without it a row that pins the action would hold for another one."""
    others = [
        SECOND,
        FIRST,
        msgspec.structs.replace(SECOND, template_version="1.1"),
        msgspec.structs.replace(SECOND, template="other"),
        msgspec.structs.replace(SECOND, recipient="other"),
        msgspec.structs.replace(SECOND, operation="comm.create_notification@1"),
        msgspec.structs.replace(SECOND, slots=(msgspec.structs.replace(SECOND.slots[0], field="other"),)),
    ]
    assert action_text(SECOND) == DO
    assert len({action_text(each) for each in [None, *others]}) == len(others) + 1


def test_rows_that_hold_are_told_apart() -> None:
    """Without it a row that fails could count as one that notices a mutant."""
    wrong = msgspec.structs.replace(GOOD[0], expect=expected(ALLOW, "p/routine", "ROUTINE"))
    assert holding_rows(CHOSEN, (table(wrong, *GOOD[1:]),)) == list(GOOD[1:])
