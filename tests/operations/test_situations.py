"""What happens when: the table of situations of a live run, each a row (approvals-and-evidence §3).

A row arranges a situation, gives one command, and says its exit, its code and who acts next.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

import msgspec
import pytest

from cutter.app.ending import abort_run
from cutter.approval.request import ESCALATION
from cutter.approval.trust import GateQuorum, RevokedKey
from cutter.model import RoleQuorum
from cutter.report.result import Result, RunEffect, RunStatus
from cutter.stops import Stop, StopCode
from tests.support.live import ALWAYS, LiveOffice
from tests.support.runs import DEMO

FIRST, SECOND = "GATE_CUT_AUTHORIZATION", "GATE_LIFECYCLE_ENACT_AUTHORIZATION"
TIMES = "approve_within: PT72H\n      execute_within: PT24H"
SOON = (TIMES, "approve_within: PT3M\n      execute_within: PT24H")
SHORT = (TIMES, "approve_within: PT6M\n      execute_within: PT1M")
# A host may be five minutes apart from the database: a run that asked at `EARLY` did so four minutes ago.
EARLY, PRESENT, LATE = timedelta(minutes=-4), timedelta(), timedelta(minutes=4)
TWO_ROLES = ("quorum: {sovereign: 1}", "quorum: {content: 1, sovereign: 1}")


@dataclass(frozen=True)
class Row:
    """A situation: how it comes about (its last command's result is judged), and what the answer must be."""

    arrange: Callable[[LiveOffice], Result]
    exit: int
    code: StopCode | None
    next: str
    """Who acts next: a word of `next_of`."""


def next_of(result: Result) -> str:
    """Who acts next, as the result's commands say."""
    commands = " ".join(step.command for step in result.next)
    if result.status is RunStatus.DONE:
        return "nobody"
    if "cutter approve" in commands:
        return "signers"
    if "--mode live" in commands or "orchestrate resume" in commands:
        return "operator"
    return "reader"


def waiting_again(live: LiveOffice) -> Result:
    """The same live line while it waits."""
    first = live.cut()
    again = live.cut()
    assert (first.run_id, first.approval_kb_id) == (again.run_id, again.approval_kb_id)
    return again


def too_few(live: LiveOffice) -> Result:
    """One of two roles has signed."""
    live.write_pipeline("cut-two", TWO_ROLES)
    first = live.cut(pipeline="cut-two")
    live.sign(first.approval_kb_id, "sovereign")
    result = live.resume(first.approval_kb_id)
    assert result.waiting is not None
    assert [quorum.role for quorum in result.waiting.missing] == ["content"]
    return result


def enough(live: LiveOffice) -> Result:
    """Both roles have signed."""
    live.write_pipeline("cut-two", TWO_ROLES)
    first = live.cut(pipeline="cut-two")
    live.sign(first.approval_kb_id, "sovereign", "content")
    result = live.resume(first.approval_kb_id)
    assert (result.gate, result.effect) == (SECOND, RunEffect.PARTIAL)
    return result


def no_backup(live: LiveOffice) -> Result:
    """The quorum is met, and no backup can be kept."""
    first = live.cut()
    live.sign(first.approval_kb_id, "sovereign")
    live.settings.backups.parent.mkdir(exist_ok=True)
    live.settings.backups.write_text("in the way")
    return live.resume(first.approval_kb_id)


def mended_backup(live: LiveOffice) -> Result:
    """The same approval, once the backups' folder is mended."""
    refused = no_backup(live)
    live.settings.backups.unlink()
    result = live.resume(_kb_id(live, refused.run_id, FIRST))
    assert result.gate == SECOND
    return result


def too_late_to_sign(live: LiveOffice) -> Result:
    """The time to sign has passed."""
    first = _asked_early(live, SOON)
    live.sign(first.approval_kb_id, "sovereign")
    return live.resume(first.approval_kb_id)


def too_late_to_use(live: LiveOffice) -> Result:
    """Signed in time, used too late."""
    first = _asked_early(live, SHORT)
    live.sign(first.approval_kb_id, "sovereign")
    live.office.clock.ahead = LATE
    return live.resume(first.approval_kb_id)


def asked_anew(live: LiveOffice) -> Result:
    """The same live line after the time to sign has passed: another request, the same run."""
    first = _asked_early(live, SOON)
    again = live.cut(pipeline="cut-short")
    assert first.run_id == again.run_id
    assert first.approval_kb_id != again.approval_kb_id
    return again


def pipeline_moved(live: LiveOffice) -> Result:
    """The pipeline's file was changed while the run waited."""
    live.write_pipeline("cut-mine")
    first = live.cut(pipeline="cut-mine")
    live.sign(first.approval_kb_id, "sovereign")
    live.write_pipeline("cut-mine", ("expect: {draft: 1, enacted: 1}", "expect: {draft: 1, enacted: {at_least: 1}}"))
    result = live.resume(first.approval_kb_id)
    assert any("lifecycle_vocabulary" in change for change in result.suggestions)
    return result


def plan_moved(live: LiveOffice) -> Result:
    """A newer version of the document came in while the run waited."""
    live.office.add_text("LATER", "Điều 1. Một\nNội dung.\nĐiều 2. Hai\nNội dung.\n")
    first = live.cut("LATER")
    live.sign(first.approval_kb_id, "sovereign")
    live.office.replace_text("LATER", "Điều 1. Một\nNội dung khác.\nĐiều 2. Hai\nNội dung.\n")
    return live.resume(first.approval_kb_id)


def database_moved(live: LiveOffice) -> Result:
    """Somebody gave a writer to everybody while the run waited."""
    first = live.cut()
    live.sign(first.approval_kb_id, "sovereign")
    live.office.alter("GRANT EXECUTE ON FUNCTION library.fn_iu_enact(uuid, bigint) TO PUBLIC")
    return live.resume(first.approval_kb_id)


def policy_moved(live: LiveOffice) -> Result:
    """The office asks for more at this gate than it did."""
    first = live.cut()
    live.sign(first.approval_kb_id, "sovereign")
    more = GateQuorum(gate_id=FIRST, roles=(RoleQuorum("form", 1),))
    live.trust(2, quorums=(more,))
    return live.resume(first.approval_kb_id)


def trust_moved_back(live: LiveOffice) -> Result:
    """The trust bundle is an older one than the request names."""
    live.trust(2)
    first = live.cut()
    live.sign(first.approval_kb_id, "sovereign")
    live.trust(1)
    return live.resume(first.approval_kb_id)


def finished(live: LiveOffice) -> Result:
    """The same approval again, on its finished run."""
    first = live.cut()
    done = live.complete()
    assert done.status is RunStatus.DONE
    again = live.resume(first.approval_kb_id)
    assert (again.already_done, again.counts) == (True, done.counts)
    return again


def done_before(live: LiveOffice) -> Result:
    """A new live line for a document that was cut."""
    live.complete()
    return live.cut()


def gate_passed(live: LiveOffice) -> Result:
    """Another request for a gate that was passed."""
    first = _asked_early(live, SOON)
    second = live.cut(pipeline="cut-short")
    live.sign(second.approval_kb_id, "sovereign")
    live.resume(second.approval_kb_id)
    return live.resume(first.approval_kb_id)


def other_run(live: LiveOffice) -> Result:
    """The approval of one run, given to the line of another."""
    live.office.add_text("OTHER", "Điều 1. Một\nNội dung.\nĐiều 2. Hai\nNội dung.\n")
    other = live.cut("OTHER")
    live.sign(other.approval_kb_id, "sovereign")
    live.cut()
    return live.cut(DEMO, "cut", other.approval_kb_id or "")


def key_revoked_between(live: LiveOffice) -> Result:
    """A key was revoked after its approval was used: the phases up to the next gate finish, which is judged anew."""
    first = live.cut()
    live.sign(first.approval_kb_id, "sovereign")
    second = live.resume(first.approval_kb_id)
    live.sign(second.approval_kb_id, "sovereign")
    revoked = RevokedKey(fpr=live.keys.fprs["sovereign"], since=ALWAYS[0], reason_code="lost")
    live.trust(2, revoked=(revoked,))
    return live.resume(second.approval_kb_id)


def rejected(live: LiveOffice) -> Result:
    """Somebody who may sign said no."""
    first = live.cut()
    live.reject(first.approval_kb_id, "sovereign")
    return live.resume(first.approval_kb_id)


def self_signed(live: LiveOffice) -> Result:
    """Only the requester has signed."""
    operator = msgspec.structs.replace(live.person("operator"), roles=("operator", "sovereign"))
    live.trust(2, persons=(operator, live.person("sovereign")))
    first = live.cut()
    live.sign(first.approval_kb_id, "sovereign", key="operator")
    return live.resume(first.approval_kb_id)


def failed_after_a_write(live: LiveOffice) -> Result:
    """Unit text was changed behind cutter's back after leg A: the proof fails, and people must decide."""
    first = live.cut()
    live.sign(first.approval_kb_id, "sovereign")
    second = live.resume(first.approval_kb_id)
    live.office.alter("UPDATE library.information_unit SET body = body || 'x' WHERE ordinal = 3")
    live.sign(second.approval_kb_id, "sovereign")
    return live.resume(second.approval_kb_id)


def escalated(live: LiveOffice) -> Result:
    """The same run again after such a failure."""
    failed = failed_after_a_write(live)
    assert live.office.rows("SELECT count(*) FROM cutter_governance.incident") == [(1,)]
    result = live.cut()
    assert (result.run_id, result.gate) == (failed.run_id, ESCALATION)
    return result


def mended_and_decided(live: LiveOffice) -> Result:
    """The text was mended and people decided to go on; the second gate was signed before the failure."""
    asked = escalated(live)
    live.office.alter("UPDATE library.information_unit SET body = left(body, -1) WHERE ordinal = 3")
    live.sign(asked.approval_kb_id, "sovereign")
    return live.resume(asked.approval_kb_id)


def _asked_early(live: LiveOffice, times: tuple[str, str]) -> Result:
    live.write_pipeline("cut-short", times)
    live.office.clock.ahead = EARLY
    asked = live.cut(pipeline="cut-short")
    live.office.clock.ahead = PRESENT
    return asked


def _kb_id(live: LiveOffice, run_id: str, gate: str) -> str:
    found = live.office.rows(f"SELECT kb_id FROM kb.document WHERE kb_id LIKE 'approvals/{run_id}/{gate}/%'")
    return str(found[-1][0])


SITUATIONS: dict[str, Row] = {
    "the same line again while it waits": Row(waiting_again, 10, None, "signers"),
    "resumed with too few signatures": Row(too_few, 10, None, "signers"),
    "resumed with enough signatures": Row(enough, 10, None, "signers"),
    "the backup cannot be made": Row(no_backup, 40, StopCode.STOP_BACKUP_REFUSED, "operator"),
    "the backup is mended": Row(mended_backup, 10, None, "signers"),
    "signed too late": Row(too_late_to_sign, 12, StopCode.STOP_APPROVAL_EXPIRED, "operator"),
    "used too late": Row(too_late_to_use, 12, StopCode.STOP_APPROVAL_EXPIRED, "operator"),
    "the same line after it expired": Row(asked_anew, 10, None, "signers"),
    "the pipeline moved": Row(pipeline_moved, 22, StopCode.STOP_PLAN_CHANGED, "reader"),
    "the plan moved": Row(plan_moved, 22, StopCode.STOP_PLAN_CHANGED, "reader"),
    "the database moved": Row(database_moved, 21, StopCode.STOP_FINGERPRINT_DRIFT, "reader"),
    "the policy moved": Row(policy_moved, 11, StopCode.STOP_POLICY_CHANGED, "operator"),
    "the trust bundle is older": Row(trust_moved_back, 11, StopCode.STOP_TRUST_REFUSED, "reader"),
    "the same approval on its finished run": Row(finished, 0, None, "nobody"),
    "another live line for what is done": Row(done_before, 20, StopCode.STOP_REPLAY_CONFLICT, "reader"),
    "another request for a passed gate": Row(gate_passed, 12, StopCode.STOP_APPROVAL_CONSUMED, "operator"),
    "the approval of another run": Row(other_run, 11, StopCode.STOP_APPROVAL_MISMATCH, "reader"),
    "a key revoked between the gates": Row(key_revoked_between, 11, StopCode.STOP_SIGNER_REFUSED, "signers"),
    "somebody signed a no": Row(rejected, 11, StopCode.STOP_APPROVAL_REJECTED, "reader"),
    "signed by who asked": Row(self_signed, 11, StopCode.STOP_SIGNER_REFUSED, "signers"),
    "failed after a governed write": Row(failed_after_a_write, 51, StopCode.STOP_VERIFY_FAILED, "operator"),
    "the same line after such a failure": Row(escalated, 10, None, "signers"),
    "mended, and people decided": Row(mended_and_decided, 0, None, "nobody"),
}


@pytest.fixture(autouse=True)
def _own_clock(live: LiveOffice, monkeypatch: pytest.MonkeyPatch) -> None:
    """Let the program run by the office's clock."""
    monkeypatch.setattr("cutter.app.compose.SystemClock", lambda: live.office.clock)


@pytest.mark.parametrize("name", SITUATIONS)
def test_a_situation_has_one_answer(live: LiveOffice, name: str) -> None:
    """Without it an operator could meet a state of a run that nobody thought of, and not know who acts next."""
    row = SITUATIONS[name]

    result = row.arrange(live)

    told = (result.exit_code, result.stop_code, next_of(result))
    assert told == (row.exit, row.code.name if row.code else None, row.next)


def test_a_run_is_aborted_until_it_writes(live: LiveOffice) -> None:
    """Without it a run that nobody wants would wait for ever, or one that wrote could be forgotten."""
    first = live.cut()
    abort_run(live.settings, first.run_id, "not wanted")
    second = live.cut()
    assert second.run_id != first.run_id

    live.sign(second.approval_kb_id, "sovereign")
    live.resume(second.approval_kb_id)
    with pytest.raises(Stop) as caught:
        abort_run(live.settings, second.run_id, "too late")
    assert (caught.value.code, caught.value.detail) == (StopCode.STOP_ABORT_REFUSED, "governed_rows")


def test_a_page_that_is_gone_is_made_again(live: LiveOffice) -> None:
    """Without it nobody could sign a request whose page was lost: what was shown is named by its digest."""
    first = live.cut()
    assert first.waiting is not None
    page = Path(first.waiting.review_path)
    shown = page.read_bytes()
    page.unlink()

    again = live.cut()

    assert again.approval_kb_id == first.approval_kb_id
    assert page.read_bytes() == shown
