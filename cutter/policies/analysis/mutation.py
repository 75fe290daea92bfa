"""Mutants of policies: how much the tables' rows would notice, exactly.

Rules kept here: every mutant is killed by a row, proved to decide everything alike, or survives with the row that is
missing; two rules are compared only where the changed one matters; a mutant is looked at in every trigger type of its
policy. What a row can notice: decision, rule, reason, and the action where the row pins it.

Source: issue 7, "policies test --mutate"; policies.md §0.4, §3.5.
"""

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import Enum
from typing import NamedTuple

import msgspec

from cutter.policies.analysis.atoms import State
from cutter.policies.analysis.bounds import MOST_RULES, Budget, refuse_beyond, weight
from cutter.policies.analysis.judging import decided
from cutter.policies.analysis.mutants import Mutant, MutationKind, Surroundings, mutants_of
from cutter.policies.analysis.points import path_of, said_by, state_at
from cutter.policies.analysis.regions import Witness
from cutter.policies.analysis.searching import Cube, Judge, Search
from cutter.policies.analysis.selections import Surveyed, entries_of, fields_of_type, ground_of, surveyed, type_of
from cutter.policies.analysis.space import Cell, Entry, Side, Space
from cutter.policies.analysis.tables import Expected, Row, Table, action_text, holding_rows, witness_of_row
from cutter.policies.analysis.witnesses import Wording, trigger_of
from cutter.policies.decision import Reason
from cutter.policies.domain import IssuedReference, Moment
from cutter.policies.outcome import Outcome
from cutter.policies.policy import Action, Rule, Selection

__all__ = ["Fate", "Mutant", "MutationKind", "MutationScore", "Survivor", "generate", "mutate"]


class Fate(Enum):
    """What became of a mutant."""

    KILLED = "killed"
    EQUIVALENT = "equivalent"
    SURVIVED = "survived"


class Survivor(msgspec.Struct, frozen=True):
    """A mutant that no row noticed, and the row that would, with its expectation left empty."""

    mutant: Mutant
    row: Row


class MutationScore(msgspec.Struct, frozen=True):
    """The exact score: every mutant is killed, proved equivalent, or survived with the missing row."""

    mutants: int
    killed: int
    equivalent: int
    survivors: tuple[Survivor, ...]

    @property
    def complete(self) -> bool:
        """Whether every mutant that is not equivalent was killed."""
        return not self.survivors


def mutate(selection: Selection, tables: tuple[Table, ...], policies: Collection[str] | None = None) -> MutationScore:
    """Score tables; rows that do not hold notice nothing.

    Args:
        selection: what `selection.yaml` names.
        tables: all tables together.
        policies: ids of those whose rules are changed; None: all.

    Raises:
        TooLarge: a trigger type is too large to decide exactly.
    """
    fates: dict[Mutant, Fate] = {}
    missing: dict[Mutant, Row] = {}
    budget = Budget()
    survey = surveyed(selection, budget)
    rows = holding_rows(selection, tables)
    for mutated in _types(survey, budget):
        seen = [mutated.seen(row) for row in rows if row.trigger_type == mutated.name]
        for change in mutated.changes:
            mutant = change.mutant
            if fates.get(mutant) is Fate.KILLED or (policies is not None and mutant.policy not in policies):
                continue
            if any(mutated.notices(change, each) for each in seen):
                fates[mutant] = Fate.KILLED
            elif fates.get(mutant) is not Fate.SURVIVED:
                row = mutated.telling(change)
                fates[mutant] = Fate.EQUIVALENT if row is None else Fate.SURVIVED
                missing |= {} if row is None else {mutant: row}
    survivors = [Survivor(m, missing[m]) for m in sorted(fates, key=_rank) if fates[m] is Fate.SURVIVED]
    told = list(fates.values())
    return MutationScore(len(told), told.count(Fate.KILLED), told.count(Fate.EQUIVALENT), tuple(survivors))


