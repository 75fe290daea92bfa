"""The doctor: what this host, the workspace and the database are like, and how to mend what is wrong.

Rules kept here:

- Every check has a bounded time, runs by itself, and never raises: what it cannot find out is a finding too.
- It looks only. No server is started, no file is written, no agent is woken.
- A fact is made of versions, paths, numbers, ids and stop codes: never of a secret, a row or a text.
- What needs the database's driver is loaded only when a server is there to be asked.

Source: issue 6, part 6; command-line.md §1 row 16.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from importlib import import_module
from pathlib import Path
from typing import Any

from cutter.app.doctor import host, workspace
from cutter.app.doctor.findings import Check, Finding, Phrase, State, perform
from cutter.settings import Settings, load_settings
from cutter.stops import Stop

__all__ = ["Finding", "Phrase", "Seat", "State", "examine"]

_SECONDS = 10.0
_DATABASE_SECONDS = 30.0


@dataclass(frozen=True, slots=True)
class Seat:
    """Where the doctor is asked: the current folder, the environment, the gpg home of who asks, and stdout's encoding.

    `seconds` and `database_seconds` are how long a check, and all that the database is asked, may take.
    """

    folder: Path
    environ: Mapping[str, str]
    home: Path
    encoding: str
    seconds: float = _SECONDS
    database_seconds: float = _DATABASE_SECONDS


def examine(seat: Seat) -> Iterator[Finding]:
    """Every finding, in a fixed order: the host first, the database last."""
    settings = _settings(seat)
    known = settings if isinstance(settings, Settings) else None
    at = known.workspace if known else seat.folder
    checks = (
        Check("python", host.check_python),
        Check("gpg", lambda: host.check_gpg(at, needed=bool(known and known.trust))),
        Check("agent", lambda: host.check_agent(at, seat.home)),
        Check("disk", lambda: host.check_disk(_places(at, known))),
        Check("locale", lambda: host.check_locale(seat.encoding, seat.environ)),
        Check("places", lambda: host.check_places(seat.environ, known.user_state if known else None)),
        Check("workspace", lambda: workspace.check_workspace(settings, seat.folder)),
    )
    for check in checks:
        yield from perform(check, seat.seconds)
    if known is None:
        return
    for check in _of_workspace(known):
        yield from perform(check, seat.seconds)
    yield from perform(Check("database", lambda: _examine_database(known)), seat.database_seconds)


def _settings(seat: Seat) -> Settings | Stop:
    try:
        return load_settings(seat.folder, seat.environ)
    except Stop as stop:
        return stop


def _of_workspace(settings: Settings) -> tuple[Check, ...]:
    keys: Any = import_module("cutter.app.doctor.keys")
    comm: Any = import_module("cutter.app.doctor.comm")
    return (
        Check("folders", lambda: workspace.check_folders(settings)),
        Check("runner key", lambda: keys.check_runner_key(settings)),
        Check("trust", lambda: keys.check_trust(settings)),
        Check("policies", lambda: comm.check_policies(settings)),
        Check("comm", lambda: comm.check_comm(settings)),
        Check("binaries", lambda: host.check_binaries(settings)),
    )


def _examine_database(settings: Settings) -> Iterator[Finding]:
    """What the server says, when there is one that answers without being started."""
    absent = host.find_absent_server(settings)
    if absent is not None:
        yield absent
        return
    database: Any = import_module("cutter.app.doctor.database")
    yield from database.examine_database(settings)


def _places(at: Path, settings: Settings | None) -> tuple[Path, ...]:
    return (at, settings.backups, settings.user_state) if settings else (at,)
