"""From selections to the space of a trigger type, in which they stand side by side.

Rules kept here: what denies a whole type (withdrawn, not selected, nothing for it) is the evaluator's own preparation
to say; rules that two selections share are one bit, so that a difference is looked for only where they differ.
"""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from cutter.policies.analysis.atoms import stated_by
from cutter.policies.analysis.bounds import MOST_RULES, Budget, refuse_beyond
from cutter.policies.analysis.space import Domains, Entry, Side, Space, ranked, space_of
from cutter.policies.decision import Reason
from cutter.policies.domain import Domain, Field, TriggerType, Whole, Words
from cutter.policies.outcome import denied
from cutter.policies.policy import Selection
from cutter.policies.preparation import Prepared, combined, prepare


@dataclass(frozen=True, slots=True)
class Surveyed:
    """A selection with its preparation."""

    selection: Selection
    prepared: Mapping[str, Prepared]


@dataclass(frozen=True, slots=True)
class Ground:
    """A trigger type as selections know it: the space of their rules, one side each."""

    space: Space
    sides: tuple[Side, ...]


def surveyed(selection: Selection, budget: Budget) -> Surveyed:
    """Prepare a selection once for all of its types.

    To prepare is to compare the rules of a type with each other and with its fields, and the values of a field with all
    that rules state of it; that is paid for before it is done.

    Raises:
        TooLarge: there are too many of them.
    """
    for kind in selection.triggers.types:
        rules = [rule for policy in selection.policies if kind.name in policy.triggers for rule in policy.rules]
        conditions = [condition for rule in rules for condition in rule.when]
        stated = Counter[str]()
        for condition in conditions:
            stated[condition.field] += stated_by(condition.test)
        compared = len(rules) ** 2
        for field in fields_of_type(selection, kind.name):
            compared += len(conditions) + _told_apart(field.domain, stated[field.name]) * stated[field.name]
        budget.spend_comparisons(kind.name, compared)
    return Surveyed(selection, prepare(selection))


def _told_apart(domain: Domain, stated: int) -> int:
    """How many values of a domain rules can tell apart that state so many of them, at most."""
    match domain:
        case Words(words):
            return len(words)
        case Whole(minimum, maximum):
            return min(maximum - minimum + 1, 2 * stated + 1)
        case _:
            return 2


def type_of(selection: Selection, name: str) -> TriggerType | None:
    """A trigger type by its name."""
    return next((kind for kind in selection.triggers.types if kind.name == name), None)


def fields_of_type(selection: Selection, name: str) -> tuple[Field, ...]:
    """Every field of a type, columns of its views included, sorted by name."""
    kind = type_of(selection, name)
    if kind is None:
        return ()
    columns = [column for view in selection.views if view.id in kind.views for column in view.columns]
    return tuple(sorted([*kind.fields, *columns], key=lambda field: field.name))


def entries_of(survey: Surveyed, name: str) -> list[Entry]:
    """The rules for a trigger type; none where all its triggers are denied."""
    prepared = survey.prepared.get(name)
    if prepared is None or prepared.refusal is not None:
        return []
    blocked = prepared.blocked
    return [
        Entry(
            policy=policy.id,
            version=policy.version,
            rule=rule,
            since=policy.effective_from,
            until=policy.effective_until,
            pace=policy.limits.pace,
            blocked=None if rule.action is None else blocked.get(rule.action),
        )
        for policy in survey.selection.policies
        if name in policy.triggers
        for rule in policy.rules
    ]


def ground_of(surveys: Sequence[Surveyed], name: str, budget: Budget, besides: Sequence[Entry] = ()) -> Ground:
    """The space of a trigger type for these selections; rules `besides` are in it and of no side.

    Raises:
        TooLarge: there are too many rules, fields or values.
    """
    known = [_domains(survey.selection, name) for survey in surveys]
    distinct: list[Domains] = []
    for domains in known:
        if domains not in distinct:
            distinct.append(domains)
    own = [
        [entry._replace(domains=distinct.index(domains)) for entry in entries_of(survey, name)]
        for survey, domains in zip(surveys, known, strict=True)
    ]
    pool = ranked(dict.fromkeys([*(entry for entries in own for entry in entries), *besides]))
    refuse_beyond(MOST_RULES, len(pool), name)
    bits = {entry: 1 << number for number, entry in enumerate(pool)}
    sides = tuple(_side(survey, name, entries, bits) for survey, entries in zip(surveys, own, strict=True))
    return Ground(space_of(name, pool, distinct, budget), sides)


def _domains(selection: Selection, name: str) -> Domains:
    return {field.name: field.domain for field in fields_of_type(selection, name)}


def _side(survey: Surveyed, name: str, entries: list[Entry], bits: Mapping[Entry, int]) -> Side:
    prepared = survey.prepared.get(name)
    refusal = denied(Reason.UNKNOWN_TRIGGER) if prepared is None else prepared.refusal
    return Side(combined(bits[entry] for entry in entries), refusal)
