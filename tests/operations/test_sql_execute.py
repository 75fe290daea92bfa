"""`sql.execute@1`: one call of the user's own definer function, under gate, backup, marker and the database's wall."""

from contextlib import closing

import pytest

from cutter.app.comm import build_policies
from cutter.app.documents import open_texts
from cutter.app.system import RandomIds, SystemClock
from cutter.events import Acted, GateWaiting, Published, Verified
from cutter.model import Mode, OperationPhase
from cutter.operation import Broken, Held, ReadContext
from cutter.operations.sql import execute
from cutter.postgres.statements import Roles
from cutter.postgres.transact import Committing
from tests.support.backfill import CUSTOMERS, FILLED, PROVINCE, altered, fill, install
from tests.support.runs import Office, completed, outcome_of, stop_of

MODES = [Mode.DRYRUN, Mode.LIVE]


@pytest.mark.parametrize("mode", MODES, ids=lambda mode: mode.value)
def test_every_phase_acts_once_and_is_proved(office: Office, mode: Mode) -> None:
    """Without it a statement could work in a rehearsal and fail, or not be proved, when it commits."""
    pipeline = install(office)

    records = fill(office, pipeline, mode)

    assert completed(records), records[-1].event
    for phase in pipeline.phases:
        if isinstance(phase, OperationPhase):
            of_phase = [type(record.event) for record in records if record.phase == phase.id]
            assert (of_phase.count(Acted), of_phase.count(Published)) == (1, 1), phase.id
            assert Verified in of_phase, phase.id
    assert outcome_of(records, "fill") == {"rows": CUSTOMERS}
    assert office.rows(FILLED) == [(0 if mode is Mode.DRYRUN else CUSTOMERS,)]


def test_the_same_batch_is_done_once(office: Office) -> None:
    """Without it a back-fill that was repeated would touch rows that nobody meant."""
    pipeline = install(office)
    first = fill(office, pipeline, Mode.LIVE)
    office.alter("UPDATE app.customer SET region = NULL WHERE id = 3")

    stop = stop_of(fill(office, pipeline, Mode.LIVE))

    assert (stop.code, stop.detail) == ("STOP_REPLAY_CONFLICT", f"run:{first[0].run_id}")
    assert office.rows(FILLED) == [(CUSTOMERS - 1,)]
    assert completed(fill(office, pipeline, Mode.LIVE, "SG"))


# What the user's function may be wrong in, and the word that the stop says.
REFUSED = {
    "not a definer": ("ALTER FUNCTION app.fn_fill_region(text, bigint) SECURITY INVOKER", "not_a_definer"),
    "no pinned search path": ("ALTER FUNCTION app.fn_fill_region(text, bigint) RESET search_path", "not_a_definer"),
    "owned by a superuser": ("ALTER FUNCTION app.fn_fill_region(text, bigint) OWNER TO CURRENT_USER", "owner"),
    "owned by a login": ("ALTER FUNCTION app.fn_fill_region(text, bigint) OWNER TO operator", "owner"),
    "owned by cutter's owner": ("ALTER FUNCTION app.fn_fill_region(text, bigint) OWNER TO cutter_owner", "owner"),
    "anybody may call it": ("GRANT EXECUTE ON FUNCTION app.fn_fill_region(text, bigint) TO PUBLIC", "public"),
    "a second one of the name": ("CREATE FUNCTION app.fn_fill_region() RETURNS int LANGUAGE sql AS 'SELECT 1'",
                                 "not_a_definer"),
    "gone": ("ALTER FUNCTION app.fn_fill_region(text, bigint) RENAME TO fn_other", "function_unknown"),
}  # fmt: skip
# The example's survey of the function would find it first: here the operation's own look is tried.
UNWATCHED = (
    ("count(*) FILTER (WHERE p.prosecdef AND p.proowner = 'app_owner'::regrole)", "1 + 0 * count(*)"),
    ("count(*) AS functions", "1 + 0 * count(*) AS functions"),
    ("min(encode(sha256(convert_to(p.prosrc, 'UTF8')), 'hex'))", "coalesce(min(p.proname), 'x')"),
    ('{matches: "[0-9a-f]{64}"}', "{one_of: [x, fn_fill_region]}"),
)


@pytest.mark.parametrize("mode", MODES, ids=lambda mode: mode.value)
@pytest.mark.parametrize("name", REFUSED)
def test_only_a_walled_function_is_called(office: Office, mode: Mode, name: str) -> None:
    """Without it a statement could write with rights that no migration of the user's gave."""
    statement, detail = REFUSED[name]
    install(office)
    pipeline = altered(office, *UNWATCHED)
    office.alter(statement)

    stop = stop_of(fill(office, pipeline, mode))

    assert (stop.code, stop.detail) == ("STOP_POLICY_REFUSED", detail)
    assert office.rows(FILLED) == [(0,)]


