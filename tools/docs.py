"""Generates the reference pages in docs/ from the program's own tables; `--check` only compares.

`docs/stop-codes.md` comes from `cutter.stops` and the texts beside it, and from the reasons beside `cutter.policies`,
`docs/operations.md` from the catalogue of operations, `cutter/cli/commands.tsv` (for completion) from the tree of
commands.
"""

import os
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path

from cutter.app.explained_policies import explain_reasons
from cutter.app.explanations import Explanation, explain_exit, explain_stop
from cutter.app.operations import DescribedOperation, OperationField, list_operations
from cutter.settings import load_settings
from cutter.stops import Exit, StopCode
from tools.commands import command_table

ROOT = Path(__file__).parent.parent


def stop_codes() -> str:
    """The page of stop codes and exit statuses."""
    lines = [
        "# Stop codes and exit statuses",
        "",
        "Generated from `cutter/stops/` by `make docs`.",
        "",
        "## Exit statuses",
        "",
        "| exit | meaning | when it comes | what to do |",
        "|---|---|---|---|",
        *(f"| {status.value} | {status.meaning} | {told.cause} | {told.remedy} |" for status, told in _exits()),
        "",
        "## Stop codes",
        "",
        "A stop before any committed governed write ends with the exit status shown; after one, with 51.",
        "`cutter explain CODE` shows the same, offline.",
    ]
    for code in sorted(StopCode, key=lambda code: (code.exit, code.name)):
        declared = code.value
        again = " · running the same line again may help" if declared.retryable else ""
        lines += ["", f"### {code.name}", "", f"exit {declared.exit.value} · {declared.category.value}{again}"]
        told = explain_stop(code)
        lines += ["", declared.meaning, "", f"What to do: {declared.remedy}"]
        lines += ["", f"How it arises: {told.cause}", "", f"How to mend it: {told.remedy}"]
        lines += ["", f"See: {', '.join(f'`{step.command}`' for step in told.next)}"]
    return "\n".join([*lines, *_reasons()]) + "\n"


def _reasons() -> Iterator[str]:
    yield from ("", "## Reasons of decisions", "")
    yield "Why policies deny a trigger, or ask people, where no rule's own reason says it. A denial is"
    yield "`STOP_POLICY_DENIED` with the reason as its detail."
    yield from ("", "| reason | exit | meaning | what to do |", "|---|---|---|---|")
    yield from (f"| `{each.name}` | {each.exit_code} | {each.meaning} | {each.remedy} |" for each in explain_reasons())


def _exits() -> Iterator[tuple[Exit, Explanation]]:
    return ((status, explain_exit(status)) for status in Exit)


def operations() -> str:
    """The page of operations, as `cutter operations show` tells them."""
    lines = [
        "# Operations",
        "",
        "Generated from the catalogue by `make docs`; `cutter operations show NAME` says the same. A pipeline's phase",
        "names one with `uses: NAME@VERSION`; the fields of its outcome are what later phases can refer to. Beside the",
        "stops that are listed, any phase can end with those of its surveys and of the database.",
    ]
    for operation in list_operations(load_settings(ROOT, {})):
        lines += ["", f"## {operation.name}", "", operation.summary, "", *_facts(operation)]
    return "\n".join(lines) + "\n"


def _facts(operation: DescribedOperation) -> Iterator[str]:
    yield f"- effect: {operation.kind}"
    if operation.undo:
        governs = ", ".join(f"`{table}`" for table in operation.governs) or "nothing (only the run's own records)"
        yield f"- governs: {governs}; undone by: {operation.undo}"
    if operation.crosses:
        yield f"- uses tables of: {', '.join(operation.crosses)}"
    yield f"- used by: {', '.join(f'`{name}`' for name in operation.pipelines) or 'no shipped pipeline'}"
    yield f"- parameters: {operation.params_meaning}"
    yield from _fields(operation.params)
    yield f"- outcome: {operation.outcome_meaning}"
    yield from _fields(operation.outcome)
    yield f"- stops: {', '.join(f'`{code}`' for code in operation.stops)}"


def _fields(fields: Sequence[OperationField]) -> Iterator[str]:
    for field in fields:
        yield f"  - `{field.name}`, {field.type}{f': {field.meaning}' if field.meaning else ''}"


def main(arguments: list[str]) -> int:
    """Write the pages, or with `--check` say which one is not up to date."""
    os.chdir(ROOT)  # the commands of pipelines are those of the workspace here
    pages = {
        "docs/stop-codes.md": stop_codes(),
        "docs/operations.md": operations(),
        "cutter/cli/commands.tsv": command_table(),
    }
    stale = []
    for name, text in pages.items():
        page = ROOT / name
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
