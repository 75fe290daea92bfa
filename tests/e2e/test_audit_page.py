"""`docs/audit.md` and `cutter audit export`, as they are read and typed."""

import json
import re
from collections.abc import Iterator

import click
import psycopg
import pytest

from cutter.cli.root import make_root
from cutter.report.audit import COLUMNS
from tests.e2e.conftest import ROOT, Workspace
from tests.plugins.postgres import Database

PAGE = (ROOT / "docs" / "audit.md").read_text(encoding="utf-8")
_ROW = re.compile(r"^\| `([^`]+)` \|(.*)\|$", re.MULTILINE)
EXPOSURE, OWN = "audit exposure", "operators' own"


def section(title: str) -> dict[str, str]:
    """The rows of the table below a title, by their first cell."""
    body = PAGE.split(f"\n## {title}\n")[1].split("\n## ")[0]
    return {match[1]: match[2].strip() for match in _ROW.finditer(body)}


def leaves(command: click.Command, path: tuple[str, ...]) -> Iterator[tuple[str, ...]]:
    """Every command that does something, with its words."""
    if not isinstance(command, click.Group):
        yield path
        return
    context = click.Context(command, info_name=path[-1])
    for name in command.list_commands(context):
        child = command.get_command(context, name)
        assert child is not None
        yield from leaves(child, (*path, name))


def classified() -> dict[tuple[str, ...], str]:
    """Every command of the page, with what it is called there."""
    found = {}
    for command, cell in section("The commands").items():
        word, _colon, names = cell.partition(": ")
        for name in names.split(", ") if names else [""]:
            found[(*command.split(), *filter(None, [name]))] = word
    return found


def test_the_pages_columns_are_the_views(database: Database) -> None:
    """Without it the page would promise closed columns of another view, or the export would lack one."""
    with psycopg.connect(database.superuser) as connection:
        found = connection.execute(
            "SELECT a.attname, col_description(a.attrelid, a.attnum) FROM pg_attribute AS a"
            " WHERE a.attrelid = 'cutter_governance.audit'::regclass AND a.attnum > 0 ORDER BY a.attnum"
        ).fetchall()
    assert [name for name, _comment in found] == list(section("The columns")) == list(COLUMNS)
    assert all(comment for _name, comment in found)


def test_the_page_says_how_each_column_is_closed(database: Database) -> None:
    """Without it «list» could stand where only the form of a word is looked at."""
    with psycopg.connect(database.superuser) as connection:
        (source,) = connection.execute(
            "SELECT prosrc FROM pg_proc WHERE oid = 'cutter_governance.fn_audit()'::regprocedure"
        ).fetchone() or ("",)
    for name, cell in section("The columns").items():
        listed = re.search(rf"t\.{'sent' if name == 'outcome' else name} IN \(", source)
        assert cell.endswith("list" if listed else "form"), name


def test_every_command_is_classified() -> None:
    """Rule 9. Without it a new command could show identifiers, and nobody would have said for whom it is."""
    assert set(classified()) == set(leaves(make_root(), ("cutter",)))
    assert set(classified().values()) == {EXPOSURE, OWN}
    assert [command for command, word in classified().items() if word == EXPOSURE] == [("cutter", "audit", "export")]


def test_the_page_names_the_exports_options() -> None:
    """Without it somebody would type what the page says, and be refused."""
    (line,) = re.findall(r"^cutter audit export .*$", PAGE, re.MULTILINE)
    group = make_root().get_command(click.Context(make_root()), "audit")
    assert isinstance(group, click.Group)
    known = {name for parameter in group.commands["export"].params for name in parameter.opts}
    assert set(re.findall(r"--[a-z]+", line)) == known - {"--output", "--color", "--lang", "--help"}


@pytest.mark.parametrize("form", ["jsonl", "json", "csv"])
def test_an_export_of_a_ledger_without_events_is_clear(running: Workspace, form: str) -> None:
    """Without it the first export of a new workspace would be an empty file, or a refusal."""
    told = running.cutter("audit", "export", "--format", form)
    assert told.status == 0, told.text
    match form:
        case "jsonl":
            assert [json.loads(line) for line in told.text.splitlines()][-1] == {"rows": 0}
        case "json":
            assert json.loads(told.text)["rows"] == []
        case _:
            assert told.text.split() == [",".join(COLUMNS)]


def test_an_export_goes_into_a_file_once(running: Workspace) -> None:
    """Without it an export could replace the one of last month, or be readable by everybody."""
    first = running.cutter("audit", "export", "--to", "audit.jsonl", "--output=json")
    again = running.cutter("audit", "export", "--to", "audit.jsonl", "--output=json")

    file = running.folder / "audit.jsonl"
    assert (first.status, first.document["rows"], first.document["size"]) == (0, 0, file.stat().st_size)
    assert file.stat().st_mode & 0o777 == 0o600
    assert (again.status, again.document["detail"]) == (2, "file_exists")
