"""`sql.count@1`: the number that people sign for, and nothing else than a number."""

import pytest

from cutter.app.system import RandomIds
from cutter.events import GateWaiting
from cutter.model import Mode
from tests.support.backfill import CUSTOMERS, PROVINCE, altered, fill, install
from tests.support.runs import Office, completed, outcome_of, stop_of

MODES = [Mode.DRYRUN, Mode.LIVE]
QUESTION = "SELECT count(*) AS row_count FROM app.customer WHERE province = %(province)s AND region IS NULL"


@pytest.mark.parametrize("mode", MODES, ids=lambda mode: mode.value)
def test_it_counts_the_rows_that_will_be_written(office: Office, mode: Mode) -> None:
    """Without it the request would name no number, and the database could compare none."""
    records = fill(office, install(office), mode)

    assert completed(records), records[-1].event
    assert outcome_of(records, "count")["row_count"] == CUSTOMERS == outcome_of(records, "fill")["rows"]


@pytest.mark.parametrize(
    ("question", "detail"),
    [
        pytest.param("SELECT min(name) FROM app.customer WHERE province = %(province)s", "no_count", id="text"),
        pytest.param("SELECT sum(id) FROM app.customer WHERE province = %(province)s", "no_count", id="numeric"),
        pytest.param("SELECT true FROM app.province WHERE code = %(province)s", "no_count", id="boolean"),
        pytest.param("SELECT -1 FROM app.province WHERE code = %(province)s", "no_count", id="negative"),
        pytest.param("SELECT 1 AS a, 2 AS b FROM app.province WHERE code = %(province)s", "no_count", id="two columns"),
        pytest.param("SELECT id FROM app.customer WHERE province = %(province)s", "too_many_rows", id="many rows"),
        pytest.param("SELECT 1 FROM app.province WHERE code = %(province)s AND false", "no_row", id="no row"),
        pytest.param(
            "WITH d AS (DELETE FROM app.customer WHERE province = %(province)s RETURNING 1) SELECT count(*) FROM d",
            "0A000",
            id="a writing WITH",
        ),
    ],
)
def test_what_is_no_count_stops_before_the_gate(office: Office, question: str, detail: str) -> None:
    """Without it people would sign for something that is no number of rows."""
    install(office)

    stop = stop_of(fill(office, altered(office, (QUESTION, question)), Mode.DRYRUN))

    assert (stop.code, stop.detail) == ("STOP_SURVEY_REFUSED", detail)
    assert office.rows("SELECT count(*) FROM app.customer") == [(3 * CUSTOMERS,)]


def test_a_number_that_moved_while_the_gate_waited_stops(office: Office) -> None:
    """Without it an approval of one number would be used for another."""
    pipeline = install(office)
    run_id, given = RandomIds().run_id(), {"province": PROVINCE}
    records = office.perform(Mode.LIVE, run_id, pipeline=pipeline, given=given)
    assert isinstance(records[-1].event, GateWaiting)
    office.approve(records)
    office.alter("INSERT INTO app.customer VALUES (9001, 'New', 'HN', NULL)")

    stop = stop_of(office.perform(Mode.LIVE, run_id, pipeline=pipeline, given=given))

    assert stop.code in ("STOP_DRIFT", "STOP_PLAN_CHANGED")
    assert office.rows("SELECT count(*) FROM app.customer WHERE region IS NOT NULL") == [(0,)]
