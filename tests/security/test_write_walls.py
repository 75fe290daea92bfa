"""Rows 50, 53 and 54 of the attack table: governed writes without a run, rehearsal or approval that covers them."""

from collections.abc import Callable
from uuid import uuid4

import pytest

from tests.plugins.proofs import Proof
from tests.security.ground import (
    ALL_OPERATIONS,
    BIND,
    CREATE,
    CREATE_ONE,
    ENACT,
    OPEN_SET,
    PREFIX,
    REGISTER,
    TEXT,
    TEXT_SHA256,
    ZEROS,
    Ids,
    Opened,
    Walls,
    bind,
    cut,
    enter,
    register,
    stage_units,
)

CUT_ONLY = ALL_OPERATIONS[:2]


def _writes(ids: Ids, prefix: str | None = PREFIX, rows: int | None = 2) -> dict[str, tuple[str, tuple[object, ...]]]:
    """Every governed writer with its arguments."""
    document = (ids.document, prefix, ids.version, TEXT, TEXT_SHA256, TEXT_SHA256)
    one = (str(uuid4()), f"{prefix}/ART-09", f"{prefix}/ART-09", f"{prefix}/ART-09")
    return {
        "fn_source_register": (REGISTER, document),
        "fn_change_set_open": (OPEN_SET, (ids.change_set, ids.version, prefix, ZEROS, rows)),
        "fn_iu_create_batch": (CREATE, (ids.change_set, ids.version, prefix, rows)),
        "fn_iu_create": (CREATE_ONE, (ids.change_set, ids.version, prefix, *one)),
        "fn_region_bind_batch": (BIND, (ids.change_set, rows)),
        "fn_iu_enact": (ENACT, (ids.change_set, rows)),
    }


def _run(walls: Walls) -> Opened:
    """A live run that is known and has a change set, in a transaction that has not entered it."""
    opened = Opened(walls.connect(), Ids())
    walls.create_run(opened.conn, opened.ids)
    opened.conn.commit()
    walls.plant(opened.ids)
    return opened


def _outside(walls: Walls) -> Opened:
    opened = _run(walls)
    walls.approve(opened.ids.run)
    return opened


def _in_a_later_transaction(walls: Walls) -> Opened:
    opened = _outside(walls)
    enter(opened)
    opened.conn.commit()
    return opened


def _not_approved(walls: Walls) -> Opened:
    opened = _run(walls)
    enter(opened)
    return opened


def _rehearsal_undone(walls: Walls) -> Opened:
    opened = _not_approved(walls)
    opened.conn.execute("SAVEPOINT before")
    opened.call("cutter_appender", "SELECT cutter_governance.fn_rehearsal_begin(%s)", opened.ids.run)
    opened.conn.execute("ROLLBACK TO SAVEPOINT before")
    return opened


def _other_rehearsal(walls: Walls) -> Opened:
    opened = _not_approved(walls)
    opened.call("cutter_appender", "SELECT cutter_governance.fn_rehearsal_begin(%s)", str(uuid4()))
    return opened


def _other_approval(walls: Walls) -> Opened:
    other = Opened(walls.connect("colleague"), Ids())
    walls.create_run(other.conn, other.ids)
    other.conn.commit()
    walls.approve(other.ids.run)
    return _not_approved(walls)


def _other_prefix(walls: Walls) -> Opened:
    opened = _not_approved(walls)
    walls.approve(opened.ids.run, prefix="DOC-2")
    return opened


def _other_number(walls: Walls) -> Opened:
    opened = _not_approved(walls)
    walls.approve(opened.ids.run, rows=3)
    return opened


def _similar_operations(walls: Walls) -> Opened:
    opened = _not_approved(walls)
    walls.approve(
        opened.ids.run, ("library.cut_leg@1", "library.cut_leg_a_all@1", "library@1", "library.enacted@1", "*")
    )
    return opened


def _entered_before_a_restart(walls: Walls) -> Opened:
    opened = _outside(walls)
    xid = opened.call("cutter_appender", "SELECT pg_current_xact_id()::text")
    walls.superuser.execute(
        "UPDATE cutter_governance.run SET entered_xid = %s::xid8,"
        " entered_server_start = pg_postmaster_start_time() - interval '1 day' WHERE run_id = %s",
        (xid, opened.ids.run),
    )
    return opened


CONDITIONS: dict[str, tuple[str, Callable[[Walls], Opened]]] = {
    "outside a run": ("50", _outside),
    "in a later transaction": ("53", _in_a_later_transaction),
    "before the approval is consumed": ("50", _not_approved),
    "after the rehearsal's row is rolled back": ("50", _rehearsal_undone),
    "under another run's rehearsal row": ("53", _other_rehearsal),
    "under another run's approval": ("53", _other_approval),
    "under an approval for another document": ("53", _other_prefix),
    "under an approval of another number of units": ("53", _other_number),
    "under an approval of operations with similar names": ("53", _similar_operations),
    "entered in a transaction of the same number before a restart": ("53", _entered_before_a_restart),
}


