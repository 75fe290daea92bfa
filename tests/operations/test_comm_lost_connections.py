"""Connections that are lost, and hosts that change, while a message is on its way."""

from collections.abc import Callable
from contextlib import suppress

import pytest

from cutter.app.system import RandomIds
from cutter.events import Stopped
from cutter.model import Mode
from cutter.stops import Stop
from tests.support.mail_servers import Behaviour
from tests.support.notify import Clinic, trigger_of
from tests.support.runs import completed, outcome_of, stop_of


def lose(clinic: Clinic, run_id: str, state: str) -> Callable[[str], None]:
    """A spy that ends a connection of the run while the mail server answers the final dot."""
    end = (
        "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = current_database()"
        f" AND application_name LIKE 'cutter/{run_id[:8]}%' AND state = '{state}'"
    )

    def spy(moment: str) -> None:
        if moment == "after dot":
            assert clinic.office.rows(end) == [(True,)]

    return spy


# The connection, and whether the run can still say that the message was accepted.
LOST = {"that reads": ("idle in transaction", True), "that records": ("idle", False)}


@pytest.mark.parametrize("name", LOST)
def test_a_connection_that_is_lost_while_the_server_answers(clinic: Clinic, name: str) -> None:
    """Without it a lost connection could make an accepted message unknown without need, or an unknown one unsent."""
    state, accepted = LOST[name]
    run_id = RandomIds().run_id()
    clinic.approved(trigger_of(), run_id)
    clinic.server.spy = lose(clinic, run_id, state)

    with suppress(Stop):  # where nothing can be recorded any more
        clinic.take(Mode.LIVE, trigger_of(), run_id)
    clinic.server.settle()
    records = clinic.take(Mode.LIVE, trigger_of(), run_id)

    assert len(clinic.server.stored) == clinic.server.dots == 1
    told = {r.event.code for r in records if isinstance(r.event, Stopped)}
    if accepted:
        assert outcome_of(records, "send")["outcome"] == "accepted"
    assert ("STOP_EFFECT_UNKNOWN" in told) == (not accepted)


def test_another_host_goes_on_with_the_key_that_was_recorded(clinic: Clinic) -> None:
    """Without it a host with another key would send under another Message-ID, and then fail its own proof."""
    run_id = RandomIds().run_id()
    clinic.approved(trigger_of(), run_id)
    clinic.server.behaviour = Behaviour(cut="RCPT")
    clinic.take(Mode.LIVE, trigger_of(), run_id)
    clinic.server.behaviour = Behaviour()
    (clinic.office.settings.credentials / "commitment.key").unlink()

    records = clinic.take(Mode.LIVE, trigger_of(), run_id)

    assert completed(records), records[-1].event
    [(recorded,)] = clinic.office.rows("SELECT message_id FROM comm.message")
    assert outcome_of(records, "send")["message_id"] == recorded
    assert f"Message-ID: <{recorded}@".encode() in clinic.server.stored[0]


def test_what_was_interrupted_is_not_sent_after_its_time(clinic: Clinic) -> None:
    """Without it a yes for today could send a message next month, when somebody resumes what had failed."""
    hasty = clinic.altered(
        ("approve_within: PT24H\n      execute_within: PT4H", "approve_within: PT5S\n      execute_within: PT1S")
    )
    run_id = RandomIds().run_id()
    clinic.approved(trigger_of(), run_id)
    clinic.server.behaviour = Behaviour(cut="RCPT")
    assert stop_of(clinic.take(Mode.LIVE, trigger_of(), run_id, pipeline=hasty)).code == "STOP_SEND_FAILED"
    clinic.server.behaviour = Behaviour()
    clinic.office.rows("SELECT pg_sleep(7)")

    stop = stop_of(clinic.take(Mode.LIVE, trigger_of(), run_id, pipeline=hasty))

    assert (stop.code, stop.detail, stop.exit) == ("STOP_DECISION_LAPSED", "execute_by", 12)
    assert clinic.server.stored == []
