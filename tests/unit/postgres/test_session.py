"""Sessions and connections: what a survey answers, what a writer writes, what an error becomes, what is refused."""

import logging
import traceback
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import psycopg
import pytest
from psycopg.conninfo import make_conninfo

from cutter.postgres.connect import check_connection, connect, stop_from
from cutter.postgres.session import PostgresSurvey, PostgresWriter
from cutter.stops import Stop, StopCode
from tests.plugins.postgres import Database

SECRET = "hunter2"


@pytest.fixture
def operator(database: Database) -> Iterator[psycopg.Connection]:
    """The operator's connection."""
    with closing(connect(database.conninfo("operator"), "cutter/test")) as conn:
        yield conn


@pytest.fixture
def superuser(database: Database) -> Iterator[psycopg.Connection]:
    """The superuser's connection, in autocommit."""
    with psycopg.connect(database.superuser, autocommit=True) as conn:
        yield conn


# Surveys

ANSWERS = {
    "numbers, text, null": ("SELECT 1 AS n, 'a' AS t, NULL AS u", {}, {"n": 1, "t": "a", "u": None}),
    "bound values": (
        "SELECT %(a)s::text AS a, %(b)s::int AS b, %(a)s::text || '%%' AS c",
        {"a": "x", "b": 2},
        {"a": "x", "b": 2, "c": "x%"},
    ),
    "a value that looks like SQL": ("SELECT %(a)s::text AS a", {"a": "'; ROLLBACK; --"}, {"a": "'; ROLLBACK; --"}),
    "a list": ("SELECT 'b' = ANY (%(a)s) AS found", {"a": ["a", "b"]}, {"found": True}),
    "a trailing semicolon": ("SELECT 1 AS n;", {}, {"n": 1}),
    "a trailing comment": ("SELECT 1 AS n -- one", {}, {"n": 1}),
    "values": ("VALUES (1)", {}, {"column1": 1}),
    "with": ("WITH x AS (SELECT 1 AS n) SELECT n FROM x", {}, {"n": 1}),
    "role and mode": (
        "SELECT current_user::text AS r, current_setting('transaction_read_only') AS o",
        {},
        {"r": "cutter_survey", "o": "on"},
    ),
    "session": (
        "SELECT current_setting('TimeZone') AS z, current_setting('search_path') AS p,"
        " current_setting('application_name') AS a, current_setting('client_connection_check_interval') AS c",
        {},
        {"z": "UTC", "p": "", "a": "cutter/test", "c": "1s"},
    ),
}


@pytest.mark.parametrize("name", ANSWERS)
def test_a_survey_answers(operator: psycopg.Connection, name: str) -> None:
    """Without it a plain question would be refused, or answered as another role or in another mode."""
    text, bind, expected = ANSWERS[name]
    assert PostgresSurvey(operator).answer(text, bind) == expected  # type: ignore[arg-type]


REFUSED = {
    "no row": ("SELECT 1 WHERE false", {}, "no_row"),
    "two rows": ("VALUES (1), (2)", {}, "too_many_rows"),
    "a column twice": ("SELECT 1 AS a, 2 AS a", {}, "column_twice"),
    "a name too many": ("SELECT 1", {"a": 1}, "bind"),
    "another name": ("SELECT %(a)s", {"b": 1}, "bind"),
    "a value that is no text": ("SELECT %(a)s::text", {"a": "\ud800"}, "bind"),
    "a zero character": ("SELECT %(a)s::text", {"a": "\0"}, "bind"),
    "a value of no type": ("SELECT %(a)s", {"a": object()}, "bind"),
    "a division by zero": ("SELECT 1 / 0", {}, "22012"),
    "an unknown table": ("SELECT 1 FROM absent", {}, "42P01"),
}