@pytest.mark.parametrize("condition", CONDITIONS)
def test_a_writer_is_refused(walls: Walls, condition: str, proof: Proof) -> None:
    """Rows 50, 53. Without it a governed row could be written that nobody approved."""
    row, prepare = CONDITIONS[condition]
    opened = prepare(walls)
    stage_units(opened)
    opened.call("cutter_writer", "SELECT library.fn_region_stage()")
    for writer, (statement, values) in _writes(opened.ids).items():
        if (condition, writer) == ("under an approval of another number of units", "fn_source_register"):
            continue  # it registers a text, which has no number of units
        with walls.unwritten():
            assert opened.refused("cutter_writer", statement, *values) == "CU001"
        proof(row, f"{writer} {condition}", "CU001")


# Arguments of a writer that differ from the plan: prefix, number of units.
OTHER_ARGUMENTS: dict[str, tuple[str | None, int | None, tuple[str, ...]]] = {
    "another prefix": ("DOC-2", 2, ("fn_source_register", "fn_change_set_open", "fn_iu_create_batch", "fn_iu_create")),
    "no prefix": (None, 2, ("fn_source_register", "fn_change_set_open", "fn_iu_create_batch", "fn_iu_create")),
    "another number": (PREFIX, 3, ("fn_iu_create_batch", "fn_region_bind_batch", "fn_iu_enact")),
    "no number": (PREFIX, None, ("fn_change_set_open", "fn_iu_create_batch", "fn_region_bind_batch", "fn_iu_enact")),
}


@pytest.mark.parametrize("argument", OTHER_ARGUMENTS)
def test_a_writer_compares_prefix_and_number(walls: Walls, mode: str, argument: str, proof: Proof) -> None:
    """Row 53. Without it an approval of one document and number of units would write another, or more."""
    prefix, rows, writers = OTHER_ARGUMENTS[argument]
    opened = walls.open(mode)
    register(opened)
    stage_units(opened)
    for writer in writers:
        statement, values = _writes(opened.ids, prefix, rows)[writer]
        with walls.unwritten():
            assert opened.refused("cutter_writer", statement, *values) == "CU001"
        proof("53", f"{mode}: {writer} with {argument}", "CU001")


def test_an_approval_is_for_its_number_of_units(walls: Walls, proof: Proof) -> None:
    """Row 53. Without it a change set could be opened for more units than were signed."""
    opened = walls.commit(rows=3)
    opened.call("cutter_writer", REGISTER, *_writes(opened.ids)["fn_source_register"][1])
    with walls.unwritten():
        statement, values = _writes(opened.ids)["fn_change_set_open"]
        assert opened.refused("cutter_writer", statement, *values) == "CU001"
    proof("53", "fn_change_set_open for 2 units under an approval of 3", "CU001")


def test_single_units_do_not_exceed_the_plan(walls: Walls, mode: str, proof: Proof) -> None:
    """Row 53. Without it the one-row writer would go on after the number that was approved."""
    opened = walls.open(mode)
    register(opened)
    for number in (1, 2):
        assert opened.call("cutter_writer", CREATE_ONE, *_one(opened.ids, number))
    with walls.unwritten():
        assert opened.refused("cutter_writer", CREATE_ONE, *_one(opened.ids, 3)) == "CU002"
    assert opened.call("cutter_survey", "SELECT count(*) FROM library.information_unit") == 2
    proof("53", f"{mode}: a third unit by fn_iu_create where two are planned", "CU002")


def _one(ids: Ids, number: int) -> tuple[object, ...]:
    address = f"{PREFIX}/ART-{number:02d}"
    return (ids.change_set, ids.version, PREFIX, str(uuid4()), address, address, address)


def test_the_approval_of_the_cut_does_not_enact(walls: Walls, proof: Proof) -> None:
    """Row 53. Without it one signature would carry a document from text to law."""
    opened = walls.commit(covers=CUT_ONLY)
    cut(opened)
    bind(opened)
    opened.conn.commit()
    with walls.unwritten():
        enter(opened, "enact")
        assert opened.refused("cutter_writer", ENACT, opened.ids.change_set, 2) == "CU001"
        opened.conn.rollback()
    walls.approve(opened.ids.run, ("library.enact@1",), gate="GATE_LIFECYCLE_ENACT_AUTHORIZATION")
    enter(opened, "enact")
    assert opened.call("cutter_writer", ENACT, opened.ids.change_set, 2) == 2
    proof("53", "fn_iu_enact under the approval of the cut", "CU001; after its own approval: enacted")


def test_only_drafts_are_enacted(walls: Walls, mode: str, proof: Proof) -> None:
    """Row 53. Without it a second enactment would change what is in force."""
    opened = walls.open(mode)
    cut(opened)
    bind(opened)
    assert opened.call("cutter_writer", ENACT, opened.ids.change_set, 2) == 2
    with walls.unwritten():
        assert opened.refused("cutter_writer", ENACT, opened.ids.change_set, 2) == "CU003"
    proof("53", f"{mode}: the units enacted twice", "CU003")


