"""Imaginary runs of the shipped `notify`, told up to the moments that people see."""

import json
from typing import Any

from cutter.approval.request import ESCALATION
from cutter.events import (
    Acted,
    AnyEvent,
    Attempted,
    Completed,
    GateOpened,
    Intended,
    Planned,
    Skipped,
    Started,
)
from cutter.model import Inputs, InputValue, Mode, Pipeline, RoleQuorum
from cutter.operations import CATALOGUE
from cutter.pipeline import Refused, build, load
from cutter.policies.decision import Decision, Read
from cutter.policies.domain import FieldValue
from cutter.policies.policy import CREATE_NOTIFICATION, SEND_MESSAGE, Action, Slot, Verdict
from cutter.report.fold import fold_result
from cutter.report.result import Proof, Result, Signer, WaitingFacts
from cutter.stops import StopCode
from tests.golden.screens.cases import Told, asks, proves, stopped, verifies
from tests.support.records import DIGEST, PUBLISHED, RESUMED, VERIFIED, number, spawned
from tests.support.runs import REPOSITORY

DECIDE_GATE, NOTIFY_GATE = "GATE_POLICY_DECISION", "GATE_NOTIFY_AUTHORIZATION"
TRIGGER = "TRG-A5K8R2ME-69"


def _pipeline() -> Pipeline:
    document = load((REPOSITORY / "pipelines" / "notify.yaml").read_bytes(), "notify.yaml")
    assert not isinstance(document, Refused)
    built = build(document, CATALOGUE)
    assert not isinstance(built, Refused)
    return built


PIPELINE = _pipeline()
MESSAGE = Action(SEND_MESSAGE, "result-ready-en", "1.0", "patient", (Slot("ward", "ward"),))
NOTIFICATION = Action(CREATE_NOTIFICATION, "critical-result", "1.0", "team", (Slot("ward", "ward"),))
ALLOWED = Decision(
    trigger=TRIGGER,
    trigger_type="lab.result_ready",
    as_of="2026-06-01T08:00:00Z",
    verdict=Verdict.ALLOW,
    policy="result-ready",
    policy_version="1.0",
    rule="routine-en",
    reason="ROUTINE_RESULT",
    uncertain=(),
    action=MESSAGE,
    options=(),
    fields=(
        FieldValue("consent", True),
        FieldValue("patient", "PAT-7KQ2M4XA-55"),
        FieldValue("severity", 2),
        FieldValue("ward", "north"),
    ),
    reads=(Read("policy", "result-ready", "1.0", DIGEST),),
)


def changed(decision: Decision, **changes: Any) -> Decision:
    """A decision that differs in something."""
    values = {name: getattr(decision, name) for name in Decision.__struct_fields__} | changes
    return Decision(**values)


UNCERTAIN = changed(
    ALLOWED,
    verdict=Verdict.ESCALATE,
    policy="",
    policy_version="",
    rule="",
    reason="MISSING_FIELD",
    uncertain=("severity",),
    options=("proceed", "refuse"),
    fields=(FieldValue("consent", True), FieldValue("patient", "PAT-7KQ2M4XA-55"), FieldValue("ward", "north")),
)
HOPELESS = changed(UNCERTAIN, uncertain=("severity", "ward"), action=None, options=("refuse",))
CRITICAL = changed(
    ALLOWED,
    trigger_type="lab.result_critical",
    policy="critical-result",
    rule="urgent",
    reason="CRITICAL_RESULT",
    action=NOTIFICATION,
    fields=(FieldValue("team", "TEAM-N4RTH-33"), FieldValue("ward", "south")),
)


def outcome_of(decision: Decision) -> dict[str, Any]:
    """The outcome of the phase that came to a decision."""
    operation = decision.action.operation if decision.action is not None else ""
    return {
        "escalated": decision.verdict is Verdict.ESCALATE,
        "sends_message": operation == SEND_MESSAGE,
        "creates_notification": operation == CREATE_NOTIFICATION,
        "options": list(decision.options),
        "decision_sha256": decision.sha256,
        "pins_sha256": DIGEST,
        "row_count": 1,
        "record": json.loads(decision.body),
    }


def acted(operation: str, guard: str, outcome: dict[str, Any]) -> Acted:
    """An effect as the ledger has it."""
    return Acted(operation=operation, outcome=outcome, outcome_sha256=DIGEST, guard=guard, key=(TRIGGER,))


