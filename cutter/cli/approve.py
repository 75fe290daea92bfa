"""`cutter approve RUN`: shows what a waiting run asks, and signs it by the person's own key.

Rules kept here: no option skips a check; `--export` and `--import` are for a key that is elsewhere.

Source: DESIGN §1.1; approvals-and-evidence §3.
"""

from pathlib import Path
from typing import Annotated, assert_never

import click
import msgspec
import typer

from cutter.app.approvals import Signing, export_request, import_signature, sign_approval
from cutter.app.gates import CheckedApproval, check_approval
from cutter.approval.checks import Approved, Refused, StillWaiting
from cutter.cli.exits import epilog
from cutter.cli.root import SETTINGS
from cutter.cli.session import open_settings
from cutter.cli.signing import (
    EXITS,
    AsPerson,
    ReviewFile,
    RunPrefix,
    answered_view,
    confirm,
    put_before,
    shown_view,
)
from cutter.cli.view import View
from cutter.messages import _
from cutter.report.asked import ApprovalChecked, Verdict, checked_lines
from cutter.report.lines import head, next_lines
from cutter.report.next_steps import SHORT_ID, command
from cutter.report.paragraphs import Line
from cutter.report.result import NextStep
from cutter.report.visible import visible
from cutter.stops import Exit, Stop, StopCode

APP = typer.Typer(
    name="approve",
    rich_markup_mode=None,
    add_completion=False,
    pretty_exceptions_enable=False,
    context_settings=dict(SETTINGS),
)

Export = Annotated[Path | None, typer.Option(metavar="FILE", help="Write the bytes that a key elsewhere is to sign.")]
Import = Annotated[Path | None, typer.Option("--import", metavar="FILE", help="Take a signature made so.")]


class RequestExported(msgspec.Struct, frozen=True, kw_only=True):
    """The bytes that are to be signed elsewhere (`cutter.request-exported/1`): their file, and the key for it."""

    format: str = "cutter.request-exported/1"
    run_id: str
    approval_kb_id: str
    request_sha256: str
    path: str
    fpr: str
    next: tuple[NextStep, ...]


def make_group() -> click.Command:
    """The command."""
    return typer.main.get_command(APP)


@APP.command("approve", epilog=epilog(*EXITS))
def approve(
    run: RunPrefix,
    as_person: AsPerson = None,
    check: Annotated[bool, typer.Option("--check", help="Only judge the request; sign nothing.")] = False,
    export: Export = None,
    signature: Import = None,
    review: ReviewFile = None,
) -> View:
    """Show what a waiting run asks, and sign it. RUN is its id, or a beginning that no other has."""
    if check + (export is not None) + (signature is not None) > 1:
        raise Stop(StopCode.STOP_INVALID_INPUT, "together", where="--check|--export|--import", needed="one of them")
    if check:
        return _checked_view(check_approval(open_settings(), run))
    signing = put_before(run, as_person, review)
    if export is not None:
        return _exported_view(signing, export, export_request(signing, export))
    if signature is not None:
        return answered_view(import_signature(signing, signature), signing)
    if not confirm(signing, "approve"):
        return shown_view(signing, _ways(run))
    return answered_view(sign_approval(signing), signing)


def _ways(run: str) -> tuple[NextStep, ...]:
    """How a request can be answered: here on a terminal, or by a key that is elsewhere."""
    return (
        NextStep("on a terminal", command("approve", run)),
        NextStep("key elsewhere", command("approve", run, "--export", "request.pae")),
    )


def _exported_view(signing: Signing, file: Path, fpr: str) -> View:
    asked, signed = signing.asked, f"{file}.sig"
    who = () if signing.desk.own else ("--as", asked.person_id)
    back = NextStep("here", command("approve", asked.run_id[:SHORT_ID], *who, "--import", signed))
    document = RequestExported(
        run_id=asked.run_id,
        approval_kb_id=asked.approval_kb_id,
        request_sha256=asked.request_sha256,
        path=str(file),
        fpr=fpr,
        next=(back,),
    )
    who_signs = visible(asked.person_id)
    lines = (
        head(_("DONE"), (_("the bytes that {person} is to sign: {path}", person=who_signs, path=visible(str(file))),)),
        Line(f"  {_('where the key is, plain gpg signs them:')}", 2),
        f"    gpg --local-user {fpr} --output {visible(signed)} --detach-sign {visible(str(file))}",
        *next_lines((back,)),
    )
    return View(document, lines, stated=True)


def _checked_view(found: CheckedApproval) -> View:
    document = _checked(found)
    return View(document, tuple(checked_lines(document)), document.exit_code)


def _checked(found: CheckedApproval) -> ApprovalChecked:
    bare = ApprovalChecked(
        run_id=found.run_id,
        approval_kb_id=found.stored.kb_id,
        verdict=Verdict.APPROVED,
        signed=(),
        missing=(),
        stop_code=None,
        check=0,
        detail="",
        found="",
        needed="",
        request=found.request,
        exit_code=int(Exit.DONE),
    )
    change = msgspec.structs.replace
    match found.judgement:
        case Approved(counted=counted):
            return change(bare, signed=tuple(sorted({signature.person_id for signature in counted})))
        case StillWaiting(signed=signed, missing=missing):
            waits = change(bare, verdict=Verdict.WAITING, exit_code=int(Exit.WAITING))
            return change(waits, signed=signed, missing=missing)
        case Refused(stop=stop):
            refused = change(bare, verdict=Verdict.REFUSED, exit_code=int(stop.code.exit), stop_code=stop.code.name)
            return change(refused, check=stop.check, detail=stop.detail, found=stop.found, needed=stop.needed)
        case _ as never:
            assert_never(never)
