"""The evaluator: what a selection of policies decides on a trigger, in no order, without a clock.

Rules kept here:

- The strongest wins: deny, then what is uncertain, then escalate, then allow; without a match it is denied. No order of
  files, rules, keys or answers can change a byte.
- A condition on a field that is missing or outside its domain is neither met nor not met. A rule that hangs on it is
  uncertain, and so is what it would have decided: that escalates, unless a deny is certain.
- A value has exactly the type of its field: `True` is not 1. Whatever fails on the way is a denial.
- Nothing is kept from one decision to the next.

How: the rules of a trigger type are the bits of a number, the strongest lowest. Every field has a table from its value
to the rules that the value does not exclude; what remains of all tables is possible, and its lowest bit decides.

Source: issue 7, rules 1, 2 and 4; policies.md §0, §2.
"""

from bisect import bisect_right
from typing import TypeAlias

from cutter.policies.decision import Decision, Read, Reason
from cutter.policies.domain import FieldValue, Trigger, Value
from cutter.policies.outcome import Outcome, denied, record
from cutter.policies.policy import Selection, Verdict
from cutter.policies.preparation import Matcher, Prepared, combined, fields_of, prepare, reads_of_selection

_Answers: TypeAlias = tuple[FieldValue, ...]

_MOMENT = len("YYYY-MM-DDTHH:MM:SSZ")
_NO_MATCH = Outcome(Verdict.DENY, Reason.NO_MATCH.value)
_CONFLICT = Outcome(Verdict.ESCALATE, Reason.CONFLICT.value)
# After these nothing of a trigger is in the record: it may hold what its type does not admit.
_NOT_RECORDED = (
    Reason.UNKNOWN_TRIGGER.value,
    Reason.UNKNOWN_FIELD.value,
    Reason.WRONG_TYPE.value,
    Reason.VIEW_FAILED.value,
    Reason.EVALUATION_FAILED.value,
)


class Index:
    """A selection, prepared for any number of decisions.

    Args:
        selection: what `selection.yaml` names.
    """

    def __init__(self, selection: Selection) -> None:
        self._read = reads_of_selection(selection)
        self._types = prepare(selection)

    def verdict(self, trigger: Trigger, answers: _Answers = (), used_up: frozenset[str] = frozenset()) -> Outcome:
        """What is decided, without the document. Arguments as `decide`."""
        try:
            prepared = self._types.get(trigger.type)
            if prepared is None:
                return denied(Reason.UNKNOWN_TRIGGER)
            return _decided(prepared, trigger, answers, used_up)
        except Exception:  # noqa: BLE001  whatever fails is a denial, and its message may hold values
            return denied(Reason.EVALUATION_FAILED)

    def decide(self, trigger: Trigger, answers: _Answers, used_up: frozenset[str]) -> Decision:
        """What is decided, with everything that it rests on.

        Args:
            trigger: as `read_envelope` or `read_canonical` gave it.
            answers: the columns that the views of its type answered, without those that are NULL.
            used_up: ids of the policies whose pace is used up at the trigger's `as_of`.
        """
        outcome = self.verdict(trigger, answers, used_up)
        if not outcome.policy and outcome.reason in _NOT_RECORDED:
            return record(outcome, None, (), (self._read,))
        prepared = self._types[trigger.type]
        return record(outcome, trigger, _admitted(prepared, trigger, answers), prepared.reads)

    def reads(self, trigger_type: str) -> tuple[Read, ...]:
        """What is read for a decision on a trigger of this type; nothing when it is not recognised."""
        prepared = self._types.get(trigger_type)
        return () if prepared is None else prepared.reads


def _decided(prepared: Prepared, trigger: Trigger, answers: _Answers, used_up: frozenset[str]) -> Outcome:
    """The quick way: every field is there, in order, and in its domain. Else the careful way."""
    if len(trigger.as_of) != _MOMENT:
        return denied(Reason.EVALUATION_FAILED)
    if prepared.refusal is not None:
        return prepared.refusal
    mask = prepared.effective[bisect_right(prepared.moments, trigger.as_of)]
    values = trigger.fields + answers
    if len(values) != len(prepared.matchers) or len(answers) != prepared.answered or trigger.outside or mask is None:
        return _weighed(prepared, trigger, answers, used_up)
    for (name, kind, match, _, _), given in zip(prepared.matchers, values, strict=True):
        value = given.value
        if given.name != name or type(value) is not kind:
            return _weighed(prepared, trigger, answers, used_up)
        if match is not None:
            left = match(value)
            if left is None:
                return _weighed(prepared, trigger, answers, used_up)
            mask &= left
    return _strongest(prepared, mask, used_up)


