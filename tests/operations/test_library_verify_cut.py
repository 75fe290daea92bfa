"""`library.verify_cut@1`: whatever differs from the plan is found, with its place."""

import pytest

from cutter.app.system import RandomIds
from cutter.events import GateWaiting
from cutter.model import Mode
from tests.support.runs import Office, stop_of

# What a superuser does to the rows while the run waits at its second gate → the detail of the stop on resume.
TAMPERED = {
    "a body": (
        "UPDATE library.information_unit SET body = 'x' || body WHERE address LIKE '%/ART-05'", "regions"
    ),
    "a body and its digest": (
        "UPDATE library.information_unit SET body = replace(body, 'Điều', 'điều'),"
        " body_sha256 = encode(sha256(convert_to(replace(body, 'Điều', 'điều'), 'UTF8')), 'hex')"
        " WHERE address LIKE '%/ART-06'",
        "other_units",
    ),
    "a region's digest": (
        "UPDATE library.unit_region SET sha256 = repeat('a', 64) WHERE start_byte ="
        " (SELECT max(start_byte) FROM library.unit_region)",
        "other_regions",
    ),
    "a unit gone": (
        "DELETE FROM library.unit_region WHERE start_byte = (SELECT max(start_byte) FROM library.unit_region)",
        "other_regions",
    ),
    "a title": ("UPDATE library.information_unit SET sort_key = sort_key || '1' WHERE type = 'PRE'", "expected"),
}  # fmt: skip


@pytest.mark.parametrize("name", TAMPERED)
def test_what_was_tampered_with_is_found_on_resume(office: Office, name: str) -> None:
    """Without it `done` could be claimed over rows that are not the source (guarantee 9)."""
    statement, detail = TAMPERED[name]
    run_id = RandomIds().run_id()
    for _ in range(2):
        records = office.perform(Mode.LIVE, run_id)
        gate = records[-1].event
        assert isinstance(gate, GateWaiting)
        office.approve(records)
    office.alter(statement)

    stop = stop_of(office.perform(Mode.LIVE, run_id))

    assert (stop.code, stop.exit) == ("STOP_VERIFY_FAILED", 51)
    assert stop.detail.startswith(detail)
    assert office.rows("SELECT count(*) FROM library.information_unit WHERE lifecycle = 'enacted'") == [(0,)]
