"""`cutter schema [NAME]`: the JSON Schemas of cutter's formats, for editors and other programs. Offline.

Source: command-line.md §1 row 3; DESIGN §8.
"""

from typing import Annotated, Any

import click
import msgspec
import typer

from cutter.app.schemas import ListedSchema, list_schemas, read_schema
from cutter.cli.exits import epilog
from cutter.cli.root import SETTINGS
from cutter.cli.view import Table, View
from cutter.messages import _

APP = typer.Typer(
    name="schema",
    rich_markup_mode=None,
    add_completion=False,
    pretty_exceptions_enable=False,
    context_settings=dict(SETTINGS),
)

Name = Annotated[str | None, typer.Argument(metavar="[NAME]")]


class SchemaList(msgspec.Struct, frozen=True, kw_only=True):
    """`cutter schema` (`cutter.schemas/1`)."""

    format: str = "cutter.schemas/1"
    schemas: tuple[ListedSchema, ...]


class SchemaShown(msgspec.Struct, frozen=True, kw_only=True):
    """`cutter schema NAME` (`cutter.schema/1`)."""

    format: str = "cutter.schema/1"
    listed: ListedSchema
    schema: dict[str, Any]


def make_group() -> click.Command:
    """The command."""
    return typer.main.get_command(APP)


@APP.command("schema", epilog=epilog())
def schema(name: Name = None) -> View:
    """Print the JSON Schema of a format, such as `pipeline` or `result`. Without NAME, list them."""
    if name is None:
        found = list_schemas()
        rows = [(item.name, item.format, item.path) for item in found]
        return View(SchemaList(schemas=found), Table((_("NAME"), _("FORMAT"), _("FILE")), rows, _("No schemas.")))
    listed, text = read_schema(name)
    return View(SchemaShown(listed=listed, schema=msgspec.json.decode(text)), tuple(text.splitlines()))
