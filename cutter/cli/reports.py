"""`--report github,junit,markdown` of a command that runs a pipeline: the same result, for continuous integration.

Rules kept here: what is asked for is read from argv, without a parser, so that a run that was refused before or by the
parser is reported too; stdout stays what it is without reports: annotations go to stderr, which GitHub reads as well;
a report that cannot be written is told, and makes a run that went well end with another status; it changes no other.

Source: issue 6, part 7; GitHub, "Workflow commands" (GITHUB_STEP_SUMMARY).
"""

import dataclasses
import os
import sys
from collections.abc import Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from cutter.cli.report_options import asked_folder, asked_formats
from cutter.cli.session import open_settings, repository
from cutter.cli.view import View
from cutter.custody.files import append_shared, private_folder, shared_folder, write_atomic
from cutter.messages import _
from cutter.report.ci.github import annotation_lines
from cutter.report.ci.junit import junit_xml
from cutter.report.ci.markdown import markdown_report
from cutter.report.lines import exit_part
from cutter.report.result import Result
from cutter.report.visible import visible
from cutter.stops import Stop

JUNIT, MARKDOWN = "junit.xml", "report.md"
SUMMARY_LIMIT = 60_000  # bytes; GitHub drops a step's summary beyond 1 MiB, and commands of a step share it
_REFUSED = "refused"  # in place of a run's id, when there is no run
_SHARED_MODE, _OWN_MODE = 0o644, 0o600


@dataclass(frozen=True, slots=True)
class _Place:
    """Where files go: named by the user, or the run's own folder."""

    named: Path | None
    run: str

    def write(self, name: str, text: str) -> Path:
        """Write one file. Raises STOP_PATH_UNSAFE, STOP_DISK."""
        if self.named is not None:
            folder, mode = shared_folder(self.named), _SHARED_MODE
        else:
            workspace = _workspace()
            folder, mode = private_folder(workspace / ".cutter" / "reports" / self.run, workspace), _OWN_MODE
        write_atomic(folder / name, text.encode(), mode)
        return folder / name


def with_reports(view: View, arguments: Sequence[str]) -> View:
    """Write the reports of a run that argv asks for.

    Args:
        view: of the run, as it is shown.
        arguments: the words after the program's name.

    Returns:
        the view; with the exit status of a stop when a report could not be written and the run itself went well.
    """
    result = view.document
    formats = asked_formats(arguments)
    if not isinstance(result, Result) or not formats:
        return view
    named = asked_folder(arguments)
    place = _Place(Path(named).absolute() if named else None, result.run_id or _REFUSED)
    try:
        for line in _written(result, formats, place):
            _say(line)
    except Stop as stop:
        status = int(stop.code.exit)
        _say(f"{stop.code.name} · {exit_part(status)} · {visible(stop.where)} {stop.detail}")
        return dataclasses.replace(view, exit=view.exit or status)
    return view


def _written(result: Result, formats: Sequence[str], place: _Place) -> Iterator[str]:
    """What is said on stderr, while the reports are written."""
    whole = f"cutter runs show {result.run_id[:8]}" if result.run_id else ""
    if "junit" in formats:
        yield _told(place.write(JUNIT, junit_xml(result)))
    if "markdown" in formats:
        file = place.write(MARKDOWN, markdown_report(result))
        whole = str(file)
        yield _told(file)
    if "github" in formats:
        yield from annotation_lines(result, Path.cwd(), repository())
        if summary := os.environ.get("GITHUB_STEP_SUMMARY"):
            text = markdown_report(result, limit=SUMMARY_LIMIT, whole=whole)
            append_shared(Path(summary).absolute(), text.encode())


def _told(path: Path) -> str:
    return _("report: {path}", path=visible(str(path), compose=False))


def _say(line: str) -> None:
    with suppress(OSError):
        sys.stderr.write(f"{line}\n")


def _workspace() -> Path:
    """The workspace; where its settings are refused, the folder that the command was given in."""
    try:
        return open_settings().workspace
    except Stop:
        return Path.cwd()