@pytest.mark.parametrize("name", REFUSED)
def test_a_survey_that_is_refused_leaves_the_transaction_alive(operator: psycopg.Connection, name: str) -> None:
    """Without it one bad question would abort the phase, or its error would reach people as a traceback."""
    text, bind, detail = REFUSED[name]
    survey = PostgresSurvey(operator)
    started = survey.answer("SELECT transaction_timestamp() AS t", {})
    with pytest.raises(Stop) as caught:
        survey.answer(text, bind)  # type: ignore[arg-type]
    assert (caught.value.code, caught.value.detail) == (StopCode.STOP_SURVEY_REFUSED, detail)
    assert survey.answer("SELECT transaction_timestamp() AS t", {}) == started


def test_rows_are_bounded(operator: psycopg.Connection) -> None:
    """Without it a survey without a condition would fill the memory."""
    survey = PostgresSurvey(operator)
    series = "SELECT n FROM generate_series(1, %(n)s) AS n"
    assert len(survey.rows(series, {"n": 5}, limit=5)) == 5
    assert survey.rows(series, {"n": 0}) == []
    with pytest.raises(Stop) as caught:
        survey.rows(series, {"n": 6}, limit=5)
    assert caught.value.detail == "too_many_rows"


def test_a_stream_returns_every_row(operator: psycopg.Connection) -> None:
    """Without it the verification of a long document would read a part of it."""
    survey = PostgresSurvey(operator)
    series = "SELECT n FROM generate_series(1, 5001) AS n"
    assert [n for (n,) in survey.stream(series, {})] == list(range(1, 5002))
    for (first,) in survey.stream(series, {}):
        assert first == 1
        break
    assert survey.answer("SELECT 1 AS n", {}) == {"n": 1}


def test_a_survey_in_a_read_only_transaction_of_its_own(operator: psycopg.Connection) -> None:
    """Without it surveys could be asked inside a phase only."""
    operator.read_only = True
    assert PostgresSurvey(operator).answer("SELECT 1 AS n", {}) == {"n": 1}
    assert operator.execute("SELECT current_setting('transaction_read_only')").fetchone() == ("on",)


def test_a_slow_survey_exceeds_a_limit(operator: psycopg.Connection) -> None:
    """Without it a slow server would be shown as a mistake in the pipeline."""
    operator.execute("SET LOCAL statement_timeout = '50ms'")
    with pytest.raises(Stop) as caught:
        PostgresSurvey(operator).rows("SELECT pg_sleep(5)", {})
    assert caught.value.code is StopCode.STOP_LIMIT_EXCEEDED


@pytest.mark.parametrize("moment", ["before the survey", "during the survey"])
def test_a_lost_connection_is_unreachable(
    operator: psycopg.Connection, superuser: psycopg.Connection, moment: str
) -> None:
    """Without it a server that went away would be shown as a mistake in the pipeline, or as an escape."""
    terminate = "SELECT pg_terminate_backend(%s, 5000)"
    pid = operator.info.backend_pid
    if moment == "before the survey":
        superuser.execute(terminate, (pid,))
    with pytest.raises(Stop) as caught:
        for _ in PostgresSurvey(operator).stream("SELECT generate_series(1, 5000)", {}):
            if moment == "during the survey":
                superuser.execute(terminate, (pid,))
    assert caught.value.code is StopCode.STOP_DATABASE_UNREACHABLE


# Writers


def test_a_writer_copies_into_its_staging_table(operator: psycopg.Connection) -> None:
    """Without it units would reach the staging table one by one, or as another role."""
    writer = PostgresWriter(operator, "cutter_writer")
    assert len(writer.rows("SELECT library.fn_region_stage()", {})) == 1
    rows = ((f"D/ART-{n}", 0, n, n + 1, "x") for n in range(100))
    assert writer.copy("region_stage", ("address", "region_index", "start_byte", "end_byte", "sha256"), rows) == 100
    assert writer.rows("SELECT current_user::text", {}) == [("cutter_writer",)]
    assert writer.rows("SET LOCAL work_mem = '8MB'", {}) == []


