"""`library.enact@1`: draft to enacted, all units or none."""

from cutter.app.system import RandomIds
from cutter.events import GateWaiting
from cutter.model import Mode
from tests.support.runs import Office, stop_of


def test_the_approval_of_the_cut_does_not_enact(office: Office) -> None:
    """Without it one signature would pass two gates."""
    run_id = RandomIds().run_id()
    first = office.perform(Mode.LIVE, run_id)
    assert isinstance(first[-1].event, GateWaiting)
    office.approve(first)

    second = office.perform(Mode.LIVE, run_id)

    assert isinstance(second[-1].event, GateWaiting)
    assert office.rows("SELECT DISTINCT lifecycle FROM library.information_unit") == [("draft",)]


def test_a_unit_that_is_no_draft_stops_all(office: Office) -> None:
    """Without it a part of a document could be enacted."""
    run_id = RandomIds().run_id()
    for _ in range(2):
        records = office.perform(Mode.LIVE, run_id)
        assert isinstance(records[-1].event, GateWaiting)
        office.approve(records)
    office.alter("UPDATE library.information_unit SET lifecycle = 'enacted', enacted_at = now() WHERE type = 'PRE'")

    stop = stop_of(office.perform(Mode.LIVE, run_id))

    assert (stop.code, stop.exit) == ("STOP_DRIFT", 51)
    assert office.rows("SELECT count(*) FROM library.information_unit WHERE lifecycle = 'enacted'") == [(1,)]


def test_after_the_run_every_unit_is_enacted(office: Office) -> None:
    """Without it the run could end well with drafts left."""
    office.complete(RandomIds().run_id())

    assert office.rows("SELECT DISTINCT lifecycle, enacted_at IS NOT NULL FROM library.information_unit") == [
        ("enacted", True)
    ]
