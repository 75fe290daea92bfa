"""Why it was decided so: each rule's first obstacle, and the smallest change that would alter the outcome.

Rules kept here: names of fields, bounds of conditions and of domains are told, never what the trigger said; the change
is the fewest fields that alter verdict or action, then the first by name and value; a field can be changed to a value
of its domain only.

Source: issue 7, "explain"; policies.md §3.7.
"""

from collections.abc import Callable, Iterator
from enum import Enum
from itertools import combinations

import msgspec

from cutter.policies.analysis.atoms import State
from cutter.policies.analysis.bounds import Budget, first_of
from cutter.policies.analysis.judging import decided, settled
from cutter.policies.analysis.points import Said, path_of, said_by, state_at
from cutter.policies.analysis.regions import (
    AS_OF,
    Part,
    Periods,
    TooLarge,
    needed,
)
from cutter.policies.analysis.searching import Cube, Path, Search
from cutter.policies.analysis.selections import Ground, Surveyed, entries_of, ground_of
from cutter.policies.analysis.space import Entry, Space
from cutter.policies.decision import Reason
from cutter.policies.domain import FieldValue, Trigger
from cutter.policies.index import Index
from cutter.policies.outcome import Outcome
from cutter.policies.policy import Action, Selection, Verdict
from cutter.policies.preparation import combined, fields_of, meets, prepare


class RuleState(Enum):
    """What a rule says of a trigger."""

    YES = "yes"
    NO = "no"
    UNKNOWN = "unknown"


class Obstacle(Enum):
    """Why a condition does not hold."""

    NOT_MET = "not_met"
    MISSING = "missing"
    OUTSIDE = "outside"
    NOT_EFFECTIVE = "not_effective"


class RuleLine(msgspec.Struct, frozen=True):
    """One rule and the first condition at which it failed; `needed` are the condition's own bounds.

    A rule that matched has no obstacle; `needed` is None, too, of a field that only the action takes. Of a rule whose
    policy is not effective, `field` is `AS_OF` and `needed` the time in which it is.
    """

    policy: str
    rule: str
    verdict: Verdict
    state: RuleState
    obstacle: Obstacle | None = None
    field: str = ""
    needed: Part | None = None


class Nearest(msgspec.Struct, frozen=True):
    """The smallest change: these fields with any of these values, and what is decided then."""

    parts: tuple[Part, ...]
    verdict: Verdict
    policy: str
    rule: str
    reason: str


class Explanation(msgspec.Struct, frozen=True):
    """Why it was decided so: names, reasons and domain bounds only, never what the trigger said.

    Attributes:
        verdict, policy, rule, reason, uncertain: as of the decision; `policy` and `rule` are empty where none decided.
        lines: the rules, the decisive first, then by (state yes, unknown, no), (policy, rule); at most `MOST_LINES`.
        left_out: how many rules more there are.
        nearest: the smallest change that alters verdict or action; None: none does.
        searched: False when finding it would have been too large (then `nearest` is None and says nothing).
    """

    verdict: Verdict
    policy: str
    rule: str
    reason: str
    uncertain: tuple[str, ...]
    lines: tuple[RuleLine, ...]
    left_out: int
    nearest: Nearest | None
    searched: bool


MOST_LINES = 14
"""With a heading, the reason, what is left out and the nearest change: at most 20 lines on a screen."""


_MOST_VISITS = 1_000_000  # about two seconds, for an answer that is waited for

_SEVERITY = {RuleState.YES: 0, RuleState.UNKNOWN: 1, RuleState.NO: 2}


def explain(
    selection: Selection,
    trigger: Trigger,
    answers: tuple[FieldValue, ...],
    used_up: frozenset[str] = frozenset(),
) -> Explanation:
    """Explain the decision on a trigger.

    Args:
        selection: what `selection.yaml` names.
        trigger: as the evaluator takes it.
        answers: what its views answered; columns that are not there are missing.
        used_up: ids of the policies whose pace is used up.
    """
    outcome = Index(selection).verdict(trigger, answers, used_up)
    survey = Surveyed(selection, prepare(selection))
    said = said_by(selection, trigger, answers)
    lines = [_line(entry, said) for entry in entries_of(survey, trigger.type)]
    decisive = (outcome.policy, outcome.rule)
    lines.sort(key=lambda line: ((line.policy, line.rule) != decisive, _SEVERITY[line.state], line.policy, line.rule))
    try:
        nearest, searched = _nearest(survey, trigger.type, said, used_up), True
    except TooLarge:
        nearest, searched = None, False
    return Explanation(
        verdict=outcome.verdict,
        policy=outcome.policy,
        rule=outcome.rule,
        reason=outcome.reason,
        uncertain=outcome.uncertain,
        lines=tuple(lines[:MOST_LINES]),
        left_out=max(0, len(lines) - MOST_LINES),
        nearest=nearest,
        searched=searched,
    )


