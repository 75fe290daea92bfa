"""The options `--report` and `--report-to`: declared for the parser, and read from argv before it.

Rules kept here: nothing is loaded for them; what the parser refuses, nothing is written for.

Source: issue 6, part 7.
"""

from collections.abc import Iterator, Sequence

import click

from cutter.stops import Stop, StopCode

REPORT, REPORT_TO = "--report", "--report-to"
FORMATS = ("github", "junit", "markdown")


def report_options() -> tuple[click.Option, ...]:
    """The two options."""
    formats = "Report the run to CI as well: github, junit or markdown, or several with commas."
    folder = "Where the files of reports go. [default: .cutter/reports/RUN]"
    return (
        click.Option([REPORT], metavar="FORMS", callback=_check, expose_value=False, help=formats),
        click.Option([REPORT_TO], metavar="DIR", expose_value=False, help=folder),
    )


def asked_formats(arguments: Sequence[str]) -> tuple[str, ...]:
    """The known forms that argv asks for."""
    asked = {name for value in _values(arguments, REPORT) for name in value.split(",")}
    return tuple(name for name in FORMATS if name in asked)


def asked_folder(arguments: Sequence[str]) -> str:
    """The folder that argv names; empty for none."""
    return next(reversed(tuple(_values(arguments, REPORT_TO))), "")


def _values(arguments: Sequence[str], option: str) -> Iterator[str]:
    """What an option is given, up to `--`."""
    before = ""
    for word in arguments:
        if word == "--":
            return
        if before == option:
            yield word
        elif word.startswith(f"{option}="):
            yield word.removeprefix(f"{option}=")
        before = word


def _check(context: click.Context, parameter: click.Parameter, value: str | None) -> str | None:
    if value is not None and not set(value.split(",")) <= set(FORMATS):
        raise Stop(StopCode.STOP_INVALID_INPUT, "wrong_value", where=REPORT, needed=",".join(FORMATS))
    return value
