"""The finite space of a trigger type: every field as a few cells, and what each cell does to every rule.

Rules kept here: two values of a field that no rule tells apart are one cell, and so are two times between which no
policy begins or ends; what is missing or outside its domain is a cell of its own, because it makes rules uncertain;
what a test means is asked of the evaluator's own `meets`, so that the analyses cannot understand it in another way.

One space can hold several selections side by side (`Side`): rules that they share are one bit. Bits are in the
evaluator's order, the strongest lowest.

Source: issue 7, "lint"; policies.md §0.3.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import NamedTuple

from cutter.policies.analysis.atoms import Admission, State, admission, atoms_of
from cutter.policies.analysis.regions import AS_OF, Extent, Periods, joined
from cutter.policies.decision import Reason
from cutter.policies.domain import Domain
from cutter.policies.outcome import Outcome, denied
from cutter.policies.policy import Pace, Rule, Test, Verdict
from cutter.policies.preparation import combined, fields_of, meets

Domains = Mapping[str, Domain]
_STRENGTH = {Verdict.DENY: 0, Verdict.ESCALATE: 1, Verdict.ALLOW: 2}


class Entry(NamedTuple):
    """A rule with what of its policy bears on it.

    Args:
        policy, version: the policy.
        rule: the rule.
        since, until, pace: when the policy is effective, and its pace.
        blocked: what denies the rule's action, if anything does.
        domains: which of the space's `domains` its fields are of.
    """

    policy: str
    version: str
    rule: Rule
    since: str
    until: str
    pace: Pace | None = None
    blocked: Reason | None = None
    domains: int = 0

    def effective(self, moment: str) -> bool:
        """Whether its policy is effective at a moment."""
        return self.since <= moment and (not self.until or moment < self.until)


class Side(NamedTuple):
    """One selection in the space: its rules, or what all its triggers come to."""

    members: int
    refusal: Outcome | None = None


class Cell(NamedTuple):
    """Values of a field that no rule tells apart.

    Args:
        state: inside its domain, missing, or outside.
        extents: the values.
        keep: the rules that they do not exclude.
        doubt: the rules that they make uncertain, three times side by side: because it is missing, because it is
            outside, and because the rule's own action takes it.
    """

    state: State
    extents: tuple[Extent, ...]
    keep: int
    doubt: int


class Axis(NamedTuple):
    """A field (or `AS_OF`) with its cells, by their smallest values, missing and outside last."""

    name: str
    cells: tuple[Cell, ...]


@dataclass(frozen=True, slots=True)
class Space:
    """What is searched.

    Attributes:
        name: the trigger type.
        entries: the rules by their bits.
        axes: the fields that matter to any rule, `AS_OF` first, then by name.
        users: of each axis, the rules to which it matters; `later`: of each axis, those to which it or a later matters.
        deny, escalate, allow: the rules of these verdicts.
        outcomes, alike: what a rule decides, and the rules with the same action, by its bit.
        width: how many bits there are.
    """

    name: str
    entries: tuple[Entry, ...]
    axes: tuple[Axis, ...]
    users: tuple[int, ...]
    later: tuple[int, ...]
    deny: int
    escalate: int
    allow: int
    outcomes: Mapping[int, Outcome]
    alike: Mapping[int, int]
    width: int

    @property
    def rules(self) -> int:
        """All bits."""
        return (1 << self.width) - 1

    def with_axes(self, axes: Sequence[Axis]) -> "Space":
        """The space with some of its cells only."""
        users = tuple(_users(axis.cells, self.rules, self.width) for axis in axes)
        return replace(self, axes=tuple(axes), users=users, later=_later(users))

    def complete(self) -> "Space":
        """Triggers that say everything, inside its domain."""
        return self.with_axes(
            [Axis(a.name, tuple(cell for cell in a.cells if cell.state is State.INSIDE)) for a in self.axes]
        )


def ranked(entries: Iterable[Entry]) -> list[Entry]:
    """In the order of bits: the strongest first, then by policy and rule; what is equal stays in order."""
    return sorted(entries, key=lambda entry: (_STRENGTH[entry.rule.verdict], entry.policy, entry.rule.id))


def space_of(name: str, entries: Sequence[Entry], domains: Sequence[Domains]) -> Space:
    """The space of a trigger type.

    Args:
        name: the type.
        entries: as `ranked` gave them.
        domains: the fields of the type, as each selection knows them, once where they are equal.
    """
    width = len(entries)
    axes = [_times(entries), *(_axis(field, entries, domains) for field in _names(entries, domains))]
    axes = [axis for axis in axes if len(axis.cells) > 1]
    users = tuple(_users(axis.cells, (1 << width) - 1, width) for axis in axes)
    same: dict[object, int] = {}
    for number, entry in enumerate(entries):
        same[entry.rule.action] = same.get(entry.rule.action, 0) | 1 << number
    of = {v: combined(1 << n for n, entry in enumerate(entries) if entry.rule.verdict is v) for v in Verdict}
    return Space(
        name=name,
        entries=tuple(entries),
        axes=tuple(axes),
        users=users,
        later=_later(users),
        deny=of[Verdict.DENY],
        escalate=of[Verdict.ESCALATE],
        allow=of[Verdict.ALLOW],
        outcomes={1 << number: _outcome(entry) for number, entry in enumerate(entries)},
        alike={1 << number: same[entry.rule.action] for number, entry in enumerate(entries)},
        width=width,
    )


def _outcome(entry: Entry) -> Outcome:
    if entry.blocked is not None:
        return denied(entry.blocked)
    rule = entry.rule
    return Outcome(rule.verdict, rule.reason, entry.policy, entry.version, rule.id, rule.action)


def _users(cells: Sequence[Cell], rules: int, width: int) -> int:
    touched = combined(~cell.keep & rules for cell in cells)
    return touched | combined((cell.doubt | cell.doubt >> width) & rules for cell in cells)


def _later(users: tuple[int, ...]) -> tuple[int, ...]:
    """Of each axis, and of the end, the rules to which it or a later one matters."""
    found = [0]
    for mask in reversed(users):
        found.append(found[-1] | mask)
    return tuple(reversed(found))


def _names(entries: Sequence[Entry], domains: Sequence[Domains]) -> list[str]:
    """The fields that can matter: of conditions and actions, and those that selections know differently."""
    used = {condition.field for entry in entries for condition in entry.rule.when}
    used |= {field for entry in entries if (a := entry.rule.action) is not None for field in fields_of(a)}
    known = {field for each in domains for field in each}
    return sorted(
        used & known | {field for field in known if any(each.get(field) != domains[0].get(field) for each in domains)}
    )


def _times(entries: Sequence[Entry]) -> Axis:
    """The times between which no policy begins or ends."""
    edges = ["", *sorted({edge for entry in entries for edge in (entry.since, entry.until) if edge})]
    cells = []
    for since, until in zip(edges, [*edges[1:], ""], strict=True):
        keep = combined(1 << number for number, entry in enumerate(entries) if entry.effective(since))
        cells.append(Cell(State.INSIDE, (Periods(((since, until),)),), keep, 0))
    return Axis(AS_OF, _together(cells))


def _axis(field: str, entries: Sequence[Entry], domains: Sequence[Domains]) -> Axis:
    tests: dict[tuple[int, Test], int] = {}
    taking = 0
    for number, entry in enumerate(entries):
        for test in [condition.test for condition in entry.rule.when if condition.field == field]:
            tests[entry.domains, test] = tests.get((entry.domains, test), 0) | 1 << number
        if entry.rule.action is not None and field in fields_of(entry.rule.action):
            taking |= 1 << number
    needing = combined(tests.values()) | taking
    of = [combined(1 << n for n, e in enumerate(entries) if e.domains == number) for number in range(len(domains))]
    width, every = len(entries), (1 << len(entries)) - 1
    cells = []
    for atom in atoms_of([each.get(field) for each in domains], [test for _, test in tests]):
        keep, missing, outside = every, 0, 0
        for number, each in enumerate(domains):
            match admission(each.get(field), atom):
                case Admission.REFUSED:
                    keep &= ~of[number]
                case Admission.INSIDE:
                    unmet = (bits for (d, test), bits in tests.items() if d == number and not meets(test, atom.sample))
                    keep &= ~combined(unmet)
                case Admission.MISSING:
                    missing |= needing & of[number]
                case Admission.OUTSIDE:
                    outside |= needing & of[number]
        undoable = (missing | outside) & taking
        cells.append(Cell(atom.state, atom.extents, keep, missing | outside << width | undoable << 2 * width))
    return Axis(field, _together(cells))


def _together(cells: Sequence[Cell]) -> tuple[Cell, ...]:
    """Cells that no rule tells apart become one, in the order of their first."""
    found: dict[tuple[State, int, int], list[Cell]] = {}
    for cell in cells:
        found.setdefault((cell.state, cell.keep, cell.doubt), []).append(cell)
    return tuple(
        Cell(state, joined(extent for cell in group for extent in cell.extents), keep, doubt)
        for (state, keep, doubt), group in found.items()
    )
