"""What `cutter` alone shows: the one line, the runs that wait for somebody, and where help is.

Rules kept here: it is as quick as `--help`, so it asks no database; runs are those of this workspace's folder, as this
host has last seen them.

Source: issue 6, part 6; command-line.md §1 rows 1, 12.
"""

import os
from collections.abc import Iterator

from cutter.app import index
from cutter.messages import _, label
from cutter.report.paragraphs import screen_width, wrapped

_DOCUMENT = "ID"  # in the one line of a workspace without documents
_SHOWN = 5
_SHOWN_ID = 8
_MARGIN = 9  # as on other screens: the width of the words that begin a block


def start_lines(summary: str) -> Iterator[str]:
    """The lines of the screen, for the current folder."""
    yield from wrapped(_(summary), screen_width())
    yield ""
    workspace = _workspace()
    if workspace is None:
        yield _("There is no workspace here: no cutter.yaml in this folder or above it.")
        yield from _block(_("Next"), [(label("begin"), "cutter init --help"), *_help()])
        return
    document = next(iter(index.document_ids(workspace)), "")
    line = f"cutter orchestrate cut {document or _DOCUMENT}"
    yield f"  {line}    {_('rehearses a cut: always safe, nothing is written')}"
    yield ""
    found = [run for run in index.known_runs(workspace) if run.is_open]
    yield from _block(_("Open"), [(_state(run), _run(run)) for run in found[:_SHOWN]])
    if len(found) > _SHOWN:
        yield f"{'':<{_margin()}}{_('and {count} more', count=len(found) - _SHOWN)}"
    steps = [(label("run"), f"cutter runs show {run.run_id[:_SHOWN_ID]}") for run in found[:1]]
    documents = [] if document else [(label("document"), "cutter documents add --help")]
    yield from _block(_("Next"), [*steps, *documents, *_help()])


def _workspace() -> str | None:
    """The workspace here; none in a folder that was removed."""
    try:
        return index.find_workspace(os.getcwd())  # noqa: PTH109  this module loads as little as it can
    except OSError:
        return None


def _help() -> list[tuple[str, str]]:
    return [
        (label("commands"), "cutter --help"),
        (label("topics"), "cutter help"),
        (label("this host"), "cutter doctor"),
    ]


def _state(run: index.KnownRun) -> str:
    return _("UNFINISHED") if run.status == index.UNFINISHED else _("WAITING")


def _run(run: index.KnownRun) -> str:
    subject = " ".join(part for part in (run.pipeline, run.document_id) if part)
    return f"{run.run_id[:_SHOWN_ID]}  {subject}".rstrip()


def _block(name: str, rows: list[tuple[str, str]]) -> Iterator[str]:
    wide = max((len(row[0]) for row in rows), default=0)
    for place, (first, text) in enumerate(rows):
        yield f"{'' if place else name:<{_margin()}}{first:<{wide}}  {text}"


def _margin() -> int:
    """How wide the words are that begin the blocks of this screen."""
    return max(_MARGIN, *(len(word) + 2 for word in (_("Open"), _("Next"))))
