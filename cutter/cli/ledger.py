"""`cutter ledger verify|checkpoint`: whether the ledger is what everything outside it says; and saying so now.

Source: DESIGN §7; approvals-and-evidence §4.
"""

from collections.abc import Iterator

import click
import msgspec
import typer

from cutter.app.ledger import KnownAt, VerifiedLedger, checkpoint_now, verify_ledger
from cutter.checkpoints import Checkpoint
from cutter.cli.exits import epilog
from cutter.cli.root import SETTINGS
from cutter.cli.session import open_settings
from cutter.cli.view import View
from cutter.messages import Countable, _, counted, number
from cutter.report.lines import head, moment, named_lines
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
    return View(report, tuple(_verified(found)), stated=True)


def _verified(found: VerifiedLedger) -> Iterator[str]:
    chained = counted(found.events, "{count} event, chained|{count} events, each chained to the one before")
    yield head(_("OK"), (_("ledger {ledger}", ledger=found.log_id[:8]), chained))
    anchored, events = number(found.anchored), number(found.events)
    vouched = _("{anchored} of {events} events, by copies outside the database", anchored=anchored, events=events)
    rows = [(_("head"), f"sha256:{found.head_sha256}"), (_("anchored"), vouched)]
    for item in found.known:
        what = Countable("{place}: {count} checkpoint, to event {size}|{place}: {count} checkpoints, to event {size}")
        rows.append((" ", counted(item.checkpoints, what, place=item.place, size=number(item.size))))
    what = Countable("{count} person signed what the ledger was|{count} persons signed what the ledger was")
    rows.append((_("witnesses"), counted(found.witnesses, what)))
    if found.decisions:
        rows.append((_("set back"), _decided(found)))
    yield from named_lines(rows)


def _decided(found: VerifiedLedger) -> str:
    """What people settled where the database was set back at some time."""
    lost = counted(found.settled, "checkpoint")
    what = Countable(
        "{count} signed decision; outside the database lost by that: {lost}"
        "|{count} signed decisions; outside the database lost by that: {lost}"
    )
    return counted(found.decisions, what, lost=lost)


@APP.command(epilog=epilog(*_EXITS))
def checkpoint() -> View:
    """Sign what the ledger ends with now. It is kept in the database, the workspace and the user's folder."""
    made = checkpoint_now(open_settings())
    report = CheckpointReport(checkpoint=made)
    if made is None:
        return View(report, (head(_("NOTHING"), (_("the ledger is empty"),)),), stated=True)
    told = counted(made.size, "checkpoint of {count} event")
    first = head(_("KEPT"), (told, _("ledger {ledger}", ledger=made.log_id[:8]), moment(made.at)))
    return View(report, (first, *named_lines([(_("head"), f"sha256:{made.head_sha256}")])), stated=True)
