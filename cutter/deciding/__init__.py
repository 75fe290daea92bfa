"""Reaching a decision: a trigger, the selected policies, the directory and the views' answers, put together.

Rules kept here: whatever goes wrong while a decision is reached is a denial with a reason of its own, never an allow;
only an unreachable database stays what it is. Everything is read anew each time, so that deciding twice is a proof.

Source: issue 7, rules 1, 2 and 10.
"""

from datetime import UTC, datetime, timedelta
from typing import Any, assert_never

from cutter.contracts import Bind, Policies, SurveySession
from cutter.policies.decision import Decision, Reason
from cutter.policies.domain import (
    Domain,
    FieldValue,
    IssuedReference,
    Moment,
    Trigger,
    TriggerTypes,
    Truth,
    Whole,
    Words,
)
from cutter.policies.envelope import Refused, read_canonical, references_of
from cutter.policies.evaluation import decide, refused
from cutter.policies.policy import Policy, Selection, Template, Verdict, View
from cutter.resources import statement
from cutter.stops import Stop, StopCode

_EFFECTS = "deciding/sql/effects_of_policy.sql"
# What a question about the world can end with, and what it says of the trigger: nothing, so it is denied.
_FAILED = (StopCode.STOP_SURVEY_REFUSED, StopCode.STOP_WRITE_FAILED, StopCode.STOP_POLICY_REFUSED)


def reach(session: SurveySession, policies: Policies, text: str) -> Decision:
    """Decide on a trigger.

    Args:
        session: where views are asked, and how often a policy had an effect.
        policies: the workspace's.
        text: the trigger's canonical text, as `envelope.canonical` gives it.

    Raises:
        Stop: STOP_CONFIG_INVALID, STOP_PATH_UNSAFE, STOP_DISK, STOP_DATABASE_UNREACHABLE: nothing could be decided.
    """
    selection = policies.select()
    trigger = read_canonical(text, selection.triggers)
    if isinstance(trigger, Refused):
        return refused(trigger.reason, selection)
    references = references_of(trigger, selection.triggers)
    known = policies.knows(references)
    unknown = tuple(reference for reference in references if reference not in known)
    try:
        answers = _answers(session, selection, trigger) if not unknown else ()
        used_up = _used_up(session, selection, trigger)
    except Stop as stop:
        if stop.code not in _FAILED:
            raise
        return refused(Reason.VIEW_FAILED, selection)
    return decide(selection, trigger, answers, used_up, unknown)


def template_of(decision: Decision, selection: Selection) -> Template:
    """The selected template of a decision's action. Raises STOP_POLICY_DENIED, detail `NOT_SELECTED`."""
    action = decision.action
    found = (
        []
        if action is None
        else [
            template
            for template in selection.templates
            if (template.id, template.version) == (action.template, action.template_version)
        ]
    )
    if len(found) != 1 or found[0].withdrawn:
        raise Stop(StopCode.STOP_POLICY_DENIED, detail=Reason.NOT_SELECTED.value)
    return found[0]


def _answers(session: SurveySession, selection: Selection, trigger: Trigger) -> tuple[FieldValue, ...]:
    """What the views of the trigger's type answer, by `VIEW.COLUMN`."""
    views = _views_of(selection.triggers, selection, trigger)
    return tuple(answer for view in views for answer in _ask(session, view, trigger))


def _views_of(types: TriggerTypes, selection: Selection, trigger: Trigger) -> tuple[View, ...]:
    """The views to ask: a withdrawn one is not asked, and denies by itself."""
    named = next((kind.views for kind in types.types if kind.name == trigger.type), ())
    return tuple(view for view in selection.views if view.id in named and not view.withdrawn)


def _ask(session: SurveySession, view: View, trigger: Trigger) -> tuple[FieldValue, ...]:
    said = {field.name: field.value for field in trigger.fields} | {"as_of": trigger.as_of, "trigger_id": trigger.id}
    if any(slot.field not in said for slot in view.bind):
        return ()  # what it needs is missing: so are its answers
    found = session.answer(view.sql, {slot.name: said[slot.field] for slot in view.bind})
    expected = {column.name.partition(".")[2]: column for column in view.columns}
    if found.keys() != expected.keys() or not all(_is_of(found[name], expected[name].domain) for name in found):
        raise Stop(StopCode.STOP_SURVEY_REFUSED, detail=f"view:{view.id}")
    return tuple(FieldValue(column.name, found[name]) for name, column in expected.items())


def _is_of(value: Any, domain: Domain) -> bool:
    match domain:
        case Words(words=words):
            return type(value) is str and value in words
        case Whole(minimum=minimum, maximum=maximum):
            return type(value) is int and minimum <= value <= maximum
        case Truth():
            return type(value) is bool
        case Moment() | IssuedReference():
            return False  # a view answers with closed columns only
        case _ as never:
            assert_never(never)


def _used_up(session: SurveySession, selection: Selection, trigger: Trigger) -> frozenset[str]:
    """The policies of the trigger's type that had as many effects as their pace allows."""
    paced = [policy for policy in selection.policies if trigger.type in policy.triggers and policy.limits.pace]
    return frozenset(policy.id for policy in paced if _is_used_up(session, policy, trigger))


def _is_used_up(session: SurveySession, policy: Policy, trigger: Trigger) -> bool:
    pace = policy.limits.pace
    assert pace is not None  # noqa: S101  only such are asked
    until = datetime.fromisoformat(trigger.as_of).astimezone(UTC)
    bind: Bind = {"policy": policy.id, "since": until - timedelta(seconds=pace.within), "trigger": trigger.id}
    return int(session.answer(statement(_EFFECTS), bind)["effects"]) >= pace.at_most


def confirm(session: SurveySession, policies: Policies, text: str, decision_sha256: str) -> Decision:
    """Decide once more: what is about to happen stands on the very decision that people signed for.

    Raises:
        Stop: STOP_POLICY_DENIED, detail the reason, when it is denied now; STOP_PLAN_CHANGED, detail `decision`, when
            it is another one; as `reach`.
    """
    again = reach(session, policies, text)
    if again.verdict is Verdict.DENY:
        raise Stop(StopCode.STOP_POLICY_DENIED, detail=again.reason, where=again.rule)
    if again.sha256 != decision_sha256:
        raise Stop(StopCode.STOP_PLAN_CHANGED, detail="decision", found=again.sha256[:16], needed=decision_sha256[:16])
    return again
