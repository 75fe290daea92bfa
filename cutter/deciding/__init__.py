"""Reaching a decision: a trigger, the selected policies, the directory and the views' answers, put together.

Rules kept here: whatever goes wrong while a decision is reached is a denial with a reason of its own, never an allow;
only an unreachable database stays what it is. Everything is read anew each time, so that deciding twice is a proof.

Source: issue 7, rules 1, 2 and 10.
"""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from cutter.contracts import Bind, Policies, SurveySession
from cutter.events import Facts
from cutter.policies.decision import Decision, Reason
from cutter.policies.domain import FieldValue, Trigger, TriggerType, TriggerTypes
from cutter.policies.envelope import Refused, fields_that_name, read_canonical, references_of
from cutter.policies.evaluation import decide, refused
from cutter.policies.grammar import Fault, Grammar, Said
from cutter.policies.policy import Policy, Selection, Verdict, View
from cutter.resources import statement
from cutter.stops import Stop, StopCode

_EFFECTS = "deciding/sql/effects_of_policy.sql"
# What a question about the world can end with, and what it says of the trigger: nothing, so it is denied.
_FAILED = (StopCode.STOP_SURVEY_REFUSED, StopCode.STOP_WRITE_FAILED, StopCode.STOP_POLICY_REFUSED)
_CASES = {"too_many_rows": "many_rows"}
_PACE = "limits.pace"  # what is asked besides views: how often a policy had an effect


@dataclass(frozen=True, slots=True)
class Reached:
    """A decision, with the selection that it was reached by and the trigger; of a refused trigger there is none.

    Attributes:
        where: of a denial that no rule made, what it is about: a field of the trigger, a view, a column of one.
        found: which case it is: of a view `no_row`, `many_rows`, `no_column`, `unknown_column`, `null`, `other_type`,
            `outside_domain` or the SQLSTATE; never a value.
    """

    decision: Decision
    selection: Selection
    trigger: Trigger | None
    where: str = ""
    found: str = ""


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
        return Reached(refused(trigger.reason, selection), selection, None, trigger.where, trigger.case)
    references = references_of(trigger, selection.triggers)
    known = policies.knows(references)
    unknown = tuple(reference for reference in references if reference not in known)
    try:
        answers = _answers(session, selection, trigger) if not unknown else ()
        used_up = _used_up(session, selection, trigger)
    except Stop as stop:
        if stop.code not in _FAILED:
            raise
        where, found = stop.where or _PACE, stop.found or _case_of(stop)
        return Reached(refused(Reason.VIEW_FAILED, selection), selection, None, where, found)
    where = next(iter(fields_that_name(trigger, selection.triggers, unknown)), "")
    return Reached(decide(selection, trigger, answers, used_up, unknown), selection, trigger, where)


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
    try:
        found = session.answer(view.sql, {slot.name: said[slot.field] for slot in view.bind})
    except Stop as stop:
        raise _failed(view.id, _case_of(stop)) if stop.code in _FAILED else stop from None
    answered = Grammar(TriggerType(view.id, view.columns)).read({f"{view.id}.{name}": found[name] for name in found})
    if isinstance(answered, Fault) or len(answered.fields) != len(view.columns):
        raise _not_of(view, found, answered)
    return answered.fields


def _not_of(view: View, found: Facts, answered: Said | Fault) -> Stop:
    """That a view answers something else than its columns: the first of them by name, and how."""
    for column in view.columns:
        own = column.name.partition(".")[2]
        if own not in found:
            return _failed(column.name, "no_column")
        if found[own] is None:
            return _failed(column.name, "null")
    if isinstance(answered, Fault) and not answered.field:
        return _failed(view.id, "unknown_column" if answered.reason is Reason.UNKNOWN_FIELD else "outside_domain")
    name = answered.field if isinstance(answered, Fault) else answered.outside[0]
    other = isinstance(answered, Fault) and answered.reason is Reason.WRONG_TYPE
    return _failed(name, "other_type" if other else "outside_domain")


def _failed(where: str, case: str) -> Stop:
    return Stop(StopCode.STOP_SURVEY_REFUSED, detail="view", where=where, found=case)


def _case_of(stop: Stop) -> str:
    """How a question failed: a word of ours, or the SQLSTATE."""
    return _CASES.get(stop.detail, stop.detail.partition(":")[0])


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


def denial(reached: Reached) -> Stop:
    """The stop of a denial: STOP_POLICY_DENIED, detail the reason; where: the rule, or what else it is about."""
    decided = reached.decision
    return Stop(
        StopCode.STOP_POLICY_DENIED, detail=decided.reason, where=decided.rule or reached.where, found=reached.found
    )


def confirm(session: SurveySession, policies: Policies, text: str, decision_sha256: str) -> Reached:
    """Decide once more: what is about to happen stands on the very decision that people signed for.

    Raises:
        Stop: STOP_POLICY_DENIED, detail the reason, when it is denied now; STOP_PLAN_CHANGED, detail `decision`, when
            it is another one; as `reach`.
    """
    reached = reach(session, policies, text)
    again = reached.decision
    if again.verdict is Verdict.DENY:
        raise denial(reached)
    if again.sha256 != decision_sha256:
        raise Stop(StopCode.STOP_PLAN_CHANGED, detail="decision", found=again.sha256[:16], needed=decision_sha256[:16])
    return reached
