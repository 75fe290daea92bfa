"""The embedded PostgreSQL under stress, on real servers: it works, or it stops with a word; nothing committed is lost,
and no server is left that nobody asked for.

A case breaks something, says which word it expects, and mends it again: then the same data must serve again.
"""

import contextlib
import os
import pwd
import shutil
import signal
import subprocess
import sys
import tempfile
import time
import unicodedata
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import replace
from pathlib import Path

import psycopg
import pytest

from cutter.postgres import embedded
from cutter.postgres.embedded import SUPERUSER, Cluster, Started, State, server
from cutter.postgres.embedded.cluster import refused_login, works_in
from cutter.postgres.embedded.host import locked, own_folder
from cutter.postgres.embedded.provision import is_finished, owner, prepare, run
from cutter.postgres.migrate import migrate
from cutter.stops import Stop, StopCode
from tests.plugins.postgres import discard
from tests.unit.postgres.test_embedded import as_nobody, runs_cutter_as_nobody

CHECKOUT = Path(embedded.__file__).parents[3]
_ROOM = 1 << 30  # bytes
UNUSABLE, UNSAFE = StopCode.STOP_EMBEDDED_UNUSABLE, StopCode.STOP_PATH_UNSAFE
LOCATE = """
import os, sys
from dataclasses import replace
from pathlib import Path
import psycopg
from cutter.postgres import embedded
from cutter.postgres.migrate import migrate
from cutter.stops import Stop
workspace, *folders = map(Path, sys.argv[1:])
cluster = embedded.locate(workspace)
if folders:
    cluster = replace(cluster, data=folders[0], socket=folders[1])
"""
# Prints the outcome, and refuses to end well unless the ordinary login finds the schema at once.
SERVE = f"""{LOCATE}
try:
    print(embedded.ensure_running(cluster, finish=migrate).value)
    psycopg.connect(embedded.conninfo(cluster, "operator")).close()
except Stop as stop:
    print(stop.code.name, stop.detail)
"""
KILLED_BEFORE_ITS_END = f"""{LOCATE}
embedded.ensure_running(cluster, finish=lambda conninfo: os.kill(os.getpid(), 9))
"""
root_only = pytest.mark.skipif(os.geteuid() != 0, reason="needs root: mounts and owners")


@contextmanager
def placed() -> Iterator[Cluster]:
    """A cluster that is not made yet, in memory where there is room: a slow disk would only be waited for."""
    memory = Path("/dev/shm")
    roomy = os.access(memory, os.W_OK) and shutil.disk_usage(memory).free > _ROOM
    folder = Path(tempfile.mkdtemp(prefix="cutter-stress-", dir=memory if roomy else None))
    folder.chmod(0o711)  # as root the server's own user must pass through
    cluster = replace(embedded.locate(folder), data=folder / "postgres" / "data", socket=folder / "socket")
    try:
        yield cluster
    finally:
        discard(cluster)
        shutil.rmtree(folder)


@pytest.fixture
def fresh() -> Iterator[Cluster]:
    """A cluster that is not made yet; what a test made of it is removed."""
    with placed() as cluster:
        yield cluster


@pytest.fixture(scope="module")
def shared() -> Iterator[Cluster]:
    """The cluster that the tests of this file share, with a committed row in it."""
    with placed() as cluster:
        embedded.ensure_running(cluster, finish=migrate)
        with connect(cluster) as connection:
            connection.execute("CREATE TABLE public.kept AS SELECT 7 AS value")
        yield cluster


@pytest.fixture
def cluster(shared: Cluster) -> Iterator[Cluster]:
    """That cluster, running; whatever a test did to it, afterwards it serves its row, and one `stop` ends all of it."""
    embedded.ensure_running(shared, finish=migrate)
    yield shared
    embedded.ensure_running(shared, finish=migrate)
    with connect_in_time(shared) as connection:
        assert connection.execute("SELECT value FROM public.kept").fetchall() == [(7,)]
    embedded.stop(shared)
    assert processes(shared) == []


@pytest.fixture
def open_folder() -> Iterator[Path]:
    """A folder that the server's user can reach."""
    folder = Path(tempfile.mkdtemp(prefix="cutter-stress-"))
    folder.chmod(0o755)
    yield folder
    shutil.rmtree(folder)


