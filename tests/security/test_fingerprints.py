"""Drift of database objects, planted behind cutter's back: each kind is found before anything is written.

`CUTTER_UPDATE_GOLDEN=1 pytest tests/security/test_fingerprints.py -k shipped` pins a freshly migrated database anew,
for the running server's major version.
"""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from uuid import uuid4

import msgspec
import pytest

from cutter.contracts import Fingerprint
from cutter.custody.pins import PinFiles
from cutter.events import GateRehearsed, Planned
from cutter.fingerprints import SCHEMAS, check, compare
from cutter.stops import Stop, StopCode
from tests.support.attacks import LIBRARY, fingerprint_of, pin
from tests.support.runs import REPOSITORY, Office, completed, stop_of

SHIPPED = REPOSITORY / "fingerprints"


@contextmanager
def altered(office: Office, statement: str, undo: str) -> Iterator[None]:
    """The superuser's alteration; roles belong to the cluster, so what was done to one is undone for other tests."""
    office.alter(statement)
    try:
        yield
    finally:
        if undo:
            office.alter(undo)


UNIT = "library.information_unit"
ENACT = "library.fn_iu_enact(uuid, bigint)"
FUNCTION = "function:library.fn_iu_enact"
TABLE = "table:library.information_unit"
# what the superuser does · how it is undone where it lasts beyond the database · detail of the stop
DRIFTS: dict[str, tuple[str, str, str]] = {
    "owner of a function": (f"ALTER FUNCTION {ENACT} OWNER TO cutter_ledger", "", f"{FUNCTION}:acl"),
    "owner of a table": (f"ALTER TABLE {UNIT} OWNER TO cutter_ledger", "", f"{TABLE}:acl"),
    "owner of a schema": ("ALTER SCHEMA library OWNER TO cutter_ledger", "", "schema:library:acl"),
    "grant on a function": (f"GRANT EXECUTE ON FUNCTION {ENACT} TO PUBLIC", "", f"{FUNCTION}:acl"),
    "grant on a table": (f"GRANT DELETE ON {UNIT} TO cutter_writer", "", f"{TABLE}:acl"),
    "grant on a column": (f"GRANT UPDATE (body) ON {UNIT} TO cutter_writer", "", f"{TABLE}:column:body"),
    "grant on a schema": ("GRANT CREATE ON SCHEMA library TO PUBLIC", "", "schema:library:acl"),
    "security definer": (f"ALTER FUNCTION {ENACT} SECURITY INVOKER", "", f"{FUNCTION}:definition_sha256"),
    "config": (f"ALTER FUNCTION {ENACT} SET search_path = public", "", f"{FUNCTION}:config"),
    "volatility": (f"ALTER FUNCTION {ENACT} STABLE", "", f"{FUNCTION}:definition_sha256"),
    "body": (
        "CREATE OR REPLACE FUNCTION cutter_governance.current_tenant() RETURNS text LANGUAGE sql STABLE"
        " SET search_path = pg_catalog, pg_temp AS $$SELECT 'demo'$$",
        "",
        "function:cutter_governance.current_tenant:definition_sha256",
    ),
    "a function more": (
        "CREATE FUNCTION library.fn_more() RETURNS integer LANGUAGE sql AS 'SELECT 1'",
        "",
        "function:library.fn_more:object",
    ),
    "disabled trigger": (
        "ALTER TABLE cutter_governance.ledger_event DISABLE TRIGGER append_only_rows",
        "",
        "trigger:cutter_governance.ledger_event/append_only_rows:enabled",
    ),
    "trigger that fires for fewer": (
        "ALTER TABLE cutter_governance.ledger_event ENABLE TRIGGER append_only_rows",
        "",
        "trigger:cutter_governance.ledger_event/append_only_rows:enabled",
    ),
    "trigger that is gone": (
        "DROP TRIGGER append_only ON cutter_governance.ledger_event",
        "",
        "trigger:cutter_governance.ledger_event/append_only:object",
    ),
    "foreign keys that are not kept": (
        "ALTER TABLE library.unit_region DISABLE TRIGGER ALL",
        "",
        "table:library.unit_region:constraint:",
    ),
    "column type": (f"ALTER TABLE {UNIT} ALTER COLUMN ordinal TYPE numeric", "", f"{TABLE}:column:ordinal"),
    "column default": (f"ALTER TABLE {UNIT} ALTER COLUMN heading SET DEFAULT 'x'", "", f"{TABLE}:column:heading"),
    "a column more": (f"ALTER TABLE {UNIT} ADD COLUMN note text", "", f"{TABLE}:column:note"),
    "an index more": (f"CREATE INDEX more ON {UNIT} (body)", "", f"{TABLE}:index:more"),
    "a rule": (f"CREATE RULE swallow AS ON DELETE TO {UNIT} DO INSTEAD NOTHING", "", f"{TABLE}:rule:swallow"),
    "row security off": (f"ALTER TABLE {UNIT} DISABLE ROW LEVEL SECURITY", "", f"{TABLE}:row_security"),
    "row security not forced": (f"ALTER TABLE {UNIT} NO FORCE ROW LEVEL SECURITY", "", f"{TABLE}:row_security_forced"),
    "policy changed": (
        "ALTER POLICY tenant ON cutter_governance.run USING (true)",
        "",
        "table:cutter_governance.run:policy:tenant",
    ),
    "policy more": (f"CREATE POLICY more ON {UNIT} USING (true)", "", f"{TABLE}:policy:more"),
    "constraint that is gone": (
        "ALTER TABLE cutter_governance.migration DROP CONSTRAINT migration_sha256_check",
        "",
        "table:cutter_governance.migration:constraint:migration_sha256_check",
    ),
    "constraint that old rows need not keep": (
        "ALTER TABLE cutter_governance.migration DROP CONSTRAINT migration_sha256_check,"
        " ADD CONSTRAINT migration_sha256_check CHECK (sha256 ~ '^[0-9a-f]{64}$') NOT VALID",
        "",
        "table:cutter_governance.migration:constraint:migration_sha256_check",
    ),
    "role attribute": (
        "ALTER ROLE cutter_approver CREATEDB",
        "ALTER ROLE cutter_approver NOCREATEDB",
        "role:cutter_approver:attributes",
    ),
    "role setting": (
        "ALTER ROLE cutter_approver SET search_path = public",
        "ALTER ROLE cutter_approver RESET ALL",
        "role:cutter_approver:config",
    ),
    "membership of a role": (
        "GRANT cutter_writer TO cutter_approver",
        "REVOKE cutter_writer FROM cutter_approver",
        "role:cutter_approver:member_of",
    ),
    "membership in an owner": (
        "GRANT cutter_owner TO content",
        "REVOKE cutter_owner FROM content",
        "role:cutter_owner:members",
    ),
    "a membership that can be passed on": (
        "GRANT cutter_approver TO content WITH ADMIN OPTION",
        "REVOKE ADMIN OPTION FOR cutter_approver FROM content",
        "role:cutter_approver:members",
    ),
    "an approver who writes": (
        "GRANT cutter_appender TO content",
        "REVOKE cutter_appender FROM content",
        "role:cutter_approver:writing_approvers",
    ),
}


