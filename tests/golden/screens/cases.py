"""Imaginary runs of a pipeline shaped like `cut`, for screens and folds: twelve phases, two gates."""

from collections.abc import Sequence
from typing import Any

from cutter.events import (
    Acted,
    AnyEvent,
    Completed,
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
from cutter.report.result import Result
from cutter.stops import Stop, StopCode
from tests.support.records import DIGEST, PUBLISHED, VERIFIED, number, spawned

DOCUMENT = "VN-DEMO-1"
Told = Sequence[tuple[str, AnyEvent]]


def _operation(phase: str, name: str) -> OperationPhase:
    return OperationPhase(phase, name, 1, (), None, (), ())


def _gate(phase: str, gate: str, persons: int) -> GatePhase:
    return GatePhase(phase, Gate(gate, "signed", (RoleQuorum("sovereign", persons),), 72 * 3600, 24 * 3600))


PHASES: tuple[Phase, ...] = (
    _operation("discover", "documents.discover"),
    SurveyPhase("survey", ()),
    _operation("plan", "library.plan_cut"),
    _gate("authorize_cut", "GATE_CUT_AUTHORIZATION", 3),
    _operation("backup", "custody.backup"),
    _operation("cut_leg_a", "library.cut_leg_a"),
    _operation("cut_leg_b", "library.cut_leg_b"),
    _operation("verify", "library.verify_cut"),
    _gate("authorize_enact", "GATE_LIFECYCLE_ENACT_AUTHORIZATION", 1),
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


def result(events: Told, *, commit_refused: bool = False) -> Result:
    """The result of a run that took 1.9 seconds."""
    return fold_result(
        number(events),
        PIPELINE,
        INPUTS,
        target_label="embedded/demo",
        sidecar_dir="/office/.cutter/runs/0f8fad5b",
        duration_ms=1912,
        commit_refused=commit_refused,
    )


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
WAITING: Told = (
    *told(3, Mode.LIVE),
    ("authorize_cut", Started(index=4, operation="")),
    ("authorize_cut", Planned(plan_sha256=DIGEST, survey_sha256=DIGEST)),
    ("authorize_cut", GateWaiting(gate="GATE_CUT_AUTHORIZATION", plan_sha256=DIGEST)),
)


def refused(code: StopCode, detail: str = "", *, mode: Mode = Mode.DRYRUN, **said: Any) -> Result:
    """The result of a run that never was."""
    return refused_result(Stop(code, detail, **said), pipeline="cut", mode=mode, document_id=DOCUMENT, duration_ms=4)


RESULTS: dict[str, Result] = {
    "rehearsal": result(REHEARSED, commit_refused=True),
    "rehearsal_not_proved": result(REHEARSED),
    "waiting": result(WAITING),
    "document_unknown": result(UNKNOWN),
    "rows_present": result(DRIFTED),
    "replay_conflict": result(REPLAYED),
    "verify_failed": result(BROKEN),
    "unfinished": result(told(5)),
    "live_unavailable": refused(StopCode.STOP_LIVE_UNAVAILABLE, mode=Mode.LIVE),
    "busy": refused(StopCode.STOP_BUSY, found="run:7b1de2ab"),
    "unreachable": refused(StopCode.STOP_DATABASE_UNREACHABLE),
    "input_refused": refused(StopCode.STOP_REFUSED_INPUT, found="--dsn=•••", where="argument 3"),
    "nearest_document": refused(StopCode.STOP_DOCUMENT_UNKNOWN, suggestions=("VN-DEMO", "VN-DEMO-2")),
    "hostile_text": refused(StopCode.STOP_CONFIG_INVALID, "wrong_value", where="a\x1b[2J\u202eb/cutter.yaml:3:1"),
}