def begun(decision: Decision, mode: Mode = Mode.LIVE) -> Told:
    """The events up to the first gate, which is skipped where nothing is left open."""
    planned = Planned(plan_sha256=DIGEST, survey_sha256=DIGEST)
    first: list[tuple[str, AnyEvent]] = [
        ("", spawned(mode.value, phases=len(PIPELINE.phases))),
        ("decide", Started(index=1, operation="policy.decide@1")),
        ("decide", acted("policy.decide@1", "", outcome_of(decision))),
        ("decide", PUBLISHED),
        ("decide", VERIFIED),
        ("survey", Started(index=2, operation="")),
        ("survey", PUBLISHED),
        ("ask_people", Started(index=3, operation="")),
        ("ask_people", planned),
    ]
    if decision.verdict is Verdict.ESCALATE:
        return (*first, asks(DECIDE_GATE, "ask_people"))
    return (*first, *skips("ask_people", "phases.decide.escalated"))


def skips(phase: str, when: str) -> Told:
    """A phase that is not taken."""
    return ((phase, Skipped(when=when)), (phase, PUBLISHED))


def authorized(events: Told) -> Told:
    """The gate of those who let it happen, signed."""
    return (
        *events,
        ("authorize", Started(index=4, operation="")),
        asks(NOTIFY_GATE, "authorize"),
        ("", RESUMED),
        *proves("decide"),
        ("authorize", Started(index=4, operation="")),
        *verifies(NOTIFY_GATE, "authorize", "cuong.vo"),
    )


def intended(events: Told) -> Told:
    """A message that is about to be sent."""
    return (
        *events,
        ("send", Started(index=5, operation=SEND_MESSAGE)),
        ("send", GateOpened(gate=NOTIFY_GATE, request_sha256=DIGEST)),
        ("send", Intended(operation=SEND_MESSAGE, params_sha256=DIGEST)),
    )


MESSAGE_ID = f"{DIGEST}@clinic.example"
COMMIT = ("send", Attempted(step="commit", outcome="", code=0, enhanced="", message_id=MESSAGE_ID))
BOUNCED = ("send", Attempted(step="ended", outcome="refused", code=550, enhanced="5.1.1"))
NO_CREATE: Told = (("create", Started(index=6, operation="")), *skips("create", "phases.decide.creates_notification"))


def sent(outcome: str, code: int = 0, enhanced: str = "") -> Told:
    """A message of which it is known, or decided, how it ended; and the end."""
    found = {"outcome": outcome, "message_id": DIGEST, "code": code, "enhanced": enhanced}
    done = acted(SEND_MESSAGE, "G-MESSAGE-ONCE", found)
    return (("send", done), ("send", PUBLISHED), ("send", VERIFIED), *NO_CREATE, ("", Completed(phases=6)))


