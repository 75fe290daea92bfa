"""The fold from events to the result: status, exit, effect, counts and phases."""

import msgspec
import pytest

from cutter.approval.request import ESCALATION
from cutter.events import Acted, Completed, Published, Started, Verified
from cutter.model import Mode
from cutter.report.afterwards import voided_result
from cutter.report.fold import NOT_REACHED, fold_refusal, fold_result, refused_result
from cutter.report.machine import encode
from cutter.report.result import Result, RunEffect, RunStatus
from cutter.stops import Stop, StopCode
from tests.golden.screens.cases import (
    ABORTED,
    BROKEN,
    COMMIT_UNKNOWN,
    CRASHED,
    CUT_GATE,
    DOCUMENT,
    DONE,
    DRIFTED,
    ENACT_GATE,
    ESCALATED,
    EXPIRED,
    FAILED_PARTLY,
    GONE_ON,
    IN_A_DEMO,
    INPUTS,
    PHASES,
    PIPELINE,
    REFUSED,
    REHEARSED,
    REPLAYED,
    RESULTS,
    UNKNOWN,
    WAITING,
    Told,
    result,
    stopped,
    told,
)
from tests.support.records import DIGEST, RUN_ID, number

LIVE = told(0, Mode.LIVE)
EFFECT: Told = (
    ("cut_leg_a", Started(index=6, operation="library.cut_leg_a@1")),
    (
        "cut_leg_a",
        Acted(operation="library.cut_leg_a@1", outcome={}, outcome_sha256=DIGEST, guard="G", key=("k",)),
    ),
    ("cut_leg_a", Published(kb_id="runs/x/6", sha256=DIGEST, size=1)),
    ("cut_leg_a", Verified(facts={})),
)
FAILED = ("cut_leg_a", stopped(StopCode.STOP_WRITE_FAILED, "23505"))
AFTER = ("cut_leg_a", stopped(StopCode.STOP_WRITE_FAILED, "23505", exit_status=51))
STARTED = ("cut_leg_a", Started(index=6, operation="library.cut_leg_a@1"))

ENDS: dict[str, tuple[Told, RunStatus, int, RunEffect]] = {
    "a rehearsal to its end": (REHEARSED, RunStatus.REHEARSED, 0, RunEffect.REHEARSED),
    "a gate": (WAITING, RunStatus.WAITING, 10, RunEffect.NONE),
    "an unknown document": (UNKNOWN, RunStatus.STOPPED, 20, RunEffect.NONE),
    "drift": (DRIFTED, RunStatus.STOPPED, 21, RunEffect.NONE),
    "done by another run": (REPLAYED, RunStatus.STOPPED, 20, RunEffect.NONE),
    "a rehearsal that broke after an effect": (BROKEN, RunStatus.FAILED, 60, RunEffect.ROLLED_BACK),
    "a rehearsal that was killed": (told(5), RunStatus.UNFINISHED, 50, RunEffect.NONE),
    "a live run to its end": ((*LIVE, *EFFECT, ("", Completed(phases=12))), RunStatus.DONE, 0, RunEffect.COMMITTED),
    "a live write that failed": ((*LIVE, STARTED, FAILED), RunStatus.FAILED, 50, RunEffect.ROLLED_BACK),
    "a live stop after a commit": ((*LIVE, *EFFECT, AFTER), RunStatus.FAILED, 51, RunEffect.PARTIAL),
    "a live run killed after a commit": ((*LIVE, *EFFECT), RunStatus.UNFINISHED, 51, RunEffect.PARTIAL),
    "a live run killed before one": (LIVE, RunStatus.UNFINISHED, 50, RunEffect.ROLLED_BACK),
    "a live run through both gates": (DONE, RunStatus.DONE, 0, RunEffect.COMMITTED),
    "a gate after a commit": (GONE_ON, RunStatus.WAITING, 10, RunEffect.PARTIAL),
    "a refused approval": (REFUSED, RunStatus.WAITING, 11, RunEffect.NONE),
    "an expired approval": (EXPIRED, RunStatus.WAITING, 12, RunEffect.NONE),
    "a failure after a commit": (FAILED_PARTLY, RunStatus.FAILED, 51, RunEffect.PARTIAL),
    "people decide on a failure": (ESCALATED, RunStatus.WAITING, 10, RunEffect.PARTIAL),
    "a commit without an answer": (COMMIT_UNKNOWN, RunStatus.STOPPED, 69, RunEffect.UNKNOWN),
    "a run that was ended by a person": (ABORTED, RunStatus.ABORTED, 0, RunEffect.NONE),
}


