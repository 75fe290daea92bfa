"""Imaginary runs of a pipeline shaped like `cut`, for screens and folds: twelve phases, two gates."""

from collections.abc import Sequence
from typing import Any

import msgspec

from cutter.approval.request import ESCALATION
from cutter.events import (
    Aborted,
    Acted,
    AnyEvent,
    ApprovalVerified,
    Completed,
    GateOpened,
    GateRefused,
    GateRehearsed,
    GateWaiting,
    Planned,
    Published,
    Started,
    Stopped,
    Surveyed,
    WouldStop,
)
from cutter.model import (
    Gate,
    GatePhase,
    Input,
    Inputs,
    InputValue,
    Limits,
    Mode,
    OperationPhase,
    Phase,
    Pipeline,
    RoleQuorum,
    SurveyPhase,
)
from cutter.report.fold import fold_result, refused_result
from cutter.report.result import Proof, Result, Signer, WaitingFacts
from cutter.stops import Stop, StopCode
from tests.support.records import DIGEST, PUBLISHED, RESUMED, RUN_ID, VERIFIED, number, spawned

DOCUMENT = "VN-DEMO-1"
Told = Sequence[tuple[str, AnyEvent]]


CUT_GATE = "GATE_CUT_AUTHORIZATION"
ENACT_GATE = "GATE_LIFECYCLE_ENACT_AUTHORIZATION"


def _operation(phase: str, name: str) -> OperationPhase:
    return OperationPhase(phase, name, 1, (), None, (), ())


def _gate(phase: str, gate: str, persons: int) -> GatePhase:
    return GatePhase(phase, Gate(gate, "signed", (RoleQuorum("sovereign", persons),), 72 * 3600, 24 * 3600))


PHASES: tuple[Phase, ...] = (
    _operation("discover", "documents.discover"),
    SurveyPhase("survey", ()),
    _operation("plan", "library.plan_cut"),
    _gate("authorize_cut", CUT_GATE, 3),
    _operation("backup", "custody.backup"),
    _operation("cut_leg_a", "library.cut_leg_a"),
    _operation("cut_leg_b", "library.cut_leg_b"),
    _operation("verify", "library.verify_cut"),
    _gate("authorize_enact", ENACT_GATE, 1),
    _operation("backup_enact", "custody.backup"),
    _operation("enact", "library.enact"),
    _operation("report", "report.publish"),
)

PIPELINE = Pipeline(
    id="cut",
    title_en="Cut a source document into information units",
    title_vi="Cắt văn bản nguồn thành các đơn vị thông tin",
    phrases=(),
    inputs=(Input("document_id", "string", True, None, None, (), None, True, "A document's id"),),
    lock=(),
    limits=Limits(900, 3600),
    phases=PHASES,
    source=b"{}",
    sha256=DIGEST,
)
INPUTS = Inputs((InputValue("document_id", DOCUMENT), InputValue("scope", "enacted_only")))

OUTCOMES: dict[str, dict[str, Any]] = {
    "discover": {"version_string": "2024-01-01", "text_size": 48112, "status": "enacted"},
    "plan": {
        "row_count": 1289,
        "counts": [["ANX", 1], ["ART", 61], ["CH", 9], ["CL", 1148], ["PT", 57], ["QS", 13]],
        "gaps": 0,
        "doubts": 2,
        "region_sha256": DIGEST,
    },
    "backup": {"tables": 4, "rows": 0, "size": 0, "recipients": 0, "stored_sha256": ""},
    "cut_leg_a": {"change_set_id": "018f", "units": 1289},
    "cut_leg_b": {"regions": 1289, "parents": 1280},
    "verify": {"units": 1289, "bytes": 48112},
    "backup_enact": {"tables": 4, "rows": 2580, "size": 901234, "recipients": 0, "stored_sha256": ""},
    "enact": {"enacted": 1289},
    "report": {"kb_id": "runs/x/report", "sha256": DIGEST, "size": 4096},
}
_GUARDED = {"cut_leg_a": "G-CUT-ONCE", "cut_leg_b": "G-LEG-B-ONCE", "verify": "G-VERIFY-ONCE", "enact": "G-ENACT-ONCE"}


