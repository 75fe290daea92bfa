"""`cutter decide RUN --option OPTION`: answers what a policy has asked, signed by the person's own key.

Rules kept here: only the options that the decision's record has; a yes is signed as an approval is, a no as a rejection
is; what was decided is shown before it is signed; on what has lapsed nothing is signed.

Source: issue 7, rule 4; policies.md §3.12.
"""

from typing import Annotated

import click
import typer

from cutter.app.approvals import Signing, sign_approval, sign_rejection
from cutter.app.decisions import YES, check_option, find_question, kept_trigger
from cutter.cli.exits import epilog
from cutter.cli.root import SETTINGS
from cutter.cli.session import open_settings
from cutter.cli.signing import (
    EXITS,
    AsPerson,
    ReviewFile,
    RunPrefix,
    can_ask,
    confirm,
    others_sign,
    put_before,
    shown_view,
)
from cutter.cli.view import View
from cutter.messages import _
from cutter.report.asked import SignedAnswer
from cutter.report.decisions.results import DecisionAnswered, Question
from cutter.report.decisions.screens import answered_lines
from cutter.report.decisions.words import decided_rows
from cutter.report.next_steps import SHORT_ID, command, decide
from cutter.report.result import NextStep
from cutter.settings import Settings
from cutter.stops import Stop, StopCode

APP = typer.Typer(
    name="decide",
    rich_markup_mode=None,
    add_completion=False,
    pretty_exceptions_enable=False,
    context_settings=dict(SETTINGS),
)

RESEND = "resend"

Chosen = Annotated[
    str,
    typer.Option(
        "--option",
        metavar="OPTION",
        help="The answer: proceed or refuse; of a message that may have been sent: sent, not_sent or resend.",
    ),
]
Reason = Annotated[str | None, typer.Option(metavar="TEXT", help="Why, of a no. [default: asked for]")]


def make_group() -> click.Command:
    """The command."""
    return typer.main.get_command(APP)


@APP.command("decide", epilog=epilog(*EXITS))
def answer(
    run: RunPrefix, option: Chosen, reason: Reason = None, as_person: AsPerson = None, review: ReviewFile = None
) -> View:
    """Answer what a policy has asked, and sign it. RUN is its id, or a beginning that no other has."""
    settings = open_settings()
    question = find_question(settings, run)
    check_option(question, option)
    _check_reason(reason, yes=option in YES)
    signing = put_before(run, as_person, review, rejecting=option not in YES)
    if signing.request.gate_id != question.gate:
        raise Stop(StopCode.STOP_APPROVAL_NOT_FOUND, detail="not_waiting", where=question.run_id)
    again = decide(question.run_id[:SHORT_ID], option)
    if not confirm(signing, "approve" if option in YES else "reject", again):
        return shown_view(signing, _ways(question.run_id[:SHORT_ID], option))
    return _answered(settings, signing, _sign(settings, signing, option, reason), question, option)


def _sign(settings: Settings, signing: Signing, option: str, reason: str | None) -> SignedAnswer:
    if option in YES:
        return sign_approval(signing)
    return sign_rejection(settings, signing, reason if reason is not None else click.prompt(_("Why"), err=True))


def _check_reason(reason: str | None, *, yes: bool) -> None:
    """A no has a reason, a yes has none."""
    if yes and reason is not None:
        raise Stop(StopCode.STOP_INVALID_INPUT, "together", where="--option|--reason", needed="--reason of a no only")
    if not yes and reason is None and not can_ask():
        raise Stop(StopCode.STOP_INVALID_INPUT, detail="missing", needed="--reason")


def _ways(short: str, option: str) -> tuple[NextStep, ...]:
    """How it can be answered: here on a terminal, or, with a yes, by a key that is elsewhere."""
    here = NextStep("on a terminal", decide(short, option))
    elsewhere = NextStep("key elsewhere", command("approve", short, "--export", "request.pae"))
    return (here, elsewhere) if option in YES else (here,)


def _answered(settings: Settings, signing: Signing, kept: SignedAnswer, question: Question, option: str) -> View:
    yes = option in YES
    steps = _next(settings, signing, kept, question, option)
    document = DecisionAnswered(
        question=question,
        option=option,
        answer="yes" if yes else "no",
        person_id=kept.person_id,
        request_sha256=kept.request_sha256,
        signature_sha256=kept.signature_sha256,
        signed=kept.signed,
        missing=kept.missing,
        reason_path=kept.reason_path,
        next=steps,
    )
    asked = signing.asked
    rows = decided_rows(asked.decision) if asked.decision is not None else iter(())
    return View(document, tuple(answered_lines(document, asked.letter, rows)), stated=True)


def _next(
    settings: Settings, signing: Signing, kept: SignedAnswer, question: Question, option: str
) -> tuple[NextStep, ...]:
    """Others sign until nothing is missing; then the run goes on, or its next pass records that it has ended."""
    short = question.run_id[:SHORT_ID]
    resume = NextStep("resume", command("orchestrate", "resume", "--approval-kb-id", kept.approval_kb_id))
    shown = NextStep("run", command("runs", "show", short))
    if option in YES and kept.missing:
        people = others_sign(kept, signing)
        return (*(NextStep("others sign", decide(short, option, *words)) for words in people), shown)
    if option == RESEND and (path := kept_trigger(settings, question)):
        again = NextStep("then", command("trigger", path, "--mode", "live", "--resend"))
        return (NextStep("end it", resume.command), again, shown)
    return (resume if option in YES else NextStep("end it", resume.command), shown)