def _line(entry: Entry, said: Said) -> RuleLine:
    """A rule with its state and the first condition that decided it, conditions that are not met before others."""
    state, obstacle, field, part = RuleState.YES, None, "", None
    if not entry.effective(said.as_of):
        state, obstacle, field = RuleState.NO, Obstacle.NOT_EFFECTIVE, AS_OF
        part = Part(AS_OF, (Periods(((entry.since, entry.until),)),))
    for condition in entry.rule.when if obstacle is None else ():
        value = said.values.get(condition.field)
        if value is not None and not meets(condition.test, value):
            state, obstacle, field, part = RuleState.NO, Obstacle.NOT_MET, condition.field, needed(condition)
            break
        if value is None and obstacle is None:
            state, obstacle = RuleState.UNKNOWN, _absent(condition.field, said)
            field, part = condition.field, needed(condition)
    if obstacle is None and entry.rule.action is not None:
        absent = sorted(name for name in fields_of(entry.rule.action) if name not in said.values)
        if absent:
            state, obstacle, field = RuleState.UNKNOWN, _absent(absent[0], said), absent[0]
    return RuleLine(entry.policy, entry.rule.id, entry.rule.verdict, state, obstacle, field, part)


def _absent(field: str, said: Said) -> Obstacle:
    return Obstacle.OUTSIDE if field in said.outside else Obstacle.MISSING


def _nearest(survey: Surveyed, name: str, said: Said, used_up: frozenset[str]) -> Nearest | None:
    """The smallest change. Raises `TooLarge` when it would be too much to look for."""
    budget = Budget(_MOST_VISITS)
    ground = ground_of([survey], name, budget)
    space, search = ground.space, Search(ground.space, budget)
    path = path_of(space, said)
    if path is None:
        return None
    told = _telling(ground, used_up)
    now = _effect(told(*state_at(space, path)))

    def altered(possible: int, doubt: int, waiting: int) -> bool | None:
        if not settled(space, ground.sides[0], possible, doubt, waiting):
            return None
        return _effect(told(possible, doubt)) != now

    for chosen, within in _changes(space, path):
        found = search.find(altered, space.rules, within=within)
        if found is not None:
            outcome = told(*state_at(space, found))
            parts = tuple(Part(space.axes[n].name, space.axes[n].cells[found[n]].extents) for n in chosen)
            return Nearest(parts, outcome.verdict, outcome.policy, outcome.rule, outcome.reason)
    return None


def _changes(space: Space, path: Path) -> Iterator[tuple[tuple[int, ...], Cube]]:
    """Every choice of fields, few before many, each with the cube of all other values that these may have."""
    others = {
        level: sum(1 << number for number, cell in enumerate(axis.cells) if cell.state is State.INSIDE) & ~(1 << now)
        for level, (axis, now) in enumerate(zip(space.axes, path, strict=True))
        if axis.name != AS_OF
    }
    changeable = [level for level, bits in others.items() if bits]
    for count in range(1, len(changeable) + 1):
        for chosen in combinations(changeable, count):
            yield chosen, tuple(others[n] if n in chosen else 1 << now for n, now in enumerate(path))


def _telling(ground: Ground, used_up: frozenset[str]) -> Callable[[int, int], Outcome]:
    """What is decided, paces that are used up included."""
    space, side = ground.space, ground.sides[0]
    slow = combined(1 << number for number, entry in enumerate(space.entries) if entry.policy in used_up)

    def told(possible: int, doubt: int) -> Outcome:
        outcome = decided(space, side, possible, doubt)
        matching = possible & side.members & slow
        if outcome.verdict is not Verdict.ALLOW or not matching:
            return outcome
        first, reason = space.entries[first_of(matching)], Reason.PACE_EXCEEDED.value
        return Outcome(Verdict.ESCALATE, reason, first.policy, first.version, first.rule.id, outcome.action)

    return told


def _effect(outcome: Outcome) -> tuple[Verdict, Action | None]:
    return outcome.verdict, outcome.action
