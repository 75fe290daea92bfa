"""The report of a fault of ours: where it happened in cutter's own code, and no value of any kind.

Rules kept here: an exception's message, arguments and locals are never read, because they may hold rows, text or
secrets; the report names exception types, and file and line of cutter's own frames.

Source: DESIGN §7 (exit 1); command-line.md §1 row 16, §3 row 5.
"""

import platform
import secrets
import traceback
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import msgspec

from cutter import __version__
from cutter.custody.files import private_folder, write_atomic
from cutter.report.machine import encode
from cutter.settings import FILE
from cutter.stops import Stop, StopCode

_PACKAGE = Path(__file__).parents[1]


class FaultedException(msgspec.Struct, frozen=True):
    """One exception of the chain: its type, and cutter's frames as `file:line`, the innermost last."""

    type: str
    frames: tuple[str, ...]


class Fault(msgspec.Struct, frozen=True, kw_only=True):
    """The report (`cutter.fault/1`)."""

    format: str = "cutter.fault/1"
    at: str
    cutter: str
    python: str
    exceptions: tuple[FaultedException, ...]


def report_fault(error: BaseException) -> Stop:
    """Write the report of a fault into the workspace's `.cutter/faults/`; the stop that names it."""
    now = datetime.now(UTC)
    fault = Fault(
        at=now.strftime("%Y-%m-%dT%H:%M:%SZ"),
        cutter=__version__,
        python=platform.python_version(),
        exceptions=tuple(_chain(error)),
    )
    name = f"{now:%Y%m%dT%H%M%SZ}-{secrets.token_hex(4)}.json"
    try:
        path = _folder(Path.cwd()) / name
        write_atomic(path, encode(fault))
    except (Stop, OSError):
        return Stop(StopCode.STOP_INTERNAL, detail="report_not_written")
    return Stop(StopCode.STOP_INTERNAL, where=str(path))


def _folder(cwd: Path) -> Path:
    workspace = next((folder for folder in (cwd, *cwd.parents) if (folder / FILE).exists()), cwd)
    return private_folder(workspace / ".cutter" / "faults", base=workspace)


def _chain(error: BaseException) -> Iterator[FaultedException]:
    seen: set[int] = set()
    current: BaseException | None = error
    while current is not None and id(current) not in seen:
        seen.add(id(current))
        kind = type(current)
        yield FaultedException(f"{kind.__module__}.{kind.__qualname__}", tuple(_frames(current)))
        current = current.__cause__ or current.__context__


def _frames(error: BaseException) -> Iterator[str]:
    for frame, line in traceback.walk_tb(error.__traceback__):
        path = Path(frame.f_code.co_filename)
        if path.is_relative_to(_PACKAGE):
            yield f"{path.relative_to(_PACKAGE.parent)}:{line}"
