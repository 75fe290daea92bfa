"""Attack row 42: a password that is planted where passwords belong is found nowhere else, whatever the run does.

The server asks for it by scram over TCP; the run is a process of its own, and while it lives the processes of this
host are looked at again and again.
"""

import os
import shutil
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest
from psycopg import sql

from cutter.postgres.embedded import SUPERUSER, Cluster
from cutter.postgres.migrate import migrate
from tests.plugins.keys import Keys
from tests.plugins.postgres import Database
from tests.plugins.proofs import Proof
from tests.support.live import LiveOffice, go_live
from tests.support.runs import DEMO, REPOSITORY, Office
from tests.support.secret_manager import SecretService, secret_service
from tests.support.servers import ADDRESS, Server, own_server

pytestmark = pytest.mark.attacks

CANARY = "Canary-9f2c71"
WRONG = "Canary-wrong-5d"
ACCESS = "local all postgres trust\nhost all all 127.0.0.1/32 scram-sha-256\n"
FILE = "secrets: {password: {file: database-password}}\n"
RESOURCE = "projects/my-project/secrets/secrets-prod-cutter_orchestrator/versions/latest"


@pytest.fixture
def asking(
    server: Cluster, keys: Keys, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Iterator[tuple[LiveOffice, Server]]:
    """An office whose server asks for the password."""
    with own_server(server, access=ACCESS) as own:
        own.program("createdb", "-h", str(own.folder), "-p", str(own.port), "-U", SUPERUSER, "cutter")
        migrate(own.conninfo(SUPERUSER, "cutter"))
        with psycopg.connect(own.conninfo(SUPERUSER)) as conn:
            conn.execute(sql.SQL("ALTER ROLE operator PASSWORD {}").format(CANARY))
        workspace = tmp_path / "office"
        shutil.copytree(REPOSITORY / "documents", workspace / "documents")
        monkeypatch.setenv("PGSERVICEFILE", str(workspace / "pg_service.conf"))
        live = go_live(Office(Database(server, "none"), workspace), keys)
        where = f"[office]\nhost={ADDRESS}\nport={own.port}\nuser=operator\ndbname=cutter\n"
        (workspace / "pg_service.conf").write_text(where, encoding="utf-8")
        yield live, own


def run(live: LiveOffice, *arguments: str) -> tuple[int, bytes]:
    """Run `cutter`; its status and all that it said, after every process of this host was looked at while it ran."""
    known = {name: os.environ[name] for name in ("PATH", "HOME", "PGSERVICEFILE")}
    state = str(live.office.workspace.parent / "state")
    child = subprocess.Popen(
        [sys.executable, "-m", "cutter", *arguments],
        cwd=live.office.workspace,
        env={**known, "XDG_STATE_HOME": state, "PYTHONPATH": str(REPOSITORY)},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
    )
    looked = 0
    while child.poll() is None:
        assert not list(_processes_that_show(CANARY.encode(), WRONG.encode()))
        looked += 1
        time.sleep(0.01)
    assert looked > 10
    return child.returncode, child.communicate()[0]


def _processes_that_show(*secrets: bytes) -> Iterator[Path]:
    """The files of processes that show a secret in their arguments or variables; not this one, which plants it."""
    for name in ("cmdline", "environ"):
        for path in Path("/proc").glob(f"[0-9]*/{name}"):
            try:
                data = path.read_bytes()
            except OSError:
                continue  # it has ended, or is somebody else's
            if int(path.parent.name) != os.getpid() and any(secret in data for secret in secrets):
                yield path


def check_nowhere(live: LiveOffice, own: Server, said: bytes, planted: set[Path]) -> None:
    """No file but the planted one, no row and no line holds the password."""
    assert CANARY.encode() not in said
    assert WRONG.encode() not in said
    folder = live.office.workspace.parent
    files = {path for path in folder.rglob("*") if path.is_file()} | {own.folder / "log"}
    found = {path for path in files if CANARY.encode() in path.read_bytes() or WRONG.encode() in path.read_bytes()}
    assert found == planted
    dumped = own.program("pg_dump", "-d", own.conninfo(SUPERUSER, "cutter"))
    assert CANARY not in dumped


def plant(live: LiveOffice, password: str) -> set[Path]:
    """Put a password into the credentials folder."""
    path = live.settings.credentials / "database-password"
    path.write_text(f"{password}\n", encoding="utf-8")
    path.chmod(0o600)
    return {path}


def configure(live: LiveOffice, text: str) -> None:
    """Say in `cutter.yaml` where the password is."""
    path = live.office.workspace / "cutter.yaml"
    path.write_text(path.read_text(encoding="utf-8") + text, encoding="utf-8")


def test_a_password_of_a_file(asking: tuple[LiveOffice, Server], proof: Proof) -> None:
    """Without it a password could end in a log or in the process list of a host that many people use."""
    live, own = asking
    planted = plant(live, CANARY)
    configure(live, FILE)

    rehearsed, said = run(live, "orchestrate", "cut", DEMO)
    waiting, more = run(live, "orchestrate", "cut", DEMO, "--mode", "live", "--output", "json")

    assert (rehearsed, waiting) == (0, 10), (said, more)
    check_nowhere(live, own, said + more, planted)
    proof("42", "a password in the credentials folder", "in no output, file, row, argument or variable")


def test_a_password_that_is_wrong(asking: tuple[LiveOffice, Server], proof: Proof) -> None:
    """Without it the refusal of a mistyped password would show it."""
    live, own = asking
    planted = plant(live, WRONG)
    configure(live, FILE)

    status, said = run(live, "orchestrate", "cut", DEMO, "--output", "json")

    assert status == 69
    assert b"login_refused" in said
    check_nowhere(live, own, said, planted)
    proof("42", "a password that the server refuses", "69 login_refused, and it is shown nowhere")


def test_a_password_of_secret_manager(asking: tuple[LiveOffice, Server], proof: Proof) -> None:
    """Without it an office that keeps its passwords at Google could not run, or would find them in its files."""
    live, own = asking
    with secret_service(SecretService({RESOURCE: CANARY.encode()})) as service:
        given = f"environment: prod, provider: gsm, project: my-project, endpoint: '{service.address}'"
        configure(live, f"secrets: {{{given}}}\n")
        status, said = run(live, "orchestrate", "cut", DEMO, "--mode", "live", "--output", "json")

    assert status == 10, said
    assert service.asked
    check_nowhere(live, own, said, set())
    proof("42", "a password in Secret Manager (the real client)", "in no output, file, row, argument or variable")


def test_a_password_of_the_passfile(asking: tuple[LiveOffice, Server], monkeypatch: pytest.MonkeyPatch) -> None:
    """Without it the way that libpq reads passwords by itself would not be one that we know to work."""
    live, own = asking
    passfile = live.office.workspace.parent / ".pgpass"
    passfile.write_text(f"{ADDRESS}:{own.port}:cutter:operator:{CANARY}\n", encoding="utf-8")
    passfile.chmod(0o600)
    monkeypatch.setenv("HOME", str(passfile.parent))

    status, said = run(live, "orchestrate", "cut", DEMO)

    assert status == 0, said
    check_nowhere(live, own, said, {passfile})
