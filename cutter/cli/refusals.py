"""The views of what was refused: a result for a command that runs a pipeline, a refusal for every other."""

from collections.abc import Sequence

from cutter.cli.view import View
from cutter.model import Mode
from cutter.report.fold import fold_refusal, refused_result
from cutter.report.human import refusal_lines, result_lines
from cutter.report.result import Result
from cutter.stops import Stop


def result_view(result: Result) -> View:
    """The view of a run."""
    return View(result, result_lines(result), result.exit_code, stated=True)


def refused_run(stop: Stop, pipeline: str, *, live: bool) -> View:
    """The view of a run that was refused before it existed."""
    mode = Mode.LIVE if live else Mode.DRYRUN
    return result_view(refused_result(stop, pipeline=pipeline, mode=mode, document_id=None))


def refused_command(stop: Stop, command: Sequence[str]) -> View:
    """The view of another command that was refused; `command` are its words, as far as they were understood."""
    refusal = fold_refusal(stop, command)
    return View(refusal, refusal_lines(refusal), refusal.exit_code, stated=True)
