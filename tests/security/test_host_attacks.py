"""Attacks by whoever has the host: folders and files in the way, ids that are paths, a gpg of their own, wrong clocks.

Each row is one attack on the whole program (approvals-and-evidence §7; the number is the row's).
"""

import os
import shutil
import time
from collections.abc import Callable, Iterator
from datetime import timedelta
from functools import partial
from pathlib import Path

import psycopg
import pytest
from psycopg import sql

from cutter.app import proofs
from cutter.app.approvals import Desk, present
from cutter.app.compose import Reached
from cutter.app.ending import abort_run
from cutter.app.gates import check_approval
from cutter.custody.openpgp import location
from cutter.custody.openpgp.process import Gpg, Limits, installed
from cutter.custody.signing import GpgSigning
from cutter.custody.trust import TrustFiles
from cutter.postgres.migrate import migrate
from cutter.report.result import RunEffect
from cutter.settings import Settings
from cutter.stops import Exit, Stop, StopCode
from tests.plugins.postgres import Database, fresh_database
from tests.plugins.proofs import Proof
from tests.support.attacks import row_counts
from tests.support.clocks import ShiftedClock
from tests.support.forging import (
    DOCUMENT,
    FIRST,
    SECOND,
    TEXT,
    Attack,
    Command,
    ask,
    assert_answered,
    plant,
    refused_early,
    request_of,
    resuming,
    signed,
    superuser,
)
from tests.support.live import LiveOffice

pytestmark = pytest.mark.attacks


def desk(live: LiveOffice) -> Desk:
    """Where the sovereign signs."""
    return Desk(
        Reached(live.database.conninfo("sovereign"), "office"), live.keys.home, own=False, approver="cutter_approver"
    )


def folder_of(live: LiveOffice, kb_id: str) -> Path:
    """The run's folder."""
    return live.settings.state / "runs" / kb_id.split("/")[1]


def run_is_a_link(live: LiveOffice) -> Command:
    """The run's folder is a link to another."""
    kb_id = signed(live)
    folder = folder_of(live, kb_id)
    folder.rename(live.office.workspace / "aside")
    folder.symlink_to(live.office.workspace / "aside")
    return resuming(live, kb_id)


def runs_is_a_link(live: LiveOffice) -> Command:
    """The folder of all runs is a link to another."""
    kb_id = signed(live)
    folder = folder_of(live, kb_id).parent
    folder.rename(live.office.workspace / "aside")
    folder.symlink_to(live.office.workspace / "aside")
    return resuming(live, kb_id)


def run_is_a_pipe(live: LiveOffice) -> Command:
    """The run's folder is a pipe, on which a reader would wait for ever."""
    kb_id = signed(live)
    folder = folder_of(live, kb_id)
    folder.rename(live.office.workspace / "aside")
    os.mkfifo(folder)
    return resuming(live, kb_id)


def run_is_open(live: LiveOffice) -> Command:
    """The run's folder can be written by the group."""
    kb_id = signed(live)
    folder_of(live, kb_id).chmod(0o770)
    return resuming(live, kb_id)


def run_is_anothers(live: LiveOffice) -> Command:
    """The run's folder is somebody else's."""
    kb_id = signed(live)
    os.chown(folder_of(live, kb_id), 65534, -1)
    return resuming(live, kb_id)


def bundle_is_a_link(live: LiveOffice) -> Command:
    """The trust bundle is a link to another file."""
    kb_id = signed(live)
    path = live.office.workspace / "trust" / "bundle.json"
    path.rename(live.office.workspace / "aside.json")
    path.symlink_to(live.office.workspace / "aside.json")
    return resuming(live, kb_id)


def bundle_is_a_pipe(live: LiveOffice) -> Command:
    """The trust bundle is a pipe."""
    kb_id = signed(live)
    path = live.office.workspace / "trust" / "bundle.json"
    path.unlink()
    os.mkfifo(path)
    return resuming(live, kb_id)


