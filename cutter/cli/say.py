"""`cutter say "PHRASE"`: a phrase of a pipeline, in a person's own words, run as the rehearsal that it asks for.

Rules kept here: the command that a phrase stands for is shown before it is run, and is run through the very parser of
`cutter orchestrate`, each value glued to its option, so that none can become one; a phrase never writes; what is
missing is asked for only where a person sits at both ends.

Source: issue 6, part 3; command-line.md §1 row 7.
"""

import sys
from collections.abc import Iterator

import click
import msgspec

from cutter.app.say import Choice, Meant, Question, Unclear, Understood, answer, know, understand
from cutter.cli.display import Display
from cutter.cli.exits import ORCHESTRATE, epilog
from cutter.cli.orchestrate import make_command
from cutter.cli.refusals import result_view
from cutter.cli.root import SETTINGS
from cutter.cli.session import open_settings
from cutter.cli.streaming import KeepsDisplay, kept_display, show_now
from cutter.cli.view import View
from cutter.messages import _
from cutter.model import Mode
from cutter.pipeline.phrases import Sense, SpokenWord
from cutter.report.fold import fold_refusal
from cutter.report.human import refusal_lines, table_lines
from cutter.report.lines import head, next_lines
from cutter.report.paragraphs import Line
from cutter.report.result import NextStep, Refusal, Result
from cutter.report.visible import visible
from cutter.stops import StopCode

SAY = "say"
_LONGEST_ANSWER = 4096  # characters
_SHOWN = 20  # choices on a screen; JSON has all


class SayReport(msgspec.Struct, frozen=True, kw_only=True):
    """`cutter say --explain` (`cutter.say/1`). Nothing was run.

    `command` rehearses what was understood, `live` would write it; both are empty, and `refusal` says why, when it was
    not understood. `choices` are the values of the input that is missing, `could_be` the phrases that can be said.
    """

    format: str = "cutter.say/1"
    words: tuple[SpokenWord, ...]
    pipeline: str = ""
    phrase: str = ""
    values: dict[str, str | None] = {}
    command: str = ""
    live: str = ""
    asked: str = ""
    choices: tuple[Choice, ...] = ()
    could_be: tuple[Meant, ...] = ()
    refusal: Refusal | None = None
    exit_code: int = 0


def make_group() -> click.Command:
    """The command."""
    explain = "Show what each word was understood as, and the command; run nothing."
    return KeepsDisplay(
        name=SAY,
        params=[
            click.Argument(["phrase"], nargs=-1, required=True, metavar="PHRASE"),
            click.Option(["--explain"], is_flag=True, help=explain),
        ],
        callback=_say,
        help=(
            "Rehearse what a phrase asks for. The phrases stand in the pipelines, such as `Cut document {document_id}`;"
            " words of politeness may stand around them, and no others. It never writes."
        ),
        epilog=epilog(*ORCHESTRATE),
        context_settings=dict(SETTINGS),
        rich_markup_mode=None,
    )


def _say(phrase: tuple[str, ...], *, explain: bool) -> View | None:
    known = know(open_settings())
    found = understand(known, " ".join(phrase))
    if explain:
        return _explained(found)
    while isinstance(found, Unclear) and found.reading is not None and found.question is not None and _attended():
        value = _ask(found.question)
        if not value:
            break
        found = answer(known, found, value)
    return _unclear(found) if isinstance(found, Unclear) else _run(found, kept_display())


def _run(found: Understood, display: Display) -> View | None:
    """Show the command, run it, and tell the live line with its result; None when nobody reads any more."""
    shown = View(_report(found), (visible(found.command, compose=False),))
    if not display.json and not show_now(shown, display):
        return None
    name = found.pipeline.id
    command = make_command(found.pipeline, name)
    words = [f"--{name.replace('_', '-')}={value}" for name, value in found.given.items()]
    with command.make_context(name, [*words, f"--mode={Mode.DRYRUN.value}"], obj=display) as context:
        view: View = command.invoke(context)
    result = view.document
    if not isinstance(result, Result) or result.exit_code:
        return view
    live = NextStep("live", found.live)
    return result_view(msgspec.structs.replace(result, next=(*result.next, live)))


