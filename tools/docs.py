"""Generates the reference pages in docs/ from the program's own tables; `--check` only compares.

`docs/stop-codes.md` comes from `cutter.stops`, `docs/operations.md` from the catalogue of operations.
"""

import sys
from collections.abc import Iterator
from pathlib import Path

import msgspec

from cutter.operation import ExternalOperation, Operation, ReadOperation, TargetOperation
from cutter.operations import CATALOGUE
from cutter.stops import Exit, StopCode

DOCS = Path(__file__).parent.parent / "docs"


def stop_codes() -> str:
    """The page of stop codes and exit statuses."""
    lines = [
        "# Stop codes and exit statuses",
        "",
        "Generated from `cutter/stops/` by `make docs`.",
        "",
        "## Exit statuses",
        "",
        "| exit | meaning |",
        "|---|---|",
        *(f"| {status.value} | {status.meaning} |" for status in Exit),
        "",
        "## Stop codes",
        "",
        "A stop before any committed governed write ends with the exit status shown; after one, with 51.",
    ]
    for code in sorted(StopCode, key=lambda code: (code.exit, code.name)):
        declared = code.value
        again = " · running the same line again may help" if declared.retryable else ""
        lines += ["", f"### {code.name}", "", f"exit {declared.exit.value} · {declared.category.value}{again}"]
        lines += ["", declared.meaning, "", f"What to do: {declared.remedy}"]
    return "\n".join(lines) + "\n"


def operations() -> str:
    """The page of operations: effect, parameters, outcome, and what a write governs."""
    lines = [
        "# Operations",
        "",
        "Generated from the catalogue by `make docs`. A pipeline's phase names one with `uses: NAME@VERSION`; the",
        "fields of its outcome are what later phases can refer to.",
    ]
    for name in CATALOGUE.names():
        plain, _, version = name.partition("@")
        operation = CATALOGUE.find(plain, int(version))
        if operation is None:
            raise SystemExit(f"{name} is listed and cannot be found")
        lines += ["", f"## {name}", "", operation.summary, "", *_facts(operation)]
    return "\n".join(lines) + "\n"


def _facts(operation: Operation) -> Iterator[str]:
    match operation:
        case ReadOperation():
            yield "- effect: reads"
        case TargetOperation():
            governs = ", ".join(f"`{table}`" for table in operation.governs) or "nothing (only the run's own records)"
            yield "- effect: writes to the database"
            yield f"- governs: {governs}; undone by: {operation.undo.value}"
        case ExternalOperation():
            yield "- effect: outside the database"
    if operation.crosses:
        yield f"- uses tables of: {', '.join(operation.crosses)}"
    yield f"- parameters: {_fields(operation.params)}"
    yield f"- outcome: {_fields(operation.outcome)}"


def _fields(type_: type[msgspec.Struct]) -> str:
    return ", ".join(f"`{field.name}`" for field in msgspec.structs.fields(type_)) or "none"


def main(arguments: list[str]) -> int:
    """Write the pages, or with `--check` say which one is not up to date."""
    stale = []
    for name, text in {"stop-codes.md": stop_codes(), "operations.md": operations()}.items():
        page = DOCS / name
        if page.exists() and page.read_text(encoding="utf-8") == text:
            continue
        stale.append(name)
        if "--check" not in arguments:
            page.write_text(text, encoding="utf-8")
    if "--check" in arguments and stale:
        print(f"not up to date: {', '.join(stale)}; run: make docs", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
