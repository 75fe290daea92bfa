"""`cutter kb list|show`: what runs published in the knowledge base, what people signed of it, and what failed.

Source: issue 6, part 5; DESIGN §7.
"""

from collections.abc import Iterator
from typing import Annotated

import click
import msgspec
import typer

from cutter.app.knowledge import KnowledgeEntry, ShownEntry, list_knowledge, show_knowledge
from cutter.cli.exits import epilog
from cutter.cli.root import SETTINGS
from cutter.cli.session import open_settings
from cutter.cli.view import Table, View
from cutter.messages import _, number
from cutter.report.event_lines import local_moment
from cutter.report.lines import named_lines, next_lines
from cutter.report.next_steps import SHORT_ID, command
from cutter.report.result import NextStep
from cutter.report.visible import visible
from cutter.stops import Exit

APP = typer.Typer(
    name="kb",
    help="List and show what runs left in the knowledge base.",
    rich_markup_mode=None,
    add_completion=False,
    pretty_exceptions_enable=False,
    context_settings=dict(SETTINGS),
)

_EXITS = (Exit.UNSAFE, Exit.EVIDENCE, Exit.UNREACHABLE)


class KnowledgeList(msgspec.Struct, frozen=True, kw_only=True):
    """`cutter kb list` (`cutter.knowledge/1`), newest first."""

    format: str = "cutter.knowledge/1"
    entries: tuple[KnowledgeEntry, ...]


class KnowledgeReport(msgspec.Struct, frozen=True, kw_only=True):
    """`cutter kb show` (`cutter.knowledge-entry/1`). The UTF-8 bytes of `body` are what the entry's digest is over."""

    format: str = "cutter.knowledge-entry/1"
    entry: KnowledgeEntry
    body: str


def make_group() -> click.Command:
    """The group."""
    group = typer.main.get_command(APP)
    group.epilog = epilog(*_EXITS)
    return group


@APP.command("list", epilog=epilog(*_EXITS))
def list_all(kb_id: Annotated[str, typer.Argument(metavar="[KB_ID]")] = "") -> View:
    """List documents, signatures and incidents, newest first. KB_ID is a beginning of their ids, such as runs/RUN."""
    found = list_knowledge(open_settings(), kb_id)
    rows = [(item.kb_id, item.kind, item.run_id[:SHORT_ID], local_moment(item.at), item.sha256) for item in found]
    columns = (_("ID"), _("KIND"), _("RUN"), _("WHEN"), "SHA256")
    return View(KnowledgeList(entries=found), Table(columns, rows, _("Nothing there yet.")))


@APP.command(epilog=epilog(*_EXITS))
def show(kb_id: Annotated[str, typer.Argument(metavar="KB_ID")]) -> View:
    """Show an entry as it is stored, its digest checked. KB_ID is its id, or a beginning that no other has."""
    found = show_knowledge(open_settings(), kb_id)
    body = found.body.decode("utf-8", "backslashreplace")
    return View(KnowledgeReport(entry=found.entry, body=body), tuple(_lines(found, body)))


def _lines(found: ShownEntry, body: str) -> Iterator[str]:
    """The facts, and the stored text with everything unseen in it made visible: it is not composed or wrapped."""
    entry = found.entry
    yield visible(entry.kb_id)
    digest = _("sha256:{digest}, computed anew from these {size} bytes", digest=entry.sha256, size=number(entry.size))
    rows = (
        (_("kind"), entry.kind),
        (_("run"), entry.run_id),
        (_("when"), local_moment(entry.at)),
        (_("type"), entry.media_type),
        (_("digest"), digest if entry.sha256 else _("none: an incident is a row")),
    )
    yield from named_lines(rows)
    yield from (visible(line, compose=False) for line in body.split("\n"))
    yield from next_lines((NextStep("run", command("runs", "show", entry.run_id[:SHORT_ID])),))
