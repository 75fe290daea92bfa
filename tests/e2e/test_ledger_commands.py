"""`cutter ledger`, and `cutter runs verify|replay|evidence`, as they are typed in a workspace that only rehearsed."""

import pytest

from cutter.custody.machine_key import make_runner_key
from tests.e2e.conftest import Workspace

DEMO = "ICX-CONST"


@pytest.fixture(scope="module")
def rehearsed(running: Workspace) -> str:
    """The id of a rehearsal."""
    run_id: str = running.cutter("orchestrate", "cut", DEMO, "--output=json").document["run_id"]
    return run_id


def test_a_ledger_that_nobody_knows_is_not_whole(running: Workspace) -> None:
    """Without it an empty ledger, which is also what is left when all is deleted, would be called OK."""
    document = running.cutter("ledger", "verify", "--output=json").document

    assert (document["exit_code"], document["stop_code"], document["detail"]) == (
        60,
        "STOP_LEDGER_BROKEN",
        "unanchored",
    )


def test_a_checkpoint_needs_the_hosts_key(running: Workspace) -> None:
    """Without it a host without a key would end with a traceback, or with a checkpoint that nobody can check."""
    document = running.cutter("ledger", "checkpoint", "--output=json").document
    assert (document["exit_code"], document["stop_code"], document["detail"]) == (78, "STOP_KEY_UNUSABLE", "runner_key")

    make_runner_key(running.folder / ".cutter" / "credentials")
    kept = running.cutter("ledger", "checkpoint", "--output=json")
    assert (kept.status, kept.document["checkpoint"]) == (0, None)  # of an empty ledger there is none


def test_a_rehearsal_is_proved_and_told(running: Workspace, rehearsed: str) -> None:
    """Without it people could not read back what a rehearsal did, or be sure that its files still say so."""
    proved = running.cutter("runs", "verify", rehearsed, "--output=json")
    told = running.cutter("runs", "replay", rehearsed, "--output=json")

    assert (proved.status, proved.document["proved"]["source"]) == (0, "rehearsal")
    assert told.document["replayed"]["story"][0]["event"] == "Spawned"
    assert running.cutter("runs", "replay", rehearsed).text.startswith("REPLAYED  run ")


def test_a_rehearsal_has_no_evidence(running: Workspace, rehearsed: str) -> None:
    """Without it a rehearsal could be shown to a stranger as a change that was made."""
    answer = running.cutter("runs", "evidence", rehearsed, "--output=json")

    assert (answer.status, answer.document["detail"]) == (2, "rehearsal")
