"""The screens of a run that waits: what is asked, who can answer until when; and an approval that was refused.

Rules kept here: all that is missing is shown at once, with who can give it; names are those of the trust bundle, never
of a key; digests come last; it is said what was written and what was not.

Source: command-line.md §2 (M2, M3).
"""

from collections.abc import Iterator

from cutter.messages import Countable, _, counted
from cutter.policies.policy import DECIDE
from cutter.report.changes import asked_change, change_word, is_of_rows, left_open
from cutter.report.decisions.words import decided_rows, record_of
from cutter.report.effects import effect_words, look_for, of_policy, sends_message
from cutter.report.lines import (
    block,
    blocks,
    digest_phrase,
    exit_part,
    explain_line,
    head,
    moment,
    named_lines,
    next_lines,
    quorum_phrase,
    role_word,
    run_part,
)
from cutter.report.next_steps import is_spent, is_unknown_effect
from cutter.report.overruns import overrun_lines
from cutter.report.paragraphs import Line
from cutter.report.phase_lines import KEPT, NOT_REACHED, RUN
from cutter.report.phase_table import phase_rows, written_phrases
from cutter.report.result import Result, Signer, Waiting
from cutter.report.visible import visible
from cutter.stops import StopCode

_CHECKS = 15  # how many checks an approval passes before it opens a gate (approvals-and-evidence §3)
_INDENT = 2


def waiting_lines(result: Result) -> Iterator[str]:
    """The screen of a run that waits (exit 10)."""
    yield head(_("WAITING"), (result.gate or "", run_part(result.run_id), exit_part(result.exit_code)))
    yield from _resumed_phases(result)
    if result.waiting is None:
        yield block(_("Asked"), _subject(result), _INDENT)
    else:
        for name, text in _asked(result, result.waiting):
            yield block(name, text, _INDENT)
    yield from overrun_lines(result)
    yield from _written(result)
    yield Line(_("You may close this window."))
    yield from next_lines(result.next)


def refused_lines(result: Result) -> Iterator[str]:
    """The screen of an approval that was refused; the run waits on."""
    declared = StopCode[result.stop_code or StopCode.STOP_INTERNAL.name].value
    run, status = run_part(result.run_id), exit_part(result.exit_code)
    yield head(_("REFUSED"), (result.stop_code or "", result.gate or "", run, status))
    if result.check:
        yield Line(f"  {_check(result.check)}", _INDENT)
    yield Line(f"  {_(declared.meaning)}", _INDENT)
    facts = ((_("case"), result.detail), (_("found"), result.found), (_("needed"), result.needed))
    yield from named_lines((*facts, *_standing(result), (_("do"), _(declared.remedy))))
    yield from _written(result)
    yield Line(_("No signature mends this request.") if is_spent(result) else _("The run waits on."))
    yield explain_line(result.stop_code or StopCode.STOP_INTERNAL.name)
    yield from next_lines(result.next)


def _check(check: int) -> str:
    if check == 1:
        return _("check {check} of {checks}", check=check, checks=_CHECKS)
    return _("check {check} of {checks}; checks 1–{passed} passed", check=check, checks=_CHECKS, passed=check - 1)


def _resumed_phases(result: Result) -> Iterator[Line]:
    """The phases, where an earlier pass was interrupted: what was kept, and what ran now."""
    ran = any(phase.status == RUN for phase in result.phases)
    if ran and any(phase.status == KEPT and phase.written for phase in result.phases):
        yield from phase_rows(result, [p for p in result.phases if p.status not in (NOT_REACHED, "waiting")])
        yield Line(_("Nothing ran twice."))


def _subject(result: Result) -> str:
    return visible(" ".join(part for part in (result.pipeline, result.subject or result.document_id) if part))


