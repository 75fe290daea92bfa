"""A clinic on a server of its own, whose every trace can be read: screens, files, rows, WAL, log, arguments.

The server logs every statement with its values and compresses nothing; temporary files lie in a folder of the scene's;
while a command runs, the arguments and titles of its processes are looked at again and again.
"""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path
from tempfile import TemporaryFile

import psycopg

from cutter.custody.files import shared_folder
from cutter.custody.pins import PinFiles
from cutter.fingerprints import SCHEMAS
from cutter.postgres.embedded import SUPERUSER, Cluster
from cutter.postgres.fingerprint import take_fingerprint
from cutter.postgres.migrate import migrate
from cutter.postgres.statements import Roles
from cutter.postgres.transact import Committing
from tests.plugins.keys import Keys
from tests.plugins.postgres import Database
from tests.support.canaries import Canary, Finding, Findings, Scanner, Surface, rows, store_plainly
from tests.support.live import LiveOffice, go_live
from tests.support.mail_servers import MailServer, mail_server
from tests.support.notify import Clinic, furnish
from tests.support.runs import REPOSITORY, Office
from tests.support.servers import Server, own_server

WITNESS = "witness-5c1f@nowhere"
"""The actor of every command, a label that is kept on purpose: where it is not found, nothing was looked at."""
_PATIENCE = 60.0  # seconds
_DATABASE, _PORT = "cutter", 5432
_READERS = (
    ("runs", "list"),
    ("decisions", "list"),
    ("notifications", "list"),
    ("kb", "list"),
    ("audit", "export"),
)


@dataclass
class Scene:
    """The clinic, its server, and what was said and seen so far."""

    live: LiveOffice
    clinic: Clinic
    own: Server
    folder: Path
    said: list[tuple[str, bytes]] = field(default_factory=list)
    arguments: set[bytes] = field(default_factory=set)
    ended: dict[int, int] = field(default_factory=dict)
    stops: set[str] = field(default_factory=set)
    child: int = 0

    def cutter(self, *words: str, given: bytes = b"", kill_after: float = 0.0, **environ: str) -> int:
        """Run the program; its status. It is killed after so many seconds, where that is said."""
        with TemporaryFile() as out, TemporaryFile() as err, TemporaryFile() as stdin:
            stdin.write(given)
            stdin.seek(0)
            child = subprocess.Popen(
                [sys.executable, "-m", "cutter", *words],
                cwd=self.live.office.workspace,
                env={**self._environ, **environ},
                stdin=stdin,
                stdout=out,
                stderr=err,
                start_new_session=True,
            )
            self._watch(child, kill_after)
            out.seek(0)
            err.seek(0)
            said = (out.read(), err.read())
        name = f"{len(self.said)}: {' '.join(words[:2])}"
        self.said += [(f"{name}, stdout", said[0]), (f"{name}, stderr", said[1])]
        self.ended[child.returncode] = self.ended.get(child.returncode, 0) + 1
        self.stops |= {word.decode() for word in b"".join(said).split() if word.startswith(b"STOP_")}
        return child.returncode

    def _watch(self, child: subprocess.Popen[bytes], kill_after: float) -> None:
        """Look at a process until it ends; kill it after so many seconds, where that is said."""
        self.child = child.pid
        begun = time.monotonic()
        while child.poll() is None:
            self.arguments |= set(_titles(child.pid))
            lasted = time.monotonic() - begun
            if lasted > (kill_after or _PATIENCE):
                os.killpg(child.pid, signal.SIGKILL)
                assert kill_after, f"a command did not end within {_PATIENCE} seconds"
            time.sleep(0.02)

    def trigger(self, data: bytes, mode: str = "live", **more: float) -> int:
        """Give a trigger on stdin, as the witness."""
        return self.cutter(
            "trigger", "-", "--mode", mode, "--actor", WITNESS, given=data, kill_after=more.get("kill", 0.0)
        )

    def serve(self, server: MailServer) -> None:
        """Let letters go to another mail server from now on."""
        path = self.live.office.workspace / "cutter.yaml"
        head, _comm, tail = path.read_text(encoding="utf-8").partition(", port: ")
        path.write_text(f"{head}, port: {server.port}, {tail.partition(', ')[2]}", encoding="utf-8")

    def scan(
        self, canaries: Mapping[str, Canary], *planted: Path, allowed: Mapping[str, tuple[str, ...]] | None = None
    ) -> Findings:
        """Stop the server and look everywhere for the canaries.

        Args:
            canaries: by the place where each was planted.
            planted: files that hold them on purpose.
            allowed: places whose canary may lie on some surfaces.

        Returns:
            the findings that are not allowed, after the witness was found on every surface where it must be.
        """
        for words in _READERS:
            assert self.cutter(*words) == 0, self.said[-2:]
        surfaces = self.surfaces(*planted)
        self.own.stop()
        surfaces |= {"data": self.own.data, "log": self.own.folder / "log"}
        found = Scanner([*canaries.values(), Canary(WITNESS)]).scan(surfaces)
        reached = {finding.place.split(":")[0] for finding in found.found if finding.canary == WITNESS}
        assert reached >= {"files", "rows", "data", "log", "arguments"}, reached
        print(f"ended: {self.ended}; stops: {sorted(self.stops)}")
        names = {canary.value: name for name, canary in canaries.items()}
        left = [
            Finding(names[item.canary], item.encoding, item.place)
            for item in found.found
            if item.canary != WITNESS and item.place.split(":")[0] not in (allowed or {}).get(names[item.canary], ())
        ]
        return replace(found, found=tuple(left))

    def surfaces(self, *planted: Path) -> dict[str, Surface]:
        """All that can be read while the server runs; not the planted files."""
        user = [piece for name in ("state", "home", "tmp") for piece in _files(self.folder / name, ())]
        return {
            "screens": self.said,
            "files": [*_files(self.live.office.workspace, planted), *user],
            "rows": [*rows(self.live.database.superuser)],
            "arguments": [(f"{number}", line) for number, line in enumerate(sorted(self.arguments))],
        }

    def pin(self) -> None:
        """Pin the database as it is now: what was planted in it is to be met behind the pins."""
        transactor = Committing(self.live.database.conninfo("operator"), "cutter/test", Roles())
        with closing(transactor), transactor.survey() as session:
            files = PinFiles((shared_folder(self.live.office.workspace / "fingerprints"),))
            for name, schemas in SCHEMAS.items():
                files.write(take_fingerprint(session, name, schemas))

    def victim(self) -> int:
        """The process of the command that runs."""
        return self.child

    @property
    def _environ(self) -> dict[str, str]:
        return {
            "PATH": os.environ["PATH"],
            "HOME": str(self.folder / "home"),
            "TMPDIR": str(self.folder / "tmp"),
            "XDG_STATE_HOME": str(self.folder / "state"),
            "PGSERVICEFILE": os.environ["PGSERVICEFILE"],
            "PYTHONPATH": str(REPOSITORY),
            "LANG": "C.UTF-8",
        }


