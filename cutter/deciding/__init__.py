"""Reaching a decision: a trigger, the selected policies, the directory and the views' answers, put together.

Rules kept here: whatever goes wrong while a decision is reached is a denial with a reason of its own, never an allow;
only an unreachable database stays what it is. Everything is read anew each time, so that deciding twice is a proof.

Source: issue 7, rules 1, 2 and 10.
"""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from cutter.contracts import Bind, Policies, SurveySession
from cutter.policies.decision import Decision, Reason
from cutter.policies.domain import FieldValue, Trigger, TriggerType, TriggerTypes
from cutter.policies.envelope import Refused, read_canonical, references_of
from cutter.policies.evaluation import decide, refused
from cutter.policies.grammar import Grammar
from cutter.policies.policy import Policy, Selection, Verdict, View
from cutter.resources import statement
from cutter.stops import Stop, StopCode

_EFFECTS = "deciding/sql/effects_of_policy.sql"
# What a question about the world can end with, and what it says of the trigger: nothing, so it is denied.
_FAILED = (StopCode.STOP_SURVEY_REFUSED, StopCode.STOP_WRITE_FAILED, StopCode.STOP_POLICY_REFUSED)


@dataclass(frozen=True, slots=True)
class Reached:
    """A decision, with the selection that it was reached by and the trigger; of a refused trigger there is none."""

    decision: Decision
    selection: Selection
    trigger: Trigger | None


def reach(session: SurveySession, policies: Policies, text: str) -> Reached:
    """Decide on a trigger; the policies are read once.

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
        return Reached(refused(trigger.reason, selection), selection, None)
    references = references_of(trigger, selection.triggers)
    known = policies.knows(references)
    unknown = tuple(reference for reference in references if reference not in known)
    try:
        answers = _answers(session, selection, trigger) if not unknown else ()
        used_up = _used_up(session, selection, trigger)
    except Stop as stop:
        if stop.code not in _FAILED:
            raise
        return Reached(refused(Reason.VIEW_FAILED, selection), selection, None)
    return Reached(decide(selection, trigger, answers, used_up, unknown), selection, trigger)


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
    answered = Grammar(TriggerType(view.id, view.columns)).read({f"{view.id}.{name}": found[name] for name in found})
    if isinstance(answered, Reason) or len(answered.fields) != len(view.columns):
        raise Stop(StopCode.STOP_SURVEY_REFUSED, detail=f"view:{view.id}")
    return answered.fields


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


def confirm(session: SurveySession, policies: Policies, text: str, decision_sha256: str) -> Reached:
    """Decide once more: what is about to happen stands on the very decision that people signed for.

    Raises:
        Stop: STOP_POLICY_DENIED, detail the reason, when it is denied now; STOP_PLAN_CHANGED, detail `decision`, when
            it is another one; as `reach`.
    """
    reached = reach(session, policies, text)
    again = reached.decision
    if again.verdict is Verdict.DENY:
        raise Stop(StopCode.STOP_POLICY_DENIED, detail=again.reason, where=again.rule)
    if again.sha256 != decision_sha256:
        raise Stop(StopCode.STOP_PLAN_CHANGED, detail="decision", found=again.sha256[:16], needed=decision_sha256[:16])
    return reached
