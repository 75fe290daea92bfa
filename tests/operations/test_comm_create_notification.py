"""`comm.create_notification@1`: one row of closed values, once, while the decision that people signed for stands."""

import json

import pytest

from cutter.app.system import RandomIds
from cutter.events import Acted, GateOpened, Record, Started, Verified
from cutter.model import Mode
from cutter.run import Lifecycle, fold
from tests.support.notify import NOTIFICATION, TEAM, Clinic, trigger_of
from tests.support.notify_edits import OF_NOTIFICATIONS
from tests.support.runs import completed, outcome_of, stop_of

NOTHING, MADE = (0, 0, 0), (0, 1, 0)
CRITICAL = trigger_of(NOTIFICATION)
ROWS = "SELECT trigger_id, policy_id, rule_id, template_id, recipient, slots::text FROM comm.notification"


def test_one_notification_is_made(clinic: Clinic) -> None:
    """Without it nothing would show that the whole way works, and that the row holds no text."""
    records = clinic.complete(CRITICAL)

    assert completed(records), records[-1].event
    assert clinic.effects == MADE
    kinds = [type(r.event).__name__ for r in records if r.phase == "create"]
    assert kinds == ["Started", "GateOpened", "Acted", "Published", "Verified"]
    [(trigger, policy, rule, template, recipient, slots)] = clinic.office.rows(ROWS)
    assert (trigger, policy, rule, template) == ("TRG-A5K8R2ME-69", "critical-result", "urgent", "critical-result")
    assert (recipient, json.loads(slots)) == (TEAM, {"urgency": 4, "ward": "south"})
    assert clinic.server.steps == []


def test_both_modes_have_the_same_outcome_and_a_rehearsal_leaves_nothing(clinic: Clinic) -> None:
    """Without it a rehearsal could leave the row, or show another one than is made."""
    rehearsed = clinic.take(Mode.DRYRUN, CRITICAL)
    assert completed(rehearsed)
    assert clinic.effects == NOTHING
    made = clinic.complete(CRITICAL)

    both = [outcome_of(records, "create") for records in (rehearsed, made)]
    assert [outcome.pop("notification_id") for outcome in both] == [rehearsed[0].run_id, made[0].run_id]
    assert both[0] == both[1]


@pytest.mark.parametrize("name", OF_NOTIFICATIONS)
def test_the_decision_is_reached_again_where_the_approval_is_used(clinic: Clinic, name: str) -> None:
    """Without it what moves in the moment between the check and the write would still be notified of."""
    move, run_id = OF_NOTIFICATIONS[name], RandomIds().run_id()
    clinic.approved(CRITICAL, run_id)

    def edit(record: Record) -> None:
        if record.phase == "create" and isinstance(record.event, Started):
            move.do(clinic)

    records = clinic.take(Mode.LIVE, CRITICAL, run_id, edit)

    stop = stop_of(records)
    assert (stop.code, stop.detail if move.reason else "") == (move.code, move.reason)
    assert clinic.effects == NOTHING
    assert clinic.office.rows("SELECT count(*) FROM cutter_governance.approval_use") == [(0,)]
    assert not any(isinstance(r.event, GateOpened) for r in records)
    assert (fold(records).lifecycle is Lifecycle.TERMINATED) == (move.code == "STOP_POLICY_DENIED")


def test_a_notification_that_moves_is_told(clinic: Clinic) -> None:
    """Without it a run could say that it is pinned to policies that were others when it ended."""

    def edit(record: Record) -> None:
        if record.phase == "create" and isinstance(record.event, Acted):
            OF_NOTIFICATIONS["the template's text"].do(clinic)

    run_id = RandomIds().run_id()
    failed = stop_of(clinic.complete(CRITICAL, run_id, notify=edit))
    assert (failed.code, failed.detail, failed.exit) == ("STOP_VERIFY_FAILED", "pins_moved", 51)

    records = clinic.complete(CRITICAL, run_id)  # people decide that it stands as it is

    assert completed(records), records[-1].event
    assert [r.event.facts for r in records if r.phase == "create" and isinstance(r.event, Verified)] == [
        {"decided": "pins_moved"}
    ]
    assert clinic.office.rows("SELECT count(*) FROM cutter_governance.incident") == [(1,)]


GONE = {
    "a notification": (CRITICAL, "create", "DELETE FROM comm.notification", "notification_gone"),
    "a notification for somebody else": (
        CRITICAL, "create", "UPDATE comm.notification SET recipient = 'TEAM-XXXXX-00'", "notification_gone",
    ),
    "a message": (trigger_of(), "send", "DELETE FROM comm.message", "message_gone"),
}  # fmt: skip


@pytest.mark.parametrize("name", GONE)
def test_a_row_that_is_gone_is_found(clinic: Clinic, name: str) -> None:
    """Without it what was done could be taken away behind a run that calls itself done."""
    data, phase, statement, detail = GONE[name]
    run_id = RandomIds().run_id()
    clinic.approved(data, run_id)

    def interrupt(record: Record) -> None:
        if record.phase == phase and isinstance(record.event, Verified):
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        clinic.take(Mode.LIVE, data, run_id, interrupt)
    clinic.office.alter(statement)

    stop = stop_of(clinic.take(Mode.LIVE, data, run_id))

    assert (stop.code, stop.detail, stop.exit) == ("STOP_VERIFY_FAILED", detail, 51)
