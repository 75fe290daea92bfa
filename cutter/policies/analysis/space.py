"""The finite space of a trigger type: every field as a few cells, and what each cell does to every rule.

Rules kept here: two values of a field that no rule tells apart are one cell, and so are two times between which no
policy begins or ends; what is missing or outside its domain is a cell of its own, because it makes rules uncertain;
what a test means is asked of the evaluator's own `meets`, so that the analyses cannot understand it in another way.

One space can hold several selections side by side (`Side`): rules that they share are one bit. Bits are in the
evaluator's order, the strongest lowest.

Source: issue 7, "lint"; policies.md §0.3.
"""

from collections.abc import Callable, Hashable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial
from typing import NamedTuple, TypeAlias, TypeVar

from cutter.policies.analysis.atoms import Admission, State, admission, atoms_of, stated_by
from cutter.policies.analysis.bounds import MOST_FIELDS, Budget, refuse_beyond
from cutter.policies.analysis.regions import AS_OF, Extent, Periods, joined
from cutter.policies.decision import Reason
from cutter.policies.domain import Domain
from cutter.policies.outcome import Outcome, denied
from cutter.policies.policy import Pace, Rule, Verdict
from cutter.policies.preparation import combined, fields_of, meets

Domains = Mapping[str, Domain]
_Key = TypeVar("_Key", bound=Hashable)
_Spend: TypeAlias = Callable[[int], None]  # of comparisons
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
        return effective((self.since, self.until), moment)


def effective(window: tuple[str, str], moment: str) -> bool:
    """Whether a moment is in the time from `since` to `until`."""
    since, until = window
    return since <= moment and (not until or moment < until)


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


class Narrowed(NamedTuple):
    """Some cells of an axis.

    Args:
        cells: each as its number, `keep` and `doubt`.
        some: the rules that one of them does not exclude.
        users: the rules that they tell apart.
        doubt: what all of them make uncertain.
    """

    cells: tuple[tuple[int, int, int], ...]
    some: int
    users: int
    doubt: int


@dataclass(frozen=True, slots=True)
class Space:
    """What is searched.

    Attributes:
        name: the trigger type.
        entries: the rules by their bits.
        axes: the fields that matter to any rule, `AS_OF` first, then by name.
        deny, escalate, allow: the rules of these verdicts.
        paced: the rules of policies that have a pace.
        outcomes, alike: what a rule decides, and the rules with the same action, by the number of its bit.
        width: how many bits there are.
    """

    name: str
    entries: tuple[Entry, ...]
    axes: tuple[Axis, ...]
    deny: int
    escalate: int
    allow: int
    paced: int
    outcomes: Sequence[Outcome]
    alike: Sequence[int]
    width: int

    @property
    def rules(self) -> int:
        """All bits."""
        return (1 << self.width) - 1

    def with_axes(self, axes: Sequence[Axis]) -> "Space":
        """The space with some of its cells only."""
        return replace(self, axes=tuple(axes))

    def narrowed(self, level: int, bits: int) -> Narrowed:
        """Some cells of an axis."""
        chosen = [(number, cell) for number, cell in enumerate(self.axes[level].cells) if bits >> number & 1]
        every, always = (self.rules, -1) if chosen else (0, 0)
        for _, cell in chosen:
            every, always = every & cell.keep, always & cell.doubt
        some = combined(cell.keep for _, cell in chosen) & self.rules
        unsure = combined(cell.doubt for _, cell in chosen) & ~always
        users = some & ~every | (unsure | unsure >> self.width) & self.rules
        return Narrowed(tuple((number, cell.keep, cell.doubt) for number, cell in chosen), some, users, always)

    def complete(self) -> "Space":
        """Triggers that say everything, inside its domain."""
        return self.with_axes(
            [Axis(a.name, tuple(cell for cell in a.cells if cell.state is State.INSIDE)) for a in self.axes]
        )


def ranked(entries: Iterable[Entry]) -> list[Entry]:
    """In the order of bits: the strongest first, then by policy and rule; what is equal stays in order."""
    return sorted(entries, key=lambda entry: (_STRENGTH[entry.rule.verdict], entry.policy, entry.rule.id))