def _asked(result: Result, waiting: Waiting) -> Iterator[tuple[str, str]]:
    """The rows of what is asked: their names and what they say."""
    if waiting.after:
        yield _("After"), visible(_after(waiting.after))
    if result.message_id:
        yield _("Look for"), visible(look_for(result.message_id))
    yield _("Asked"), visible(_change(result, waiting))
    covers = ", ".join(waiting.covers)
    if covers or not of_policy(result.phases):
        yield "", visible(_("by {operations}", operations=covers) if covers else _("no operation covered"))
    for phase in result.phases:
        decision = record_of(phase.facts) if phase.operation == DECIDE else None
        yield from ((name, visible(told)) for name, told in decided_rows(decision)) if decision is not None else ()
    surveys = sum(phase.surveys for phase in result.phases)
    plan = _("plan {digest}", digest=digest_phrase(result.plan_digest)) if result.plan_digest else ""
    yield _("Seen"), " · ".join(p for p in (counted(surveys, "survey as expected|surveys as expected"), plan) if p)
    yield _("Needed"), _signed_so_far(waiting)
    if waiting.declined:
        yield "", _("somebody has said no: nothing is to be signed any more")
    elif waiting.missing:
        yield _("Can sign"), _can_sign(waiting)
    yield _("Until"), until_phrase(waiting.approve_by, waiting.execute_by)
    elsewhere = _("not on this host; who has it gives it with --review FILE")
    yield _("Page"), visible(waiting.review_path) or elsewhere
    yield _("Request"), digest_phrase(waiting.request_sha256)


def _after(failure: str) -> str:
    """After what people decide."""
    if is_unknown_effect(failure):
        return _(
            "{failure}: nobody knows whether the message was sent; people decide whether it counts as sent",
            failure=failure,
        )
    return _("{failure}: some phases are committed, and people decide whether it goes on", failure=failure)


def _change(result: Result, waiting: Waiting) -> str:
    change = asked_change(waiting.covers, waiting.row_count, waiting.after)
    if not waiting.covers and of_policy(result.phases):
        change = left_open()
    if not is_of_rows(waiting.covers):
        return _("{pipeline}: {change}", pipeline=result.pipeline, change=change)
    subject = result.subject or result.document_id
    if not subject:
        return _(
            "{pipeline}: {change} in {database}", pipeline=result.pipeline, change=change, database=result.database
        )
    return _(
        "{pipeline}: {change} of {subject} in {database}",
        pipeline=result.pipeline,
        change=change,
        subject=subject,
        database=result.database,
    )


def _signed_so_far(waiting: Waiting) -> str:
    persons = f"{len(waiting.signed)} ({visible(', '.join(waiting.signed))})" if waiting.signed else "0"
    return _("{quorum}   signed so far: {persons}", quorum=quorum_phrase(waiting.needed), persons=persons)


def until_phrase(approve_by: str, execute_by: str) -> str:
    """Until when a request can be signed, and its approval used."""
    if not execute_by:
        return _("{moment}; silence means no", moment=moment(approve_by))
    used = moment(execute_by)
    return _("{moment}; to be used by {used}; silence means no", moment=moment(approve_by), used=used)


def _can_sign(waiting: Waiting) -> str:
    people = " · ".join(_signer(signer) for signer in waiting.can_sign) or _("nobody else")
    return _("{people}; not {requester}, who asked", people=people, requester=visible(waiting.requester))


def _signer(signer: Signer) -> str:
    """The person with the roles, said once where they are the same word."""
    person, roles = visible(signer.person_id), "+".join(role_word(role) for role in signer.roles)
    return roles if roles == person else f"{person} {roles}"


def _standing(result: Result) -> Iterator[tuple[str, str]]:
    """What is missing besides, and what stays good; nothing does where only another request or run is a way on."""
    waiting = result.waiting
    if waiting is None or is_spent(result):
        return
    yield _("missing"), quorum_phrase(waiting.missing)
    what = Countable("the request, and {count} signature: {persons}|the request, and {count} signatures: {persons}")
    signed = counted(len(waiting.signed), what, persons=", ".join(waiting.signed))
    yield _("good"), signed if waiting.signed else _("the request")
    if waiting.missing:
        yield _("can sign"), _can_sign(waiting)


def _written(result: Result) -> Iterator[Line]:
    written = written_phrases(result)
    yield from blocks(change_word(result), written)
    if not written and sends_message(result.phases):
        yield Line(effect_words(result))
        return
    yield Line(_("Nothing else was written.") if written else _("Nothing was written."))
