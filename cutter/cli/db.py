"""`cutter db start|stop|migrate|url|bin`: the embedded database, how PostgreSQL's own tools reach it, and the SQL that
brings a server of one's own to cutter's schema.

Source: DESIGN §6 (Embedded), §7.
"""

from typing import Annotated

import click
import msgspec
import typer

from cutter.app.database import (
    DatabaseStatus,
    database_tools,
    database_url,
    migrate_database,
    print_migrations,
    start_database,
    stop_database,
)
from cutter.cli.exits import epilog
from cutter.cli.root import SETTINGS
from cutter.cli.session import open_settings
from cutter.cli.view import View
from cutter.report.human import counted
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
    """`cutter db stop` (`cutter.db-stop/1`). `stopped` is false when it was not running."""

    format: str = "cutter.db-stop/1"
    stopped: bool


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
    """Stop the embedded database; its data stays."""
    stopped = stop_database(open_settings())
    return View(
        DatabaseStopped(stopped=stopped), (f"DONE  {'stopped' if stopped else 'was not running'}",), stated=True
    )


@APP.command(epilog=epilog(Exit.UNREACHABLE, Exit.FAILED))
def migrate(
    script: Annotated[
        bool, typer.Option("--print", help="Print the SQL for a server of your own instead; psql runs it.")
    ] = False,
    account: Annotated[
        list[str] | None,
        typer.Option(metavar="NAME:TENANT:PERSON:operate|approve", help="A login to make in that SQL; repeatable."),
    ] = None,
) -> View:
    """Bring the embedded database to this cutter's schema."""
    if script:
        text = print_migrations(account or ())
        return View(MigrationScript(sql=text), tuple(text.splitlines()))
    if account:
        raise Stop(StopCode.STOP_INVALID_INPUT, detail="together", where="--account", needed="--print")
    applied = migrate_database(open_settings())
    lines = (f"DONE  {counted(len(applied), 'migration')} applied", *(f"  {name}" for name in applied))
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
