"""Hosts that are wrong: clocks, time zones, languages, full and read-only folders, continuous integration.

The program runs as a process of its own, as an operator starts it, and what it leaves is resumed on a good host.
"""

import os
import resource
import shutil
from pathlib import Path

import pytest

from cutter.report.result import RunStatus
from tests.plugins.proofs import Proof
from tests.support.commands import CUT, LIVE, approved, command
from tests.support.live import LiveOffice
from tests.support.wire import rewired, wire

pytestmark = pytest.mark.attacks

FAKETIME = shutil.which("faketime")
SETPRIV = shutil.which("setpriv")
UNITS = 321
PORT = 5432  # only a part of a socket's name
WRITTEN = (
    "SELECT (SELECT count(*) FROM library.information_unit), (SELECT count(*) FROM cutter_governance.approval_use)"
)


CLOCKS = {"ahead": "+2h", "days back": "-2d"}


@pytest.mark.skipif(FAKETIME is None, reason="faketime is not installed")
@pytest.mark.parametrize("name", CLOCKS)
def test_a_clock_that_is_wrong_uses_no_approval(live: LiveOffice, name: str, proof: Proof) -> None:
    """Without it an approval that has ended could be used on a host whose clock was set back."""
    request = approved(live)
    resume = ("orchestrate", "resume", "--approval-kb-id", request)

    answer = command(live, resume, under=(FAKETIME or "", "-f", CLOCKS[name]))

    assert (answer.status, answer.document["stop_code"]) == (31, "STOP_CLOCK_UNSAFE"), answer
    assert live.office.rows(WRITTEN) == [(0, 0)]
    assert command(live, resume).status == 10
    proof("25", f"the host's clock {CLOCKS[name]}", "31 STOP_CLOCK_UNSAFE, then on with the right time")


PLACES = {
    "UTC": {"TZ": "UTC", "LC_ALL": "C.UTF-8"},
    "Saigon": {"TZ": "Asia/Ho_Chi_Minh", "LANG": "vi_VN.UTF-8"},
    "half hours": {"TZ": "Asia/Kathmandu", "LC_ALL": "C"},
    "summer time": {"TZ": "America/New_York", "LC_ALL": "tr_TR.UTF-8"},
    "leap seconds": {"TZ": "right/UTC", "LC_ALL": "de_DE.UTF-8"},
    "nowhere": {"TZ": "Not/AZone", "LC_ALL": "xx_XX", "PYTHONUTF8": "0"},
}


@pytest.fixture
def digests(live: LiveOffice) -> tuple[object, object]:
    """What a rehearsal finds where the test runs: the plan's digest and the counts."""
    document = command(live, CUT).document
    return document["plan_digest"], document["counts"]


@pytest.mark.parametrize("name", PLACES)
def test_a_place_changes_no_digest(live: LiveOffice, digests: tuple[object, object], name: str) -> None:
    """Without it what was signed in one country would be another plan in the next."""
    answer = command(live, CUT, environ=PLACES[name])

    assert answer.status == 0, answer
    assert (answer.document["plan_digest"], answer.document["counts"]) == digests


def test_a_run_goes_on_in_another_place(live: LiveOffice, proof: Proof) -> None:
    """Without it times that were written in one zone would be read in another, and an approval end early or late."""
    asked = command(live, LIVE, environ=PLACES["Saigon"])
    live.sign(asked.document["approval_kb_id"], "sovereign")
    second = command(live, LIVE, environ=PLACES["summer time"])
    live.sign(second.document["approval_kb_id"], "sovereign")
    done = command(live, LIVE, environ=PLACES["half hours"])

    assert (asked.status, second.status, done.status) == (10, 10, 0)
    proof("25", "asked, resumed and finished in three time zones and languages", "0")


# Bytes that a file may have: none, less than the run's first file, and less than the list of its events.
ROOM = (0, 2_000, 20_000)