def _explained(found: Understood | Unclear) -> View:
    if isinstance(found, Unclear):
        refusal = _refusal(found)
        report = SayReport(
            words=found.words,
            asked=found.question.input if found.question else "",
            choices=found.question.choices if found.question else (),
            could_be=found.could_be,
            refusal=refusal,
            exit_code=refusal.exit_code,
        )
        return View(report, (*_unclear_lines(found, refusal, told=True),), refusal.exit_code, stated=True)
    return View(_report(found), tuple(_understood_lines(found)), stated=True)


def _report(found: Understood) -> SayReport:
    return SayReport(
        words=found.reading.words,
        pipeline=found.pipeline.id,
        phrase=found.reading.phrase,
        values=dict(found.given),
        command=found.command,
        live=found.live,
    )


def _understood_lines(found: Understood) -> Iterator[str]:
    yield head(_("UNDERSTOOD"), (found.pipeline.id, visible(found.reading.phrase)))
    yield from _word_lines(found.reading.words)
    yield Line(_("Nothing was run. A phrase only ever rehearses; the live line is for you to give."))
    yield from next_lines((NextStep("rehearse", found.command), NextStep("live", found.live)))


def _unclear(found: Unclear) -> View:
    refusal = _refusal(found)
    return View(refusal, tuple(_unclear_lines(found, refusal, told=False)), refusal.exit_code, stated=True)


def _refusal(found: Unclear) -> Refusal:
    return msgspec.structs.replace(fold_refusal(found.stop, (SAY,)), next=found.next)


def _unclear_lines(found: Unclear, refusal: Refusal, *, told: bool) -> Iterator[str]:
    """The stop; each word when that was asked for; what there is to choose from."""
    yield from refusal_lines(msgspec.structs.replace(refusal, suggestions=(), next=()))
    if told:
        yield from _word_lines(found.words)
    if found.question is not None:
        yield from _question_lines(found.question)
    elif found.could_be:
        unclear = found.stop.code is StopCode.STOP_PHRASE_UNCLEAR
        yield _("These could be meant:") if unclear else _("These can be said:")
        rows = [("   ", meant.phrase, meant.command or meant.pipeline) for meant in found.could_be[:_SHOWN]]
        yield from table_lines(rows, aligned=True)
    yield _("Nothing was run.")
    yield from next_lines(found.next)


def _question_lines(question: Question) -> Iterator[str]:
    yield _("Which {input}?", input=question.input)
    rows = [
        (f"{number:>4}", choice.value, choice.title) for number, choice in enumerate(question.choices[:_SHOWN], start=1)
    ]
    yield from table_lines(rows, aligned=True)
    if len(question.choices) > _SHOWN:
        yield _("     and {count} more", count=len(question.choices) - _SHOWN)


def _word_lines(words: tuple[SpokenWord, ...]) -> tuple[str, ...]:
    return table_lines([("   ", word.text, _sense(word)) for word in words], aligned=True)


def _sense(word: SpokenWord) -> str:
    match word.sense:
        case Sense.PHRASE:
            return _("a word of the phrase")
        case Sense.VALUE:
            return _("the value of {input}", input=word.input)
        case Sense.POLITE:
            return _("politeness")
        case Sense.UNKNOWN:
            return _("not understood")


def _attended() -> bool:
    """Whether a person sits there who can be asked: the question goes to stderr, the answer comes from stdin."""
    return sys.stdin.isatty() and sys.stderr.isatty()


def _ask(question: Question) -> str:
    """The answer of the person, as a value or the number of a choice; empty when there is none."""
    for line in (*_question_lines(question), *([visible(question.help)] if question.help else [])):
        click.echo(line, err=True)
    click.echo("> ", nl=False, err=True)
    said = sys.stdin.readline(_LONGEST_ANSWER).strip()
    values = [choice.value for choice in question.choices]
    numbered = said.isascii() and said.isdecimal() and 1 <= int(said) <= min(len(values), _SHOWN)
    return values[int(said) - 1] if numbered and said not in values else said
