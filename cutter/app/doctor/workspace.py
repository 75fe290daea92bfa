"""What the doctor looks at in the workspace: its settings and its folders.

Source: issue 6, part 6.
"""

import os
import shlex
import stat
from collections.abc import Iterator
from pathlib import Path

from cutter.app.doctor.findings import Finding, State, fact, of_stop
from cutter.messages import Message
from cutter.report.next_steps import command
from cutter.settings import FILE, Service, Settings
from cutter.stops import Stop, StopCode

_OPEN_TO_OTHERS = stat.S_IRWXG | stat.S_IRWXO


def check_workspace(settings: Settings | Stop, folder: Path) -> Iterator[Finding]:
    """Whether `cutter.yaml` is there and well formed, and nothing in the environment stands against it."""
    if isinstance(settings, Stop):
        fix = f"unset {settings.where}" if settings.code is StopCode.STOP_REFUSED_INPUT else ""
        yield of_stop("workspace", settings, fix=fix)
        return
    if not (settings.workspace / FILE).exists():
        told = fact(Message("no {file} in {folder} or above it"), file=FILE, folder=folder)
        yield Finding("workspace", State.WARN, told, command("init", "--help"))
        return
    database = settings.database.service if isinstance(settings.database, Service) else settings.database
    told = fact(
        Message("{file} is well formed · database {database} · {folder}"),
        file=FILE,
        database=database,
        folder=settings.workspace,
    )
    yield Finding("workspace", State.OK, told)


def check_folders(settings: Settings) -> Iterator[Finding]:
    """Whether cutter can write here, and nobody else can enter what is private."""
    workspace = settings.workspace
    if os.statvfs(workspace).f_flag & os.ST_RDONLY or not os.access(workspace, os.W_OK | os.X_OK):
        told = fact(Message("{folder} cannot be written: runs keep their files there"), folder=workspace)
        yield Finding("folders", State.FAIL, told, f"ls -ld {shlex.quote(str(workspace))}")
        return
    private = [settings.state, settings.state / "runs", settings.credentials, settings.backups]
    faults = [finding for folder in dict.fromkeys(private) if (finding := _private(folder))]
    yield from faults
    if not faults:
        made = sum(1 for folder in private if folder.is_dir())
        yield Finding("folders", State.OK, fact(Message("private ones are private ({count} made so far)"), count=made))


def _private(folder: Path) -> Finding | None:
    """What is wrong with a folder that only its owner may enter; nothing when it is not made yet."""
    quoted = shlex.quote(str(folder))
    try:
        found = folder.lstat()
    except FileNotFoundError:
        return None
    if not stat.S_ISDIR(found.st_mode):
        return Finding("folders", State.FAIL, fact(Message("{folder} is no folder"), folder=folder), f"ls -ld {quoted}")
    if found.st_uid != os.geteuid():
        return Finding(
            "folders", State.FAIL, fact(Message("{folder} belongs to somebody else"), folder=folder), f"ls -ld {quoted}"
        )
    if found.st_mode & _OPEN_TO_OTHERS:
        mode = f"{stat.S_IMODE(found.st_mode):04o}"
        told = fact(Message("{folder} is open to others ({mode})"), folder=folder, mode=mode)
        return Finding("folders", State.FAIL, told, f"chmod 700 {quoted}")
    return None