ALLOWED_WAITS: Told = (
    *begun(ALLOWED),
    ("authorize", Started(index=4, operation="")),
    asks(NOTIFY_GATE, "authorize"),
)
DENIED: Told = (
    ("", spawned("live", phases=len(PIPELINE.phases))),
    ("decide", Started(index=1, operation="policy.decide@1")),
    ("decide", stopped(StopCode.STOP_POLICY_DENIED, "NO_CONSENT", where="no-consent")),
)
UNKNOWN_TYPE: Told = (*DENIED[:2], ("decide", stopped(StopCode.STOP_POLICY_DENIED, "UNKNOWN_TRIGGER")))
DECLINED: Told = (*begun(UNCERTAIN), ("", RESUMED), ("", stopped(StopCode.STOP_DECISION_REFUSED, "rejected")))
LAPSED: Told = (*begun(UNCERTAIN), ("", RESUMED), ("", stopped(StopCode.STOP_DECISION_LAPSED, "approve_by")))
ATTEMPTED: Told = (*intended(authorized(begun(ALLOWED))), COMMIT)
CRASHED: Told = intended(authorized(begun(ALLOWED)))
UNSURE: Told = (*ATTEMPTED, ("send", stopped(StopCode.STOP_EFFECT_UNKNOWN, "after_the_dot", 51, where="send")))
FAILED: Told = (*intended(authorized(begun(ALLOWED))), BOUNCED)
FAILED = (*FAILED, ("send", stopped(StopCode.STOP_SEND_FAILED, "refused", found="550/5.1.1", where="recipient")))
ASKED_EFFECT: Told = (*UNSURE, ("", RESUMED), *proves("decide"), asks(ESCALATION, ""))
NOT_SENT: Told = (*ASKED_EFFECT, ("", RESUMED), ("", stopped(StopCode.STOP_DECISION_REFUSED, "rejected")))
PRESUMED: Told = (
    *ASKED_EFFECT,
    ("", RESUMED),
    *proves("decide"),
    *verifies(ESCALATION, "", "cuong.vo")[:1],
    ("", GateOpened(gate=ESCALATION, request_sha256=DIGEST)),
    ("send", Started(index=5, operation=SEND_MESSAGE)),
    *sent("presumed"),
)
SENT: Told = (*ATTEMPTED, *sent("accepted", 250, "2.0.0"))
SENT_LATER: Told = (
    *FAILED,
    ("", RESUMED),
    *proves("decide"),
    ("send", Started(index=5, operation=SEND_MESSAGE)),
    COMMIT,
    *sent("accepted", 250),
)
NOTIFIED: Told = (
    *authorized(begun(CRITICAL)),
    ("send", Started(index=5, operation="")),
    *skips("send", "phases.decide.sends_message"),
    ("create", Started(index=6, operation=CREATE_NOTIFICATION)),
    ("create", GateOpened(gate=NOTIFY_GATE, request_sha256=DIGEST)),
    (
        "create",
        acted(
            CREATE_NOTIFICATION,
            "G-NOTIFICATION-ONCE",
            {
                "notification_id": "0f8fad5b-d9cb-469f-a165-70867728950e",
                "recipient": "TEAM-N4RTH-33",
                "template": "critical-result",
                "template_version": "1.0",
            },
        ),
    ),
    ("create", PUBLISHED),
    ("create", VERIFIED),
    ("", Completed(phases=6)),
)

CONTENT, SOVEREIGN = RoleQuorum("content", 1), RoleQuorum("sovereign", 1)


def waits(role: RoleQuorum, person: str, *covers: str) -> WaitingFacts:
    """What a gate asks of one person."""
    return WaitingFacts(
        review_path="/office/.cutter/runs/0f8fad5b/review.html",
        row_count=1,
        covers=covers,
        needed=(role,),
        missing=(role,),
        signed=(),
        can_sign=(Signer(person, (role.role,)),),
        requester="an.tran",
        execute_by="2026-11-25T10:00:00Z",
    )


DECIDES = waits(SOVEREIGN, "binh.le")
SENDS = waits(CONTENT, "cuong.vo", SEND_MESSAGE)
PROOF = Proof(ledger_first=12, ledger_last=41, checkpoint_size=41, places=("database", "workspace", "user"))


def result(events: Told, waiting: WaitingFacts | None = None, trigger: str = TRIGGER, **known: Any) -> Result:
    """The result of a run that took 1.9 seconds."""
    given = {"trigger_id": trigger, "trigger": "{}", "attempt": "1"}
    return fold_result(
        number(events),
        PIPELINE,
        Inputs(tuple(InputValue(name, value) for name, value in given.items())),
        target_label="embedded/demo",
        sidecar_dir="/office/.cutter/runs/0f8fad5b",
        duration_ms=1912,
        commit_refused=False,
        waiting=waiting,
        **known,
    )


RESULTS: dict[str, Result] = {
    "notify_denied": result(DENIED),
    "notify_trigger_refused": result(UNKNOWN_TYPE, trigger="REFUSED-0123456789abcdef"),
    "notify_decision_waits": result(begun(UNCERTAIN), DECIDES),
    "notify_only_a_no": result(begun(HOPELESS), DECIDES),
    "notify_declined": result(DECLINED),
    "notify_lapsed": result(LAPSED),
    "notify_waits": result(ALLOWED_WAITS, SENDS),
    "notify_crashed": result(CRASHED),
    "notify_crashed_after_the_dot": result(ATTEMPTED),
    "notify_failed": result(FAILED),
    "notify_unknown": result(UNSURE),
    "notify_unknown_asked": result(ASKED_EFFECT, SENDS),
    "notify_not_sent": result(NOT_SENT),
    "notify_presumed": result(PRESUMED, proof=PROOF),
    "notify_sent": result(SENT, proof=PROOF),
    "notify_sent_later": result(SENT_LATER, proof=PROOF),
    "notify_notified": result(NOTIFIED, proof=PROOF),
}
