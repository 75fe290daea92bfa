"""The screens of signing: what somebody is asked to sign, that they signed, and what the checks say of a request.

Rules kept here: what changes and who asks comes first, digests last; a check shows every field of the request, with
what could move a cursor or reorder text as an escape.

Source: approvals-and-evidence §3 (An approval must not be blind); command-line.md §1 row 7.
"""

from collections.abc import Iterator, Mapping, Sequence
from enum import Enum
from typing import Any

import msgspec

from cutter.approval.reading import APPROVAL
from cutter.approval.request import ApprovalRequest
from cutter.messages import Message, _
from cutter.model import RoleQuorum
from cutter.policies.decision import Decision
from cutter.policies.rendering import Rendered
from cutter.report.changes import asked_change, is_of_rows, left_open
from cutter.report.decisions.words import decided_rows
from cutter.report.lines import block, count_phrase, head, named_lines, quorum_phrase, role_word, run_part
from cutter.report.next_steps import SHORT_ID
from cutter.report.visible import visible
from cutter.report.waiting import until_phrase

_INDENT = 2
_CHECKS = 15  # how many checks an approval passes before it opens a gate (approvals-and-evidence §3)


class Verdict(Enum):
    """What checks 1 to 13 say of a request and its signatures."""

    APPROVED = "approved"
    WAITING = "waiting"
    REFUSED = "refused"


class AskedApproval(msgspec.Struct, frozen=True, kw_only=True):
    """What somebody is asked to sign (`cutter.approval-asked/1`), every part hashed again against the request.

    `counts` are units by address TYPE, `doubts` how many of them need eyes; `roles` are those of the person that count
    here; `missing` is what is not signed yet. Of a run that a policy started, `decision` is what was decided and
    `letter` the text that it leads to, as far as the workspace has its template; `failure` is what people decide on
    after a failure, as `STOP_CODE phase`.
    """

    format: str = "cutter.approval-asked/1"
    run_id: str
    gate: str
    approval_kb_id: str
    person_id: str
    roles: tuple[str, ...]
    pipeline: str
    document_id: str
    database: str
    row_count: int
    covers: tuple[str, ...]
    counts: dict[str, int]
    language: str
    doubts: int
    requester: str
    needed: tuple[RoleQuorum, ...]
    signed: tuple[str, ...]
    missing: tuple[RoleQuorum, ...]
    approve_by: str
    execute_by: str
    review_path: str
    review_sha256: str
    plan_sha256: str
    request_sha256: str
    exit_code: int
    decision: Decision | None = None
    letter: Rendered | None = None
    failure: str = ""


class SignedAnswer(msgspec.Struct, frozen=True, kw_only=True):
    """An answer that was kept (`cutter.approval-signed/1`). `kind` is `approval` or `rejection`."""

    format: str = "cutter.approval-signed/1"
    kind: str
    approval_kb_id: str
    request_sha256: str
    signature_sha256: str
    person_id: str
    gate: str
    run_id: str
    signed: tuple[str, ...]
    missing: tuple[RoleQuorum, ...]
    reason_path: str


class ApprovalChecked(msgspec.Struct, frozen=True, kw_only=True):
    """What checks 1 to 13 say now (`cutter.approval-checked/1`), and the request with every field."""

    format: str = "cutter.approval-checked/1"
    run_id: str
    approval_kb_id: str
    verdict: Verdict
    signed: tuple[str, ...]
    missing: tuple[RoleQuorum, ...]
    stop_code: str | None
    check: int
    detail: str
    found: str
    needed: str
    request: ApprovalRequest
    exit_code: int


def asked_lines(asked: AskedApproval) -> Iterator[str]:
    """What somebody is asked to sign."""
    for name, text in _asked(asked):
        yield block(name, text, _INDENT)
    digests = ((_("page"), asked.review_sha256), (_("plan"), asked.plan_sha256), (_("request"), asked.request_sha256))
    for name, sha256 in digests:
        yield str(block(name, f"sha256:{sha256}", _INDENT))