def phase_events(index: int, phase: Phase) -> Told:
    """The events of one phase that a rehearsal passes."""
    if isinstance(phase, GatePhase):
        planned: Told = ((phase.id, Planned(plan_sha256=DIGEST, survey_sha256=DIGEST)),) if index == 4 else ()
        start = (phase.id, Started(index=index, operation=""))
        return (start, *planned, (phase.id, GateRehearsed(gate=phase.gate.id)), (phase.id, PUBLISHED))
    if isinstance(phase, SurveyPhase):
        asked = [(phase.id, _surveyed(f"survey_{n}")) for n in range(6)]
        return ((phase.id, Started(index=index, operation="")), *asked, (phase.id, PUBLISHED))
    missing = WouldStop(code="STOP_BACKUP_REFUSED", detail="no_recipients", exit=40)
    would_stop: Told = ((phase.id, missing),) if phase.operation == "custody.backup" else ()
    return (
        (phase.id, Started(index=index, operation=phase.uses)),
        *would_stop,
        (phase.id, _acted(phase)),
        (phase.id, Published(kb_id=f"runs/x/{phase.id}", sha256=DIGEST, size=10)),
        (phase.id, VERIFIED),
    )


def _surveyed(name: str) -> Surveyed:
    return Surveyed(survey=name, expected={"units": 0}, found={"units": 0}, facts_sha256=DIGEST, inside=False)


def _acted(phase: OperationPhase) -> Acted:
    guard = _GUARDED.get(phase.id, "")
    key = (DOCUMENT,) if guard else ()
    return Acted(operation=phase.uses, outcome=OUTCOMES[phase.id], outcome_sha256=DIGEST, guard=guard, key=key)


def told(phases: int, mode: Mode = Mode.DRYRUN) -> Told:
    """The events of a run up to the end of so many phases."""
    events: list[tuple[str, AnyEvent]] = [("", spawned(mode.value, phases=len(PHASES)))]
    for index, phase in enumerate(PHASES[:phases], start=1):
        events.extend(phase_events(index, phase))
    return events


def stopped(code: StopCode, detail: str, exit_status: int = 0, **said: Any) -> Stopped:
    """A stop as the engine notes it."""
    return Stopped(
        code=code.name,
        exit=exit_status or int(code.exit),
        category=code.value.category.value,
        check=0,
        detail=detail,
        found=said.get("found", ""),
        needed=said.get("needed", ""),
        where=said.get("where", ""),
        suggestions=said.get("suggestions", ()),
    )


def result(
    events: Told,
    *,
    commit_refused: bool = False,
    waiting: WaitingFacts | None = None,
    proof: Proof | None = None,
    already_done: bool = False,
) -> Result:
    """The result of a run that took 1.9 seconds."""
    return fold_result(
        number(events),
        PIPELINE,
        INPUTS,
        target_label="embedded/demo",
        sidecar_dir="/office/.cutter/runs/0f8fad5b",
        duration_ms=1912,
        commit_refused=commit_refused,
        waiting=waiting,
        proof=proof,
        already_done=already_done,
    )


def live(first: int, last: int) -> Told:
    """The events of the phases from `first` to `last` of a live run, without gates."""
    events: list[tuple[str, AnyEvent]] = []
    for index, phase in enumerate(PHASES, start=1):
        if first <= index <= last and not isinstance(phase, GatePhase):
            events.extend(pair for pair in phase_events(index, phase) if not isinstance(pair[1], WouldStop))
    return events


def asks(gate: str, phase: str) -> tuple[str, AnyEvent]:
    """A gate waits."""
    asked = GateWaiting(
        gate=gate,
        plan_sha256=DIGEST,
        request_sha256=DIGEST,
        approval_kb_id=f"approvals/{RUN_ID}/{gate}/{DIGEST[:16]}",
        approve_by="2026-11-24T10:00:00Z",
    )
    return phase, asked


def refuses(code: StopCode, check: int, detail: str, **said: str) -> tuple[str, AnyEvent]:
    """An approval of the first gate is looked at and refused."""
    looked_at = GateRefused(
        gate=CUT_GATE,
        request_sha256=DIGEST,
        code=code.name,
        exit=int(code.exit),
        category=code.value.category.value,
        check=check,
        detail=detail,
        found=said.get("found", ""),
        needed=said.get("needed", ""),
        suggestions=(),
    )
    return "authorize_cut", looked_at


