"""What `approve` and `reject` share: putting a request before a person, asking them, and saying what was kept.

Rules kept here: a question is asked only where a person can see and answer it, on a terminal; nobody is said to have
declined who was not there; in a live demo `--as PERSON` needs no question.

Source: command-line.md §1 row 7.
"""

import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Annotated

import click
import msgspec
import typer

from cutter.app.approvals import Signing, find_desk, present
from cutter.approval.reading import APPROVAL
from cutter.cli.session import open_settings, own_home
from cutter.cli.view import View
from cutter.messages import _
from cutter.report.asked import AskedApproval, SignedAnswer, asked_lines, signed_lines
from cutter.report.lines import exit_part, head, next_lines, run_part
from cutter.report.next_steps import SHORT_ID, command
from cutter.report.paragraphs import Line, broken, screen_width
from cutter.report.result import NextStep
from cutter.stops import Exit, Stop, StopCode

EXITS = (
    *(Exit.WAITING, Exit.APPROVAL_REFUSED, Exit.APPROVAL_EXPIRED, Exit.DRIFT, Exit.CHANGED, Exit.UNSAFE, Exit.EVIDENCE),
    Exit.UNREACHABLE,
)
_DIGITS = 8  # of the request's digest: who types them has them before their eyes

RunPrefix = Annotated[str, typer.Argument(metavar="RUN")]
AsPerson = Annotated[str | None, typer.Option("--as", metavar="PERSON", help="A person of a live demo.")]
ReviewFile = Annotated[Path | None, typer.Option(metavar="FILE", help="The reviewers' page, where it is elsewhere.")]


class ApprovalShown(msgspec.Struct, frozen=True, kw_only=True):
    """What somebody is asked, where nobody could be asked to answer (`cutter.approval-shown/1`)."""

    format: str = "cutter.approval-shown/1"
    asked: AskedApproval
    exit_code: int
    next: tuple[NextStep, ...]


class ApprovalAnswered(SignedAnswer, frozen=True, kw_only=True):
    """An answer that was kept (`cutter.approval-signed/1`), and what comes next."""

    next: tuple[NextStep, ...]


def put_before(run: str, as_person: str | None, review: Path | None, *, rejecting: bool = False) -> Signing:
    """The request that a run waits for, on the desk of whoever signs."""
    settings = open_settings()
    return present(settings, run, find_desk(settings, as_person, own_home()), review, rejecting=rejecting)


def can_ask() -> bool:
    """Whether there is a person to ask: both what is asked and what is answered are on a terminal."""
    return sys.stdin.isatty() and sys.stderr.isatty()


def confirm(signing: Signing, verb: str, again: str = "") -> bool:
    """Whether the person wants to sign; in a live demo they said so by `--as`. False where nobody can be asked.

    Args:
        signing: what is asked.
        verb: `approve` or `reject`.
        again: the command that asks this again, where it is not `cutter VERB RUN`.

    Raises:
        Stop: STOP_INVALID_INPUT, detail `not_confirmed`.
    """
    if not signing.desk.own:
        return True
    if not can_ask():
        return False
    for line in asked_lines(signing.asked):
        for part in broken(line, screen_width()):
            click.echo(part, err=True)
    digits = signing.asked.request_sha256[:_DIGITS]
    typed = click.prompt(_question(verb, digits), err=True)
    if typed.strip() != digits:
        raise Stop(
            StopCode.STOP_INVALID_INPUT, "not_confirmed", needed=again or command(verb, signing.asked.run_id[:SHORT_ID])
        )
    return True


def _question(verb: str, digits: str) -> str:
    if verb == "approve":
        return _(
            "To approve and sign, type the first {count} digits of the request ({digits})", count=_DIGITS, digits=digits
        )
    return _(
        "To reject and sign, type the first {count} digits of the request ({digits})", count=_DIGITS, digits=digits
    )


def shown_view(signing: Signing, steps: Sequence[NextStep]) -> View:
    """What is asked, with the commands that answer: nobody is here to be asked, so the run waits on (exit 10)."""
    status = int(Exit.WAITING)
    asked = msgspec.structs.replace(signing.asked, exit_code=status)
    lines = (
        head(_("WAITING"), (asked.gate, run_part(asked.run_id), exit_part(status))),
        *asked_lines(asked),
        Line(_("Nothing was signed: there is no terminal here to ask on.")),
        *next_lines(steps),
    )
    return View(ApprovalShown(asked=asked, exit_code=status, next=tuple(steps)), lines, status, stated=True)


def answered_view(answer: SignedAnswer, signing: Signing) -> View:
    """That an answer was signed and kept, and what comes next."""
    short = answer.run_id[:SHORT_ID]
    steps = (*_after(answer, short, signing), NextStep("run", command("runs", "show", short)))
    told = {name: getattr(answer, name) for name in SignedAnswer.__struct_fields__}
    return View(ApprovalAnswered(**told, next=steps), (*signed_lines(answer), *next_lines(steps)), stated=True)


def _after(answer: SignedAnswer, short: str, signing: Signing) -> tuple[NextStep, ...]:
    """Others sign until nothing is missing, then the run goes on; after a no it does not."""
    if answer.kind != APPROVAL:
        return ()
    if not answer.missing:
        return (NextStep("resume", command("orchestrate", "resume", "--approval-kb-id", answer.approval_kb_id)),)
    people = others_sign(answer, signing)
    return tuple(NextStep("others sign", command("approve", short, *words)) for words in people)


def others_sign(answer: SignedAnswer, signing: Signing) -> tuple[tuple[str, ...], ...]:
    """The words by which others sign what is missing: in a demo each of them by name."""
    return ((),) if signing.desk.own else tuple(("--as", person) for person in _others(answer, signing))


def _others(answer: SignedAnswer, signing: Signing) -> tuple[str, ...]:
    """The persons with a role that is missing, who neither asked nor signed."""
    roles = {item.role for item in answer.missing}
    out = {*answer.signed, signing.request.requester}
    return tuple(p.person_id for p in signing.bundle.persons if p.person_id not in out and roles & set(p.roles))
