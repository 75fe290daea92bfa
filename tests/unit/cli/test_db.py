"""`cutter db migrate --print`: the SQL for a server of one's own, as lines and as JSON, with no server in sight."""

import json
from pathlib import Path

import pytest

from cutter.cli.main import run
from cutter.postgres.migrate import Login, migrations
from cutter.postgres.migration_script import migration_script

PRINT = ["db", "migrate", "--print"]


@pytest.fixture(autouse=True)
def elsewhere(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder without a workspace."""
    monkeypatch.chdir(tmp_path)
    return tmp_path


def test_it_prints_the_script(elsewhere: Path, capfdbinary: pytest.CaptureFixture[bytes]) -> None:
    """Without it a DBA would get the SQL with something of ours in it, or cutter would start a server to print it."""
    status = run("cutter", [*PRINT, "--account", "op:demo:op:operate"])
    out, err = capfdbinary.readouterr()

    assert (status, err) == (0, b"")
    assert out.decode().rstrip("\n") == migration_script([Login("op", "demo", "op")]).rstrip("\n")
    assert list(elsewhere.iterdir()) == []


def test_it_prints_json(capfdbinary: pytest.CaptureFixture[bytes]) -> None:
    """Without it a program that asked for JSON would have to read SQL from stdout."""
    status = run("cutter", [*PRINT, "--output", "json"])
    document = json.loads(capfdbinary.readouterr().out)

    assert (status, document["format"]) == (0, "cutter.db-migration-script/1")
    assert all(f"-- migration {migration.name}\n" in document["sql"] for migration in migrations())


REFUSED = {
    "an account of another form": ([*PRINT, "--account", "hunter2"], "STOP_IDENTIFIER_INVALID", "login"),
    "an account without printing": (["db", "migrate", "--account", "a:b:c:operate"], "STOP_INVALID_INPUT", "together"),
    "a password in an account": ([*PRINT, "--account", "a:b:c:operate:hunter2"], "STOP_IDENTIFIER_INVALID", "login"),
}


@pytest.mark.parametrize("name", REFUSED)
def test_refused(name: str, capfdbinary: pytest.CaptureFixture[bytes]) -> None:
    """Without it a mistyped account would be dropped silently, or a password beside it would be printed."""
    arguments, code, detail = REFUSED[name]
    status = run("cutter", [*arguments, "--output", "json"])
    out, err = capfdbinary.readouterr()
    document = json.loads(out)

    assert status != 0
    assert (document["stop_code"], document["detail"]) == (code, detail)
    assert b"hunter2" not in out + err
