"""The screens of a run that waits: what is asked, who can answer until when; and an approval that was refused.

Rules kept here: all that is missing is shown at once, with who can give it; names are those of the trust bundle, never
of a key; digests come last; it is said what was written and what was not.

Source: command-line.md §2 (M2, M3).
"""

from collections.abc import Iterator

from cutter.report.changes import asked_change, change_word
from cutter.report.lines import block, blocks, counted, digest_phrase, moment, named_lines, next_lines, role_phrase
from cutter.report.next_steps import SHORT_ID, is_spent
from cutter.report.phase_lines import KEPT, NOT_REACHED, RUN
from cutter.report.phase_table import phase_rows, written_phrases
from cutter.report.result import Result, Signer, Waiting
from cutter.report.visible import visible
from cutter.stops import StopCode

_CHECKS = 15  # how many checks an approval passes before it opens a gate (approvals-and-evidence §3)


def waiting_lines(result: Result) -> Iterator[str]:
    """The screen of a run that waits (exit 10)."""
    yield f"WAITING  {result.gate} · run {result.run_id[:SHORT_ID]} · exit {result.exit_code}"
    yield from _resumed_phases(result)
    if result.waiting is None:
        yield f"  Asked    {_subject(result)}"
    else:
        yield from (f"  {line}" for line in _asked(result, result.waiting))
    yield from _written(result)
    yield "You may close this window."
    yield from next_lines(result.next)


def refused_lines(result: Result) -> Iterator[str]:
    """The screen of an approval that was refused; the run waits on."""
    declared = StopCode[result.stop_code or StopCode.STOP_INTERNAL.name].value
    parts = [result.stop_code or "", result.gate or "", f"run {result.run_id[:SHORT_ID]}", f"exit {result.exit_code}"]
    yield f"REFUSED  {' · '.join(part for part in parts if part)}"
    if result.check:
        passed = f"; checks 1–{result.check - 1} passed" if result.check > 1 else ""
        yield f"  check {result.check} of {_CHECKS}{passed}"
    yield f"  {declared.meaning}"
    yield from named_lines(
        (("case", result.detail), ("found", result.found), ("needed", result.needed), *_standing(result))
    )
    yield from named_lines([("do", declared.remedy)])
    yield from _written(result)
    yield "No signature mends this request." if is_spent(result) else "The run waits on."
    yield from next_lines(result.next)


def _resumed_phases(result: Result) -> Iterator[str]:
    """The phases, where an earlier pass was interrupted: what was kept, and what ran now."""
    ran = any(phase.status == RUN for phase in result.phases)
    if ran and any(phase.status == KEPT and phase.written for phase in result.phases):
        yield from phase_rows(result, [p for p in result.phases if p.status not in (NOT_REACHED, "waiting")])
        yield "Nothing ran twice."


def _subject(result: Result) -> str:
    return visible(" ".join(part for part in (result.pipeline, result.subject or result.document_id) if part))


def _asked(result: Result, waiting: Waiting) -> Iterator[str]:
    if waiting.after:
        yield block(
            "After", f"{visible(waiting.after)}: some phases are committed, and people decide whether it goes on"
        )
    what = f"{result.pipeline}: {asked_change(waiting.covers, waiting.row_count)}"
    subject = result.subject or result.document_id
    of = f" of {subject}" if subject else ""
    yield block("Asked", visible(f"{what}{of} in {result.database}"))
    yield block("", visible(f"by {', '.join(waiting.covers)}" if waiting.covers else "no operation covered"))
    surveys = sum(phase.surveys for phase in result.phases)
    plan = f"plan {digest_phrase(result.plan_digest)}" if result.plan_digest else ""
    yield block("Seen", " · ".join(p for p in (f"{counted(surveys, 'survey')} as expected", plan) if p))
    yield block("Needed", f"{role_phrase(waiting.needed)}   signed so far: {_persons(waiting.signed) or '0'}")
    if waiting.missing:
        yield block("Can sign", _can_sign(waiting))
    used = f"; to be used by {moment(waiting.execute_by)}" if waiting.execute_by else ""
    yield block("Until", f"{moment(waiting.approve_by)}{used}; silence means no")
    yield block("Page", visible(waiting.review_path) or "not on this host; who has it gives it with --review FILE")
    yield block("Request", digest_phrase(waiting.request_sha256))


def _can_sign(waiting: Waiting) -> str:
    people = [visible(_signer(signer)) for signer in waiting.can_sign]
    return f"{' · '.join(people) or 'nobody else'}; not {visible(waiting.requester)}, who asked"


def _signer(signer: Signer) -> str:
    """The person with the roles, said once where they are the same word."""
    roles = "+".join(signer.roles)
    return roles if roles == signer.person_id else f"{signer.person_id} {roles}"


def _persons(persons: tuple[str, ...]) -> str:
    return f"{len(persons)} ({visible(', '.join(persons))})" if persons else ""


def _standing(result: Result) -> Iterator[tuple[str, str]]:
    """What is missing besides, and what stays good; nothing does where only another request or run is a way on."""
    waiting = result.waiting
    if waiting is None or is_spent(result):
        return
    yield "missing", role_phrase(waiting.missing)
    signed = f", and {counted(len(waiting.signed), 'signature')}: {', '.join(waiting.signed)}" if waiting.signed else ""
    yield "good", f"the request{signed}"
    if waiting.missing:
        yield "can sign", _can_sign(waiting)


def _written(result: Result) -> Iterator[str]:
    written = written_phrases(result)
    yield from blocks(change_word(result), written)
    yield "Nothing else was written." if written else "Nothing was written."
