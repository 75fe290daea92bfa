"""`cutter explain CODE`: what a code, a status, a gate, an operation or a reason means, how it arises and is mended.

Rules kept here: nothing is asked of a database; a word that nothing is known about is never shown again, because it
may have been pasted by mistake.

Source: issue 6, part 6; command-line.md §1 rows 4, 5.
"""

import difflib
from collections.abc import Iterator, Sequence
from importlib import import_module
from typing import TYPE_CHECKING, Any

import click

from cutter.app.explanations import Explanation, Fact, explain_word, normal_name
from cutter.cli.exits import epilog
from cutter.cli.root import SETTINGS
from cutter.cli.view import View
from cutter.messages import _
from cutter.report.lines import exit_part, next_lines
from cutter.report.paragraphs import screen_width, wrapped
from cutter.report.visible import visible, width
from cutter.stops import Category, Exit, Stop, StopCode

if TYPE_CHECKING:
    from cutter.settings import Settings  # loaded only for words of pipelines

_HELP = """Explain a stop code, an exit status, a gate, an operation, a mistake of lint or a reason of a decision.

Such as: STOP_DRIFT, drift, 21, GATE_CUT_AUTHORIZATION, library.cut_leg_a, P301, NO_MATCH. No database is asked.
"""
_NEAREST = 3


def make_group() -> click.Command:
    """The command."""
    return click.Command(
        name="explain",
        params=[click.Argument(["code"], metavar="CODE")],
        callback=explain,
        help=_HELP,
        epilog=epilog(),
        context_settings=dict(SETTINGS),
    )


def explain(code: str) -> View:
    """The view of what a word means. Raises STOP_INVALID_INPUT, detail `unknown`, with the nearest words."""
    found = explain_word(code)
    if found is None:
        policies: Any = import_module("cutter.app.explained_policies")
        found = policies.explain_policy_word(code)
    if found is None:
        pipelines: Any = import_module("cutter.app.explained_pipelines")
        settings = _settings()
        found = pipelines.explain_pipeline_word(code, settings)
        if found is None:
            near = _nearest(code, (*pipelines.pipeline_words(settings), *policies.policy_words()))
            raise Stop(StopCode.STOP_INVALID_INPUT, "unknown", where="CODE", suggestions=near)
    return View(found, tuple(_lines(found, screen_width())))


def _settings() -> "Settings | None":
    """The workspace's settings; none where they cannot be read: what that stop means can be explained all the same."""
    session: Any = import_module("cutter.cli.session")
    try:
        settings: Settings = session.open_settings()
    except Stop:
        return None
    return settings


def _nearest(word: str, others: Sequence[str]) -> tuple[str, ...]:
    name = normal_name(word)
    known = [*StopCode.__members__, *Category.__members__, *others]
    shown = {normal_name(item).removeprefix("STOP_").removeprefix("GATE_"): item for item in known}
    if name.isdecimal():
        return tuple(str(status.value) for status in Exit)
    short = name.removeprefix("STOP_").removeprefix("GATE_")
    parts = [item for plain, item in shown.items() if len(short) > 2 and short in plain]
    near = [shown[plain] for plain in difflib.get_close_matches(short, list(shown), n=_NEAREST, cutoff=0.5)]
    return tuple(dict.fromkeys([*near, *parts]))[:_NEAREST]


def _lines(found: Explanation, cells: int) -> Iterator[str]:
    yield " · ".join(_head(found))
    yield from wrapped(_(found.meaning), cells, "  ")
    yield from _section(_("How it arises"), found.cause, cells)
    mended = _("How it goes on") if found.kind == "gate" else _("How to mend it")
    yield from _section(mended, found.remedy, cells)
    if found.codes:
        yield from ("", _("Stop codes"), *(f"  {name}" for name in found.codes))
    if found.facts:
        yield ""
        yield from _facts(found.facts, cells)
    if found.kind == "stop":
        yield ""
        yield from wrapped(f"{exit_part(found.exit_code or 0)}: {_(found.exit_meaning)}", cells)
        if found.retryable:
            yield from wrapped(_("Running the same line again may help."), cells)
        yield from wrapped(_("After a committed phase of a live run the exit status is 51 instead."), cells)
    if found.next:
        yield ""
        yield from next_lines(found.next)


def _head(found: Explanation) -> Iterator[str]:
    if found.kind != "exit":
        yield visible(found.name)
    if found.exit_code is not None:
        yield exit_part(found.exit_code)
    if found.category:
        yield found.category


def _section(title: str, text: str, cells: int) -> Iterator[str]:
    if text:
        yield from ("", title, *wrapped(_(text), cells, "  "))


def _facts(facts: Sequence[Fact], cells: int) -> Iterator[str]:
    wide = max(width(_(fact.name)) for fact in facts)
    for fact in facts:
        name = _(fact.name)
        first, *rest = wrapped(visible(fact.value), cells, " " * (wide + 4))
        yield f"  {name}{' ' * (wide - width(name))}  {first.strip()}"
        yield from rest
