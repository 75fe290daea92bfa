"""What is told of operations: it comes from the catalogue, its types and docstrings, and the pipelines."""

import re
from functools import cache
from pathlib import Path

import pytest

from cutter.app.operations import DescribedOperation, list_operations, show_operation
from cutter.operations import CATALOGUE, OPERATIONS
from cutter.settings import load_settings
from cutter.stops import Stop, StopCode
from tools.docs import operations as operations_page

ROOT = Path(__file__).parents[3]
SETTINGS = load_settings(ROOT, {})


@cache
def described() -> dict[str, DescribedOperation]:
    """Every operation, by name and version."""
    return {found.name: found for found in list_operations(SETTINGS)}


def test_every_operation_is_listed() -> None:
    """An operation that is not listed is one that nobody can find."""
    assert list(described()) == list(CATALOGUE.names())
    assert len(described()) == len(OPERATIONS)


@pytest.mark.parametrize("name", CATALOGUE.names())
def test_an_operation_is_told_whole(name: str) -> None:
    """A type that a person does not know, or a stop that is none, would be worse than silence."""
    found = described()[name]

    assert found.summary
    assert found.params_meaning
    assert found.outcome
    assert all(
        re.fullmatch(r"[a-z][A-Za-z ,()]*|SQL, one (question|call)", field.type)
        for field in (*found.params, *found.outcome)
    )
    assert "value" not in {field.type for field in (*found.params, *found.outcome)}
    assert found.stops
    assert all(code in StopCode.__members__ for code in found.stops)


# operation → what is told of it
TOLD = {
    "library.cut_leg_a@1": ("writes to the database", "backup", ("cut",)),
    "library.plan_cut@1": ("reads", "", ("cut",)),
    "custody.backup@1": ("outside the database", "", ("cut", "restore", "void")),
    "sql.execute@1": ("writes to the database", "backup", ()),
}


@pytest.mark.parametrize("name", TOLD)
def test_effect_undo_and_users(name: str) -> None:
    """Who writes a pipeline decides by these: what is written, how it is undone, who does it already."""
    found = described()[name]

    assert (found.kind, found.undo, found.pipelines) == TOLD[name]


def test_meanings_and_stops_come_from_docstrings() -> None:
    """A field's meaning stands once, where the field is declared; the stops where they are raised."""
    backup, plan = described()["custody.backup@1"], described()["library.plan_cut@1"]
    meanings = {field.name: field.meaning for field in backup.outcome}

    assert meanings["size"] == "the plain bytes of all tables"
    assert {"STOP_BACKUP_REFUSED", "STOP_DRILL_REFUSED"} <= set(backup.stops)
    assert {code.name for code in StopCode if code.name.startswith("STOP_TEXT_")} <= set(plan.stops)
    assert {field.name: field.type for field in plan.outcome}["counts"] == "list of (text, number)"


@pytest.mark.parametrize("asked", ["library.enact@1", "library.enact"])
def test_an_operation_is_found_by_name(asked: str) -> None:
    """The version is what people leave out."""
    assert show_operation(SETTINGS, asked).name == "library.enact@1"


@pytest.mark.parametrize(
    ("asked", "nearest"),
    [("library.enct", "library.enact"), ("backup", "custody.backup@1"), ("", None), ("x" * 999, None)],
)
def test_an_unknown_operation_is_refused_with_the_nearest(asked: str, nearest: str | None) -> None:
    """A name that is nearly right must lead to the right one."""
    with pytest.raises(Stop) as caught:
        show_operation(SETTINGS, asked)

    assert (caught.value.code, caught.value.detail) == (StopCode.STOP_INVALID_INPUT, "operation")
    assert nearest is None or nearest in caught.value.suggestions


def test_the_page_says_the_same() -> None:
    """Page and command are made of one description; a field that one of them lacks would be a second truth."""
    page = operations_page()

    for found in described().values():
        section = page.partition(f"\n## {found.name}\n")[2].partition("\n## ")[0]
        assert found.summary in section
        assert all(f"  - `{field.name}`, {field.type}" in section for field in (*found.params, *found.outcome))
        assert all(f"`{code}`" in section for code in found.stops)
