"""`library.cut_leg_b@1`: every unit is bound to its bytes and to its parent."""

from cutter.app.system import RandomIds
from tests.support.runs import DEMO, REPOSITORY, Office

BOUND = """
    SELECT u.address, p.address, u.parent_address, r.start_byte, r.end_byte
    FROM library.information_unit u
    JOIN library.unit_region r ON r.unit_id = u.id
    LEFT JOIN library.information_unit p ON p.id = u.parent_id
    ORDER BY r.start_byte
"""


def test_regions_tile_the_source_and_parents_are_those_of_the_address(office: Office) -> None:
    """Without it a unit could point at bytes or at a parent that are not its own."""
    office.complete(RandomIds().run_id())

    source = (REPOSITORY / "documents" / f"{DEMO}.txt").read_bytes()
    end = 0
    for address, parent, parent_address, start, stop in office.rows(BOUND):
        assert end == start, address
        assert parent == parent_address, address
        end = stop
    assert len(source) == end


def test_bodies_are_the_bytes_of_their_regions(office: Office) -> None:
    """Without it the text of a unit could differ from the source by a normal form or a line end."""
    office.complete(RandomIds().run_id())

    source = (REPOSITORY / "documents" / f"{DEMO}.txt").read_bytes()
    rows = office.rows(
        "SELECT u.body, r.start_byte, r.end_byte FROM library.information_unit u"
        " JOIN library.unit_region r ON r.unit_id = u.id"
    )
    assert rows
    for body, start, stop in rows:
        assert source[start:stop] == str(body).encode()