def generate(selection: Selection) -> tuple[Row, ...]:
    """Rows that kill every mutant that is not equivalent, expectations left empty, by trigger type.

    Raises:
        TooLarge: a trigger type is too large to decide exactly.
    """
    rows: list[Row] = []
    budget = Budget()
    for mutated in _types(surveyed(selection, budget), budget):
        seen: list[_Seen] = []
        for change in mutated.changes:
            if any(mutated.notices(change, each) for each in reversed(seen)):
                continue
            row = mutated.telling(change)
            if row is not None:
                rows.append(row)
                seen.append(mutated.seen(row, whole=True))
    return tuple(dict.fromkeys(rows))


def _rank(mutant: Mutant) -> tuple[str, ...]:
    return mutant.policy, mutant.rule, mutant.kind.value, mutant.field, mutant.detail


def _types(survey: Surveyed, budget: Budget) -> Iterator["_MutatedType"]:
    for kind in sorted(survey.selection.triggers.types, key=lambda each: each.name):
        if entries_of(survey, kind.name):
            yield _MutatedType(survey, kind.name, budget)


class _Change(NamedTuple):
    """A mutant in the space: the numbers of the rule and of the changed rule."""

    mutant: Mutant
    rule: int
    other: int

    @property
    def bit(self) -> int:
        """The rule."""
        return 1 << self.rule

    @property
    def changed(self) -> int:
        """The changed rule."""
        return 1 << self.other


@dataclass(frozen=True, slots=True)
class _Seen:
    """A row in the space: what is possible there, what is decided there, and whether the row pins the action."""

    possible: int
    doubt: int
    outcome: Outcome
    action: bool


class _MutatedType:
    """One trigger type with all mutants of its rules in one space."""

    def __init__(self, survey: Surveyed, name: str, budget: Budget) -> None:
        self.name = name
        self._budget = budget
        self._selection = survey.selection
        self._fields = fields_of_type(survey.selection, name)
        own = entries_of(survey, name)
        around = _surroundings(survey, name, own)
        blocked = {_sent_by(action): reason for action, reason in survey.prepared[name].blocked.items()}
        pairs = []
        for entry in own:
            for mutant, changed in mutants_of(entry.policy, entry.rule, around):
                pairs.append((mutant, entry, _changed(entry, changed, blocked)))
                refuse_beyond(MOST_RULES, len(pairs), name)
        ground = ground_of([survey], name, budget, [changed for _, _, changed in pairs])
        self._space, self._side = ground.space, ground.sides[0]
        numbers = {entry: number for number, entry in enumerate(self._space.entries)}
        self.changes = [_Change(mutant, numbers[entry], numbers[changed]) for mutant, entry, changed in pairs]
        self._search = Search(self._space, budget)
        self._wording = Wording(self._space, self._fields)
        self._inside = tuple(
            sum(1 << number for number, cell in enumerate(axis.cells) if cell.state is State.INSIDE)
            for axis in self._space.axes
        )
        self._every = tuple((1 << len(axis.cells)) - 1 for axis in self._space.axes)

    def seen(self, row: Row, *, whole: bool = False) -> _Seen:
        """A row; `whole`: as if it pinned everything."""
        trigger, answers = trigger_of(self._selection, witness_of_row(row, self._fields))
        path = path_of(self._space, said_by(self._selection, trigger, answers))
        possible, doubt = state_at(self._space, path or ())
        outcome = decided(self._space, self._side, possible, doubt)
        return _Seen(possible, doubt, outcome, whole or row.expect.do is not None)

    def notices(self, change: _Change, seen: _Seen) -> bool:
        """Whether a row would fail with a mutant. Raises `TooLarge` when the budget is spent."""
        self._budget.spend(self.name, weight(self._space.width))
        if not seen.possible & (change.bit | change.changed):
            return False
        found = decided(self._space, self._with(change), seen.possible, seen.doubt)
        return _told(found, action=seen.action) != _told(seen.outcome, action=seen.action)

    def telling(self, change: _Change) -> Row | None:
        """The smallest row that a mutant decides otherwise, complete ones first; None: it decides all alike."""
        space, both = self._space, change.bit | change.changed
        self._budget.spend(self.name, weight(space.width) * sum(len(axis.cells) for axis in space.axes))
        differing = _differing(space, change)
        for allowed in (self._inside, self._every):
            judge = _deciding(space, self._side, self._with(change), complete=allowed is self._inside)
            within: Cube = tuple([a & b for a, b in zip(allowed, differing, strict=True)])
            path = self._search.find(judge, self._side.members | both, within=within) if all(within) else None
            if path is not None:
                return self._row(self._wording.witness(path))
        return None

    def _with(self, change: _Change) -> Side:
        return Side(self._side.members & ~change.bit | change.changed)

    def _row(self, witness: Witness) -> Row:
        open_ended = [field.name for field in self._fields if isinstance(field.domain, Moment | IssuedReference)]
        given = tuple(name for name in open_ended if name not in witness.missing)
        nothing = Expected(None, "", "")
        return Row(witness.trigger_type, witness.as_of, witness.fields, given, witness.outside, nothing)


