"""`cutter db start|stop|status|migrate|url|bin`: the embedded database, how PostgreSQL's own tools reach it, and the
SQL that brings a server of one's own to cutter's schema.

Source: DESIGN §6 (Embedded), §7.
"""

from collections.abc import Iterator, Sequence
from typing import Annotated

import click
import msgspec
import typer

from cutter.app.database import (
    Connected,
    DatabaseState,
    DatabaseStatus,
    database_tools,
    database_url,
    look_at_database,
    migrate_database,
    print_migrations,
    start_database,
    stop_database,
)
from cutter.cli.exits import epilog
from cutter.cli.root import SETTINGS
from cutter.cli.session import open_settings
from cutter.cli.view import View
from cutter.messages import _, number
from cutter.report.lines import moment, named_lines, next_lines
from cutter.report.next_steps import command
from cutter.report.result import NextStep
from cutter.report.visible import visible
from cutter.stops import Exit, Stop, StopCode

APP = typer.Typer(
    name="db",
    help="Start, stop and reach the embedded database.",
    rich_markup_mode=None,
    add_completion=False,
    pretty_exceptions_enable=False,
    context_settings=dict(SETTINGS),
)


class DatabaseStarted(msgspec.Struct, frozen=True, kw_only=True):
    """`cutter db start` (`cutter.db-start/1`)."""

    format: str = "cutter.db-start/1"
    database: DatabaseStatus


class DatabaseStopped(msgspec.Struct, frozen=True, kw_only=True):
    """`cutter db stop` (`cutter.db-stop/1`). `stopped` is false when it was not running; `ended` are the sessions that
    were open, whose transactions were rolled back.
    """

    format: str = "cutter.db-stop/1"
    stopped: bool
    ended: tuple[Connected, ...]
    next: tuple[NextStep, ...]


class DatabaseLookedAt(msgspec.Struct, frozen=True, kw_only=True):
    """`cutter db status` (`cutter.db-status/1`)."""

    format: str = "cutter.db-status/1"
    database: DatabaseState
    next: tuple[NextStep, ...]


class DatabaseMigrated(msgspec.Struct, frozen=True, kw_only=True):
    """`cutter db migrate` (`cutter.db-migrate/1`): the migrations that were applied now."""

    format: str = "cutter.db-migrate/1"
    applied: tuple[str, ...]


class MigrationScript(msgspec.Struct, frozen=True, kw_only=True):
    """`cutter db migrate --print` (`cutter.db-migration-script/1`): what psql runs on a server of one's own."""

    format: str = "cutter.db-migration-script/1"
    sql: str


class DatabaseUrl(msgspec.Struct, frozen=True, kw_only=True):
    """`cutter db url` (`cutter.db-url/1`). It holds no password."""

    format: str = "cutter.db-url/1"
    url: str


class DatabaseTools(msgspec.Struct, frozen=True, kw_only=True):
    """`cutter db bin` (`cutter.db-bin/1`)."""

    format: str = "cutter.db-bin/1"
    folder: str


def make_group() -> click.Command:
    """The group."""
    group = typer.main.get_command(APP)
    group.epilog = epilog()
    return group


@APP.command(epilog=epilog(Exit.UNREACHABLE))
def start() -> View:
    """Start the embedded database. The first start creates it and makes its schema."""
    found = start_database(open_settings())
    lines = (
        f"DONE  PostgreSQL {found.version} · {found.word}",
        f"  socket   {visible(found.socket)}",
        f"  data     {visible(found.data)}",
    )
    return View(DatabaseStarted(database=found), lines, stated=True)


@APP.command(epilog=epilog())
def stop() -> View:
    """Stop the embedded database; its data stays. What sessions have not committed is rolled back."""
    stopped, ended = stop_database(open_settings())
    steps = (NextStep("runs", command("runs", "list")),) if ended else ()
    head = _("DONE  stopped") if stopped else _("DONE  was not running")
    rows = named_lines(((_("ended"), _sessions(ended)),))
    return View(
        DatabaseStopped(stopped=stopped, ended=ended, next=steps), (head, *rows, *next_lines(steps)), stated=True
    )


