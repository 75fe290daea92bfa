"""`report.publish@1`: the run's report in the knowledge base: every phase with its outcome, folded from the events.

Rules kept here: it writes only the run's own records; the report holds metadata only, as the events do.

Source: DESIGN §5.1 (report).
"""

from collections.abc import Sequence

import msgspec

from cutter import canon
from cutter.contracts import KnowledgeDocument
from cutter.events import Acted, ApprovalVerified, Facts, GateRehearsed, Record, WouldStop
from cutter.operation import Broken, Held, ReadContext, TargetOperation, Undo, Verdict, WriteContext
from cutter.resources import statement


class Params(msgspec.Struct, frozen=True):
    """What the report is about."""

    document_id: str


class Outcome(msgspec.Struct, frozen=True):
    """The report's place, digest and size in bytes."""

    kb_id: str
    sha256: str
    size: int


class ReportedPhase(msgspec.Struct, frozen=True):
    """One phase that did something, or a gate that was passed."""

    phase: str
    operation: str
    gate: str
    outcome: Facts | None


class Report(msgspec.Struct, frozen=True, kw_only=True):
    """The report (`cutter.report/1`)."""

    format: str = "cutter.report/1"
    run_id: str
    document_id: str
    plan_sha256: str
    phases: tuple[ReportedPhase, ...]
    would_stop: tuple[str, ...]


def act(context: WriteContext, params: Params) -> Outcome:
    """Publish the report."""
    report = Report(
        run_id=context.run_id,
        document_id=params.document_id,
        plan_sha256=context.plan_sha256,
        phases=_phases(context.history),
        would_stop=tuple(r.event.code for r in context.history if isinstance(r.event, WouldStop)),
    )
    body = canon.encode(report)
    kb_id = f"runs/{context.run_id}/report"
    context.publish(KnowledgeDocument(kb_id, "application/json", body))
    return Outcome(kb_id=kb_id, sha256=canon.sha256(body), size=len(body))


def verify(context: ReadContext, params: Params, outcome: Outcome) -> Verdict:
    """The knowledge base has the report, with this digest over its bytes."""
    rows = context.session.rows(statement("operations/report/sql/published.sql"), {"kb_id": outcome.kb_id})
    if len(rows) != 1 or canon.sha256(bytes(rows[0][0])) != outcome.sha256:
        return Broken("report_gone", found=str(len(rows)), needed=outcome.sha256[:16])
    return Held({"size": outcome.size})


def _phases(history: Sequence[Record]) -> tuple[ReportedPhase, ...]:
    """The phases in their order; one that was done anew is told as it was done last."""
    phases: dict[str, ReportedPhase] = {}
    for record in history:
        match record.event:
            case Acted() as event:
                phases[record.phase] = ReportedPhase(record.phase, event.operation, "", event.outcome)
            case ApprovalVerified(gate=gate) | GateRehearsed(gate=gate) if record.phase:
                phases[record.phase] = ReportedPhase(record.phase, "", gate, None)
            case _:
                continue
    return tuple(phases.values())


OPERATION = TargetOperation(
    name="report.publish",
    version=1,
    summary="Puts the run's report into the knowledge base.",
    params=Params,
    outcome=Outcome,
    governs=(),
    undo=Undo.NONE,
    crosses=(),
    act=act,
    verify=verify,
)