def later_of(axes: Sequence[Narrowed]) -> list[int]:
    """Of each axis, and of the end, the rules that it or a later one tells apart."""
    found = [0]
    for axis in reversed(axes):
        found.append(found[-1] | axis.users)
    return found[::-1]


def space_of(name: str, entries: Sequence[Entry], domains: Sequence[Domains], budget: Budget) -> Space:
    """The space of a trigger type.

    Args:
        name: the type.
        entries: as `ranked` gave them.
        domains: the fields of the type, as each selection knows them, once where they are equal.
        budget: what the analysis may still look at.

    Raises:
        TooLarge: there are too many fields or values.
    """
    names = _names(entries, domains)
    refuse_beyond(MOST_FIELDS, len(names), name)
    spend = partial(budget.spend_comparisons, name)
    axes = [_times(entries, spend), *(_axis(field, entries, domains, spend) for field in names)]
    same = _masks((entry.rule.action, number) for number, entry in enumerate(entries))
    of = {v: combined(1 << n for n, entry in enumerate(entries) if entry.rule.verdict is v) for v in Verdict}
    return Space(
        name=name,
        entries=tuple(entries),
        axes=tuple(axis for axis in axes if len(axis.cells) > 1),
        deny=of[Verdict.DENY],
        escalate=of[Verdict.ESCALATE],
        allow=of[Verdict.ALLOW],
        paced=combined(1 << number for number, entry in enumerate(entries) if entry.pace is not None),
        outcomes=[_outcome(entry) for entry in entries],
        alike=[same[entry.rule.action] for entry in entries],
        width=len(entries),
    )


def _outcome(entry: Entry) -> Outcome:
    if entry.blocked is not None:
        return denied(entry.blocked)
    rule = entry.rule
    return Outcome(rule.verdict, rule.reason, entry.policy, entry.version, rule.id, rule.action)


def _masks(pairs: Iterable[tuple[_Key, int]]) -> dict[_Key, int]:
    """The numbers that belong to each key, as bits."""
    found: dict[_Key, int] = {}
    for key, number in pairs:
        found[key] = found.get(key, 0) | 1 << number
    return found


def _names(entries: Sequence[Entry], domains: Sequence[Domains]) -> list[str]:
    """The fields that can matter: of conditions and actions, and those that selections know differently."""
    used = {condition.field for entry in entries for condition in entry.rule.when}
    used |= {field for entry in entries if (a := entry.rule.action) is not None for field in fields_of(a)}
    known = {field for each in domains for field in each}
    return sorted(
        used & known | {field for field in known if any(each.get(field) != domains[0].get(field) for each in domains)}
    )


def _times(entries: Sequence[Entry], spend: _Spend) -> Axis:
    """The times between which no policy begins or ends."""
    windows = _masks(((entry.since, entry.until), number) for number, entry in enumerate(entries))
    edges = ["", *sorted({edge for window in windows for edge in window if edge})]
    spend(len(edges) * len(windows))
    cells = []
    for since, until in zip(edges, [*edges[1:], ""], strict=True):
        keep = combined(bits for window, bits in windows.items() if effective(window, since))
        cells.append(Cell(State.INSIDE, (Periods(((since, until),)),), keep, 0))
    return Axis(AS_OF, _together(cells))


def _axis(field: str, entries: Sequence[Entry], domains: Sequence[Domains], spend: _Spend) -> Axis:
    conditions = [(e.domains, c.test, n) for n, e in enumerate(entries) for c in e.rule.when if c.field == field]
    tests = _masks(((known, test), number) for known, test, number in conditions)
    actions = [(entry.rule.action, number) for number, entry in enumerate(entries)]
    taking = combined(1 << number for action, number in actions if action is not None and field in fields_of(action))
    needing = combined(tests.values()) | taking
    of = [combined(1 << n for n, e in enumerate(entries) if e.domains == number) for number in range(len(domains))]
    width, every = len(entries), (1 << len(entries)) - 1
    atoms = atoms_of([each.get(field) for each in domains], [test for _, test in tests])
    spend(sum(len(entry.rule.when) for entry in entries) + len(atoms) * sum(stated_by(test) for _, test in tests))
    cells = []
    for atom in atoms:
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
