"""The answer to a shell that asks what can come next: what `cutter _complete` prints.

Rules kept here: the tree of commands is read from `commands.tsv`, which `make docs` writes, so that no command's module
is loaded; nothing is said on any failure; only words that need no quote are answered.

The answer is one candidate a line, behind a tab what it is; or `+files`, `+folders`: the shell knows those.

Source: issue 6, part 6; command-line.md §1 row 15.
"""

import os
import re
import sys
from collections.abc import Iterable, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from itertools import chain
from pathlib import Path

import click

from cutter.app import index
from cutter.stops import Exit, StopCode

_TABLE = Path(__file__).parent / "commands.tsv"
_TOPICS = Path(__file__).parents[1] / "topics" / "en"
_SAFE = re.compile(r"[A-Za-z0-9+_-][A-Za-z0-9+._/@:=-]*")
_SHOWN_ID = 8  # hex digits of a run id, as on screens
_SHELL, _WORDS, _SEPARATOR = "_CUTTER_SHELL", "_CUTTER_WORDS", "\x1f"
_ORCHESTRATE = "orchestrate"
# What the command of every pipeline has, of one that `commands.tsv` does not know.
_ANY_PIPELINE = f"{_ORCHESTRATE} *"


@dataclass(frozen=True, slots=True)
class Known:
    """A command: what each option takes (None for a flag) and what its arguments are, the last one repeated if so."""

    options: dict[str, str | None] = field(default_factory=dict)
    arguments: tuple[str, ...] = ()
    repeated: bool = False


@dataclass(frozen=True, slots=True)
class _Scene:
    """Where it is asked, and whether the shell shows what is said of a candidate."""

    workspace: str
    described: bool


@dataclass(frozen=True, slots=True)
class _Position:
    """Where the line stands: the command, how many of its arguments are given, the option that wants a value."""

    path: tuple[str, ...]
    given: int
    wanting: str | None


def make_answer() -> click.Command:
    """The hidden command."""
    return click.Command(name="_complete", callback=_answer, hidden=True)


def _answer() -> None:
    with suppress(Exception):  # whoever presses TAB is not told of faults
        shell, words = os.environ.get(_SHELL, ""), os.environ.get(_WORDS, "").split(_SEPARATOR)
        lines = "".join(f"{line}\n" for line in complete(shell, words, os.getcwd()))  # noqa: PTH109
        sys.stdout.buffer.write(lines.encode())
        sys.stdout.flush()


def complete(shell: str, words: Sequence[str], folder: str) -> Iterator[str]:
    """The lines of the answer.

    Args:
        shell: `bash`, `zsh` or `fish`; bash splits words at `=` and `:` and replaces only what is behind.
        words: the words of the line up to the one that is being typed, the program first.
        folder: the current folder.
    """
    joined = _join(words) if shell == "bash" else list(words)
    program = os.path.basename(joined[0]) if joined else ""  # noqa: PTH119
    line = ([_ORCHESTRATE] if program == _ORCHESTRATE else []) + joined[1:]
    if not line:
        return
    *before, typed = line
    typed = typed.lstrip("\"'")
    scene = _Scene(index.find_workspace(folder) or folder, described=shell != "bash")
    table = read_table(scene.workspace)
    option, equals, value = typed.partition("=")
    if equals and option.startswith("--"):
        front = "" if shell == "bash" else f"{option}="
        place = _stand(table, before)
        kind = _known(table, place.path).options.get(option)
        found = _values(kind or "", value, scene)
        yield from (item if item.startswith("+") else f"{front}{item}" for item in found)
        return
    yield from _next_words(table, _stand(table, before), typed, scene)


def _next_words(table: dict[tuple[str, ...], Known], place: _Position, typed: str, scene: _Scene) -> Iterator[str]:
    known = _known(table, place.path)
    if place.wanting is not None:
        yield from _values(place.wanting, typed, scene)
    elif typed.startswith("-"):
        yield from _fitting(sorted(known.options), typed)
    else:
        if not place.given:
            yield from _fitting(_children(table, place.path), typed)
        kind = _argument(known, place.given)
        yield from _values(kind, typed, scene)


def read_table(workspace: str) -> dict[tuple[str, ...], Known]:
    """The commands by their words, with the pipelines of the workspace."""
    table: dict[tuple[str, ...], Known] = {}
    with _TABLE.open(encoding="utf-8") as file:
        for row in file:
            if not row.startswith("#"):
                path, options, arguments = row.rstrip("\n").split("\t")
                table[tuple(path.split())] = _row(options, arguments)
    common = table.pop(tuple(_ANY_PIPELINE.split()))
    for name in index.pipeline_ids(workspace):
        if (_ORCHESTRATE, name) not in table:
            inputs: dict[str, str | None] = {
                f"--{item.replace('_', '-')}": _kind_of_input(item) for item in index.input_names(workspace, name)
            }
            positional = ("@documents",) if "--document-id" in inputs else ()
            table[_ORCHESTRATE, name] = Known(common.options | inputs, positional)
    return table


