"""Rows 50 and 53 of the attack table for voiding, and for the wall that functions of a user's own schema ask."""

from collections.abc import Callable
from uuid import uuid4

import pytest

from tests.plugins.proofs import Proof
from tests.security.ground import ALL_OPERATIONS, ENACT, PREFIX, Ids, Opened, Walls, bind, cut, enter
from tests.support.backfill import EXAMPLE

VOID = "SELECT units FROM library.fn_iu_void(%s, %s)"
FILL = "SELECT app.fn_fill_region('HN', %s)"
VOIDING = ("library.void@1",)
FILLING = ("sql.execute@1",)
CUSTOMERS = 1000


def draft(walls: Walls) -> Ids:
    """A cut of two units that another run committed."""
    opened = walls.commit()
    cut(opened)
    bind(opened)
    opened.conn.commit()
    return opened.ids


def known(walls: Walls, login: str = "operator") -> Opened:
    """A live run that is known, in a transaction that has not entered it."""
    opened = Opened(walls.connect(login), Ids())
    walls.create_run(opened.conn, opened.ids)
    opened.conn.commit()
    return opened


def not_approved(walls: Walls, covers: tuple[str, ...], rows: int) -> Opened:
    """A live run that nobody approved."""
    opened = known(walls)
    enter(opened)
    return opened


def outside(walls: Walls, covers: tuple[str, ...], rows: int) -> Opened:
    """A transaction that has not entered its approved run."""
    opened = known(walls)
    walls.approve(opened.ids.run, covers, rows=rows)
    return opened


def in_a_later_transaction(walls: Walls, covers: tuple[str, ...], rows: int) -> Opened:
    """The transaction after the one that entered the run."""
    opened = outside(walls, covers, rows)
    enter(opened)
    opened.conn.commit()
    return opened


def rehearsal_undone(walls: Walls, covers: tuple[str, ...], rows: int) -> Opened:
    """A run whose rehearsal row is rolled back."""
    opened = not_approved(walls, covers, rows)
    opened.conn.execute("SAVEPOINT before")
    opened.call("cutter_appender", "SELECT cutter_governance.fn_rehearsal_begin(%s)", opened.ids.run)
    opened.conn.execute("ROLLBACK TO SAVEPOINT before")
    return opened


def other_rehearsal(walls: Walls, covers: tuple[str, ...], rows: int) -> Opened:
    """A run beside another run's rehearsal row."""
    opened = not_approved(walls, covers, rows)
    opened.call("cutter_appender", "SELECT cutter_governance.fn_rehearsal_begin(%s)", str(uuid4()))
    return opened


def other_approval(walls: Walls, covers: tuple[str, ...], rows: int) -> Opened:
    """A run beside one that is approved."""
    walls.approve(known(walls, "colleague").ids.run, covers, rows=rows)
    return not_approved(walls, covers, rows)


def other_prefix(walls: Walls, covers: tuple[str, ...], rows: int) -> Opened:
    """A run that is approved for another document."""
    opened = not_approved(walls, covers, rows)
    walls.approve(opened.ids.run, covers, prefix="DOC-2", rows=rows)
    return opened


def other_number(walls: Walls, covers: tuple[str, ...], rows: int) -> Opened:
    """A run that is approved for another number of rows."""
    opened = not_approved(walls, covers, rows)
    walls.approve(opened.ids.run, covers, rows=rows + 1)
    return opened


def similar_operations(walls: Walls, covers: tuple[str, ...], rows: int) -> Opened:
    """A run that is approved for operations of similar names."""
    opened = not_approved(walls, covers, rows)
    similar = ("library.voids@1", "library@1", "sql.execute_all@1", "sql@1", "*", *ALL_OPERATIONS)
    walls.approve(opened.ids.run, similar, rows=rows)
    return opened


CONDITIONS: dict[str, tuple[str, Callable[[Walls, tuple[str, ...], int], Opened]]] = {
    "outside a run": ("50", outside),
    "in a later transaction": ("53", in_a_later_transaction),
    "before the approval is consumed": ("50", not_approved),
    "after the rehearsal's row is rolled back": ("50", rehearsal_undone),
    "under another run's rehearsal row": ("53", other_rehearsal),
    "under another run's approval": ("53", other_approval),
    "under an approval for another document": ("53", other_prefix),
    "under an approval of another number of rows": ("53", other_number),
    "under an approval of operations with similar names": ("53", similar_operations),
}


