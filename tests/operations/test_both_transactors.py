"""Every operation under both transactors: a rehearsal does what a committing run does, and leaves nothing."""

from collections.abc import Sequence

import pytest

from cutter.app.system import RandomIds
from cutter.events import Acted, Published, Record, Surveyed, Verified
from cutter.model import Mode, OperationPhase
from cutter.operation import Operation
from cutter.operations import OPERATIONS
from tests.support.runs import REPOSITORY, Office, completed, outcome_of

# What differs between two runs of the same: ids that are made anew, and a backup that a rehearsal does not store.
VOLATILE = {"change_set_id", "kb_id", "sha256", "size", "stored_sha256", "plain_sha256"}
# Operations that other pipelines use are run in both modes by their own test files.
CUT = (REPOSITORY / "pipelines" / "cut.yaml").read_text(encoding="utf-8")
OF_CUT = [operation for operation in OPERATIONS if f"uses: {operation.name}@" in CUT]
MODES = [Mode.DRYRUN, Mode.LIVE]
TABLES = (
    "library.source_document", "library.source_version", "library.information_unit", "library.unit_region",
    "cutter_governance.run", "cutter_governance.change_set", "cutter_governance.phase_marker",
    "cutter_governance.ledger_event", "cutter_governance.rehearsal", "kb.document",
)  # fmt: skip


def perform(office: Office, mode: Mode) -> Sequence[Record]:
    """The whole shipped pipeline, in one mode."""
    run_id = RandomIds().run_id()
    records = office.rehearse(run_id) if mode is Mode.DRYRUN else office.complete(run_id)
    assert completed(records), records[-1].event
    return records


def of(records: Sequence[Record], phase: str, kind: type) -> list[Record]:
    """The events of one kind of a phase."""
    return [record for record in records if record.phase == phase and isinstance(record.event, kind)]


def phases_using(office: Office, operation: str) -> list[OperationPhase]:
    """The phases of the shipped pipeline that use an operation."""
    return [p for p in office.pipeline().phases if isinstance(p, OperationPhase) and p.operation == operation]


@pytest.mark.parametrize("mode", MODES, ids=lambda mode: mode.value)
@pytest.mark.parametrize("operation", OF_CUT, ids=lambda operation: operation.name)
def test_an_operation_acts_once_and_is_proved(office: Office, operation: Operation, mode: Mode) -> None:
    """Without it an operation could work in a rehearsal and fail, or not be proved, when it commits."""
    phases = phases_using(office, operation.name)
    records = perform(office, mode)

    for phase in phases:
        assert len(of(records, phase.id, Acted)) == 1
        assert len(of(records, phase.id, Published)) == 1
        assert of(records, phase.id, Verified)
        inside = [r for r in of(records, phase.id, Surveyed) if isinstance(r.event, Surveyed) and r.event.inside]
        assert len(phase.preflight) + len(phase.ensure) == len(inside)


def test_both_modes_have_the_same_outcomes(office: Office) -> None:
    """Without it a rehearsal could show another cut than the one that is written later."""
    rehearsed = perform(office, Mode.DRYRUN)
    committed = perform(office, Mode.LIVE)

    for phase in office.pipeline().phases:
        if isinstance(phase, OperationPhase) and phase.operation != "custody.backup":
            both = [
                {name: value for name, value in outcome_of(records, phase.id).items() if name not in VOLATILE}
                for records in (rehearsed, committed)
            ]
            assert both[0] == both[1], phase.id


def test_a_rehearsal_leaves_every_table_as_it_was(office: Office) -> None:
    """Without it guarantee 1 would be a claim: the dump is compared from outside in the end-to-end test, rows here."""
    before = [office.rows(f"SELECT count(*) FROM {table}") for table in TABLES]

    perform(office, Mode.DRYRUN)

    assert before == [office.rows(f"SELECT count(*) FROM {table}") for table in TABLES]


def test_a_committing_run_writes_each_row_once(office: Office) -> None:
    """Without it a marker, document or event could be missing or doubled after a run that calls itself done."""
    records = perform(office, Mode.LIVE)

    units = outcome_of(records, "plan")["row_count"]
    counted = {table: office.rows(f"SELECT count(*) FROM {table}")[0][0] for table in TABLES}
    assert units == counted["library.information_unit"] == counted["library.unit_region"]
    assert (
        1 == counted["library.source_document"] == counted["library.source_version"] == counted["cutter_governance.run"]
    )
    assert counted["cutter_governance.phase_marker"] == 3
    assert len(records) == counted["cutter_governance.ledger_event"]
    assert counted["cutter_governance.rehearsal"] == 0
    phases = len(office.pipeline().phases)
    # one a phase, what the run was started with, its plan, a request at each gate, and its report
    assert phases + 5 == counted["kb.document"]