COPIES: dict[str, tuple[str, tuple[str, ...], list[tuple[object, ...]], str]] = {
    "a governed table": ("information_unit", ("id",), [("x",)], "42P01"),
    "a table in quotes": ("region_stage\" FROM PROGRAM 'touch x' --", ("id",), [("x",)], "42P01"),
    "an unknown column": ("region_stage", ("absent",), [("x",)], "42703"),
    "a value of another type": ("region_stage", ("address", "region_index"), [("a", "b")], "22P02"),
}


@pytest.mark.parametrize("name", COPIES)
def test_a_copy_reaches_staging_tables_only(operator: psycopg.Connection, name: str) -> None:
    """Without it a copy could write a table that a function guards."""
    table, columns, rows, detail = COPIES[name]
    writer = PostgresWriter(operator, "cutter_writer")
    writer.rows("SELECT library.fn_region_stage()", {})
    with pytest.raises(Stop) as caught:
        writer.copy(table, columns, rows)
    assert caught.value.code is StopCode.STOP_WRITE_FAILED
    assert caught.value.detail.split(":")[0] == detail


def test_a_stop_in_the_rows_of_a_copy_is_raised(operator: psycopg.Connection) -> None:
    """Without it a source that refuses half way would leave a half filled table that looks whole."""
    writer = PostgresWriter(operator, "cutter_writer")
    writer.rows("SELECT library.fn_region_stage()", {})

    def rows() -> Iterator[tuple[object, ...]]:
        yield ("a", 0, 0, 1, "x")
        raise Stop(StopCode.STOP_SOURCE_CHANGED)

    with pytest.raises(Stop) as caught:
        writer.copy("region_stage", ("address", "region_index", "start_byte", "end_byte", "sha256"), rows())
    assert caught.value.code is StopCode.STOP_SOURCE_CHANGED


# Errors

ERRORS = {
    "the wall": ("CU001", StopCode.STOP_POLICY_REFUSED, ""),
    "rows present": ("CU002", StopCode.STOP_ROWS_PRESENT, ""),
    "transition": ("CU003", StopCode.STOP_TRANSITION_UNSUPPORTED, ""),
    "another run": ("CU005", StopCode.STOP_PLAN_CHANGED, "run_differs"),
    "busy": ("55P03", StopCode.STOP_BUSY, ""),
    "too slow": ("57014", StopCode.STOP_LIMIT_EXCEEDED, ""),
    "shut down": ("57P01", StopCode.STOP_DATABASE_UNREACHABLE, "57P01"),
    "broken connection": ("08006", StopCode.STOP_DATABASE_UNREACHABLE, "08006"),
    "anything else": ("23514", StopCode.STOP_WRITE_FAILED, "23514"),
}


@pytest.mark.parametrize("name", ERRORS)
def test_an_error_becomes_a_stop_without_the_servers_text(
    operator: psycopg.Connection, name: str, caplog: pytest.LogCaptureFixture
) -> None:
    """Row 43. Without it a row's value would reach a log by way of an error's text."""
    state, code, detail = ERRORS[name]
    raising = (
        f"DO $$ BEGIN RAISE EXCEPTION USING ERRCODE = '{state}', MESSAGE = '{SECRET}',"
        f" DETAIL = '{SECRET}', HINT = '{SECRET}'; END $$"
    )
    caplog.set_level(logging.DEBUG)
    with pytest.raises(Stop) as caught:
        PostgresWriter(operator, "cutter_writer").rows(raising, {})
    assert (caught.value.code, caught.value.detail) == (code, detail)
    assert SECRET not in "".join(traceback.format_exception(caught.value)) + caplog.text + repr(vars(caught.value))