def _asked(asked: AskedApproval) -> Iterator[tuple[str, str]]:
    subject = " ".join(part for part in (asked.pipeline, asked.document_id) if part)
    change = asked_change(asked.covers, asked.row_count, asked.failure)
    if is_of_rows(asked.covers):
        what = _("{subject}: {change} in {database}", subject=subject, change=change, database=asked.database)
    else:
        opened = left_open() if asked.decision is not None and not asked.covers else change
        what = _("{pipeline}: {change}", pipeline=asked.pipeline, change=opened)
    yield _("Asked"), visible(what)
    covers = ", ".join(asked.covers)
    if covers or asked.decision is None:
        yield "", visible(_("by {operations}", operations=covers) if covers else _("by no operation"))
    yield from _decided(asked) if asked.decision is not None else _cut(asked)
    yield _("From"), visible(asked.requester)
    signed = f"{len(asked.signed)} ({', '.join(asked.signed)})" if asked.signed else "0"
    needed = quorum_phrase(asked.needed)
    yield _("Needed"), _("{quorum}   signed so far: {persons}", quorum=needed, persons=visible(signed))
    roles = "+".join(role_word(role) for role in asked.roles)
    yield _("You"), _("{person}, as {roles}", person=visible(asked.person_id), roles=roles)
    yield _("Until"), until_phrase(asked.approve_by, asked.execute_by)
    yield _("Page"), visible(asked.review_path)


def _cut(asked: AskedApproval) -> Iterator[tuple[str, str]]:
    """What is cut, where it is a document."""
    if asked.counts:
        yield _("Units"), count_phrase(asked.counts, asked.language)
    yield _("Doubts"), str(asked.doubts or _("none"))


def _decided(asked: AskedApproval) -> Iterator[tuple[str, str]]:
    """What was decided on a trigger, and the text that a yes leads to."""
    assert asked.decision is not None  # noqa: S101  whoever calls has looked
    yield from ((name, visible(told)) for name, told in decided_rows(asked.decision))
    yield from letter_rows(asked.letter)


def letter_rows(letter: Rendered | None) -> Iterator[tuple[str, str]]:
    """A text as it would be read; nothing where there is none."""
    if letter is None:
        return
    if letter.subject:
        yield _("Subject"), visible(letter.subject)
    for place, line in enumerate(letter.body.splitlines()):
        yield "" if place else _("Text"), visible(line)


def signed_lines(answer: SignedAnswer) -> Iterator[str]:
    """That an answer was signed and kept."""
    approved = answer.kind == APPROVAL
    told = _("approved {gate} of run {run} as {person}") if approved else _("rejected {gate} of run {run} as {person}")
    person = visible(answer.person_id)
    yield head(_("DONE"), (told.format(gate=answer.gate, run=answer.run_id[:SHORT_ID], person=person),))
    missing = quorum_phrase(answer.missing) or _("nothing: the run can go on")
    good = _("nothing: no signature opens this gate any more")
    reason = visible(answer.reason_path)
    rows = (
        (_("approval id"), answer.approval_kb_id),
        (_("missing"), missing if approved else ""),
        (_("good"), "" if approved else good),
        (_("reason"), _("{path} (only its digest was signed)", path=reason) if reason else ""),
    )
    yield from named_lines(rows)


_VERDICTS = {
    Verdict.APPROVED: Message("APPROVED"),
    Verdict.WAITING: Message("WAITING"),
    Verdict.REFUSED: Message("REFUSED"),
}


def checked_lines(checked: ApprovalChecked) -> Iterator[str]:
    """What the checks say now, and every field of the request."""
    told = _("checks 1 to 13, nothing was written")
    yield head(_(_VERDICTS[checked.verdict]), (run_part(checked.run_id), told))
    yield from named_lines(
        (
            (_("code"), checked.stop_code or ""),
            (_("check"), _("{check} of {checks}", check=checked.check, checks=_CHECKS) if checked.check else ""),
            (_("case"), checked.detail),
            (_("found"), checked.found),
            (_("needed"), checked.needed),
            (_("signed"), ", ".join(checked.signed)),
            (_("missing"), quorum_phrase(checked.missing)),
        )
    )
    yield block(_("Request"), visible(checked.approval_kb_id))
    yield from _fields(msgspec.to_builtins(checked.request), "")


def _fields(value: Any, path: str) -> Iterator[str]:
    """Every field, one a line, those inside others by their path."""
    if isinstance(value, Mapping):
        for name, inner in value.items():
            yield from _fields(inner, f"{path}.{name}" if path else name)
    elif isinstance(value, Sequence) and not isinstance(value, str):
        for place, inner in enumerate(value):
            yield from _fields(inner, f"{path}[{place}]")
    else:
        yield f"  {path:<28} {visible(str(value))}"
