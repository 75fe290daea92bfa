"""`library.find_cut@1`: the cut that would be voided, bound by digest; nothing else can be voided."""

import pytest

from cutter.app.system import RandomIds
from cutter.events import Acted, GateWaiting
from cutter.model import Mode
from tests.support.runs import DEMO, Office, outcome_of, stop_of

MODES = [Mode.DRYRUN, Mode.LIVE]
UNKNOWN = "ICX-NONE"


def draft_cut(office: Office, document_id: str = DEMO) -> str:
    """A cut that waits at its second gate: its units are drafts."""
    run_id = RandomIds().run_id()
    first = office.perform(Mode.LIVE, run_id, document_id)
    assert isinstance(first[-1].event, GateWaiting)
    office.approve(first)
    assert isinstance(office.perform(Mode.LIVE, run_id, document_id)[-1].event, GateWaiting)
    return run_id


@pytest.mark.parametrize("mode", MODES, ids=lambda mode: mode.value)
def test_it_finds_the_digests_that_the_cut_was_planned_with(office: Office, mode: Mode) -> None:
    """Without it people would sign for rows that nobody could compare with what was cut."""
    cut_run = draft_cut(office)
    cut = outcome_of(office.perform(Mode.LIVE, cut_run), "plan")

    found = outcome_of(office.perform(mode, RandomIds().run_id(), pipeline=office.pipeline("void")), "find_cut")

    assert found["cut_run_id"] == cut_run
    assert {name: found[name] for name in ("row_count", "writer_sha256")} == {
        name: cut[name] for name in ("row_count", "writer_sha256")
    }
    assert found["state_sha256"] == cut["expected_after_sha256"] != found["expected_after_sha256"]
    assert found["counts"] == sorted(cut["counts"])
    assert found["drafts"] == found["regions"] == found["row_count"]


@pytest.mark.parametrize("mode", MODES, ids=lambda mode: mode.value)
@pytest.mark.parametrize(
    ("done", "code", "detail"),
    [
        pytest.param("nothing", "STOP_DOCUMENT_UNKNOWN", "", id="unknown document"),
        pytest.param("voided", "STOP_TRANSITION_UNSUPPORTED", "no_cut", id="voided already"),
        pytest.param("enacted", "STOP_TRANSITION_UNSUPPORTED", "enacted", id="enacted"),
        pytest.param("one enacted", "STOP_TRANSITION_UNSUPPORTED", "not_draft", id="a unit is enacted"),
        pytest.param("one gone", "STOP_DRIFT", "units", id="a unit is missing"),
    ],
)
def test_what_cannot_be_voided_stops_before_the_gate(
    office: Office, mode: Mode, done: str, code: str, detail: str
) -> None:
    """Without it people would be asked to sign what the database refuses afterwards."""
    document_id = _done(office, done)

    records = office.perform(mode, RandomIds().run_id(), document_id, pipeline=office.pipeline("void"))

    stop = stop_of(records)
    assert (stop.code, stop.detail, records[-1].phase) == (code, detail, "find_cut")
    assert not [r for r in records if isinstance(r.event, Acted)]
    if done == "nothing":
        assert stop.suggestions == (DEMO,)


def _done(office: Office, done: str) -> str:
    """Bring the library into a state; the document that is then asked for."""
    if done == "enacted":
        office.complete(RandomIds().run_id())
        return DEMO
    draft_cut(office)
    match done:
        case "nothing":
            return UNKNOWN
        case "voided":
            office.complete(RandomIds().run_id(), pipeline=office.pipeline("void"))
        case "one enacted":
            office.alter(
                "UPDATE library.information_unit SET lifecycle = 'enacted', enacted_at = now() WHERE type = 'PRE'"
            )
        case "one gone":
            office.alter(
                "DELETE FROM library.unit_region r USING library.information_unit u WHERE r.unit_id = u.id"
                " AND u.type = 'PRE'"
            )
            office.alter("DELETE FROM library.information_unit WHERE type = 'PRE'")
    return DEMO


def test_a_cut_that_moved_while_the_gate_waited_is_not_voided(office: Office) -> None:
    """Without it an approval would void other units than those that were signed for."""
    draft_cut(office)
    void, run_id = office.pipeline("void"), RandomIds().run_id()
    waiting = office.perform(Mode.LIVE, run_id, pipeline=void)
    assert isinstance(waiting[-1].event, GateWaiting)
    office.approve(waiting)
    office.alter("UPDATE library.information_unit SET heading = 'x' WHERE type = 'PRE'")

    stop = stop_of(office.perform(Mode.LIVE, run_id, pipeline=void))

    assert stop.code in ("STOP_PLAN_CHANGED", "STOP_VERIFY_FAILED", "STOP_DRIFT")
    assert office.rows("SELECT count(*) FROM library.information_unit") != [(0,)]