def _unsafe(arrange: Callable[[LiveOffice], Command], detail: str) -> Attack:
    return refused_early(arrange, StopCode.STOP_PATH_UNSAFE, detail, 0, 78)


root_only = pytest.mark.skipif(os.geteuid() != 0, reason="only root gives a file away")
PATHS = {
    "the run's folder is a link": _unsafe(run_is_a_link, "link_or_folder"),
    "the runs' folder is a link": _unsafe(runs_is_a_link, "link_or_folder"),
    "the run's folder is a pipe": _unsafe(run_is_a_pipe, "link_or_folder"),
    "the run's folder is open to the group": _unsafe(run_is_open, "open_to_others"),
    "the run's folder is somebody else's": _unsafe(run_is_anothers, "other_owner"),
    "the bundle is a link": _unsafe(bundle_is_a_link, "link_or_folder"),
    "the bundle is a pipe": _unsafe(bundle_is_a_pipe, "not_plain"),
}


@pytest.mark.parametrize("name", [pytest.param(name, marks=root_only) if "else's" in name else name for name in PATHS])
def test_a_file_in_the_way_opens_nothing(live: LiveOffice, name: str, proof: Proof) -> None:
    """Row 21. Without it a run could write through a link, hang on a pipe, or believe what others wrote."""
    result = assert_answered(live, PATHS[name])
    proof("21", name, f"{result.stop_code} {result.detail}")


IDS = {
    "a path upwards": "../x",
    "an absolute path": "/abs",
    "a path": "a/b",
    "a NUL": "6f1c\0",
    "a device": "CON",
    "300 characters": "6" * 300,
    "an upper-case twin": "6F1C2F3E",
    "an option": "--version",
    "a dash": "-",
    "nothing": "",
    "a pattern": "%",
    "a full-width digit": "\uff16f1c2f3e",
}


@pytest.mark.parametrize("name", IDS)
def test_an_id_is_no_path_and_no_option(live: LiveOffice, name: str, proof: Proof) -> None:
    """Rows 15, 22. Without it a run's id could name a file elsewhere, match another run, or become an option of gpg."""
    waiting = ask(live)
    files, rows, run = _files(live), row_counts(live.office), IDS[name]
    commands: dict[str, Callable[[], object]] = {
        "abort": partial(abort_run, live.settings, run, "no"),
        "approve --check": partial(check_approval, live.settings, run),
        "approve": lambda: present(live.settings, run, desk(live), None),
        "verify": partial(proofs.verify_run, live.settings, run),
    }

    for command, act in commands.items():
        with pytest.raises(Stop) as caught:
            act()
        assert caught.value.code is StopCode.STOP_RUN_NOT_FOUND, command
        assert caught.value.code.exit is Exit.USAGE

    assert (files, rows) == (_files(live), row_counts(live.office))
    assert live.cut(DOCUMENT).approval_kb_id == waiting
    proof("15, 22", f"a run id that is {name}", "STOP_RUN_NOT_FOUND, no path is built")


def _files(live: LiveOffice) -> list[str]:
    return sorted(str(path) for path in live.office.workspace.parent.rglob("*"))


APPROVALS: dict[str, Callable[[str], str]] = {
    "an option": lambda _: "--version",
    "a dash": lambda _: "-",
    "a path": lambda _: "approvals/../../etc/passwd",
    "an upper-case twin": lambda kb_id: kb_id.replace(kb_id.split("/")[1], kb_id.split("/")[1].upper()),
    "a line more": lambda kb_id: kb_id + "\n",
    "a NUL more": lambda kb_id: kb_id + "\0",
    "too short": lambda kb_id: kb_id[:-1],
    "300 characters more": lambda kb_id: kb_id + "0" * 300,
    "a full-width digit": lambda kb_id: kb_id[:-1] + "\uff16",
    "36 dashes": lambda kb_id: kb_id.replace(kb_id.split("/")[1], "-" * 36),
    "nothing": lambda _: "",
}