def verifies(gate: str, phase: str, *persons: str) -> Told:
    """The quorum of a gate has signed."""
    return ((phase, ApprovalVerified(gate=gate, request_sha256=DIGEST, persons=persons)), (phase, PUBLISHED))


def proves(*phases: str) -> Told:
    """A resume proves what an earlier pass did."""
    return tuple((phase, VERIFIED) for phase in phases)


def writes(index: int, gate: str = "") -> Told:
    """A governed phase; it opens the gate when it is the first after it."""
    begun, *rest = live(index, index)
    opened = (begun[0], GateOpened(gate=gate, request_sha256=DIGEST))
    return (begun, *((opened,) if gate else ()), *rest)


REHEARSED: Told = (*told(12), ("", Completed(phases=12)))
UNKNOWN: Told = (
    *told(0),
    ("discover", Started(index=1, operation="documents.discover@1")),
    ("discover", stopped(StopCode.STOP_DOCUMENT_UNKNOWN, "", found=DOCUMENT, suggestions=("VN-DEMO",))),
)
DRIFTED: Told = (
    *told(1),
    ("survey", Started(index=2, operation="")),
    ("survey", stopped(StopCode.STOP_ROWS_PRESENT, "rows:units", found="3", needed="0")),
)
REPLAYED: Told = (*told(1), ("discover", stopped(StopCode.STOP_REPLAY_CONFLICT, "run:7b1de2ab-0000")))
BROKEN: Told = (*told(7), ("cut_leg_b", stopped(StopCode.STOP_VERIFY_FAILED, "other_regions", found="1", needed="2")))

# One live run, told up to its moments.
WAITING: Told = (
    *told(3, Mode.LIVE),
    ("authorize_cut", Started(index=4, operation="")),
    ("authorize_cut", Planned(plan_sha256=DIGEST, survey_sha256=DIGEST)),
    asks(CUT_GATE, "authorize_cut"),
)
REFUSED: Told = (
    *WAITING,
    refuses(StopCode.STOP_SIGNER_REFUSED, 8, "self_approval", found="an.tran", needed="sovereign:1"),
)
EXPIRED: Told = (*WAITING, refuses(StopCode.STOP_APPROVAL_EXPIRED, 12, "approve_by"))
REJECTED = (*WAITING, refuses(StopCode.STOP_APPROVAL_REJECTED, 9, "rejected", found="dung.ho"))
ABORTED: Told = (*WAITING, ("", Aborted(reason="requested")))
APPROVED: Told = (
    *WAITING,
    ("", RESUMED),
    *proves("discover", "plan"),
    ("authorize_cut", Started(index=4, operation="")),
    *verifies(CUT_GATE, "authorize_cut", "binh.le", "cuong.vo", "dung.ho"),
    *live(5, 5),
)
COMMIT_UNKNOWN: Told = (*APPROVED, ("cut_leg_a", stopped(StopCode.STOP_DATABASE_UNREACHABLE, "commit_unknown")))
CRASHED: Told = (*APPROVED, *writes(6, CUT_GATE))
FAILED_PARTLY: Told = (
    *CRASHED,
    ("cut_leg_b", Started(index=7, operation="library.cut_leg_b@1")),
    ("cut_leg_b", stopped(StopCode.STOP_WRITE_FAILED, "23505", exit_status=51)),
)
ESCALATED: Told = (*FAILED_PARTLY, ("", RESUMED), *proves("discover", "plan"), asks(ESCALATION, ""))
GONE_ON: Told = (
    *CRASHED,
    ("", RESUMED),
    *proves("discover", "plan", "backup", "cut_leg_a"),
    *writes(7),
    *live(8, 8),
    ("authorize_enact", Started(index=9, operation="")),
    asks(ENACT_GATE, "authorize_enact"),
)
DONE: Told = (
    *GONE_ON,
    ("", RESUMED),
    *proves("discover", "plan", "backup", "cut_leg_a", "cut_leg_b", "verify"),
    ("authorize_enact", Started(index=9, operation="")),
    *verifies(ENACT_GATE, "authorize_enact", "binh.le"),
    *live(10, 10),
    *writes(11, ENACT_GATE),
    *live(12, 12),
    ("", Completed(phases=12)),
)