def test_a_function_that_wrote_other_rows_is_rolled_back(office: Office) -> None:
    """Without it more rows could be written than people signed for."""
    pipeline = install(office)
    run_id, given = RandomIds().run_id(), {"province": PROVINCE}
    records = office.perform(Mode.LIVE, run_id, pipeline=pipeline, given=given)
    assert isinstance(records[-1].event, GateWaiting)
    office.approve(records)
    more = "UPDATE app.customer AS c SET region = p.region FROM app.province AS p WHERE p.code = c.province"
    office.alter(
        "CREATE OR REPLACE FUNCTION app.fn_fill_region(p_province text, p_row_count bigint) RETURNS bigint"
        " LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$ BEGIN"
        f" {more}; PERFORM cutter_governance.fn_require_approval('sql.execute', 3000); RETURN 3000; END $$"
    )

    stop = stop_of(office.perform(Mode.LIVE, run_id, pipeline=pipeline, given=given))

    assert stop.code in ("STOP_DRIFT", "STOP_POLICY_REFUSED")
    assert office.rows(FILLED) == [(0,)]


@pytest.mark.parametrize(
    ("returns", "body"),
    [
        pytest.param("text", "SELECT name FROM app.customer LIMIT 1", id="text"),
        pytest.param("bigint", "SELECT NULL::bigint", id="nothing"),
        pytest.param("boolean", "SELECT true", id="boolean"),
        pytest.param("SETOF bigint", "SELECT 1::bigint UNION ALL SELECT 2", id="two rows"),
        pytest.param("bigint", "SELECT -1::bigint", id="negative"),
        pytest.param("bigint", "SELECT 9007199254740993", id="larger than JSON carries"),
    ],
)
def test_only_a_number_comes_back(office: Office, returns: str, body: str) -> None:
    """Without it the text of a row could come into outcome, ledger and report."""
    install(office)
    pipeline = altered(office, *UNWATCHED)
    office.alter(
        "DROP FUNCTION app.fn_fill_region(text, bigint); SET ROLE app_owner;"
        f" CREATE FUNCTION app.fn_fill_region(text, bigint) RETURNS {returns}"
        f" LANGUAGE sql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$ {body} $$;"
        " REVOKE ALL ON FUNCTION app.fn_fill_region(text, bigint) FROM PUBLIC;"
        " GRANT EXECUTE ON FUNCTION app.fn_fill_region(text, bigint) TO cutter_writer"
    )

    records = fill(office, pipeline, Mode.DRYRUN)

    stop = stop_of(records)
    assert (stop.code, stop.detail) == ("STOP_WRITE_FAILED", "no_number")
    assert "Customer" not in str(records)


def test_an_error_of_the_function_tells_no_row(office: Office) -> None:
    """Without it the words of a user's function, rows among them, would stand in ledger and screen."""
    pipeline = install(office)
    office.alter("ALTER TABLE app.customer ADD CONSTRAINT nobody CHECK (region <> 'north')")

    records = fill(office, pipeline, Mode.LIVE)

    stop = stop_of(records)
    assert (stop.code, stop.detail, stop.exit) == ("STOP_WRITE_FAILED", "23514:nobody", 50)
    assert "Customer" not in str(records)
    assert office.rows(FILLED) == [(0,)]


@pytest.mark.parametrize("taken_away", [False, True], ids=["marked", "marker taken away"])
def test_the_outcome_is_believed_by_its_marker(office: Office, taken_away: bool) -> None:
    """Without it a resumed run could claim a write whose marker somebody took away."""
    records = fill(office, install(office), Mode.LIVE)
    if taken_away:
        office.alter("DELETE FROM cutter_governance.phase_marker WHERE guard = 'G-BACKFILL-ONCE'")
    transactor = Committing(office.database.conninfo("operator"), "cutter/test", Roles())
    params = execute.Params("SELECT app.fn_fill_region(%(province)s, %(row_count)s)", {})
    with closing(transactor), transactor.verify() as session:
        context = ReadContext(
            session=session,
            identity=transactor.identity,
            run_id=records[0].run_id,
            plan_sha256="",
            now=SystemClock().now(),
            texts=open_texts(office.settings),
            policies=build_policies(office.settings),
            find_setback=lambda _session, _run_id: None,
        )
        verdict = execute.OPERATION.verify(context, params, execute.Outcome(rows=CUSTOMERS))
        other = execute.OPERATION.verify(context, params, execute.Outcome(rows=CUSTOMERS - 1))

    assert isinstance(verdict, Broken if taken_away else Held)
    assert isinstance(other, Broken)