def _row(options: str, arguments: str) -> Known:
    parted = (item.partition("=") for item in options.split())
    kinds = arguments.split()
    repeated = bool(kinds) and kinds[-1].endswith("...")
    return Known(
        {name: value if equals else None for name, equals, value in parted},
        tuple(kind.removesuffix("...") for kind in kinds),
        repeated,
    )


def _kind_of_input(name: str) -> str:
    return "@documents" if name == "document_id" else ""


def _known(table: dict[tuple[str, ...], Known], path: tuple[str, ...]) -> Known:
    return table.get(path, Known())


def _stand(table: dict[tuple[str, ...], Known], before: Sequence[str]) -> _Position:
    path: tuple[str, ...] = ()
    given, wanting, ended = 0, None, False
    for word in before:
        if wanting is not None:
            wanting = None
        elif word == "--" and not ended:
            ended = True
        elif word.startswith("-") and not ended:
            name, equals, _ = word.partition("=")
            wanting = None if equals else _known(table, path).options.get(name)
        elif (*path, word) in table and not given:
            path = (*path, word)
        else:
            given += 1
    return _Position(path, given, wanting)


def _children(table: dict[tuple[str, ...], Known], path: tuple[str, ...]) -> Iterator[str]:
    return (row[-1] for row in table if len(row) == len(path) + 1 and row[: len(path)] == path)


def _argument(known: Known, given: int) -> str:
    if given < len(known.arguments):
        return known.arguments[given]
    return known.arguments[-1] if known.repeated else ""


def _values(kind: str, typed: str, scene: _Scene) -> Iterator[str]:
    """The candidates of a kind: `@name` is looked up, anything else is a list of words; bars part several."""
    for part in kind.split("|"):
        match part:
            case "" | "-":
                continue
            case "@files" | "@folders":
                yield f"+{part[1:]}"
            case "@runs":
                yield from _runs(typed, scene)
            case "@codes":
                yield from _codes(typed, scene.workspace)
            case _:
                yield from _fitting(_look_up(part, scene.workspace), typed)


def _look_up(part: str, workspace: str) -> Iterable[str]:
    match part:
        case "@documents":
            return index.document_ids(workspace)
        case "@pipelines":
            return index.pipeline_ids(workspace)
        case "@profiles":
            return index.profile_ids(workspace)
        case "@backups":
            return index.backup_ids(workspace)
        case "@requests":
            return (run.approval_kb_id for run in index.known_runs(workspace) if run.is_open)
        case "@topics":
            return sorted(name.removesuffix(".txt") for name in os.listdir(_TOPICS))  # noqa: PTH208
        case _:
            return (part,)


def _runs(typed: str, scene: _Scene) -> Iterator[str]:
    """Runs, newest first, by as much of the id as screens show; with what each is, where the shell shows that."""
    end = _SHOWN_ID if len(typed) <= _SHOWN_ID else None
    if not scene.described:
        yield from (run_id[:end] for run_id in index.run_ids(scene.workspace) if run_id.startswith(typed))
        return
    for run in index.known_runs(scene.workspace):
        if run.run_id.startswith(typed):
            what = " ".join(part for part in (run.status, run.pipeline, run.document_id) if part)
            yield f"{run.run_id[:end]}\t{what}"


def _codes(typed: str, workspace: str) -> Iterator[str]:
    """Stop codes and what else can be explained; also as people write codes, once a small letter is typed."""
    if typed[:1].islower():
        yield from _fitting((_as_people_write(code) for code in StopCode.__members__), typed)
    else:
        yield from _fitting(chain(StopCode.__members__, index.gate_ids(workspace)), typed)
    if typed[:1].isdigit():
        yield from _fitting((str(status.value) for status in Exit), typed)


def _as_people_write(code: str) -> str:
    return code.removeprefix("STOP_").lower().replace("_", "-")


def _fitting(names: Iterable[str], typed: str) -> Iterator[str]:
    return (name for name in names if name.startswith(typed) and _SAFE.fullmatch(name))


def _join(words: Sequence[str]) -> list[str]:
    """Words as they were typed: bash parts them at `=` and `:`."""
    joined: list[str] = []
    for word in words:
        follows = bool(joined) and joined[-1][-1:] in ("=", ":") and len(joined) > 1
        if joined and (word in ("=", ":") or follows) and len(joined) > 1:
            joined[-1] += word
        else:
            joined.append(word)
    return joined