@contextmanager
def notify_scene(server: Cluster, keys: Keys, folder: Path, setenv: Callable[[str, str], None]) -> Iterator[Scene]:
    """A scene; its server is gone afterwards.

    Args:
        server: the session's cluster, for its user and binaries.
        keys: of the people.
        folder: an empty one.
        setenv: sets a variable of this process while the test runs.
    """
    for name in ("home", "tmp", "state"):
        (folder / name).mkdir(mode=0o700)
    with own_server(server, port=_PORT) as own, mail_server() as mail:
        with psycopg.connect(own.conninfo(SUPERUSER), autocommit=True) as connection:
            for setting in ("log_statement = 'all'", "log_min_messages = 'debug1'", "log_error_verbosity = 'verbose'"):
                connection.execute(f"ALTER SYSTEM SET {setting}".encode())
            connection.execute("SELECT pg_reload_conf()")
            connection.execute(f"CREATE DATABASE {_DATABASE}".encode())
        database = Database(replace(server, socket=own.folder), _DATABASE)
        migrate(database.superuser)
        store_plainly(database.superuser)
        workspace = folder / "office"
        workspace.mkdir()
        (workspace / "documents").mkdir()
        setenv("PGSERVICEFILE", str(workspace / "pg_service.conf"))
        live = go_live(Office(database, workspace), keys)
        yield Scene(live, furnish(live.office, mail), own, folder)


def _titles(group: int) -> Iterator[bytes]:
    """The arguments and titles of the processes of a group."""
    for path in Path("/proc").glob("[0-9]*/stat"):
        try:
            if int(path.read_bytes().rpartition(b")")[2].split()[2]) == group:
                yield (path.parent / "cmdline").read_bytes() + (path.parent / "comm").read_bytes()
        except (OSError, IndexError):
            continue  # it has ended


def _files(folder: Path, planted: Sequence[Path]) -> Iterator[tuple[str, bytes]]:
    """The files below a folder but those that hold canaries on purpose."""
    for path in sorted(folder.rglob("*")):
        if path not in planted:
            yield str(path.relative_to(folder)), path.read_bytes() if path.is_file() else b""
