"""What the tables of tests say of the policies (`cutter.policies-tested/1`): rows, and mutants that no row notices.

Rules kept here: a table that cannot be believed is a failure of its own, never a pass; a survived mutant is told with
the row that is missing; an equivalent one counts only where that was proved.

Source: policies.md §3.5, §3.6.
"""

from collections.abc import Iterator

import msgspec

from cutter.messages import Countable, Message, _, counted, number
from cutter.policies.analysis.mutation import MutationKind
from cutter.policies.analysis.tables import Fault
from cutter.report.lines import block, exit_part, head, next_lines
from cutter.report.paragraphs import Line
from cutter.report.policies.results import ShownWitness
from cutter.report.policies.witnesses import witness_phrase
from cutter.report.result import NextStep
from cutter.report.visible import visible


class TableFailure(msgspec.Struct, frozen=True, kw_only=True):
    """Why a table fails. `row` counts from 1, 0 is the table as a whole; `place` is `file:line:column`, or empty.

    `name` is the policy, the field or the rule that it is about; `expected` and `found` are words of the policies.
    """

    table: str
    row: int
    place: str
    fault: Fault
    name: str
    expected: str
    found: str


class SurvivedMutant(msgspec.Struct, frozen=True, kw_only=True):
    """A change of a rule that no row notices, and the row that would."""

    rule: str
    kind: MutationKind
    field: str
    detail: str
    row: ShownWitness


class ShownScore(msgspec.Struct, frozen=True, kw_only=True):
    """All mutants: those that a row notices, those that were proved to decide everything alike, and the others."""

    mutants: int
    killed: int
    equivalent: int
    survived: tuple[SurvivedMutant, ...]


class PolicyTests(msgspec.Struct, frozen=True, kw_only=True):
    """All of one test: `rules` are those of the tested policies, `witnessed` those that a row was decided by."""

    format: str = "cutter.policies-tested/1"
    folder: str
    tables: tuple[str, ...]
    rows: int
    passed: int
    rules: int
    witnessed: int
    failures: tuple[TableFailure, ...]
    score: ShownScore | None
    stop_code: str | None
    exit_code: int
    next: tuple[NextStep, ...]


class GeneratedRows(msgspec.Struct, frozen=True, kw_only=True):
    """`cutter policies test --generate` (`cutter.policies-rows/1`): rows that are missing, each without expectation.

    `text` is the table as a file has it; `path` is empty where it was not written.
    """

    format: str = "cutter.policies-rows/1"
    folder: str
    path: str
    rows: int
    text: str
    next: tuple[NextStep, ...]


_FAULTS = {
    Fault.NO_TABLES: Message("there is no table"),
    Fault.NO_ROWS: Message("the table has no rows"),
    Fault.UNKNOWN_POLICY: Message("no such policy is selected"),
    Fault.OTHER_VERSION: Message("another version of the policy is selected"),
    Fault.UNKNOWN_TRIGGER: Message("no such type of trigger"),
    Fault.UNKNOWN_COLUMN: Message("no such field"),
    Fault.WRONG_VALUE: Message("the field cannot say this"),
    Fault.NO_EXPECTATION: Message("the row expects nothing"),
    Fault.UNKNOWN_RULE: Message("no such rule is selected"),
    Fault.OTHER_DECISION: Message("it is decided otherwise"),
    Fault.OTHER_RULE: Message("another rule decides"),
    Fault.OTHER_REASON: Message("it has another reason"),
    Fault.OTHER_ACTION: Message("it leads to something else"),
    Fault.NEVER_WITNESSED: Message("no row is decided by this rule"),
}

_MUTATIONS = {
    MutationKind.VERDICT: Message("another decision"),
    MutationKind.CONDITION_DROPPED: Message("a condition less"),
    MutationKind.BOUND: Message("another bound"),
    MutationKind.VALUE_ADDED: Message("a value more"),
    MutationKind.VALUE_REMOVED: Message("a value less"),
    MutationKind.VALUE_SWAPPED: Message("another value"),
    MutationKind.REASON: Message("another reason"),
    MutationKind.ACTION: Message("another action"),
}


def tested_lines(found: PolicyTests) -> Iterator[str]:
    """The screen: the state, what was run, each difference, the score, what next."""
    if found.exit_code:
        yield head(_("REFUSED"), (found.stop_code or "", exit_part(found.exit_code)))
    else:
        yield head(_("GOOD"), (visible(found.folder, compose=False), _("every row holds")))
    tables = counted(len(found.tables), Countable("table"))
    passed = _("{count} of {all} rows hold", count=number(found.passed), all=number(found.rows))
    rules = _("{count} of {all} rules decide a row", count=number(found.witnessed), all=number(found.rules))
    yield block(_("Ran"), f"{tables} · {passed} · {rules}")
    for failure in found.failures:
        yield from _failure(failure)
    if found.score is not None:
        yield from _score(found.score)
    yield from next_lines(found.next)


def generated_lines(found: GeneratedRows) -> Iterator[str]:
    """The rows, or where they are."""
    if not found.path:
        yield from found.text.splitlines()
        return
    rows = counted(found.rows, Countable("missing row"))
    yield head(_("DONE"), (rows, visible(found.path, compose=False)))
    yield block(_("To do"), _("fill in what each row expects; until then the table fails"))
    yield from next_lines(found.next)


def _failure(failure: TableFailure) -> Iterator[str]:
    place = visible(failure.place or failure.table, compose=False)
    about = ": ".join(part for part in (_(_FAULTS[failure.fault]), visible(failure.name)) if part)
    yield Line(f"  {place}  {about}" if place else f"  {about}", 4)
    for name, said in ((_("expected"), failure.expected), (_("found"), failure.found)):
        if said:
            yield Line(f"    {name} {visible(said)}", 6)


def _score(score: ShownScore) -> Iterator[str]:
    parts = (
        number(score.mutants),
        _("{count} killed", count=number(score.killed)),
        _("{count} proved equivalent", count=number(score.equivalent)),
        _("{count} survived", count=number(len(score.survived))),
    )
    yield block(_("Mutants"), " · ".join(parts))
    for mutant in score.survived:
        change = " ".join(part for part in (f"{_(_MUTATIONS[mutant.kind])}:", mutant.field, mutant.detail) if part)
        yield Line(f"  {mutant.rule}  {visible(change)}", 4)
        yield Line(f"    {_('missing row')} {mutant.row.trigger.type} {witness_phrase(mutant.row)}", 6)