@pytest.mark.parametrize("name", ENDS)
def test_how_a_run_ended(name: str) -> None:
    """A wrong status, exit or effect would claim a success, or a commit, that did not happen."""
    events, status, exit_code, effect = ENDS[name]
    folded = result(events)

    assert (folded.status, folded.exit_code, folded.effect) == (status, exit_code, effect)


def test_what_a_rehearsal_tells() -> None:
    """The numbers of the screen and of programs come from here; each is what the events say."""
    folded = RESULTS["rehearsal"]

    assert folded.counts == {"ANX": 1, "ART": 61, "CH": 9, "CL": 1148, "PT": 57, "QS": 13}
    assert folded.plan_digest == DIGEST
    assert folded.document_id == DOCUMENT
    assert folded.gate is None
    assert [line.phase for line in folded.phases] == [phase.id for phase in PHASES]
    assert [line.status for line in folded.phases if line.gate] == ["would_wait", "would_wait"]
    assert folded.phases[1].surveys == 6
    assert folded.phases[3].facts == {"persons": 3, "approve_within_s": 72 * 3600}
    assert [(note.phase, note.exit_code) for note in folded.would_stop] == [("backup", 40), ("backup_enact", 40)]


def test_a_survey_asked_twice_is_one_answer() -> None:
    """Surveys are asked again inside the write transaction: counting both would tell of surveys that are not there."""
    asked = [pair for pair in told(2) if pair[0] == "survey"]
    folded = result((*told(2)[:-1], *asked[1:-1], asked[-1]))

    assert folded.phases[1].surveys == 6


def test_phases_that_were_not_reached_are_named() -> None:
    """A reader of a stopped run must see what did not happen."""
    folded = RESULTS["rows_present"]

    assert [line.status for line in folded.phases] == ["ok", "stopped", *[NOT_REACHED] * 10]


def test_a_stop_carries_what_helps() -> None:
    """Code, category, found and needed reach programs as they were noted."""
    folded = RESULTS["rows_present"]

    assert (folded.stop_code, folded.category) == ("STOP_ROWS_PRESENT", "CONFLICT")
    assert (folded.where, folded.detail, folded.found, folded.needed) == ("survey", "rows:units", "3", "0")


GATES: dict[str, tuple[Told, str]] = {
    "asked": (WAITING, "waiting"),
    "refused": (REFUSED, "stopped"),
    "signed by enough, not used yet": (COMMIT_UNKNOWN, "approved"),
    "used by a later phase": (CRASHED, "opened"),
    "used, and the next one asked": (GONE_ON, "opened"),
    "rehearsed": (REHEARSED, "would_wait"),
}


@pytest.mark.parametrize("name", GATES)
def test_how_a_gate_stands(name: str) -> None:
    """A live run that passed a gate must not look as if it had waited or skipped it."""
    events, status = GATES[name]

    assert result(events).phases[3].status == status


def test_what_a_resume_kept_and_what_it_ran() -> None:
    """After a crash people ask what was done twice: what was proved again is `kept`, what was interrupted is `run`."""
    statuses = {line.phase: line.status for line in result(GONE_ON).phases}

    assert statuses["cut_leg_a"] == statuses["backup"] == statuses["plan"] == "kept"
    assert statuses["cut_leg_b"] == "run"
    assert statuses["verify"] == "ok"
    assert "run" not in {line.status for line in result(DONE).phases}  # its last pass went on from a gate


def test_what_a_waiting_run_waits_for() -> None:
    """Programs sign and resume by these fields; the request's are those of the event, the rest what the app knows."""
    folded = result(WAITING, waiting=IN_A_DEMO)
    waiting = folded.waiting

    assert waiting is not None
    assert folded.approval_kb_id == waiting.approval_kb_id == f"approvals/{RUN_ID}/{CUT_GATE}/{DIGEST[:16]}"
    assert (waiting.gate, waiting.request_sha256, waiting.approve_by) == (CUT_GATE, DIGEST, "2026-11-24T10:00:00Z")
    assert (waiting.missing, waiting.can_sign) == (IN_A_DEMO.missing, IN_A_DEMO.can_sign)
    assert result(DONE, waiting=IN_A_DEMO).waiting is None