@APP.command(epilog=epilog())
def status() -> View:
    """Show how the embedded database is, and who is connected. It is not started for that."""
    found = look_at_database(open_settings())
    steps = _next_steps(found)
    return View(DatabaseLookedAt(database=found, next=steps), tuple(_status_lines(found, steps)), stated=True)


@APP.command(epilog=epilog(Exit.UNREACHABLE, Exit.FAILED))
def migrate(
    script: Annotated[
        bool, typer.Option("--print", help="Print the SQL for a server of your own instead; psql runs it.")
    ] = False,
    account: Annotated[
        list[str] | None,
        typer.Option(
            metavar="NAME:TENANT:PERSON:operate|approve|audit", help="A login to make in that SQL; repeatable."
        ),
    ] = None,
) -> View:
    """Bring the embedded database to this cutter's schema."""
    if script:
        text = print_migrations(account or ())
        return View(MigrationScript(sql=text), tuple(text.splitlines()))
    if account:
        raise Stop(StopCode.STOP_INVALID_INPUT, detail="together", where="--account", needed="--print")
    applied = migrate_database(open_settings())
    lines = (_("DONE  migrations applied: {count}", count=number(len(applied))), *(f"  {name}" for name in applied))
    return View(DatabaseMigrated(applied=applied), lines, stated=True)


@APP.command(epilog=epilog())
def url(
    superuser: Annotated[bool, typer.Option("--superuser", help="As the superuser; embedded database only.")] = False,
) -> View:
    """Print what psql and pg_dump take to connect. There is no password in it."""
    found = database_url(open_settings(), superuser=superuser)
    return View(DatabaseUrl(url=found), (found,))


@APP.command("bin", epilog=epilog())
def tools() -> View:
    """Print the folder of the database's own psql and pg_dump."""
    found = database_tools(open_settings())
    return View(DatabaseTools(folder=found), (found,))


def _next_steps(found: DatabaseState) -> tuple[NextStep, ...]:
    start, stop = NextStep("start", command("db", "start")), NextStep("stop", command("db", "stop"))
    match found.state:
        case "running":
            return (NextStep("connect", command("db", "url")), stop)
        case "unanswering":
            return (NextStep("again", command("db", "status")), stop, start)
        case _:
            return () if found.obstacle else (start,)


def _status_lines(found: DatabaseState, steps: Sequence[NextStep]) -> Iterator[str]:
    words = {
        "running": _("RUNNING"),
        "unanswering": _("UNANSWERING  a server has this data and does not answer: it starts, hangs or is elsewhere"),
        "stopped": _("DOWN  not running; its data is there"),
        "absent": _("ABSENT  not made yet"),
    }
    version = f"PostgreSQL {found.version}" if found.version else ""
    yield "  ".join(part for part in (words[found.state], version if found.state == "running" else "") if part)
    rows = [
        (_("version"), "" if found.state == "running" else version),
        (_("process"), str(found.process or "")),
        (_("since"), moment(found.since or "")),
        (_("socket"), found.socket),
        (_("data"), found.data),
        (_("size"), _("{count} bytes", count=number(found.size_bytes)) if found.version else ""),
        (_("sessions"), _("not known") if found.connected is None else _sessions(found.connected) or _("none")),
    ]
    yield from named_lines(rows if found.state == "running" else rows[:-1])
    if found.obstacle is not None:
        yield f"  {_('A start would be refused:')} {found.obstacle.stop_code}"
        where, case = (_("where"), found.obstacle.where), (_("case"), found.obstacle.detail)
        yield from named_lines((where, case, (_("found"), found.obstacle.found), (_("needed"), found.obstacle.needed)))
        yield from named_lines(((_("do"), StopCode[found.obstacle.stop_code].value.remedy),))
    yield from next_lines(steps)


def _sessions(sessions: Sequence[Connected]) -> str:
    return " · ".join(f"{item.application_name} {number(item.sessions)}" for item in sessions)
