"""Small sets of policies, drawn by Hypothesis or made by hand, for what must agree with the enumerator."""

import msgspec
from hypothesis import strategies as st

from cutter.policies.analysis.regions import AS_OF, Extent, Part, Periods, Ranges, Region, These, Witness
from cutter.policies.domain import (
    Domain,
    Field,
    FieldValue,
    IssuedReference,
    Moment,
    TriggerType,
    TriggerTypes,
    Truth,
    Value,
    Whole,
    Words,
)
from cutter.policies.policy import (
    CREATE_NOTIFICATION,
    SEND_MESSAGE,
    Action,
    Between,
    Condition,
    Equal,
    OneOf,
    Pace,
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
from tests.support.enumerator import GIVEN, MISSING, OUTSIDE, Absent, Point

TYPE = "lab.result_ready"
SEVERITY, WARD, CONSENT = Whole(0, 4), Words(("icu", "er", "day")), Truth()
FIELDS = (
    Field("consent", CONSENT),
    Field("recipient", IssuedReference("REC")),
    Field("seen_at", Moment()),
    Field("severity", SEVERITY),
    Field("ward", WARD),
)
QUOTA = View("quota", "1.0", False, "SELECT true", (), (Field("quota.left", Truth()),), "0" * 64)
FIRST = Action(SEND_MESSAGE, "ready", "1.0", "recipient", ())
SECOND = Action(SEND_MESSAGE, "ready", "1.0", "recipient", (Slot("ward", "ward"),))
THIRD = Action(CREATE_NOTIFICATION, "note", "1.0", "recipient", ())
EARLY, LATE = "2026-01-01T00:00:00Z", "2027-01-01T00:00:00Z"
TEMPLATES = tuple(
    Template(id_, "1.0", False, operation, "en", "", "", (), "0" * 64)
    for id_, operation in (("note", CREATE_NOTIFICATION), ("ready", SEND_MESSAGE))
)


def rule(
    id_: str, verdict: Verdict, when: dict[str, Test], reason: str = "REASON", action: Action | None = None
) -> Rule:
    """A rule; one that allows has the first action unless another is said."""
    conditions = tuple(Condition(name, test) for name, test in sorted(when.items()))
    if action is None and verdict is Verdict.ALLOW:
        action = FIRST
    return Rule(id_, conditions, verdict, reason, action)


def policy(
    id_: str,
    *rules: Rule,
    since: str = EARLY,
    until: str = "",
    withdrawn: bool = False,
    otherwise_deny: bool = False,
    pace: Pace | None = None,
    version: str = "1.0",
    triggers: tuple[str, ...] = (TYPE,),
) -> Policy:
    """A policy."""
    ordered = tuple(sorted(rules, key=lambda each: each.id))
    limits = PolicyLimits(pace)
    return Policy(id_, version, id_, id_, since, until, withdrawn, triggers, otherwise_deny, ordered, limits, "0" * 64)


def selection(
    *policies: Policy, fields: tuple[Field, ...] = FIELDS, views: tuple[View, ...] = (QUOTA,), name: str = TYPE
) -> Selection:
    """A selection with one trigger type."""
    types = TriggerTypes("TRG", (), "notify", (TriggerType(name, fields, tuple(view.id for view in views)),))
    ordered = tuple(sorted(policies, key=lambda each: each.id))
    return Selection(types, ordered, views, TEMPLATES, "0" * 64)


def conditions_on(domain: Domain) -> st.SearchStrategy[Test]:
    """Any condition on a field of this domain."""
    if isinstance(domain, Whole):
        bounds = st.tuples(*[st.integers(domain.minimum, domain.maximum)] * 2)
        between = bounds.map(lambda pair: Between(min(pair), max(pair)))
        return st.one_of(between, st.integers(domain.minimum, domain.maximum).map(Equal))
    values: list[Value] = list(domain.words) if isinstance(domain, Words) else [False, True]
    several = st.lists(st.sampled_from(values), min_size=1, unique=True).map(lambda chosen: OneOf(tuple(chosen)))
    return st.one_of(st.sampled_from(values).map(Equal), several)


TESTED: tuple[tuple[str, Domain], ...] = (
    ("consent", CONSENT),
    ("quota.left", Truth()),
    ("severity", SEVERITY),
    ("ward", WARD),
)


@st.composite
def rules(draw: st.DrawFn, id_: str) -> Rule:
    """Any rule."""
    chosen = draw(st.lists(st.sampled_from(TESTED), max_size=3, unique=True))
    when = {name: draw(conditions_on(domain)) for name, domain in chosen}
    verdict = draw(st.sampled_from(Verdict))
    action = None
    if verdict is not Verdict.DENY:
        action = draw(st.sampled_from([FIRST, SECOND, THIRD] + [None] * (verdict is Verdict.ESCALATE)))
    return rule(id_, verdict, when, draw(st.sampled_from(["ONE", "TWO"])), action)


@st.composite
def policies(draw: st.DrawFn, id_: str) -> Policy:
    """Any policy."""
    count = draw(st.integers(1, 4))
    since, until = draw(st.sampled_from([(EARLY, ""), (EARLY, LATE), (LATE, "")]))
    return policy(
        id_,
        *[draw(rules(f"r{number}")) for number in range(count)],
        since=since,
        until=until,
        otherwise_deny=draw(st.booleans()),
        pace=draw(st.sampled_from([None, None, Pace(2, 3600), Pace(5, 3600)])),
        withdrawn=draw(st.integers(0, 30)) == 30,
    )


@st.composite
def selections(draw: st.DrawFn, *, blocked: bool = False) -> Selection:
    """Any small selection of one trigger type; `blocked`: a template may be withdrawn or gone."""
    count = draw(st.integers(1, 3))
    chosen = selection(*[draw(policies(f"p{number}")) for number in range(count)])
    note, ready = TEMPLATES
    states = ((note, ready), (note, ready), (msgspec.structs.replace(note, withdrawn=True), ready), (note,))
    return msgspec.structs.replace(chosen, templates=draw(st.sampled_from(states)) if blocked else TEMPLATES)


def point_of_witness(witness: Witness) -> Point:
    """A witness as the enumerator's point; times and references of the sets here are given where not missing."""
    values: dict[str, Value | Absent] = {item.name: item.value for item in witness.fields}
    values |= dict.fromkeys(witness.missing, MISSING) | dict.fromkeys(witness.outside, OUTSIDE)
    values |= {name: GIVEN for name in ("recipient", "seen_at") if name not in witness.missing}
    return Point(witness.trigger_type, witness.as_of, dict(sorted(values.items())))


def in_region(region: Region, point: Point) -> bool:
    """Whether a point meets every part of a region, in plain words."""
    return all(
        _in_part(part, point.as_of if part.field == AS_OF else point.values[part.field]) for part in region.parts
    )


def _in_part(part: Part, value: Value | Absent) -> bool:
    if value == MISSING:
        return part.missing
    if value == OUTSIDE:
        return part.outside
    return any(_in_extent(extent, value) for extent in part.extents)


def _in_extent(extent: Extent, value: Value | Absent) -> bool:
    if isinstance(extent, These):
        return any(type(value) is type(each) and value == each for each in extent.values)
    if isinstance(extent, Ranges):
        return type(value) is int and any(low <= value <= high for low, high in extent.bounds)
    if isinstance(extent, Periods):
        return any(since <= str(value) and (not until or str(value) < until) for since, until in extent.bounds)
    return value == GIVEN


def value_in_part(part: Part, value: Value | Absent) -> bool:
    """Whether a value is one of those that a part names."""
    return _in_part(part, value)


def witness_of_point(point: Point) -> Witness:
    """A point of the enumerator as a witness."""
    fields = tuple(
        FieldValue(name, value)
        for name, value in sorted(point.values.items())
        if not isinstance(value, Absent) and value != GIVEN
    )
    missing, outside = (
        tuple(sorted(name for name, value in point.values.items() if value == absent)) for absent in (MISSING, OUTSIDE)
    )
    return Witness(point.trigger_type, point.as_of, fields, missing, outside)
