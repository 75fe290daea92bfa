"""Runs of policies that are proved once more, long after they ended."""

import pytest

from cutter.app.ledger import verify_ledger
from cutter.app.proofs import replay_run, verify_run
from cutter.stops import Stop, StopCode
from tests.support.notify import NOTIFICATION, trigger_of
from tests.support.notify_edits import OF_MESSAGES
from tests.support.notify_runs import LiveClinic

KINDS = {
    "a message": (trigger_of(), ("decide", "send"), "DELETE FROM comm.message"),
    "a notification": (trigger_of(NOTIFICATION), ("decide", "create"), "DELETE FROM comm.notification"),
}


@pytest.mark.parametrize("kind", KINDS)
def test_a_run_is_proved_after_its_policies_have_changed(live_clinic: LiveClinic, kind: str) -> None:
    """Without it every run would fail its proof from the first change of any policy on, or trip over skipped phases."""
    data, phases, _ = KINDS[kind]
    done = live_clinic.complete(data)
    assert verify_run(live_clinic.live.settings, done.run_id).phases == phases

    OF_MESSAGES["the policy is withdrawn"].do(live_clinic.clinic)

    assert verify_run(live_clinic.live.settings, done.run_id).phases == phases
    assert replay_run(live_clinic.live.settings, done.run_id).lifecycle == "terminated"
    assert verify_ledger(live_clinic.live.settings) is not None


@pytest.mark.parametrize("kind", KINDS)
def test_a_row_that_is_taken_away_is_found(live_clinic: LiveClinic, kind: str) -> None:
    """Without it what a run did could be taken away behind it, and nobody would ever see that."""
    data, (_, phase), statement = KINDS[kind]
    done = live_clinic.complete(data)
    live_clinic.live.office.alter(statement)

    with pytest.raises(Stop) as caught:
        verify_run(live_clinic.live.settings, done.run_id)

    assert (caught.value.code, caught.value.where) == (StopCode.STOP_VERIFY_FAILED, phase)
