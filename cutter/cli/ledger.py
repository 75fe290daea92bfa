"""`cutter ledger verify|checkpoint`: whether the ledger is what everything outside it says; and saying so now.

Source: DESIGN §7; approvals-and-evidence §4.
"""

import click
import msgspec
import typer

from cutter.app.ledger import KnownAt, VerifiedLedger, checkpoint_now, verify_ledger
from cutter.checkpoints import Checkpoint
from cutter.cli.exits import epilog
from cutter.cli.root import SETTINGS
from cutter.cli.session import open_settings
from cutter.cli.view import View
from cutter.report.human import counted, table_lines
from cutter.stops import Exit

APP = typer.Typer(
    name="ledger",
    help="Verify the ledger, and take checkpoints of it.",
    rich_markup_mode=None,
    add_completion=False,
    pretty_exceptions_enable=False,
    context_settings=dict(SETTINGS),
)

_EXITS = (Exit.UNSAFE, Exit.EVIDENCE, Exit.UNREACHABLE, Exit.CONFIGURATION)


class LedgerReport(msgspec.Struct, frozen=True, kw_only=True):
    """`cutter ledger verify` (`cutter.ledger/1`). `anchored` is how many events copies outside the database vouch for;
    `witnesses` is how many persons signed a request that says what the log was; `decisions` how often people settled
    that the database was set back, `settled` how many checkpoints outside it are lost by that.
    """

    format: str = "cutter.ledger/1"
    log_id: str
    events: int
    head_sha256: str
    anchored: int
    known: tuple[KnownAt, ...]
    witnesses: int
    decisions: int
    settled: int
    exit_code: int


class CheckpointReport(msgspec.Struct, frozen=True, kw_only=True):
    """`cutter ledger checkpoint` (`cutter.ledger-checkpoint/1`). `checkpoint` is null when the ledger is empty."""

    format: str = "cutter.ledger-checkpoint/1"
    checkpoint: Checkpoint | None


def make_group() -> click.Command:
    """The group."""
    group = typer.main.get_command(APP)
    group.epilog = epilog(*_EXITS)
    return group


@APP.command(epilog=epilog(*_EXITS))
def verify() -> View:
    """Hash every event anew. The ledger is compared with all checkpoints, requests and used approvals."""
    found = verify_ledger(open_settings())
    report = LedgerReport(**msgspec.structs.asdict(found), exit_code=int(Exit.DONE))
    places = [
        ("", item.place, counted(item.checkpoints, "checkpoint"), f"to event {item.size:,}") for item in found.known
    ]
    lines = (
        f"OK  ledger {found.log_id[:8]} · {counted(found.events, 'event')}, each chained to the one before",
        f"  head       sha256:{found.head_sha256}",
        f"  anchored   {found.anchored:,} of {found.events:,} events, by copies outside the database",
        *table_lines(places, aligned=True),
        f"  witnesses  {counted(found.witnesses, 'person')} signed what the ledger was",
        *_decided(found),
    )
    return View(report, lines, stated=True)


def _decided(found: VerifiedLedger) -> tuple[str, ...]:
    """A line where the database was set back at some time."""
    if not found.decisions:
        return ()
    lost = counted(found.settled, "checkpoint")
    return (f"  set back   {counted(found.decisions, 'signed decision')}; {lost} outside the database lost by that",)


@APP.command(epilog=epilog(*_EXITS))
def checkpoint() -> View:
    """Sign what the ledger ends with now. It is kept in the database, the workspace and the user's folder."""
    made = checkpoint_now(open_settings())
    report = CheckpointReport(checkpoint=made)
    if made is None:
        return View(report, ("NOTHING  the ledger is empty",), stated=True)
    head = f"KEPT  checkpoint of {counted(made.size, 'event')} · ledger {made.log_id[:8]} · {made.at}"
    return View(report, (head, f"  head       sha256:{made.head_sha256}"), stated=True)
