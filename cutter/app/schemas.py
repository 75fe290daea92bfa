"""The JSON Schemas that cutter ships: of the files that people write, and of what it prints and keeps. Offline."""

import difflib
from pathlib import Path

import msgspec

from cutter.resources import shared
from cutter.stops import Stop, StopCode


class ListedSchema(msgspec.Struct, frozen=True):
    """One schema: its short name, the format that it describes, and where its file is."""

    name: str
    format: str
    path: str


def list_schemas() -> tuple[ListedSchema, ...]:
    """Every schema, by name and version."""
    files = sorted(shared("schemas").glob("*/*.json"), key=lambda path: (path.parent.name, int(path.stem)))
    return tuple(ListedSchema(p.parent.name, f"cutter.{p.parent.name}/{p.stem}", str(p)) for p in files)


def read_schema(name: str) -> tuple[ListedSchema, str]:
    """A schema and its text.

    Args:
        name: `result` (its newest version), `result/1` or `cutter.result/1`.

    Raises:
        Stop: STOP_INVALID_INPUT, detail `schema`, with the nearest names.
    """
    known = {form: item for item in list_schemas() for form in _names(item)}  # of a short name the newest is last
    found = known.get(name)
    if found is None:
        names = sorted({item.name for item in known.values()})
        near = difflib.get_close_matches(name, names, n=3, cutoff=0.5)
        raise Stop(
            StopCode.STOP_INVALID_INPUT, "schema", where="NAME", needed=", ".join(names), suggestions=tuple(near)
        )
    return found, Path(found.path).read_text(encoding="utf-8")


def _names(item: ListedSchema) -> tuple[str, ...]:
    return (item.name, item.format, item.format.removeprefix("cutter."))
