"""`library.void@1`: drafts go, their run's markers are voided, and the same version can be cut again."""

from collections.abc import Callable, Sequence

import pytest

from cutter.app.system import RandomIds
from cutter.events import Acted, GateWaiting, Published, Record, Verified
from cutter.model import Mode, OperationPhase
from cutter.stops import Stop, StopCode
from tests.operations.test_library_find_cut import draft_cut
from tests.support.runs import DEMO, Office, completed, outcome_of

MODES = [Mode.DRYRUN, Mode.LIVE]
COUNTS = (
    "SELECT (SELECT count(*) FROM library.information_unit), (SELECT count(*) FROM library.unit_region),"
    " (SELECT count(*) FROM library.source_document), (SELECT count(*) FROM library.source_version)"
)


def void(office: Office, mode: Mode = Mode.LIVE, document_id: str = DEMO) -> Sequence[Record]:
    """A voiding from its first phase to its last, in one mode."""
    run_id, pipeline = RandomIds().run_id(), office.pipeline("void")
    if mode is Mode.DRYRUN:
        return office.perform(mode, run_id, document_id, pipeline=pipeline)
    return office.complete(run_id, document_id, pipeline=pipeline)


def interrupt_after(phase: str) -> Callable[[Record], None]:
    """A `Notify` that interrupts the program once a phase is proved."""

    def interrupt(record: Record) -> None:
        if record.phase == phase and isinstance(record.event, Verified):
            raise KeyboardInterrupt

    return interrupt


@pytest.mark.parametrize("mode", MODES, ids=lambda mode: mode.value)
def test_every_phase_acts_once_and_is_proved(office: Office, mode: Mode) -> None:
    """Without it voiding could work in a rehearsal and fail, or not be proved, when it commits."""
    draft_cut(office)

    records = void(office, mode)

    assert completed(records), records[-1].event
    for phase in office.pipeline("void").phases:
        if isinstance(phase, OperationPhase):
            of_phase = [type(record.event) for record in records if record.phase == phase.id]
            assert (of_phase.count(Acted), of_phase.count(Published)) == (1, 1), phase.id
            assert Verified in of_phase, phase.id


def test_both_modes_have_the_same_outcome(office: Office) -> None:
    """Without it a rehearsal could show another voiding than the one that happens; and it must leave every row."""
    draft_cut(office)
    before = office.rows(COUNTS)
    rehearsed = void(office, Mode.DRYRUN)
    kept = office.rows(COUNTS)
    committed = void(office)

    assert before == kept
    for phase in ("find_cut", "void"):
        assert outcome_of(rehearsed, phase) == outcome_of(committed, phase)


def test_drafts_go_and_the_text_stays(office: Office) -> None:
    """Without it a voided cut would leave units behind, or take the registered text with it."""
    cut_run = draft_cut(office)
    units = office.rows("SELECT count(*) FROM library.information_unit")[0][0]

    outcome = outcome_of(void(office), "void")

    assert outcome == {"units": units, "regions": units, "markers": 2}
    assert office.rows(COUNTS) == [(0, 0, 1, 1)]
    assert office.rows("SELECT status FROM cutter_governance.change_set") == [("voided",)]
    assert office.rows(
        f"SELECT count(*) FROM cutter_governance.phase_marker WHERE run_id = '{cut_run}' AND voided_by IS NULL"
    ) == [(0,)]


def test_another_document_is_untouched(office: Office) -> None:
    """Without it voiding one document could take units of another."""
    draft_cut(office)
    office.add_text("OWN-1", "Điều 1. Một.\nĐiều 2. Hai.\n")
    office.complete(RandomIds().run_id(), "OWN-1")
    other = "SELECT count(*), min(lifecycle), max(lifecycle) FROM library.information_unit WHERE doc_prefix = 'OWN-1'"
    before = office.rows(other)

    assert completed(void(office))

    assert office.rows(other) == before
    assert before[0][1:] == ("enacted", "enacted")


def test_after_a_voiding_the_same_version_is_cut_again(office: Office) -> None:
    """Without it a voided cut would block its document for ever."""
    first = draft_cut(office)
    void(office)
    again = RandomIds().run_id()

    records = office.complete(again)

    assert completed(records), records[-1].event
    assert office.rows("SELECT DISTINCT lifecycle, run_id::text FROM library.information_unit") == [("enacted", again)]
    assert office.rows("SELECT status, run_id::text FROM cutter_governance.change_set ORDER BY created_at") == [
        ("voided", first),
        ("enacted", again),
    ]


def test_a_cut_is_voided_twice_when_it_was_cut_twice(office: Office) -> None:
    """Without it the second voiding would be taken for a replay of the first."""
    for _ in range(2):
        draft_cut(office)
        assert completed(void(office))
    assert office.rows(COUNTS) == [(0, 0, 1, 1)]


def test_a_cut_without_its_second_leg_is_voided(office: Office) -> None:
    """Without it a run that ended between its legs could only be mended by hand."""
    run_id = RandomIds().run_id()
    first = office.perform(Mode.LIVE, run_id)
    assert isinstance(first[-1].event, GateWaiting)
    office.approve(first)
    with pytest.raises(KeyboardInterrupt):
        office.perform(Mode.LIVE, run_id, DEMO, interrupt_after("cut_leg_a"))

    outcome = outcome_of(void(office), "void")

    assert (outcome["regions"], outcome["markers"]) == (0, 1)
    assert office.rows(COUNTS) == [(0, 0, 1, 1)]


def test_a_voided_cut_does_not_go_on(office: Office) -> None:
    """Without it a cut that waited at its second gate would go on over units that are gone."""
    cut_run = draft_cut(office)
    void(office)

    with pytest.raises(Stop) as caught:
        office.perform(Mode.LIVE, cut_run)

    assert (caught.value.code, caught.value.detail) == (StopCode.STOP_PLAN_CHANGED, "voided")
    assert office.rows("SELECT count(*) FROM library.information_unit") == [(0,)]


def test_a_resumed_voiding_is_proved_again(office: Office) -> None:
    """Without it a voiding that was interrupted after its commit would not find the cut that it voided itself."""
    draft_cut(office)
    pipeline, run_id = office.pipeline("void"), RandomIds().run_id()
    waiting = office.perform(Mode.LIVE, run_id, pipeline=pipeline)
    assert isinstance(waiting[-1].event, GateWaiting)
    office.approve(waiting)
    with pytest.raises(KeyboardInterrupt):
        office.perform(Mode.LIVE, run_id, DEMO, interrupt_after("void"), pipeline=pipeline)
    assert office.rows(COUNTS) == [(0, 0, 1, 1)]

    records = office.perform(Mode.LIVE, run_id, pipeline=pipeline)

    assert completed(records), records[-1].event
    assert len([r for r in records if r.phase == "void" and isinstance(r.event, Acted)]) == 1