def connect(cluster: Cluster, login: str = SUPERUSER) -> psycopg.Connection:
    """A session in autocommit mode."""
    return psycopg.connect(embedded.conninfo(cluster, login), autocommit=True)


def connect_in_time(cluster: Cluster) -> psycopg.Connection:
    """A session of a server that may be recovering: it notices a killed session a moment later, even after a login."""
    deadline = time.monotonic() + 30
    while True:
        try:
            return connect(cluster)
        except psycopg.OperationalError:
            if time.monotonic() > deadline:
                raise
            time.sleep(0.05)


def processes(cluster: Cluster) -> list[int]:
    """The processes of the cluster's server, whatever any file says."""
    numbers = (int(entry.name) for entry in Path("/proc").iterdir() if entry.name.isdecimal())
    return [number for number in numbers if works_in(number, cluster.data)]


def process_of(cluster: Cluster) -> int:
    """The process id of the running server."""
    process = embedded.status(cluster).process
    assert process is not None
    return process


def python(code: str, *arguments: object) -> list[str]:
    """The command that runs code of ours."""
    return [sys.executable, "-c", code, *map(str, arguments)]


def place_of(cluster: Cluster) -> tuple[Path, Path, Path]:
    """The cluster as our code in another process finds it."""
    return cluster.workspace, cluster.data, cluster.socket


def serve_at_once(times: int, *place: Path) -> list[str]:
    """What so many processes say that all want the database of a place at the same time."""
    command = python(SERVE, *place)
    pipe = subprocess.PIPE
    started = [subprocess.Popen(command, stdout=pipe, stderr=pipe, text=True, cwd=CHECKOUT) for _ in range(times)]
    answers = [process.communicate(timeout=100) for process in started]
    assert [errors for _, errors in answers if errors] == []
    return sorted(out.strip() for out, _ in answers)


def mounted(script: str, *arguments: object) -> subprocess.CompletedProcess[str]:
    """Run a shell script in a mount namespace of its own, where nobody else sees its mounts."""
    if subprocess.run(["unshare", "-m", "true"], capture_output=True, check=False).returncode != 0:
        pytest.skip("NOT TESTED with mounts: this host does not allow them")
    command = ["unshare", "-m", "sh", "-ec", script, "sh", *map(str, arguments)]
    return subprocess.run(command, capture_output=True, text=True, cwd=CHECKOUT, timeout=100, check=False)


# What is wrong with the data folder, and the word for it.


@contextmanager
def another_mode(cluster: Cluster) -> Iterator[None]:
    """Everybody may write into it."""
    cluster.data.chmod(0o777)
    yield
    cluster.data.chmod(0o700)


@contextmanager
def another_owner(cluster: Cluster) -> Iterator[None]:
    """It belongs to somebody who is neither the server's user nor us."""
    uid = cluster.data.stat().st_uid
    os.chown(cluster.data, pwd.getpwnam("games").pw_uid, -1)
    yield
    os.chown(cluster.data, uid, -1)


@contextmanager
def moved(cluster: Cluster) -> Iterator[Path]:
    """It is elsewhere; something of the case's is in its place."""
    elsewhere = cluster.data.with_name("elsewhere")
    cluster.data.rename(elsewhere)
    yield elsewhere
    if cluster.data.is_dir() and not cluster.data.is_symlink():
        shutil.rmtree(cluster.data)
    else:
        cluster.data.unlink()
    elsewhere.rename(cluster.data)


@contextmanager
def linked(cluster: Cluster) -> Iterator[None]:
    """It is a link."""
    with moved(cluster) as elsewhere:
        cluster.data.symlink_to(elsewhere)
        yield


@contextmanager
def a_file(cluster: Cluster) -> Iterator[None]:
    """It is a file of somebody's."""
    with moved(cluster):
        cluster.data.write_text("a letter")
        yield
        assert cluster.data.read_text() == "a letter"


@contextmanager
def not_a_cluster(cluster: Cluster) -> Iterator[None]:
    """It is a folder with somebody's files."""
    with moved(cluster):
        cluster.data.mkdir()
        (cluster.data / "letter").write_text("a letter")
        yield
        assert (cluster.data / "letter").read_text() == "a letter"


@contextmanager
def somebody_elses(cluster: Cluster) -> Iterator[None]:
    """It is a sound cluster of the same version that was not made here."""
    with moved(cluster):
        own_folder(cluster.data, 0o700, owner(cluster))
        reached = prepare(cluster)
        made = run(reached, "initdb", "-D", "data", "--auth=peer", "--username=somebody", "--no-sync")
        assert made.returncode == 0, made.stderr
        before = sorted(path.name for path in cluster.data.iterdir())
        yield
        assert set(before) <= {path.name for path in cluster.data.iterdir()}