def _surroundings(survey: Surveyed, name: str, own: Sequence[Entry]) -> Surroundings:
    kind = type_of(survey.selection, name)
    actions = {entry.rule.action for entry in own if entry.rule.action is not None}
    return Surroundings(
        domains={field.name: field.domain for field in fields_of_type(survey.selection, name)},
        own=frozenset(field.name for field in kind.fields) if kind is not None else frozenset(),
        actions=sorted(actions, key=action_text),
        templates=[template for template in survey.selection.templates if not template.withdrawn],
    )


def _changed(entry: Entry, rule: Rule, blocked: Mapping[tuple[str, ...], Reason]) -> Entry:
    return entry._replace(rule=rule, blocked=None if rule.action is None else blocked.get(_sent_by(rule.action)))


def _sent_by(action: Action) -> tuple[str, ...]:
    return action.operation, action.template, action.template_version


def _told(outcome: Outcome, *, action: bool) -> tuple[object, ...]:
    """What a row can notice of an outcome."""
    return outcome.verdict, outcome.policy, outcome.rule, outcome.reason, outcome.action if action else None


def _differing(space: Space, change: _Change) -> Cube:
    """The cells that one of both rules does not exclude; of a changed condition's field those that they take otherwise.

    Where no cell is taken otherwise, there is none: both are one rule.
    """
    both = change.bit | change.changed
    cube = [sum([1 << n for n, cell in enumerate(axis.cells) if cell.keep & both]) for axis in space.axes]
    if change.mutant.field and change.mutant.kind is not MutationKind.ACTION:
        level = next((n for n, axis in enumerate(space.axes) if axis.name == change.mutant.field), None)
        if level is None:
            return tuple(0 for _ in cube)
        cells = enumerate(space.axes[level].cells)
        cube[level] &= sum([1 << n for n, cell in cells if _otherwise(cell, change, space.width)])
    return tuple(cube)


def _otherwise(cell: Cell, change: _Change, width: int) -> bool:
    """Whether a cell excludes only one of both rules, or makes only one of them uncertain."""
    bit, changed = change.bit, change.changed
    unsure = cell.doubt | cell.doubt >> width
    return bool(cell.keep & bit) is not bool(cell.keep & changed) or bool(unsure & bit) is not bool(unsure & changed)


def _deciding(space: Space, side: Side, other: Side, *, complete: bool) -> Judge:
    """Where two sides that differ in one rule decide otherwise."""
    both = side.members ^ other.members
    before = ((both & -both) - 1) & (space.deny | (space.escalate if complete else 0))

    def judge(possible: int, doubt: int, waiting: int) -> bool | None:
        if not possible & both or possible & before & ~(doubt | doubt >> space.width) & ~waiting:
            return False
        if waiting:
            return None
        found = [decided(space, each, possible, doubt) for each in (side, other)]
        return _told(found[0], action=True) != _told(found[1], action=True)

    return judge