CONTENT, FORM, SOVEREIGN = RoleQuorum("content", 1), RoleQuorum("form", 1), RoleQuorum("sovereign", 1)
ASKED = WaitingFacts(
    review_path="/office/.cutter/runs/0f8fad5b/review-GATE_CUT_AUTHORIZATION.html",
    row_count=1289,
    covers=("custody.backup@1", "library.cut_leg_a@1", "library.cut_leg_b@1", "library.verify_cut@1"),
    needed=(CONTENT, FORM, SOVEREIGN),
    missing=(CONTENT, FORM, SOVEREIGN),
    signed=(),
    can_sign=(Signer("cuong.vo", ("content",)), Signer("dung.ho", ("form",)), Signer("binh.le", ("sovereign",))),
    requester="an.tran",
    execute_by="2026-11-25T10:00:00Z",
)
PARTLY_SIGNED = msgspec.structs.replace(
    ASKED,
    missing=(FORM, SOVEREIGN),
    signed=("cuong.vo",),
    can_sign=(Signer("dung.ho", ("form",)), Signer("binh.le", ("sovereign",))),
)
SIGNED = msgspec.structs.replace(ASKED, missing=(), signed=("binh.le", "cuong.vo", "dung.ho"), can_sign=())
IN_A_DEMO = msgspec.structs.replace(
    ASKED,
    needed=(SOVEREIGN,),
    missing=(SOVEREIGN,),
    can_sign=(Signer("sovereign", ("sovereign",)),),
    requester="operator",
    throwaway=True,
)
PROOF = Proof(ledger_first=12, ledger_last=214, checkpoint_size=214, places=("database", "workspace", "user"))


def refused(code: StopCode, detail: str = "", *, mode: Mode = Mode.DRYRUN, **said: Any) -> Result:
    """The result of a run that never was."""
    return refused_result(Stop(code, detail, **said), pipeline="cut", mode=mode, document_id=DOCUMENT, duration_ms=4)


RESULTS: dict[str, Result] = {
    "rehearsal": result(REHEARSED, commit_refused=True),
    "rehearsal_not_proved": result(REHEARSED),
    "waiting": result(WAITING, waiting=ASKED),
    "waiting_for_others": result(WAITING, waiting=PARTLY_SIGNED),
    "waiting_all_signed": result(WAITING, waiting=SIGNED),
    "waiting_in_a_demo": result(WAITING, waiting=IN_A_DEMO),
    "waiting_nothing_known": result(WAITING),
    "approval_refused": result(REFUSED, waiting=PARTLY_SIGNED),
    "approval_expired": result(EXPIRED, waiting=ASKED),
    "approval_rejected": result(REJECTED, waiting=ASKED),
    "unfinished_live": result(CRASHED),
    "resumed": result(GONE_ON, waiting=IN_A_DEMO),
    "done": result(DONE, proof=PROOF),
    "already_done": result(DONE, proof=PROOF, already_done=True),
    "failed_partly": result(FAILED_PARTLY),
    "escalated": result(ESCALATED, waiting=IN_A_DEMO),
    "commit_unknown": result(COMMIT_UNKNOWN),
    "aborted": result(ABORTED),
    "document_unknown": result(UNKNOWN),
    "rows_present": result(DRIFTED),
    "replay_conflict": result(REPLAYED),
    "verify_failed": result(BROKEN),
    "unfinished": result(told(5)),
    "live_refused": refused(StopCode.STOP_LIVE_REFUSED, "no_trust", mode=Mode.LIVE),
    "backup_refused": refused(StopCode.STOP_BACKUP_REFUSED, "folder", mode=Mode.LIVE),
    "busy": refused(StopCode.STOP_BUSY, found="cutter/7b1de2ab"),
    "unreachable": refused(StopCode.STOP_DATABASE_UNREACHABLE),
    "input_refused": refused(StopCode.STOP_REFUSED_INPUT, found="--dsn=•••", where="argument 3"),
    "nearest_document": refused(StopCode.STOP_DOCUMENT_UNKNOWN, suggestions=("VN-DEMO", "VN-DEMO-2")),
    "hostile_text": refused(StopCode.STOP_CONFIG_INVALID, "wrong_value", where="a\x1b[2J\u202eb/cutter.yaml:3:1"),
}
