"""What is decided when these rules are possible and those are uncertain: the evaluator's last step, on bits.

The evaluator's own tables (`preparation`) are of one selection; a space holds several, and mutants. That both decide
alike is tested point by point, against the evaluator and against an enumerator that shares nothing with either.

Source: issue 7, rules 2 and 4.
"""

from cutter.policies.analysis.bounds import first_of, numbers_of
from cutter.policies.analysis.space import Side, Space
from cutter.policies.decision import Reason
from cutter.policies.outcome import Outcome, denied
from cutter.policies.policy import Pace, Verdict

_NO_MATCH = Outcome(Verdict.DENY, Reason.NO_MATCH.value)
_CONFLICT = Outcome(Verdict.ESCALATE, Reason.CONFLICT.value)
_MISSING = Outcome(Verdict.ESCALATE, Reason.MISSING_FIELD.value)
_OUTSIDE = Outcome(Verdict.ESCALATE, Reason.OUTSIDE_DOMAIN.value)


def decided(space: Space, side: Side, possible: int, doubt: int) -> Outcome:
    """What a side decides.

    Args:
        space: the space.
        side: whose rules count.
        possible: the rules that nothing excludes.
        doubt: why which are uncertain, as in `Cell.doubt`.
    """
    if side.refusal is not None:
        return side.refusal
    possible &= side.members
    if not doubt:
        return strongest(space, possible)
    missing = possible & doubt
    unknown = missing | possible & (doubt >> space.width)
    certain = possible & ~unknown
    if certain & space.deny:
        return space.outcomes[first_of(certain)]
    if not unknown:
        return strongest(space, certain)
    return _uncertain(space, possible & ~space.deny, doubt, _MISSING if missing else _OUTSIDE)


def settled(space: Space, side: Side, possible: int, doubt: int, waiting: int) -> bool:
    """Whether verdict and action cannot change any more, whatever the rules that wait for an axis come to."""
    possible &= side.members
    if side.refusal is not None or not possible & waiting:
        return True
    return bool(possible & space.deny & ~(doubt | doubt >> space.width) & ~waiting)


def strongest(space: Space, matching: int) -> Outcome:
    """What is decided when these rules match and nothing is uncertain."""
    if not matching:
        return _NO_MATCH
    first = first_of(matching)
    if not matching & ~space.allow and matching & ~space.alike[first]:
        return _CONFLICT
    return space.outcomes[first]


def paces(space: Space, side: Side, possible: int) -> tuple[tuple[str, Pace], ...]:
    """The paces of the policies of all rules that match where it is allowed: each can escalate it."""
    entries = [space.entries[number] for number in numbers_of(possible & side.members & space.paced)]
    found = {entry.policy: entry.pace for entry in entries if entry.pace is not None}
    return tuple(sorted(found.items()))


def _uncertain(space: Space, possible: int, doubt: int, uncertain: Outcome) -> Outcome:
    """An escalation; with an action where all that is possible is that one, and what it takes is there."""
    first = first_of(possible)
    action = space.entries[first].rule.action if possible else None
    undoable = doubt >> 2 * space.width + first & 1
    if action is None or possible & ~space.alike[first] or undoable:
        return uncertain
    blocked = space.entries[first].blocked
    return denied(blocked) if blocked is not None else uncertain._replace(action=action)