def test_a_transaction_enters_one_run(walls: Walls, mode: str, proof: Proof) -> None:
    """Row 53. Without it a rehearsed or approved run could lend its cover to another in the same transaction."""
    opened = walls.open(mode)
    second = Opened(opened.conn, Ids())
    walls.create_run(second.conn, second.ids)
    statement = "SELECT cutter_governance.fn_run_enter(%s, 'x')"
    with walls.unwritten():
        assert second.refused("cutter_appender", statement, second.ids.run) == "CU001"
    proof("53", f"{mode}: fn_run_enter of a second run in one transaction", "CU001")


OTHERWISE = {"pipeline": 1, "digest": 2, "mode": 3, "lock key": 4}


@pytest.mark.parametrize("name", OTHERWISE)
def test_a_run_cannot_be_made_otherwise(walls: Walls, name: str, proof: Proof) -> None:
    """Row 53. Without it an approved run could be given another lock key or pipeline."""
    opened = walls.commit()
    values: list[object] = [opened.ids.run, "cut", ZEROS, "live", PREFIX]
    statement = "SELECT cutter_governance.fn_run_create(%s, %s, %s, %s, %s)"
    opened.call("cutter_appender", statement, *values)
    values[OTHERWISE[name]] = {"digest": "1" * 64, "mode": "dryrun"}.get(name, "other")
    with walls.unwritten():
        assert opened.refused("cutter_appender", statement, *values) == "CU005"
    proof("53", f"fn_run_create of a known run with another {name}", "CU005")


def test_an_approval_is_not_made_by_the_app(walls: Walls, mode: str, proof: Proof) -> None:
    """Row 50. Without it the app would approve itself."""
    opened = walls.open(mode)
    statement = (
        "INSERT INTO cutter_governance.approval_use (request_sha256, run_id, gate_id, covers, doc_prefix, row_count)"
        " VALUES (%s, %s, 'G', '{library.enact@1}', %s, 2)"
    )
    with walls.unwritten():
        for role in ("operator", "cutter_survey", "cutter_writer", "cutter_appender"):
            assert opened.refused(role, statement, ZEROS, opened.ids.run, PREFIX) == "42501"
    proof("50", f"{mode}: INSERT of an approval_use row by each app role", "42501")


ROWS_THERE = {
    "the cut again": Ids(),
    "another version of the document": Ids(),
}


@pytest.mark.parametrize("name", ROWS_THERE)
def test_units_are_written_once(walls: Walls, mode: str, name: str, proof: Proof) -> None:
    """Row 53. Without it a second approved run would double a document's units."""
    first = walls.commit()
    cut(first)
    first.conn.commit()
    ids = Ids(document=first.ids.document, version=first.ids.version if name == "the cut again" else str(uuid4()))
    text = TEXT if name == "the cut again" else TEXT + b"x"
    opened = walls.rehearse("colleague", ids) if mode == "rehearsing" else walls.commit("colleague", ids=ids)
    if name == "the cut again":
        register(opened)
    else:
        walls.superuser.execute(
            "INSERT INTO library.source_version SELECT tenant_id, %s, source_document_id, '2', status, %s,"
            " encode(sha256(%s), 'hex'), %s, original_sha256, media_type, created_at, run_id"
            " FROM library.source_version",
            (ids.version, text, text, len(text)),
        )
        opened.call("cutter_writer", OPEN_SET, ids.change_set, ids.version, PREFIX, ZEROS, 2)
    stage_units(opened)
    with walls.unwritten():
        assert opened.refused("cutter_writer", CREATE, ids.change_set, ids.version, PREFIX, 2) == "CU002"
    proof("53", f"{mode}: {name} by another approved run", "CU002")


def test_two_runs_do_not_meet_between_survey_and_write(walls: Walls, proof: Proof) -> None:
    """Row 54. Without it both runs would find nothing written, and both would write."""
    first, second = walls.commit(), Opened(walls.connect("colleague"), Ids())
    walls.create_run(second.conn, second.ids)
    second.conn.commit()
    walls.approve(second.ids.run)
    count = "SELECT count(*) FROM library.information_unit"
    assert first.call("cutter_survey", count) == 0
    entering = "SELECT cutter_governance.fn_run_enter(%s, 'cut_leg_a')"
    assert second.refused("cutter_appender", entering, second.ids.run) == "55P03"
    statement, values = _writes(second.ids)["fn_source_register"]
    assert second.refused("cutter_writer", statement, *values) == "CU001"
    cut(first)
    first.conn.commit()
    enter(second)
    assert second.call("cutter_survey", count) == 2
    proof(
        "54",
        "a second run between the re-survey and the write of a first",
        "55P03; after it, its re-survey sees the rows",
    )