@contextmanager
def another_major(cluster: Cluster) -> Iterator[None]:
    """It was made by another major version."""
    version = cluster.data / "PG_VERSION"
    true = version.read_text()
    version.write_text("9\n")
    yield
    version.write_text(true)


Breaking = Callable[[Cluster], AbstractContextManager[None]]
BROKEN: dict[str, tuple[Breaking, StopCode, str]] = {
    "everybody may write into it": (another_mode, UNSAFE, "open_to_others"),
    "it belongs to somebody else": (another_owner, UNSAFE, "other_owner"),
    "it is a link": (linked, UNSAFE, "link"),
    "it is a file": (a_file, UNSAFE, "link"),
    "it is no cluster": (not_a_cluster, UNUSABLE, "data_incomplete"),
    "it is somebody else's cluster": (somebody_elses, UNUSABLE, "data_foreign"),
    "it is of another major version": (another_major, UNUSABLE, "data_version"),
}


@pytest.mark.parametrize("name", BROKEN)
def test_a_data_folder_that_is_not_ours_is_told_and_left_alone(cluster: Cluster, name: str) -> None:
    """Without it a server would write into somebody's data, or a start would fail with words that only a log has."""
    breaking, code, detail = BROKEN[name]
    if breaking is another_owner and os.geteuid() != 0:
        pytest.skip("needs root: files of other users")
    embedded.stop(cluster)
    with breaking(cluster):
        with pytest.raises(Stop) as refused:
            embedded.ensure_running(cluster, finish=migrate)
        assert (refused.value.code, refused.value.detail) == (code, detail)
        assert refused.value.where == str(cluster.data)
        assert processes(cluster) == []


# What is wrong with the programs.


def no_pg_ctl(folder: Path) -> None:
    """One is missing."""
    (folder / "pg_ctl").unlink()


def of_another_machine(folder: Path) -> None:
    """They are whole programs for another processor (e_machine of elf(5))."""
    program = bytearray(Path(sys.executable).resolve().read_bytes()[:4096])
    program[18] ^= 0xFF
    for name in ("postgres", "initdb", "pg_ctl"):
        (folder / name).write_bytes(program)


def other_programs(folder: Path) -> None:
    """They are programs, and none of PostgreSQL's."""
    for name in ("postgres", "initdb", "pg_ctl"):
        (folder / name).write_text("#!/bin/sh\nexit 0\n")


PROGRAMS: dict[str, tuple[Callable[[Path], None], str]] = {
    "one is missing": (no_pg_ctl, "binaries_missing"),
    "they are for another machine": (of_another_machine, "binaries_unusable"),
    "they are other programs": (other_programs, "binaries_unusable"),
}


@pytest.mark.parametrize("name", PROGRAMS)
def test_programs_that_do_not_work_are_told(fresh: Cluster, open_folder: Path, name: str) -> None:
    """Without it a wheel for another machine would be a traceback, or leave a folder that looks like a cluster."""
    breaking, detail = PROGRAMS[name]
    other_programs(open_folder)
    breaking(open_folder)
    for program in open_folder.iterdir():
        program.chmod(0o755)
    cluster = replace(fresh, binaries=open_folder)
    with pytest.raises(Stop) as refused:
        embedded.ensure_running(cluster, finish=migrate)
    assert (refused.value.code, refused.value.detail) == (UNUSABLE, detail)
    assert str(open_folder) in refused.value.where
    assert not cluster.data.exists()
    assert not cluster.home.joinpath("data.new").exists()


def test_a_server_can_be_stopped_without_its_programs(cluster: Cluster, monkeypatch: pytest.MonkeyPatch) -> None:
    """Without it a server would be left running for ever once its wheel is taken away."""
    monkeypatch.setenv("PG_BIN", "/nonexistent")
    found = replace(cluster, binaries=embedded.locate(cluster.workspace).binaries)
    status = embedded.status(found)
    assert status.state is State.RUNNING
    assert status.obstacle is not None
    assert status.obstacle.detail == "binaries_missing"
    assert embedded.stop(found) is True
    assert processes(cluster) == []


