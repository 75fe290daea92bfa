"""`report.publish@1`: the run's report, folded from its events, in the knowledge base."""

import msgspec

from cutter import canon
from cutter.app.system import RandomIds
from cutter.operations.report.publish import Report
from tests.support.runs import DEMO, Office, outcome_of


def test_the_report_tells_every_phase(office: Office) -> None:
    """Without it the knowledge base would hold a report that leaves something out."""
    run_id = RandomIds().run_id()
    records = office.complete(run_id)

    outcome = outcome_of(records, "report")
    ((body,),) = office.rows(f"SELECT body FROM kb.document WHERE kb_id = 'runs/{run_id}/report'")
    report = msgspec.json.decode(bytes(body), type=Report)
    assert (outcome["sha256"], DEMO, run_id) == (canon.sha256(bytes(body)), report.document_id, report.run_id)
    told = [phase.phase for phase in report.phases]
    assert [p.id for p in office.pipeline().phases if p.id not in ("survey", "report")] == told
    assert outcome_of(records, "plan") == dict(next(p.outcome or {} for p in report.phases if p.phase == "plan"))


def test_the_report_holds_no_text(office: Office) -> None:
    """Without it document text could leak into the knowledge base (guarantee 7)."""
    office.add_text("A-1", "LUẬT\nĐiều 1. Canary phrase one\n1. Canary phrase two.\n2. Hai.\nĐiều 2. Ba\nBốn.\n")
    office.complete(RandomIds().run_id(), "A-1")

    bodies = [bytes(body) for (body,) in office.rows("SELECT body FROM kb.document")]
    bodies += [bytes(body) for (body,) in office.rows("SELECT body FROM cutter_governance.ledger_event")]
    bodies += [file.read_bytes() for file in (office.workspace / ".cutter").rglob("*.json")]
    assert len(bodies) > 50
    assert not [body for body in bodies if b"Canary" in body]