def test_a_refused_approval_tells_its_check() -> None:
    """«Check 8 of 15» and what was found and needed must reach programs; the gate still waits."""
    folded = result(REFUSED)

    assert (folded.stop_code, folded.check, folded.detail) == ("STOP_SIGNER_REFUSED", 8, "self_approval")
    assert (folded.gate, folded.found, folded.needed) == (CUT_GATE, "an.tran", "sovereign:1")


def test_who_signed_at_which_gate() -> None:
    """The result of a finished run says who stands for it."""
    signed = [(item.gate, item.persons) for item in result(DONE).signed]

    assert signed == [(CUT_GATE, ("binh.le", "cuong.vo", "dung.ho")), (ENACT_GATE, ("binh.le",))]


def test_a_failure_after_a_commit_names_who_decides() -> None:
    """After 51 nothing goes on without people: the gate is named, and at it the failure that they decide on."""
    escalated = result(ESCALATED, waiting=IN_A_DEMO)

    assert result(FAILED_PARTLY).gate == escalated.gate == ESCALATION
    assert escalated.waiting is not None
    assert escalated.waiting.after == "STOP_WRITE_FAILED cut_leg_b"


def test_an_unanswered_commit_of_a_run_that_never_began_is_not_told_as_nothing() -> None:
    """«Nothing was written» would be a guess where the answer to a commit never came."""
    unanswered = Stop(StopCode.STOP_DATABASE_UNREACHABLE, "commit_unknown")

    for stop in (unanswered, Stop(StopCode.STOP_INTERRUPTED), Stop(StopCode.STOP_INTERNAL)):
        assert refused_result(stop, pipeline="cut", mode=Mode.LIVE, document_id=None).effect is RunEffect.UNKNOWN
        assert refused_result(stop, pipeline="cut", mode=Mode.DRYRUN, document_id=None).effect is RunEffect.NONE


@pytest.mark.parametrize("name", ["done", "aborted"])
def test_a_run_that_has_ended_well_is_not_told_otherwise_after_a_voiding(name: str) -> None:
    """Without it a cut that was done, and taken back later, would be told as one that was refused."""
    assert voided_result(RESULTS[name], RUN_ID) == RESULTS[name]


def test_events_without_a_beginning_are_a_fault() -> None:
    """A result made of half a run would be wrong without saying so."""
    with pytest.raises(RuntimeError):
        fold_result(
            number(told(1)[1:]),
            PIPELINE,
            INPUTS,
            target_label="",
            sidecar_dir=None,
            duration_ms=0,
            commit_refused=False,
        )


def test_a_refused_input_is_not_told_again() -> None:
    """A secret typed in the place of a document id must not come back on the screen or in the JSON."""
    stop = Stop(StopCode.STOP_INVALID_INPUT, "pattern", where="document_id")
    refused = refused_result(stop, pipeline="cut", mode=Mode.DRYRUN, document_id="hunter2")

    assert b"hunter2" not in encode(refused)


@pytest.mark.parametrize("code", list(StopCode))
def test_every_refusal_keeps_the_contract(code: StopCode) -> None:
    """Programs read exit, category and retryable of every stop from the document alone."""
    refused = refused_result(Stop(code), pipeline="cut", mode=Mode.DRYRUN, document_id=DOCUMENT)
    again = msgspec.json.decode(encode(refused), type=Result)
    other = fold_refusal(Stop(code), ("runs", "list"))

    assert again == refused
    assert (refused.exit_code, refused.stop_code, refused.run_id) == (int(code.exit), code.name, "")
    assert refused.effect is RunEffect.NONE
    assert (other.exit_code, other.category) == (refused.exit_code, refused.category)


def test_the_keys_of_a_result_stay() -> None:
    """`cutter.result/1` is released: a key that goes away or changes its name breaks whoever reads it."""
    keys = list(msgspec.json.decode(encode(RESULTS["rehearsal"])))

    assert " ".join(keys) == (
        "format run_id pipeline mode status stop_code check detail category found needed where suggestions gate "
        "exit_code retryable effect document_id plan_digest counts phases would_stop approval_kb_id sidecar_dir "
        "database commit_refused duration_ms waiting signed proof already_done last_event_at late line "
        "subject overran message_id next"
    )


def test_json_is_one_document_and_a_newline() -> None:
    """Line-based readers and `jq` both need exactly one document."""
    data = encode(RESULTS["rehearsal"])

    assert data.endswith(b"}\n")
    assert data.count(b"\n") == 1