def _strongest(prepared: Prepared, mask: int, used_up: frozenset[str]) -> Outcome:
    """What is decided when these rules match and nothing is uncertain."""
    if not mask:
        return _NO_MATCH
    lowest = mask & -mask
    outcome = prepared.outcomes[lowest]
    if not lowest & prepared.allow:
        return outcome
    if mask & ~prepared.alike[lowest]:
        return _CONFLICT
    return _paced(prepared, mask, used_up) if used_up and outcome.verdict is Verdict.ALLOW else outcome


def _paced(prepared: Prepared, mask: int, used_up: frozenset[str]) -> Outcome:
    """What is allowed by these rules, unless the pace of one of their policies is used up."""
    outcomes = [outcome for bit, outcome in prepared.outcomes.items() if bit & mask]
    slow = next((outcome for outcome in outcomes if outcome.policy in used_up), None)
    if slow is None:
        return outcomes[0]
    return slow._replace(verdict=Verdict.ESCALATE, reason=Reason.PACE_EXCEEDED.value)


def _weighed(prepared: Prepared, trigger: Trigger, answers: _Answers, used_up: frozenset[str]) -> Outcome:
    """The careful way: fields are missing, outside their domain, in another order, or not what they should be."""
    reason = _malformed(prepared, trigger, answers)
    if reason is not None:
        return denied(reason)
    mask = prepared.effective[bisect_right(prepared.moments, trigger.as_of)]
    if mask is None:
        return denied(Reason.NOT_EFFECTIVE)
    given = {item.name: item.value for item in trigger.fields + answers}
    unsure: list[Matcher] = []
    for matcher in prepared.matchers:
        left = _left(matcher, given)
        if left is None:
            unsure.append(matcher)
        else:
            mask &= left
    unknown = mask & combined(matcher.needed for matcher in unsure)
    certain = mask & ~unknown
    if certain & prepared.deny:
        return prepared.outcomes[certain & -certain]
    if not unknown:
        return _strongest(prepared, certain, used_up)
    needed = [matcher.name for matcher in unsure if matcher.needed & unknown]
    said = given.keys() | set(trigger.outside)
    reason = Reason.OUTSIDE_DOMAIN if said.issuperset(needed) else Reason.MISSING_FIELD
    absent = [matcher.name for matcher in unsure]
    return _uncertain(prepared, mask & ~prepared.deny, reason, absent, tuple(sorted(needed)))


def _malformed(prepared: Prepared, trigger: Trigger, answers: _Answers) -> Reason | None:
    """What no reader of triggers and no view gives; None when all is as it should be."""
    matchers = {matcher.name: matcher for matcher in prepared.matchers}
    names = [item.name for item in trigger.fields] + list(trigger.outside)
    own = [matchers[i.name] for i in trigger.fields if i.name in matchers and not matchers[i.name].answered]
    if len(own) != len(trigger.fields) or not matchers.keys() >= set(trigger.outside):
        return Reason.UNKNOWN_FIELD
    if any(type(item.value) is not matcher.kind for item, matcher in zip(trigger.fields, own, strict=True)):
        return Reason.WRONG_TYPE
    columns = [matchers[item.name] for item in answers if item.name in matchers and matchers[item.name].answered]
    if len(columns) != len(answers):
        return Reason.VIEW_FAILED
    if any(type(item.value) is not matcher.kind for item, matcher in zip(answers, columns, strict=True)):
        return Reason.VIEW_FAILED
    names += [item.name for item in answers]
    twice = len(set(names)) != len(names)
    return Reason.EVALUATION_FAILED if twice else None


def _left(matcher: Matcher, given: dict[str, Value]) -> int | None:
    """The rules that what is given does not exclude; None when it is missing or outside its domain."""
    if matcher.name not in given:
        return None
    return -1 if matcher.match is None else matcher.match(given[matcher.name])


def _uncertain(
    prepared: Prepared, possible: int, reason: Reason, absent: list[str], needed: tuple[str, ...]
) -> Outcome:
    """An escalation because fields are missing or outside their domain.

    People may say yes where all that is possible is one action, which can be carried out with what is there.
    """
    lowest = possible & -possible
    action = prepared.actions.get(lowest)
    if action is None or possible & ~prepared.alike[lowest] or not set(absent).isdisjoint(fields_of(action)):
        return Outcome(Verdict.ESCALATE, reason.value, uncertain=needed)
    if action in prepared.blocked:
        return denied(prepared.blocked[action])
    return Outcome(Verdict.ESCALATE, reason.value, action=action, uncertain=needed)


def _admitted(prepared: Prepared, trigger: Trigger, answers: _Answers) -> _Answers:
    """What is in its domain, by name."""
    matchers = {matcher.name: matcher for matcher in prepared.matchers}
    given = [(item, matchers.get(item.name)) for item in trigger.fields + answers]
    kept = [item for item, m in given if m is not None and (m.match is None or m.match(item.value) is not None)]
    return tuple(sorted(kept, key=lambda item: item.name))