def test_a_marker_that_is_taken_is_a_replay(superuser: psycopg.Connection) -> None:
    """Without it two runs that race for one effect would end in an error of the server's."""
    superuser.execute(
        "INSERT INTO cutter_governance.run (tenant_id, run_id, pipeline, pipeline_sha256, mode, lock_key, requester)"
        " SELECT 'demo', r, 'cut', repeat('0', 64), 'live', 'D', 'operator'"
        " FROM unnest(ARRAY[lpad('1', 32, '0'), lpad('2', 32, '0')]::uuid[]) AS r"
    )
    marker = (
        "INSERT INTO cutter_governance.phase_marker"
        " (tenant_id, guard, key, key_sha256, run_id, phase, operation, outcome) SELECT 'demo', 'G', '{{a}}',"
        " repeat('0', 64), run_id, 'p', 'o@1', '' FROM cutter_governance.run WHERE run_id::text LIKE '%{}'"
    )
    superuser.execute(marker.format(1).encode())
    with pytest.raises(psycopg.errors.UniqueViolation) as caught:
        superuser.execute(marker.format(2).encode())
    assert stop_from(caught.value).code is StopCode.STOP_REPLAY_CONFLICT


# Connections that are refused


def test_an_ordinary_login_is_known(operator: psycopg.Connection) -> None:
    """Without it nothing would stand in the records for who asked."""
    identity = check_connection(operator)
    assert (identity.login, identity.tenant, identity.person) == ("operator", "demo", "operator")


PRIVILEGES = {
    "row security bypassed": ("ALTER ROLE {0} BYPASSRLS", "superuser"),
    "roles made": ("ALTER ROLE {0} CREATEROLE", "superuser"),
    "member of an owner": ("GRANT cutter_owner TO {0}", "privileged_role"),
    "member of a predefined role": ("GRANT pg_read_all_data TO {0}", "privileged_role"),
    "role inherited": ("ALTER ROLE {0} INHERIT; GRANT cutter_survey TO {0}", "privileged_role"),
    "no tenant": ("SELECT 1", "unknown_login"),
    "member, no tenant": ("GRANT cutter_survey TO {0}", "unknown_login"),
}


@pytest.mark.parametrize("name", PRIVILEGES)
def test_a_login_that_stands_above_the_walls_is_refused(
    database: Database, superuser: psycopg.Connection, name: str
) -> None:
    """Row 47. Without it the walls would be tested by nobody: such a login passes all of them."""
    grant, detail = PRIVILEGES[name]
    login = f"raised_{database.name}"
    superuser.execute(f"CREATE ROLE {login} LOGIN NOINHERIT".encode())
    try:
        superuser.execute(grant.format(login).encode())
        with closing(connect(database.conninfo(login), "cutter/test")) as conn, pytest.raises(Stop) as caught:
            check_connection(conn)
        assert (caught.value.code, caught.value.detail) == (StopCode.STOP_CONNECTION_UNSAFE, detail)
    finally:
        superuser.execute(f"DROP ROLE {login}".encode())


def test_a_superuser_is_refused(database: Database) -> None:
    """Without it row security would hold for nobody."""
    with closing(connect(database.superuser, "cutter/test")) as conn, pytest.raises(Stop) as caught:
        check_connection(conn)
    assert (caught.value.code, caught.value.detail) == (StopCode.STOP_CONNECTION_UNSAFE, "superuser")


def test_a_server_that_is_not_there_is_unreachable(database: Database, tmp_path: Path) -> None:
    """Without it a stopped server would end in a traceback that shows the connection string."""
    for changes, detail in (({"host": str(tmp_path)}, ""), ({"dbname": "absent"}, "")):
        with pytest.raises(Stop) as caught:
            connect(make_conninfo(database.conninfo("operator"), password=SECRET, **changes), "cutter/test")
        assert (caught.value.code, caught.value.detail) == (StopCode.STOP_DATABASE_UNREACHABLE, detail)
        assert SECRET not in "".join(traceback.format_exception(caught.value))
        assert caught.value.__suppress_context__
