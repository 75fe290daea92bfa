"""A run as annotations of GitHub: what stopped it, what would stop a live run, and how it ended.

Rules kept here: an annotation is one line, and nothing of foreign origin can end it or begin another command of the
workflow; GitHub shows ten of a kind in a step, so the tenth says how many more there are; errors come first.

Source: issue 6, part 7; GitHub, "Workflow commands".
"""

import re
from collections.abc import Iterator, Mapping
from pathlib import PurePath

from cutter.messages import _, number
from cutter.report.human import result_lines
from cutter.report.lines import exit_part, why_lines
from cutter.report.phase_table import would_stop_words
from cutter.report.problems import annotation, place_of
from cutter.report.result import Result
from cutter.report.visible import visible

SHOWN = 10  # annotations of a kind that a step shows
_PLACE = re.compile(r"(?P<file>.+?):(?P<line>[1-9][0-9]{0,8}):(?P<column>[1-9][0-9]{0,8})")


def annotation_lines(result: Result, folder: PurePath, root: PurePath) -> Iterator[str]:
    """The annotations.

    Args:
        result: of the run.
        folder: that the command was given in; paths of files are meant from there.
        root: the repository's; files below it are named without it.
    """
    if result.stop_code:
        title = f"{result.stop_code} ({exit_part(result.exit_code)})"
        yield annotation("error", {**_place(result.where, folder, root), "title": title}, _text(why_lines(result)))
    yield from _warnings(result)
    if not result.stop_code:
        digest = (_("plan digest: {digest}", digest=result.plan_digest),) if result.plan_digest else ()
        first = str(result_lines(result)[0])
        yield annotation("notice", {"title": "cutter"}, _text((first, *digest)))


def _warnings(result: Result) -> Iterator[str]:
    notes = result.would_stop
    cut = len(notes) > SHOWN
    for note in notes[: SHOWN - 1] if cut else notes:
        told = f"{note.phase}: {would_stop_words(note)}"
        yield annotation("warning", {"title": _("This would stop a live run")}, visible(told))
    if cut:
        more = _("and {count} more: {command}", count=number(len(notes) - SHOWN + 1), command=_show(result))
        yield annotation("warning", {"title": _("This would stop a live run")}, more)


def _show(result: Result) -> str:
    return f"cutter runs show {result.run_id[:8]}"


def _place(where: str, folder: PurePath, root: PurePath) -> Mapping[str, str]:
    """Where a stop says `FILE:LINE:COLUMN`, that place."""
    found = _PLACE.fullmatch(where)
    if found is None:
        return {}
    file = visible(place_of(found["file"], folder, root), compose=False)
    return {"file": file, "line": found["line"], "col": found["column"]}


def _text(lines: "Iterator[str] | tuple[str, ...]") -> str:
    return "\n".join(visible(str(line)).strip() for line in lines)