@pytest.mark.parametrize("room", ROOM)
def test_a_full_disk_ends_the_run_and_loses_nothing(live: LiveOffice, room: int, proof: Proof) -> None:
    """Without it half a file could stand for a whole one, or a run that cannot keep its evidence could write on."""
    request = approved(live)
    resume = ("orchestrate", "resume", "--approval-kb-id", request)

    answer = command(live, resume, before=lambda: resource.setrlimit(resource.RLIMIT_FSIZE, (room, room)))

    assert answer.document["exit_code"] not in (0, 1, 10), answer
    assert answer.document["stop_code"] in ("STOP_DISK", "STOP_BACKUP_REFUSED"), answer
    result = live.complete()
    assert result.status is RunStatus.DONE
    assert live.office.rows(WRITTEN)[0][0] == UNITS
    proof(
        "disk full", f"files of at most {room} bytes", f"{answer.status} {answer.document['stop_code']}, then resumed"
    )


def _without_override() -> tuple[str, ...]:
    """As root, permissions bind only who has given up the power to override them."""
    if os.geteuid() != 0:
        return ()
    assert SETPRIV
    return (SETPRIV, "--bounding-set=-dac_override", "--inh-caps=-dac_override")


@pytest.mark.skipif(SETPRIV is None and os.geteuid() == 0, reason="setpriv is not installed")
@pytest.mark.parametrize("folder", ["runs", "."])
def test_a_read_only_folder_ends_the_run(live: LiveOffice, folder: str, proof: Proof) -> None:
    """Without it a run would write to the database and have nowhere to say so."""
    closed = live.settings.state / folder
    closed.mkdir(exist_ok=True, mode=0o700)
    closed.chmod(0o500)
    # a socket that the restricted process may write to: the server's own belongs to another user
    with wire(live.database.server.socket, PORT) as line, rewired(live.office.workspace, line):
        answer = command(live, LIVE, under=_without_override())
    closed.chmod(0o700)

    assert answer.status not in (0, 1, 10), answer
    assert answer.document["stop_code"] == "STOP_DISK", answer
    assert live.office.rows(WRITTEN) == [(0, 0)]
    assert live.complete().status is RunStatus.DONE
    proof("read-only folder", f".cutter/{folder}", f"{answer.status} STOP_DISK, nothing governed written")


@pytest.mark.parametrize("value", ["1", "true", "false"])
def test_a_live_run_in_continuous_integration_is_refused(live: LiveOffice, value: str, proof: Proof) -> None:
    """Without it a change to a workflow's file would be enough to write to the office's database."""
    answer = command(live, LIVE, environ={"CI": value})

    assert (answer.status, answer.document["stop_code"], answer.document["detail"]) == (20, "STOP_LIVE_REFUSED", "ci")
    assert live.office.rows("SELECT count(*) FROM cutter_governance.run") == [(0,)]
    proof("CI", f"a live run with CI={value}", "20 STOP_LIVE_REFUSED ci")


def test_a_resume_in_continuous_integration_is_refused(live: LiveOffice) -> None:
    """Without it an approval that was signed for the operator's host could be used from a workflow."""
    answer = command(live, ("orchestrate", "resume", "--approval-kb-id", approved(live)), environ={"CI": "1"})

    assert (answer.status, answer.document["stop_code"]) == (20, "STOP_LIVE_REFUSED")
    assert live.office.rows(WRITTEN) == [(0, 0)]


def test_the_workspace_may_allow_it(live: LiveOffice) -> None:
    """Without it an office that decided otherwise could not."""
    path = Path(live.office.workspace / "cutter.yaml")
    path.write_text(f"{path.read_text(encoding='utf-8')}ci: {{live: allowed}}\n", encoding="utf-8")

    assert command(live, LIVE, environ={"CI": "1"}).status == 10


def test_a_rehearsal_in_continuous_integration_is_welcome(live: LiveOffice) -> None:
    """Without it nobody could try a pipeline where pipelines are changed."""
    assert command(live, CUT, environ={"CI": "1"}).status == 0