@pytest.mark.parametrize("condition", CONDITIONS)
def test_voiding_is_refused(walls: Walls, condition: str, proof: Proof) -> None:
    """Rows 50, 53. Without it drafts could be deleted that nobody gave up."""
    row, prepare = CONDITIONS[condition]
    ids = draft(walls)
    opened = prepare(walls, VOIDING, 2)
    with walls.unwritten():
        assert opened.refused("cutter_writer", VOID, ids.change_set, 2) == "CU001"
    proof(row, f"fn_iu_void {condition}", "CU001")


@pytest.mark.parametrize("condition", CONDITIONS)
def test_a_users_function_is_refused(walls: Walls, condition: str, proof: Proof) -> None:
    """Rows 50, 53. Without it a function of the user's own schema would write for whoever may call it."""
    row, prepare = CONDITIONS[condition]
    install(walls)
    opened = prepare(walls, FILLING, CUSTOMERS)
    assert opened.refused("cutter_writer", FILL, CUSTOMERS) == "CU001"
    assert filled(walls) == 0
    proof(row, f"fn_require_approval {condition}", "CU001")


def install(walls: Walls) -> None:
    """The example's schema, with its one function."""
    walls.superuser.execute((EXAMPLE / "migration.sql").read_bytes())


def filled(walls: Walls) -> object:
    """How many customers have a region."""
    row = walls.superuser.execute("SELECT count(*) FROM app.customer WHERE region IS NOT NULL").fetchone()
    return None if row is None else row[0]


def opened_for(walls: Walls, mode: str, covers: tuple[str, ...], rows: int) -> Opened:
    """A transaction of another run in which this may be done, in either mode."""
    return walls.rehearse("colleague") if mode == "rehearsing" else walls.commit("colleague", covers, rows=rows)


def test_a_covered_voiding_takes_units_regions_and_markers(walls: Walls, mode: str) -> None:
    """Without it the refusals above could be those of a function that refuses everything."""
    ids = draft(walls)
    walls.superuser.execute(
        "INSERT INTO cutter_governance.phase_marker"
        " (tenant_id, guard, key, key_sha256, run_id, phase, operation, outcome)"
        " SELECT 'demo', 'G-' || p, '{x}', repeat('0', 64), %s, p, 'x@1', '' FROM unnest(ARRAY['a', 'b']) AS p",
        (ids.run,),
    )
    opened = opened_for(walls, mode, VOIDING, 2)
    opened.take("cutter_writer")
    found = opened.conn.execute(f"SELECT * FROM library.fn_iu_void('{ids.change_set}', 2)".encode()).fetchone()

    assert found == (2, 2, 2)
    assert opened.call("cutter_survey", "SELECT count(*) FROM library.unit_region") == 0
    voided = "SELECT count(*) FROM cutter_governance.phase_marker WHERE voided_by = %s"
    assert opened.call("cutter_survey", voided, opened.ids.run) == 2


@pytest.mark.parametrize("rows", [1, 3, None])
def test_voiding_compares_the_number_of_units(walls: Walls, mode: str, rows: int | None, proof: Proof) -> None:
    """Row 53. Without it an approval of one number would delete another."""
    ids = draft(walls)
    opened = opened_for(walls, mode, VOIDING, 2)
    with walls.unwritten():
        assert opened.refused("cutter_writer", VOID, ids.change_set, rows) == "CU001"
        assert opened.refused("cutter_writer", VOID, str(uuid4()), 2) == "CU001"
    proof("53", f"{mode}: fn_iu_void with {rows} units, or another change set", "CU001")


def test_only_drafts_are_voided(walls: Walls, mode: str, proof: Proof) -> None:
    """Row 53. Without it what is in force could be taken away under the name of a draft."""
    opened = walls.commit()
    cut(opened)
    bind(opened)
    assert opened.call("cutter_writer", ENACT, opened.ids.change_set, 2) == 2
    opened.conn.commit()
    voiding = opened_for(walls, mode, VOIDING, 2)
    with walls.unwritten():
        assert voiding.refused("cutter_writer", VOID, opened.ids.change_set, 2) == "CU003"
    walls.superuser.execute("UPDATE cutter_governance.change_set SET status = 'draft'")
    with walls.unwritten():
        assert voiding.refused("cutter_writer", VOID, opened.ids.change_set, 2) == "CU003"
    proof("53", f"{mode}: fn_iu_void of enacted units", "CU003")