# Several at once, and killed ones.


def test_all_who_come_first_find_the_schema(fresh: Cluster) -> None:
    """Without it the second command of a fresh clone finds a server without a schema and calls it unreachable."""
    assert serve_at_once(3, *place_of(fresh)) == ["created", "running", "running"]


def test_a_first_start_killed_before_the_schema_is_gone_on_with(fresh: Cluster) -> None:
    """Without it a kill in the wrong half second leaves a database that no command ever finishes."""
    killed = subprocess.run(python(KILLED_BEFORE_ITS_END, *place_of(fresh)), cwd=CHECKOUT, timeout=60, check=False)
    assert killed.returncode == -signal.SIGKILL
    assert not is_finished(fresh)
    assert serve_at_once(1, *place_of(fresh)) == ["running"]
    assert is_finished(fresh)
    assert embedded.ensure_running(fresh, finish=pytest.fail) is Started.RUNNING


def test_a_first_start_that_fails_before_the_schema_is_gone_on_with(fresh: Cluster) -> None:
    """Without it a disk that was full during the first migration would count as a finished first start."""

    def full(conninfo: str) -> None:
        raise Stop(StopCode.STOP_WRITE_FAILED, "53100")

    with pytest.raises(Stop, match="STOP_WRITE_FAILED"):
        embedded.ensure_running(fresh, finish=full)
    assert serve_at_once(1, *place_of(fresh)) == ["running"]


@pytest.mark.crash
def test_an_interrupted_first_start_leaves_nothing(tmp_path: Path) -> None:
    """Without it Ctrl-C during initdb would be a traceback, or leave programs and half a data folder behind."""
    cluster = embedded.locate(tmp_path)
    command = [sys.executable, "-m", "cutter", "db", "start"]
    environment = {**os.environ, "PYTHONPATH": str(CHECKOUT)}
    with subprocess.Popen(
        command, cwd=tmp_path, env=environment, stdout=subprocess.PIPE, text=True, start_new_session=True
    ) as process:
        deadline = time.monotonic() + 20
        while not (cluster.home / "data.new" / "global").exists():
            assert time.monotonic() < deadline
            time.sleep(0.002)
        os.killpg(process.pid, signal.SIGINT)  # as a terminal does: to the programs of the command too
        out, _ = process.communicate(timeout=20)
    assert process.returncode == 130
    assert "STOP_INTERRUPTED" in out
    assert not cluster.data.exists()
    assert processes(replace(cluster, data=cluster.home / "data.new")) == []
    try:
        assert serve_at_once(1, tmp_path) == ["created"]
    finally:
        discard(cluster)


