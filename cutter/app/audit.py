"""Exporting what auditors may see: the rows of one view, for a span of days.

Rules kept here: only the view is read, as the role that may read nothing else; the first row is there before the first
byte is written, so that a refusal leaves no half an export; nothing is kept.

Source: issue 7, rule 9.
"""

import hashlib
import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, time
from itertools import chain
from pathlib import Path
from typing import BinaryIO

from cutter.app.compose import reach_database
from cutter.contracts import Row
from cutter.custody.files import creating
from cutter.postgres.audit import stream_audit
from cutter.report.audit import WRITERS, AuditDocument, AuditExported, AuditRow
from cutter.settings import Settings
from cutter.stops import Stop, StopCode

FORMS = tuple(WRITERS)
_DAY = re.compile(r"\A([0-9]{4})-([0-9]{2})-([0-9]{2})\Z")
_NEEDED = "YYYY-MM-DD"
_MODE = 0o600
_PIECE = 1 << 20


@dataclass(frozen=True, slots=True)
class OpenAudit:
    """An export whose rows are being read: they can be taken once. `about` has none of them."""

    about: AuditDocument
    rows: Iterator[AuditRow]


def open_audit(settings: Settings, since: str | None, until: str | None) -> OpenAudit:
    """Ask for the rows of a span of days (UTC).

    Args:
        settings: of the workspace; its login must be able to take the role `cutter_auditor`.
        since: the first day, `YYYY-MM-DD`; None: from the beginning.
        until: the first day that does not belong; None: to now.

    Raises:
        Stop: STOP_INVALID_INPUT, detail `wrong_value` or `empty_span`; as `stream_audit`, and what connecting raises.
    """
    first, last = _moment("--since", since), _moment("--until", until)
    if first is not None and last is not None and first >= last:
        raise Stop(StopCode.STOP_INVALID_INPUT, "empty_span", where="--until", needed="a day after --since")
    found = stream_audit(reach_database(settings).conninfo, first, last)
    ready = [row for row in (next(found, None),) if row is not None]
    return OpenAudit(AuditDocument(since=since, until=until), map(_row, chain(ready, found)))


def write_to(audit: OpenAudit, form: str, out: BinaryIO) -> None:
    """Write the rows in one of `FORMS`, as they come. Raises STOP_DATABASE_UNREACHABLE."""
    WRITERS[form](audit.about, audit.rows, out)


def export_to(audit: OpenAudit, form: str, file: Path | None) -> AuditExported:
    """Write the rows into a new private file, which appears as a whole; never over an existing one.

    Args:
        audit: the export.
        form: one of `FORMS`.
        file: None: `audit.FORM` in the current folder.

    Raises:
        Stop: STOP_INVALID_INPUT, detail `file_exists`; STOP_SOURCE_MISSING, detail `no_such_folder`;
            STOP_PATH_UNSAFE, STOP_DISK, STOP_DATABASE_UNREACHABLE.
    """
    path = file or Path(f"audit.{form}")
    try:
        with creating(path.absolute(), _MODE) as out:
            rows = WRITERS[form](audit.about, audit.rows, out)
            size, digest = out.tell(), hashlib.sha256()
            out.seek(0)
            while piece := out.read(_PIECE):
                digest.update(piece)
    except FileExistsError:
        raise Stop(StopCode.STOP_INVALID_INPUT, "file_exists", where=str(path)) from None
    except FileNotFoundError:
        raise Stop(StopCode.STOP_SOURCE_MISSING, "no_such_folder", where=str(path.parent)) from None
    about = audit.about
    return AuditExported(
        since=about.since,
        until=about.until,
        form=form,
        path=str(path),
        rows=rows,
        size=size,
        sha256=digest.hexdigest(),
    )


def _moment(option: str, day: str | None) -> datetime | None:
    """The beginning of a day."""
    if day is None:
        return None
    try:
        return datetime.combine(date(*map(int, _DAY.findall(day)[0])), time(), UTC)
    except (IndexError, ValueError):
        raise Stop(StopCode.STOP_INVALID_INPUT, "wrong_value", where=option, needed=_NEEDED) from None


def _row(stored: Row) -> AuditRow:
    at, *words = stored
    return AuditRow(None if at is None else at.astimezone(UTC).strftime("%Y-%m-%dT%H:%MZ"), *words)