def test_a_voided_cut_is_not_voided_bound_or_enacted(walls: Walls, mode: str, proof: Proof) -> None:
    """Row 53. Without it a voided change set could come back to life."""
    ids = draft(walls)
    opened = opened_for(walls, mode, VOIDING, 2)
    assert opened.call("cutter_writer", VOID, ids.change_set, 2) == 2
    assert opened.refused("cutter_writer", VOID, ids.change_set, 2) == "CU003"
    if mode == "committing":
        opened.conn.commit()
        again = Opened(walls.connect(), ids)
        enter(again)
        assert again.refused("cutter_writer", ENACT, ids.change_set, 2) == "CU003"
    proof("53", f"{mode}: fn_iu_void twice, and enacting what was voided", "CU003")


def test_a_run_does_not_void_itself(walls: Walls, mode: str, proof: Proof) -> None:
    """Row 53. Without it a cut could void its own markers and begin again under one approval."""
    opened = walls.rehearse() if mode == "rehearsing" else walls.commit(covers=(*ALL_OPERATIONS, *VOIDING))
    cut(opened)
    assert opened.refused("cutter_writer", VOID, opened.ids.change_set, 2) == "CU001"
    proof("53", f"{mode}: fn_iu_void of the run's own change set", "CU001")


def test_another_tenants_cut_is_unknown(walls: Walls, proof: Proof) -> None:
    """Row 48. Without it one tenant could void what another has cut."""
    ids = draft(walls)
    opened = walls.rehearse("stranger")
    with walls.unwritten():
        assert opened.refused("cutter_writer", VOID, ids.change_set, 2) == "CU001"
    proof("48", "fn_iu_void of another tenant's change set", "CU001")


def test_a_covered_function_writes_exactly_what_was_approved(walls: Walls, mode: str, proof: Proof) -> None:
    """Row 53. Without it the wall would refuse everything, or a rehearsal would pass with another number."""
    install(walls)
    opened = opened_for(walls, mode, FILLING, CUSTOMERS)
    other = "CU004" if mode == "rehearsing" else "CU001"  # a rehearsal has no approval: the function compares
    assert opened.refused("cutter_writer", FILL, CUSTOMERS - 1) == other
    assert opened.refused("cutter_writer", FILL, None) == "CU001"
    assert opened.call("cutter_writer", FILL, CUSTOMERS) == CUSTOMERS
    proof("53", f"{mode}: a user's function with another number of rows", other)


@pytest.mark.parametrize("operation", ["library.void", "library.cut_leg_a", "sql", "", None])
def test_a_users_function_asks_for_statements_only(
    walls: Walls, mode: str, operation: str | None, proof: Proof
) -> None:
    """Row 53. Without it the approval of a cut would let a user's function write as well."""
    install(walls)
    opened = opened_for(walls, mode, (*VOIDING, *ALL_OPERATIONS, *FILLING), 2)
    walls.superuser.execute("SET ROLE app_owner")
    walls.superuser.execute(
        "CREATE FUNCTION app.fn_ask(text) RETURNS uuid"
        " LANGUAGE sql SECURITY DEFINER SET search_path = pg_catalog, pg_temp"
        " AS $$ SELECT cutter_governance.fn_require_approval($1, 2) $$"
    )
    walls.superuser.execute("RESET ROLE")
    assert opened.refused("cutter_writer", "SELECT app.fn_ask(%s)", operation) == "CU001"
    assert opened.call("cutter_writer", "SELECT app.fn_ask('sql.execute')") is not None
    proof("53", f"{mode}: fn_require_approval for {operation}", "CU001")


@pytest.mark.parametrize("role", ["operator", "cutter_survey", "cutter_writer", "cutter_appender", "cutter_approver"])
def test_no_role_of_cutters_asks_the_wall_itself(walls: Walls, role: str, proof: Proof) -> None:
    """Row 50. Without it the login could use the answer of the wall for something of its own."""
    may = "SELECT has_function_privilege(%s, 'cutter_governance.fn_require_approval(text, bigint)', 'EXECUTE')"
    row = walls.superuser.execute(may.encode(), (role,)).fetchone()
    assert row == (False,)
    proof("50", f"fn_require_approval called by {role}", "42501")


def test_one_prefix_is_locked_for_cut_and_void(walls: Walls, proof: Proof) -> None:
    """Row 54. Without it a cut and a voiding of one document could meet."""
    ids = draft(walls)
    first = walls.commit("colleague", VOIDING)
    assert first.call("cutter_writer", VOID, ids.change_set, 2) == 2
    second = known(walls)
    entering = "SELECT cutter_governance.fn_run_enter(%s, 'cut_leg_a')"
    assert second.refused("cutter_appender", entering, second.ids.run) == "55P03"
    assert first.ids.run != second.ids.run
    proof("54", f"a run that enters {PREFIX} while it is being voided", "55P03")
