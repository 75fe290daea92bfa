"""`cutter db status` and `cutter db stop` on a real server: what they say, and that looking starts nothing."""

import contextlib
import json
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import psycopg
import pytest

from cutter.cli.main import run
from cutter.postgres import embedded
from cutter.postgres.embedded import SUPERUSER, Cluster, State
from cutter.postgres.migrate import migrate
from tests.plugins.postgres import discard


@pytest.fixture(scope="module")
def shared(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Cluster]:
    """The cluster of a workspace, made once."""
    cluster = embedded.locate(tmp_path_factory.mktemp("status"))
    try:
        embedded.ensure_running(cluster, finish=migrate)
        yield cluster
    finally:
        discard(cluster)


@pytest.fixture
def cluster(shared: Cluster, monkeypatch: pytest.MonkeyPatch) -> Cluster:
    """That cluster, running; its workspace is the current folder."""
    embedded.ensure_running(shared, finish=migrate)
    monkeypatch.chdir(shared.workspace)
    return shared


def say(capfdbinary: pytest.CaptureFixture[bytes], *arguments: str) -> tuple[int, dict[str, Any]]:
    """What a command answers as JSON."""
    status = run("cutter", [*arguments, "--output", "json"])
    out, err = capfdbinary.readouterr()
    assert err == b""
    return status, json.loads(out)


def tell(capfdbinary: pytest.CaptureFixture[bytes], *arguments: str) -> list[str]:
    """What a command tells a person, line by line."""
    run("cutter", list(arguments))
    return capfdbinary.readouterr().out.decode().splitlines()


def test_a_workspace_without_a_database_stays_one(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capfdbinary: pytest.CaptureFixture[bytes]
) -> None:
    """Without it asking how the database is would make one."""
    monkeypatch.chdir(tmp_path)
    status, document = say(capfdbinary, "db", "status")
    found = document["database"]

    assert (status, document["format"], found["state"]) == (0, "cutter.db-status/1", "absent")
    assert (found["version"], found["process"], found["since"], found["connected"]) == (None, None, None, None)
    assert found["size_bytes"] == 0
    assert [step["command"] for step in document["next"]] == ["cutter db start"]
    assert list(tmp_path.iterdir()) == []
    assert not embedded.locate(tmp_path).home.exists()


def test_a_running_one_tells_who_is_connected(cluster: Cluster, capfdbinary: pytest.CaptureFixture[bytes]) -> None:
    """Without it nobody knows whether a stop would end somebody's work, or a statement of theirs would be shown."""
    with contextlib.ExitStack() as stack:
        for name in ("cutter/7k2qf", "cutter/7k2qf", "psql"):
            conninfo = embedded.conninfo(cluster, SUPERUSER)
            session = stack.enter_context(psycopg.connect(conninfo, application_name=name))
            session.execute("SELECT 'hunter2'")
        status, document = say(capfdbinary, "db", "status")
        lines = tell(capfdbinary, "db", "status")
    found = document["database"]

    assert (status, found["state"], found["obstacle"]) == (0, "running", None)
    assert {item["application_name"]: item["sessions"] for item in found["connected"]} == {"cutter/7k2qf": 2, "psql": 1}
    assert found["process"] == embedded.status(cluster).process
    assert abs(time.time() - time.mktime(time.strptime(found["since"], "%Y-%m-%dT%H:%M:%SZ")) + time.timezone) < 3600
    assert found["size_bytes"] > 10_000_000
    assert lines[0].startswith("RUNNING  PostgreSQL ")
    assert "    sessions cutter/7k2qf 2 · psql 1" in lines
    assert "hunter2" not in json.dumps(document) + "".join(lines)


def test_one_that_is_down_stays_down(cluster: Cluster, capfdbinary: pytest.CaptureFixture[bytes]) -> None:
    """Without it asking would start the server that somebody has just stopped."""
    embedded.stop(cluster)
    status, document = say(capfdbinary, "db", "status")
    lines = tell(capfdbinary, "db", "status")

    assert (status, document["database"]["state"]) == (0, "stopped")
    assert document["database"]["version"] is not None
    assert (lines[0], lines[-1]) == ("DOWN  not running; its data is there", "Next     start  cutter db start")
    assert embedded.status(cluster).state is State.STOPPED


