"""`library.cut_leg_a@1`: the units are written once, as planned, and only under an approval that covers them."""

from cutter.app.system import RandomIds
from cutter.events import GateWaiting
from cutter.model import Mode
from tests.support.runs import Office, stop_of


def wait_at_the_first_gate(office: Office, run_id: str) -> None:
    """A committing run, approved at its first gate and not resumed yet."""
    records = office.perform(Mode.LIVE, run_id)
    gate = records[-1].event
    assert isinstance(gate, GateWaiting)
    office.approve(records)


def test_rows_that_appear_after_the_plan_stop_it(office: Office) -> None:
    """Without it a cut would be written over rows that nobody can explain (guarantee 4)."""
    other = RandomIds().run_id()
    run_id = RandomIds().run_id()
    wait_at_the_first_gate(office, run_id)
    office.complete(other)
    office.alter("DELETE FROM cutter_governance.phase_marker")

    stop = stop_of(office.perform(Mode.LIVE, run_id))

    assert (stop.code, stop.exit, stop.detail) == ("STOP_ROWS_PRESENT", 21, "rows_without_a_cut:units")


def test_a_document_is_cut_once(office: Office) -> None:
    """Without it the same version could be cut again by another run, in a rehearsal's eyes too."""
    run_id = RandomIds().run_id()
    office.complete(run_id)

    for mode in (Mode.DRYRUN, Mode.LIVE):
        stop = stop_of(office.perform(mode, RandomIds().run_id()))

        assert ("STOP_REPLAY_CONFLICT", 20, f"run:{run_id}") == (stop.code, stop.exit, stop.detail)


def test_units_that_were_changed_fail_the_proof(office: Office) -> None:
    """Without it `verify` could pass whatever stands in the table, and a resume would build on it."""
    run_id = RandomIds().run_id()
    wait_at_the_first_gate(office, run_id)
    office.approve(office.perform(Mode.LIVE, run_id))
    office.alter("UPDATE library.information_unit SET heading = 'x' WHERE address LIKE '%/ART-05'")

    stop = stop_of(office.perform(Mode.LIVE, run_id))

    assert (stop.code, stop.exit, stop.detail) == ("STOP_VERIFY_FAILED", 51, "other_units")
