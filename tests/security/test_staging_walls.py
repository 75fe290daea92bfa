"""Row 49 of the attack table: what the caller hangs on the staging table, which a definer function reads."""

import pytest

from tests.plugins.proofs import Proof
from tests.security.ground import CREATE, CREATE_ONE, PREFIX, Opened, Walls, register, stage, stage_units, unit

COLUMNS = (
    "unit_id uuid, address text, short_address text, address_ascii text, sort_key text, type text, rank text,"
    " num_raw text, ordinal int, parent_address text, heading text, body text, body_sha256 text"
)
MADE_BEFOREHAND = {
    "table": f"CREATE TEMP TABLE iu_stage ({COLUMNS})",
    "view": "CREATE TEMP VIEW iu_stage AS SELECT current_user AS body",
    "materialised by select": "CREATE TEMP TABLE iu_stage AS SELECT 1 AS unit_id",
    "table with a trigger": (
        f"CREATE TEMP TABLE iu_stage ({COLUMNS});"
        " CREATE FUNCTION pg_temp.taken() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN NULL; END';"
        " CREATE TRIGGER taken BEFORE INSERT ON iu_stage FOR EACH ROW EXECUTE FUNCTION pg_temp.taken()"
    ),
}


def _create(opened: Opened) -> str:
    return opened.refused("cutter_writer", CREATE, opened.ids.change_set, opened.ids.version, PREFIX, 2)


def _create_one(opened: Opened) -> str:
    unit = (opened.ids.run, f"{PREFIX}/ART-01", "a", "a")
    return opened.refused("cutter_writer", CREATE_ONE, opened.ids.change_set, opened.ids.version, PREFIX, *unit)


@pytest.mark.parametrize("role", ["operator", "cutter_survey", "cutter_writer", "cutter_appender"])
def test_no_app_role_makes_temporary_tables(walls: Walls, mode: str, role: str, proof: Proof) -> None:
    """Row 49. Without it the caller could put a table of its own where the definer reads."""
    opened = walls.open(mode)
    with walls.unwritten():
        assert opened.refused(role, f"CREATE TEMP TABLE iu_stage ({COLUMNS})") == "42501"
        assert opened.refused(role, "CREATE TABLE public.iu_stage ()") == "42501"
    proof("49", f"{mode}: CREATE TEMP TABLE by {role}", "42501")


@pytest.mark.parametrize("name", MADE_BEFOREHAND)
def test_a_staging_table_of_the_callers_is_refused(walls: Walls, mode: str, name: str, proof: Proof) -> None:
    """Row 49. Without it a view or trigger of the caller's would run as the definer, also where TEMP is not revoked."""
    walls.superuser.execute(f"GRANT TEMPORARY ON DATABASE {walls.database.name} TO cutter_writer".encode())
    opened = walls.open(mode)
    register(opened)
    opened.take("cutter_writer")
    opened.conn.execute(MADE_BEFOREHAND[name].encode())
    with walls.unwritten():
        assert opened.refused("cutter_writer", "SELECT library.fn_iu_stage()") == "CU001"
        assert _create(opened) == "CU001"
        assert _create_one(opened) == "CU001"
    proof("49", f"{mode}: iu_stage made beforehand as {name}", "CU001 from fn_iu_stage and from both writers")


HANGS = {
    "trigger": "CREATE TRIGGER t BEFORE INSERT ON pg_temp.iu_stage FOR EACH ROW"
    " EXECUTE FUNCTION suppress_redundant_updates_trigger()",
    "rule": "CREATE RULE r AS ON INSERT TO pg_temp.iu_stage DO ALSO NOTHING",
    "policy": "CREATE POLICY p ON pg_temp.iu_stage USING (true)",
    "row security": "ALTER TABLE pg_temp.iu_stage ENABLE ROW LEVEL SECURITY",
    "column default": "ALTER TABLE pg_temp.iu_stage ALTER body SET DEFAULT 'x'",
    "index with a function": "CREATE INDEX ON pg_temp.iu_stage (lower(body))",
    "child table": "CREATE TABLE pg_temp.child () INHERITS (pg_temp.iu_stage)",
    "replacement": "DROP TABLE pg_temp.iu_stage",
    "new name": "ALTER TABLE pg_temp.iu_stage RENAME TO other",
    "read": "SELECT count(*) FROM pg_temp.iu_stage",
    "update": "UPDATE pg_temp.iu_stage SET body = ''",
}


@pytest.mark.parametrize("name", HANGS)
def test_nothing_of_the_callers_hangs_on_the_staging_table(walls: Walls, mode: str, name: str, proof: Proof) -> None:
    """Row 49. Without it code of the caller's would run with the owner's rights when the definer reads the rows."""
    walls.superuser.execute(f"GRANT TEMPORARY ON DATABASE {walls.database.name} TO cutter_writer".encode())
    opened = walls.open(mode)
    register(opened)
    opened.call("cutter_writer", "SELECT library.fn_iu_stage()")
    with walls.unwritten():
        assert opened.refused("cutter_writer", HANGS[name]) == "42501"
    stage(opened, [unit(1), unit(2)])
    assert opened.call("cutter_writer", CREATE, opened.ids.change_set, opened.ids.version, PREFIX, 2) == 2
    proof("49", f"{mode}: {name} on the definer's staging table", "42501, and the batch is written")


def test_a_staging_table_left_by_a_failed_attempt_is_made_anew(walls: Walls, mode: str) -> None:
    """Row 49. Without it rows of an attempt that failed half way would slip into the next batch."""
    opened = walls.open(mode)
    register(opened)
    stage_units(opened, 1)
    stage_units(opened)
    assert opened.call("cutter_writer", CREATE, opened.ids.change_set, opened.ids.version, PREFIX, 2) == 2


STAGED_BADLY = {
    "too few": ([unit(1)], "CU004"),
    "too many": ([unit(1), unit(2), unit(3)], "CU004"),
    "another document's address": ([unit(1), unit(2, address="DOC-2/ART-01")], "CU004"),
    "an address that only begins alike": ([unit(1), unit(2, address="DOC-10")], "CU004"),
    "another body than its digest": ([unit(1), unit(2, body="x")], "CU004"),
    "one address twice": ([unit(1), unit(2, address="DOC-1/ART-01")], "CU002"),
    "one short address twice": ([unit(1), unit(2, short_address="DOC-1/ART-01")], "CU002"),
}


@pytest.mark.parametrize("name", STAGED_BADLY)
def test_staged_units_are_checked_by_the_writer(walls: Walls, mode: str, name: str, proof: Proof) -> None:
    """Row 49. Without it the caller's word alone would say what the units are."""
    units, expected = STAGED_BADLY[name]
    opened = walls.open(mode)
    register(opened)
    opened.call("cutter_writer", "SELECT library.fn_iu_stage()")
    stage(opened, units)
    with walls.unwritten():
        assert _create(opened) == expected
    proof("49", f"{mode}: staged units: {name}", expected)