def test_what_a_start_would_be_refused_for_is_told(cluster: Cluster, capfdbinary: pytest.CaptureFixture[bytes]) -> None:
    """Without it the screen would send its reader to a command that can only refuse."""
    embedded.stop(cluster)
    cluster.data.chmod(0o777)
    try:
        status, document = say(capfdbinary, "db", "status")
        lines = tell(capfdbinary, "db", "status")
    finally:
        cluster.data.chmod(0o700)

    obstacle = document["database"]["obstacle"]
    assert (status, document["next"]) == (0, [])
    assert (obstacle["stop_code"], obstacle["detail"]) == ("STOP_PATH_UNSAFE", "open_to_others")
    assert (obstacle["where"], obstacle["found"]) == (str(cluster.data), "mode 0777")
    assert "  A start would be refused: STOP_PATH_UNSAFE" in lines


def test_a_name_of_a_session_cannot_write_on_the_screen(
    cluster: Cluster, capfdbinary: pytest.CaptureFixture[bytes]
) -> None:
    """Without it any program that connects could move the cursor, or forge a line, on an operator's terminal."""
    with psycopg.connect(embedded.conninfo(cluster, SUPERUSER)) as session:
        session.execute("SET application_name = E'a\\x1b[2Jb'")
        lines = tell(capfdbinary, "db", "status")

    assert "\x1b" not in "".join(lines)
    assert any("sessions a" in line for line in lines)


def test_stop_tells_whose_sessions_it_ended(cluster: Cluster, capfdbinary: pytest.CaptureFixture[bytes]) -> None:
    """Without it a run would end because of a stop, and nobody would be told that it can be gone on with."""
    conninfo = embedded.conninfo(cluster, SUPERUSER)
    with psycopg.connect(conninfo, autocommit=True) as session:
        session.execute("CREATE TABLE IF NOT EXISTS public.kept (value integer)")
    with contextlib.closing(psycopg.connect(conninfo, application_name="cutter/7k2qf")) as session:
        session.execute("INSERT INTO public.kept VALUES (1)")
        status, document = say(capfdbinary, "db", "stop")
    assert (status, document["stopped"]) == (0, True)
    assert document["ended"] == [{"application_name": "cutter/7k2qf", "sessions": 1}]
    assert [step["command"] for step in document["next"]] == ["cutter runs list"]
    assert say(capfdbinary, "db", "stop") == (
        0,
        {"format": "cutter.db-stop/1", "stopped": False, "ended": [], "next": []},
    )

    embedded.ensure_running(cluster, finish=migrate)
    with psycopg.connect(conninfo) as session:
        assert session.execute("SELECT count(*) FROM public.kept").fetchone() == (0,)


ENVIRONMENT = {
    "a host": ("PGHOST", "elsewhere", 20),
    "options": ("PGOPTIONS", "-c fsync=off", 20),
    "a data folder": ("PGDATA", "/nonexistent", 0),
    "a folder for temporary files that is not there": ("TMPDIR", "/nonexistent", 0),
}


@pytest.mark.parametrize("name", ENVIRONMENT)
def test_variables_of_the_user(
    cluster: Cluster, name: str, monkeypatch: pytest.MonkeyPatch, capfdbinary: pytest.CaptureFixture[bytes]
) -> None:
    """Without it a variable of the user's shell would choose another server or another data folder."""
    variable, value, expected = ENVIRONMENT[name]
    embedded.stop(cluster)
    monkeypatch.setenv(variable, value)
    status, document = say(capfdbinary, "db", "start")

    assert status == expected
    if expected:
        assert (document["stop_code"], document["where"]) == ("STOP_REFUSED_INPUT", variable)
        assert embedded.status(cluster).state is State.STOPPED
    else:
        assert document["database"]["data"] == str(cluster.data)
        assert embedded.status(cluster).state is State.RUNNING