def test_no_server_is_started_beside_the_processes_of_a_killed_one(
    cluster: Cluster, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Without it two servers would write the same files: the only way in which committed rows are really lost."""
    monkeypatch.setattr(server, "_ORPHAN_SECONDS", 0.3)
    with contextlib.closing(connect(cluster)) as session:
        left = session.info.backend_pid
        os.kill(left, signal.SIGSTOP)  # so that it does not see that its server is gone
        os.kill(process_of(cluster), signal.SIGKILL)
        try:
            for attempt in (embedded.ensure_running, embedded.stop):
                with pytest.raises(Stop) as refused:
                    attempt(cluster)
                assert (refused.value.code, refused.value.detail) == (UNUSABLE, "orphans_left")
            assert embedded.status(cluster).state is State.UNANSWERING
        finally:
            os.kill(left, signal.SIGCONT)
    monkeypatch.undo()
    assert embedded.ensure_running(cluster) is Started.STARTED


def test_a_killed_session_costs_no_commit(cluster: Cluster) -> None:
    """Without it the out-of-memory killer, which takes one session, would end the work of the day."""
    with contextlib.closing(connect(cluster)) as session:
        os.kill(session.info.backend_pid, signal.SIGKILL)
    deadline = time.monotonic() + 10
    while True:
        with contextlib.suppress(OSError):
            if refused_login(cluster, SUPERUSER) == "":
                break
        assert time.monotonic() < deadline
        time.sleep(0.02)
    assert embedded.ensure_running(cluster) is Started.RUNNING


def test_remains_of_a_killed_server_are_no_obstacle(cluster: Cluster) -> None:
    """Without it the numbers in the files of before a power cut, which are other programs' now, stop every start."""
    files = [cluster.data / "postmaster.pid", cluster.socket / ".s.PGSQL.5432.lock"]
    kept = [path.read_text().partition("\n")[2] for path in files]
    embedded.stop(cluster)
    own_folder(cluster.socket, 0o700, owner(cluster))
    os.mkfifo(cluster.socket / ".s.PGSQL.5432")
    user = owner(cluster)  # PostgreSQL only minds processes of its own user
    with subprocess.Popen(["sleep", "60"], user=None if user == os.geteuid() else user) as stranger:
        for path, rest in zip(files, kept, strict=True):
            path.write_text(f"{stranger.pid}\n{rest}")
            os.chown(path, user, -1)
        try:
            assert embedded.status(cluster).state is State.STOPPED
            assert embedded.ensure_running(cluster) is Started.STARTED
            assert stranger.poll() is None
        finally:
            stranger.kill()


def test_a_stuck_start_does_not_hold_up_the_others_for_ever(tmp_path: Path) -> None:
    """Without it one stopped process would make every command of the workspace hang without a word."""
    with locked(tmp_path / "lock"), pytest.raises(Stop) as refused, locked(tmp_path / "lock", 0.1):
        pass
    assert (refused.value.detail, refused.value.where) == ("lock_timeout", str(tmp_path / "lock"))


def test_what_pg_ctl_says_does_not_matter(cluster: Cluster, open_folder: Path) -> None:
    """Without it a clock that jumps back during a start fails it, because pg_ctl compares the server's time with its
    own; the server would be up, and nobody would know.
    """
    embedded.stop(cluster)
    reached = prepare(cluster).binaries
    for name in ("postgres", "initdb"):
        (open_folder / name).symlink_to(reached / name)
    wrong = open_folder / "pg_ctl"
    wrong.write_text(f'#!/bin/sh\n"{reached}/pg_ctl" "$@"\nexit 1\n')
    wrong.chmod(0o755)
    assert embedded.ensure_running(replace(cluster, binaries=open_folder)) is Started.STARTED


# Places.


def test_a_workspace_by_its_link_and_in_any_letters(tmp_path: Path) -> None:
    """Without it a link to a workspace would have a database of its own, or a decomposed letter would break a path."""
    real = tmp_path / unicodedata.normalize("NFD", "Điều luật")
    real.mkdir()
    link = tmp_path / "link"
    link.symlink_to(real)
    cluster = embedded.locate(real)
    assert embedded.locate(link) == cluster
    try:
        assert serve_at_once(1, link) == ["created"]
        assert embedded.ensure_running(cluster) is Started.RUNNING
    finally:
        discard(cluster)


def test_two_workspaces_do_not_know_of_each_other(cluster: Cluster, fresh: Cluster) -> None:
    """Without it stopping one workspace's server would stop the other's, or they would share one socket."""
    assert embedded.ensure_running(fresh, finish=migrate) is Started.CREATED
    before = process_of(cluster)
    assert embedded.stop(fresh) is True
    assert process_of(cluster) == before
    with connect(cluster) as connection:
        assert connection.execute("SELECT count(*) FROM public.kept").fetchone() == (1,)


FULL = """
mkdir -p "$1"; mount -t tmpfs -o size=20m none "$1"
"$2" -c "$3" "$4" "$5" "$6"; ls -A "$1"
"""
FILLED = """
mkdir -p "$1"; mount -t tmpfs -o size=120m none "$1"
"$2" -c "$3" "$4" "$5" "$6"
"""
LIFE_ON_A_FULL_DISK = f"""{LOCATE}
def fill():
    with (cluster.home / "fill").open("wb", buffering=0) as file:
        try:
            while True:
                file.write(bytes(1 << 16))
        except OSError:
            pass

def start():
    try:
        return embedded.ensure_running(cluster, finish=migrate).value
    except Stop as stop:
        return stop.detail

try:
    print(start())
    with psycopg.connect(embedded.conninfo(cluster, "postgres"), autocommit=True) as session:
        session.execute("CREATE TABLE kept AS SELECT 7 AS value")
        fill()
        try:
            session.execute("CREATE TABLE big AS SELECT repeat('x', 1000) FROM generate_series(1, 100000)")
            print("written")
        except psycopg.Error as error:
            print(type(error).__name__)
    embedded.stop(cluster)
    fill()
    print(start())
    (cluster.home / "fill").unlink()
    print(start())
    with psycopg.connect(embedded.conninfo(cluster, "postgres"), autocommit=True) as session:
        print(session.execute("SELECT value FROM kept").fetchone()[0])
finally:
    embedded.stop(cluster)
"""


@root_only
def test_a_disk_that_is_full_before_the_first_start_ends(fresh: Cluster) -> None:
    """Without it the half-made folder fills the disk until somebody finds it, or counts as a cluster."""
    done = mounted(FULL, fresh.home, sys.executable, SERVE, *place_of(fresh))
    assert done.stdout.split() == ["STOP_EMBEDDED_UNUSABLE", "disk_full", "lock"], done.stderr


@root_only
def test_a_disk_that_fills_while_the_server_runs(fresh: Cluster) -> None:
    """Without it a full disk costs committed rows, or stays the server's end after there is room again."""
    done = mounted(FILLED, fresh.home, sys.executable, LIFE_ON_A_FULL_DISK, *place_of(fresh))
    first, error, *rest = done.stdout.split()
    assert (first, *rest) == ("created", "disk_full", "started", "7"), done.stderr
    assert error in ("DiskFull", "OperationalError", "AdminShutdown", "CrashShutdown")


@root_only
def test_a_read_only_place_is_told(fresh: Cluster) -> None:
    """Without it a read-only disk is a traceback."""
    script = 'mkdir -p "$1"; mount --bind "$1" "$1"; mount -o remount,bind,ro "$1"; "$2" -c "$3" "$4" "$5" "$6"'
    done = mounted(script, fresh.home, sys.executable, SERVE, *place_of(fresh))
    assert done.stdout.split() == ["STOP_EMBEDDED_UNUSABLE", "read_only"], done.stderr


@root_only
def test_a_workspace_that_an_ordinary_user_may_not_write() -> None:
    """Without it who reads a colleague's workspace gets a traceback, or a server that belongs to nobody."""
    interpreter = next(filter(runs_cutter_as_nobody, (sys.executable, "/usr/bin/python3")), None)
    if interpreter is None:
        pytest.skip("NOT TESTED as an ordinary user: no Python >= 3.11 and checkout that `nobody` can reach")
    folder = Path(tempfile.mkdtemp(prefix="cutter-closed-"))
    folder.chmod(0o755)
    try:
        told = as_nobody(interpreter, SERVE, str(folder))
        assert (told.stdout.split(), told.stderr) == (["STOP_EMBEDDED_UNUSABLE", "not_permitted"], "")
        assert list(folder.iterdir()) == []
    finally:
        shutil.rmtree(folder)


# Slow by nature.


@pytest.mark.crash
def test_ten_first_starts_at_once(fresh: Cluster) -> None:
    """Without it a build that starts ten jobs in a fresh clone fails now and then."""
    assert serve_at_once(10, *place_of(fresh)) == ["created", *["running"] * 9]


@pytest.mark.crash
def test_twenty_commands_at_once(cluster: Cluster) -> None:
    """Without it a busy workspace runs out of sessions or of patience."""
    assert serve_at_once(20, *place_of(cluster)) == ["running"] * 20


@pytest.mark.crash
@pytest.mark.parametrize("tenths", range(1, 16))
def test_a_first_start_killed_at_any_moment(fresh: Cluster, tenths: int) -> None:
    """Without it there is a moment in which a kill leaves what no later command can use."""
    with subprocess.Popen(python(SERVE, *place_of(fresh)), cwd=CHECKOUT, stdout=subprocess.DEVNULL) as process:
        time.sleep(tenths / 10)
        process.kill()
    assert serve_at_once(2, *place_of(fresh))[-1] == "running"
    embedded.stop(fresh)
    assert processes(fresh) == []


@pytest.mark.crash
@root_only
def test_a_server_of_another_container_is_not_doubled(cluster: Cluster) -> None:
    """Without it a workspace that two containers mount gets two servers on the same files."""
    entered = ["unshare", "-p", "-f", "--mount-proc", "-m"]
    done = subprocess.run(
        [*entered, *python(SERVE, *place_of(cluster))], capture_output=True, text=True, cwd=CHECKOUT, check=False
    )
    if "unshare" in done.stderr:
        pytest.skip("NOT TESTED in another process namespace: this host does not allow one")
    assert done.stdout.split() == ["STOP_EMBEDDED_UNUSABLE", "orphans_left"], done.stderr
    assert embedded.status(cluster).state is State.RUNNING
