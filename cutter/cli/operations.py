"""`cutter operations list|show`: what a phase of a pipeline can use, with its parameters and outcome. No database.

Source: issue 6, part 5; DESIGN §7.
"""

from collections.abc import Iterator
from typing import Annotated

import click
import msgspec
import typer

from cutter.app.operations import DescribedOperation, OperationField, list_operations, show_operation
from cutter.cli.exits import epilog
from cutter.cli.root import SETTINGS
from cutter.cli.session import open_settings
from cutter.cli.view import Table, View
from cutter.messages import _
from cutter.report.human import table_lines
from cutter.report.lines import block, next_lines
from cutter.report.next_steps import command
from cutter.report.result import NextStep
from cutter.stops import StopCode

APP = typer.Typer(
    name="operations",
    help="List and show what the phases of pipelines can use.",
    rich_markup_mode=None,
    add_completion=False,
    pretty_exceptions_enable=False,
    context_settings=dict(SETTINGS),
)


class OperationList(msgspec.Struct, frozen=True, kw_only=True):
    """`cutter operations list` (`cutter.operations/1`)."""

    format: str = "cutter.operations/1"
    operations: tuple[DescribedOperation, ...]


class OperationReport(msgspec.Struct, frozen=True, kw_only=True):
    """`cutter operations show` (`cutter.operation/1`)."""

    format: str = "cutter.operation/1"
    operation: DescribedOperation


def make_group() -> click.Command:
    """The group."""
    group = typer.main.get_command(APP)
    group.epilog = epilog()
    return group


@APP.command("list", epilog=epilog())
def list_all() -> View:
    """List the operations. The catalogue is closed: a pipeline that names another does not lint."""
    found = list_operations(open_settings())
    rows = [(item.name, _(item.kind), " ".join(item.pipelines) or "-", _(item.summary)) for item in found]
    table = Table((_("OPERATION"), _("EFFECT"), _("USED BY"), _("SUMMARY")), rows, _("No operations."))
    return View(OperationList(operations=found), table)


@APP.command(epilog=epilog())
def show(name: Annotated[str, typer.Argument(metavar="NAME")]) -> View:
    """Show an operation. NAME is as in `uses` of a phase, with or without its version."""
    found = show_operation(open_settings(), name)
    return View(OperationReport(operation=found), tuple(_lines(found)))


def _lines(found: DescribedOperation) -> Iterator[str]:
    yield f"{found.name}  {_(found.kind)}"
    yield block(_("Does"), _(found.summary))
    yield block(_("Takes"), found.params_meaning)
    yield from _field_lines(found.params)
    yield block(_("Gives"), found.outcome_meaning)
    yield from _field_lines(found.outcome)
    if found.governs:
        yield block(_("Governs"), _("{tables}; undone by: {undo}", tables=_tables(found), undo=_(found.undo)))
    if found.crosses:
        yield block(_("Uses"), _("tables of: {folders}", folders=", ".join(found.crosses)))
    yield block(_("Stops"), _("with these, beside what any phase can stop with:"))
    yield from table_lines([("   ", code, _(StopCode[code].value.meaning)) for code in found.stops], aligned=True)
    yield block(_("Used by"), ", ".join(found.pipelines) or _("no pipeline here"))
    explain = (NextStep("lint", command("pipelines", "lint", name)) for name in found.pipelines[:1])
    yield from next_lines((*explain, NextStep("list", command("operations", "list"))))


def _tables(found: DescribedOperation) -> str:
    """The tables; `*` stands for those that a function of the user's own writes."""
    return ", ".join(_("what the called function writes") if table == "*" else table for table in found.governs)


def _field_lines(fields: tuple[OperationField, ...]) -> tuple[str, ...]:
    return table_lines([("   ", field.name, _(field.type), field.meaning) for field in fields], aligned=True)
