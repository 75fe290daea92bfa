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
from cutter.model import RoleQuorum
from cutter.report.changes import asked_change
from cutter.report.lines import block, count_phrase, moment, named_lines, role_phrase
from cutter.report.next_steps import SHORT_ID
from cutter.report.visible import visible


class Verdict(Enum):
    """What checks 1 to 13 say of a request and its signatures."""

    APPROVED = "approved"
    WAITING = "waiting"
    REFUSED = "refused"


class AskedApproval(msgspec.Struct, frozen=True, kw_only=True):
    """What somebody is asked to sign (`cutter.approval-asked/1`), every part hashed again against the request.

    `counts` are units by address TYPE, `doubts` how many of them need eyes; `roles` are those of the person that count
    here; `missing` is what is not signed yet.
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
    subject = " ".join(part for part in (asked.pipeline, asked.document_id) if part)
    signed = f"{len(asked.signed)} ({', '.join(asked.signed)})" if asked.signed else "0"
    change = asked_change(asked.covers, asked.row_count)
    yield f"  Asked    {visible(subject)}: {change} in {visible(asked.database)}"
    yield f"           by {visible(', '.join(asked.covers) or 'no operation')}"
    if asked.counts:
        yield f"  Units    {count_phrase(asked.counts)}"
    yield f"  Doubts   {asked.doubts or 'none'}"
    yield f"  From     {visible(asked.requester)}"
    yield f"  Needed   {role_phrase(asked.needed)}   signed so far: {visible(signed)}"
    yield f"  You      {visible(asked.person_id)}, as {visible('+'.join(asked.roles))}"
    yield f"  Until    {moment(asked.approve_by)}; to be used by {moment(asked.execute_by)}; silence means no"
    yield f"  Page     {visible(asked.review_path)}"
    digests = (("page", asked.review_sha256), ("plan", asked.plan_sha256), ("request", asked.request_sha256))
    for name, sha256 in digests:
        yield f"  {name:<8} sha256:{sha256}"


def signed_lines(answer: SignedAnswer) -> Iterator[str]:
    """That an answer was signed and kept."""
    word = "approved" if answer.kind == APPROVAL else "rejected"
    yield f"DONE  {word} {answer.gate} of run {answer.run_id[:SHORT_ID]} as {visible(answer.person_id)}"
    yield f"  approval id  {visible(answer.approval_kb_id)}"
    if answer.kind == APPROVAL:
        yield f"  missing      {role_phrase(answer.missing) or 'nothing: the run can go on'}"
    else:
        yield "  good         nothing: no signature opens this gate any more"
    if answer.reason_path:
        yield f"  reason       {visible(answer.reason_path)} (only its digest was signed)"


def checked_lines(checked: ApprovalChecked) -> Iterator[str]:
    """What the checks say now, and every field of the request."""
    yield f"{checked.verdict.value.upper()}  run {checked.run_id[:SHORT_ID]} · checks 1 to 13, nothing was written"
    yield from named_lines(
        (
            ("code", checked.stop_code or ""),
            ("check", f"{checked.check} of 15" if checked.check else ""),
            ("case", checked.detail),
            ("found", checked.found),
            ("needed", checked.needed),
            ("signed", ", ".join(checked.signed)),
            ("missing", role_phrase(checked.missing)),
        )
    )
    yield block("Request", visible(checked.approval_kb_id))
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