@pytest.mark.parametrize("name", SCHEMAS)
def test_the_shipped_pins_are_of_a_freshly_migrated_database(office: Office, name: str) -> None:
    """A migration without a new pin would stop every run of every installation."""
    found = fingerprint_of(office, name)
    pins = PinFiles((SHIPPED,))
    if os.environ.get("CUTTER_UPDATE_GOLDEN"):
        pins.write(found)

    pinned = pins.find(found)

    assert pinned is not None, "this server's major version has no pin"
    assert compare(pinned, found) == ()
    assert pinned.sha256 == found.sha256


@pytest.mark.parametrize("drift", DRIFTS)
def test_a_rehearsal_stops_at_drift(office: Office, drift: str) -> None:
    """What a writer, a wall or an owner was changed into would be signed for by people who saw the old one."""
    statement, undo, detail = DRIFTS[drift]
    with altered(office, statement, undo):
        stop = stop_of(office.rehearse(str(uuid4())))

    assert (stop.code, stop.exit) == ("STOP_FINGERPRINT_DRIFT", 21)
    assert stop.detail.startswith(detail)
    assert stop.found
    assert stop.needed
    assert stop.found != stop.needed
    assert office.rows("SELECT count(*) FROM library.information_unit") == [(0,)]
    assert office.rows("SELECT count(*) FROM cutter_governance.run") == [(0,)]


def test_a_new_pin_is_a_new_plan(office: Office) -> None:
    """An approval of the plan before would cover a database whose writers nobody has looked at."""
    before = office.rehearse(str(uuid4()))
    office.alter("CREATE INDEX more ON library.information_unit (body_sha256)")
    pin(office)
    after = office.rehearse(str(uuid4()))

    plans = [next(r.event.plan_sha256 for r in run if isinstance(r.event, Planned)) for run in (before, after)]
    assert completed(before)
    assert completed(after)
    assert plans[0] != plans[1]


def test_drift_between_the_gate_and_the_write_stops_the_write(office: Office) -> None:
    """A function that is changed while an approval is waited for would write what nobody has approved."""

    def drift(record: object) -> None:
        if isinstance(getattr(record, "event", None), GateRehearsed) and not done:
            done.append(1)
            office.alter("ALTER FUNCTION library.fn_iu_enact(uuid, bigint) SET work_mem = '64kB'")

    done: list[int] = []
    stop = stop_of(office.rehearse(str(uuid4()), notify=drift))

    assert (stop.code, stop.detail) == ("STOP_FINGERPRINT_DRIFT", "function:library.fn_iu_enact:config")


def test_a_server_without_a_pin_is_a_stop(office: Office) -> None:
    """A version of PostgreSQL that nobody has pinned must not pass for one that was compared."""
    found = fingerprint_of(office)
    moved = msgspec.structs.replace(found, server_major=99)

    with pytest.raises(Stop) as caught:
        check(PinFiles((SHIPPED,)).find(Fingerprint(LIBRARY, 99, ())), moved, StopCode.STOP_FINGERPRINT_DRIFT)

    assert (caught.value.detail, caught.value.needed) == ("unpinned:library.99", "cutter_fingerprints_pin")


def test_people_may_come_and_go(office: Office) -> None:
    """A pin that knew every login would have to be made anew, and approved anew, with every new colleague."""
    before = fingerprint_of(office)
    office.alter("CREATE ROLE newcomer LOGIN NOINHERIT; GRANT cutter_survey, cutter_approver TO newcomer")
    try:
        assert compare(before, fingerprint_of(office)) == ()
    finally:
        office.alter("DROP ROLE newcomer")