@pytest.mark.parametrize("name", APPROVALS)
def test_an_approval_id_is_looked_at_before_anything_is_asked(
    live: LiveOffice, name: str, proof: Proof, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Rows 15, 22. Without it an id could become a path, an option, or a question that the database cannot take."""

    def arrange(live: LiveOffice) -> Command:
        kb_id = signed(live)
        if name != "36 dashes":  # which is asked for, and not there
            monkeypatch.setattr("cutter.custody.openpgp.process._start", _no_gpg)
        return resuming(live, APPROVALS[name](kb_id))

    detail = "no_request" if name == "36 dashes" else "kb_id"
    assert_answered(live, refused_early(arrange, StopCode.STOP_APPROVAL_NOT_FOUND, detail, 1, 11))
    proof("15, 22", f"an approval id that is {name}", "STOP_APPROVAL_NOT_FOUND; gpg is not started")


def _no_gpg(*_: object) -> None:
    raise AssertionError("gpg was started")


def _program(folder: Path, commands: str) -> Path:
    folder.mkdir(exist_ok=True)
    program = folder / "gpg"
    program.write_text(f"#!/bin/bash\n{commands}\n", encoding="utf-8")
    program.chmod(0o755)
    return program


_GPG_OF_EVENTS = """
    SELECT convert_from(body, 'UTF8')::jsonb #>> '{data,environment,gpg}' AS gpg FROM cutter_governance.ledger_event
"""


def test_the_hosts_environment_does_not_reach_gpg(
    live: LiveOffice, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, proof: Proof
) -> None:
    """Row 16. Without it a file in a home, or a program in PATH, could make every signature good."""
    hostile, started = tmp_path / "hostile", tmp_path / "started"
    _program(hostile, f"touch {started}; sleep 60")
    (hostile / "gpg.conf").write_text("faked-system-time 20200101T000100\nignore-time-conflict\n", encoding="utf-8")
    hostile.chmod(0o700)
    for name, value in {
        "PATH": f"{hostile}:{os.environ['PATH']}",
        "GNUPGHOME": str(hostile),
        "HOME": str(hostile),
        "DEBUG_IPC": "1",
    }.items():
        monkeypatch.setenv(name, value)
    installed.cache_clear()
    kb_id = ask(live)
    live.sign(kb_id, "sovereign")

    result = live.resume(kb_id)

    assert (result.stop_code, result.gate) == (None, SECOND)
    assert not started.exists()
    [(recorded,)] = live.office.rows(f"SELECT DISTINCT gpg FROM ({_GPG_OF_EVENTS}) AS e WHERE gpg IS NOT NULL")
    assert recorded == installed().version() != "absent"
    proof("16", "gpg.conf, GNUPGHOME, HOME, DEBUG_IPC and a gpg in PATH", f"ignored; gpg {recorded} judged")


@pytest.fixture
def forget_gpg() -> Iterator[None]:
    """Let the next test look for gpg itself."""
    yield
    installed.cache_clear()


COMMANDS = {
    "hangs": "exec sleep 61",
    "is killed": "kill -9 $$",
    "says garbage": "exec head -c 4000 /dev/urandom",
    "says good of everything": "{ echo '[GNUPG:] NEWSIG'; echo '[GNUPG:] GOODSIG 0 x'; exit 0; }",
}


def _trust_of(settings: Settings) -> TrustFiles:
    """The office's trust, its roots judged by the real gpg."""
    assert settings.trust is not None
    return TrustFiles(settings.workspace / "trust", settings.trust.roots, settings.trust.threshold, GpgSigning())


@pytest.mark.parametrize("name", ["missing", *COMMANDS])
@pytest.mark.parametrize("roots", [True, False], ids=["of roots", "of people"])
def test_a_gpg_that_fails_is_no_yes(
    live: LiveOffice, name: str, roots: bool, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, proof: Proof
) -> None:
    """Row 17. Without it a gpg that is missing, hangs or talks nonsense could open a gate or hold a run for ever."""
    script = _program(tmp_path / "bin", COMMANDS.get(name, ""))
    gpg = Gpg(None) if name == "missing" else Gpg(script, Limits(seconds=1.0))

    def arrange(live: LiveOffice, *, roots_too: bool) -> Command:
        kb_id = signed(live)
        if not roots_too:
            monkeypatch.setattr("cutter.app.compose.trust_of", _trust_of)
        monkeypatch.setattr("cutter.app.compose.GpgSigning", partial(GpgSigning, gpg=gpg))
        return resuming(live, kb_id)

    began = time.monotonic()
    if roots:
        untrusted = partial(arrange, roots_too=True)
        attack = refused_early(untrusted, StopCode.STOP_TRUST_REFUSED, "gpg_failed", 4, 11)
    else:
        attack = Attack(partial(arrange, roots_too=False), StopCode.STOP_SIGNATURE_REFUSED, "gpg_failed", 5, 11)
    assert_answered(live, attack)
    assert time.monotonic() - began < 40
    proof("17", f"gpg {name}", "gpg_failed (11)")


@pytest.mark.usefixtures("forget_gpg")
def test_a_gpg_that_others_can_replace_is_none(
    live: LiveOffice, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, proof: Proof
) -> None:
    """Rows 16, 17. Without it a gpg in a folder that everybody writes would judge, where the usual one is missing."""
    program = _program(tmp_path / "bin", "exit 0")
    program.chmod(0o777)

    def arrange(live: LiveOffice) -> Command:
        kb_id = signed(live)
        monkeypatch.setattr(location, "_PLACES", ())
        monkeypatch.setenv("PATH", str(program.parent))
        installed.cache_clear()
        return resuming(live, kb_id)

    assert_answered(live, refused_early(arrange, StopCode.STOP_TRUST_REFUSED, "gpg_failed", 4, 11))
    proof("16", "the only gpg can be replaced by anybody", "gpg_failed (11)")


def at_a_host(monkeypatch: pytest.MonkeyPatch, **by: int) -> None:
    """Let the program run on a host with a wrong clock."""
    clock = ShiftedClock()
    clock.ahead = timedelta(**by)
    monkeypatch.setattr("cutter.app.compose.SystemClock", lambda: clock)


CLOCKS: dict[str, dict[str, int]] = {
    "ten minutes ahead": {"minutes": 10},
    "ten minutes back": {"minutes": -10},
    "a year ahead": {"days": 365},
    "a year back": {"days": -365},
}


@pytest.mark.parametrize("name", CLOCKS)
def test_a_wrong_clock_opens_nothing(
    live: LiveOffice, name: str, monkeypatch: pytest.MonkeyPatch, proof: Proof
) -> None:
    """Row 25. Without it whoever sets a host's clock could sign late, use late, or let a bundle live on."""

    def arrange(live: LiveOffice) -> Command:
        kb_id = signed(live)
        at_a_host(monkeypatch, **CLOCKS[name])
        return resuming(live, kb_id)

    result = assert_answered(live, refused_early(arrange, StopCode.STOP_CLOCK_UNSAFE, "clock_skew", 12, 31))
    monkeypatch.undo()
    proof("25", f"host clock {name}", f"{result.stop_code} {result.detail} (31)")


@pytest.mark.parametrize("name", CLOCKS)
def test_a_host_with_a_wrong_clock_does_not_bar_the_others(
    live: LiveOffice, name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Row 25. Without it one host whose clock is ahead would date an event in the future, and no approval hold."""
    kb_id = signed(live)
    with monkeypatch.context() as elsewhere:
        at_a_host(elsewhere, **CLOCKS[name])
        assert live.resume(kb_id).exit_code == 31

    assert live.resume(kb_id).gate == SECOND


@pytest.mark.parametrize("zone", ["Asia/Ho_Chi_Minh", "America/New_York", "Pacific/Kiritimati"])
def test_a_time_zone_changes_nothing(
    live: LiveOffice, zone: str, monkeypatch: pytest.MonkeyPatch, proof: Proof
) -> None:
    """Row 25. Without it an approval would expire seven hours early or late, by where it is used."""
    kb_id = signed(live)
    monkeypatch.setenv("TZ", zone)
    monkeypatch.setenv("PGTZ", zone)
    time.tzset()
    try:
        result = live.resume(kb_id)
    finally:
        monkeypatch.undo()
        time.tzset()
    assert result.gate == SECOND
    proof("25", f"resumed in {zone}", "the same")


@pytest.fixture
def clone(live: LiveOffice) -> Iterator[Callable[[], Database]]:
    """Makes a copy of the office's database, under another name, and lets the workspace's service be it."""
    with psycopg.connect(live.database.superuser.replace(live.database.name, "postgres"), autocommit=True):
        pass
    copies = []

    def make() -> Database:
        copy = fresh_database(live.database.server, live.database.name)
        copies.append(copy)
        database = copy.__enter__()
        migrate(database.superuser)
        service = live.office.workspace / "pg_service.conf"
        text = service.read_text(encoding="utf-8")
        service.write_text(text.replace(live.database.name, database.name), encoding="utf-8")
        return database

    yield make
    for copy in copies:
        copy.__exit__(None, None, None)


@pytest.mark.parametrize("host", ["this host", "another host"])
def test_a_cloned_database_takes_no_approval_of_the_first(
    live: LiveOffice, clone: Callable[[], Database], host: str, proof: Proof
) -> None:
    """Row 2. Without it what people signed for one database could be used on its copy, and then on both.

    The checkpoints say so, on a host that keeps some and in the copy itself. A request whose target alone is another
    is refused too (`test_approval_attacks.py`).
    """
    kb_id = signed(live)
    database = clone()
    if host == "another host":
        shutil.rmtree(live.settings.state / "checkpoints")
        shutil.rmtree(live.office.workspace.parent / "state", ignore_errors=True)
    before = _rows_of(database)

    result = live.resume(kb_id)

    assert (result.stop_code, result.exit_code) == ("STOP_LEDGER_BROKEN", 60), result
    assert before == _rows_of(database)
    proof("2", f"the database cloned by CREATE DATABASE … TEMPLATE, {host}", f"{result.stop_code} {result.detail}")


def _rows_of(database: Database) -> list[tuple[object, ...]]:
    with psycopg.connect(database.superuser) as connection:
        return [
            connection.execute(sql.SQL("SELECT count(*) FROM {}").format(sql.Identifier(*name.split(".")))).fetchone()
            or ()
            for name in ("library.information_unit", "cutter_governance.approval_use", "library.source_document")
        ]


def used(live: LiveOffice) -> str:
    """An approval that has opened its gate; the run waits at the next."""
    kb_id = signed(live)
    assert live.resume(kb_id).gate == SECOND
    return kb_id


def replayed_under_another_id(live: LiveOffice) -> Command:
    """The bytes that were used, stored again under a longer id: the same request, and it opens nothing again."""
    kb_id = used(live)
    again = plant(live, kb_id, live.request(kb_id), 24)
    return resuming(live, again)


def replayed_in_a_new_run(live: LiveOffice) -> Command:
    """The approval of a run that is done, for a document that is cut again."""
    kb_id = ask(live)
    done = live.complete(DOCUMENT)
    assert done.exit_code == 0
    return lambda: live.cut(DOCUMENT, "cut", kb_id)


REPLAYS: dict[str, Attack] = {
    "the used bytes under another id": Attack(replayed_under_another_id, None, "", 0, 10, RunEffect.PARTIAL, events={}),
    "in a new run": refused_early(replayed_in_a_new_run, StopCode.STOP_APPROVAL_MISMATCH, "wrong_run", 10, 11),
}


@pytest.mark.parametrize("name", REPLAYS)
def test_an_approval_is_not_used_twice(live: LiveOffice, name: str, proof: Proof) -> None:
    """Rows 3, 4. Without it one yes could open two gates, or the same one again."""
    result = assert_answered(live, REPLAYS[name])
    proof("3, 4", f"a used approval, {name}", f"{result.stop_code} {result.detail}")


def test_what_was_used_is_not_what_the_next_gate_asks(live: LiveOffice, proof: Proof) -> None:
    """Rows 3, 4. Without it the bytes that opened one gate, stored as the request of the next, would open that too."""
    kb_id = used(live)
    waiting = live.cut(DOCUMENT).approval_kb_id or ""
    planted = plant(live, waiting, live.request(kb_id))
    live.sign(planted, "sovereign")

    result = live.resume(planted)

    assert (result.exit_code, result.gate) == (10, SECOND)
    assert result.approval_kb_id not in (waiting, planted)
    assert live.office.rows("SELECT gate_id FROM cutter_governance.approval_use") == [(FIRST,)]
    proof("3, 4", "the used bytes at the next gate", "waits: the gate asks anew")


def test_the_plan_in_the_knowledge_base_is_not_what_is_executed(live: LiveOffice, proof: Proof) -> None:
    """Row 19. Without it whoever can write the knowledge base could show one plan and let another be carried out."""
    kb_id = signed(live)
    run_id = request_of(live, kb_id).run_id
    superuser(
        live,
        "UPDATE kb.document SET body = b, sha256 = encode(sha256(b), 'hex') FROM (SELECT convert_to("
        "replace(convert_from(body, 'UTF8'), '\"row_count\":', '\"row_count\":1'), 'UTF8') AS b FROM kb.document"
        f" WHERE kb_id = 'runs/{run_id}/plan') AS edited WHERE kb_id = 'runs/{run_id}/plan'",
    )

    with pytest.raises(Stop) as caught:
        present(live.settings, run_id, desk(live), None)

    assert (caught.value.code, caught.value.detail) == (StopCode.STOP_APPROVAL_MISMATCH, "plan_changed")
    assert live.resume(kb_id).gate == SECOND
    proof("19", "the plan's document edited", "nobody is let sign it (plan_changed); what is executed is folded anew")


def test_a_text_with_the_same_size_and_time_is_not_the_same(live: LiveOffice, proof: Proof) -> None:
    """Row 19. Without it a document could be exchanged between signing and writing, by keeping size and time."""

    def arrange(live: LiveOffice) -> Command:
        kb_id = signed(live)
        path = live.office.workspace / "documents" / f"{DOCUMENT}.1.txt"
        found = path.stat()
        path.write_text(TEXT.replace("hai", "bai"), encoding="utf-8")
        os.utime(path, ns=(found.st_atime_ns, found.st_mtime_ns))
        assert path.stat().st_size == found.st_size
        return resuming(live, kb_id)

    result = assert_answered(
        live,
        Attack(arrange, StopCode.STOP_SOURCE_CHANGED, "", 0, 20, events={"resumed": 1, "stopped": 1}),
    )
    proof("19", "the text exchanged, same size and time", f"{result.stop_code} {result.detail}")


@pytest.mark.parametrize("how", ["edited", "gone", "a link", "open to all"])
def test_a_page_that_is_not_the_one_that_was_asked_is_not_signed(live: LiveOffice, how: str, proof: Proof) -> None:
    """Row 20. Without it somebody would sign after reading another page than the one that the request names."""
    kb_id = ask(live)
    page = folder_of(live, kb_id) / f"review-{FIRST}.html"
    match how:
        case "edited":
            page.write_bytes(page.read_bytes().replace(b"hai", b"bai"))
        case "gone":
            page.unlink()
        case "a link":
            page.rename(page.with_name("aside.html"))
            page.symlink_to(page.with_name("aside.html"))
        case _:
            page.chmod(0o666)
    details = {"edited": "review_changed", "gone": "review_missing", "a link": "link_or_folder"}

    with pytest.raises(Stop) as caught:
        present(live.settings, kb_id.split("/")[1], desk(live), None)

    assert caught.value.detail == details.get(how, "writable_by_others")
    proof("20, 21", f"the reviewers' page is {how}", f"{caught.value.code.name} {caught.value.detail}")
