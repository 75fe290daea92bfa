"""Notifications: what runs of policies have made, as people read it, and that somebody has seen one.

Rules kept here: a text is made from the very version of the template that the row names, and of its slots only; where
the workspace does not have that version, only ids are told, and that it is so.

Source: issue 7, rules 5 and 6.
"""

from collections.abc import Sequence

import msgspec

from cutter.app.compose import opened, reach_database
from cutter.approval.identification import timestamp
from cutter.custody.policies import load_all
from cutter.custody.sidecar import PREFIX
from cutter.model import Mode
from cutter.policies.domain import FieldValue, Trigger
from cutter.policies.policy import CREATE_NOTIFICATION, Action, Slot, Template
from cutter.policies.rendering import Unrenderable, render
from cutter.postgres.notifications import (
    StoredNotification,
    acknowledge,
    find_notification,
    read_notifications,
)
from cutter.postgres.transact import Committing
from cutter.report.decisions.results import (
    Notification,
    NotificationAcknowledged,
    NotificationList,
    NotificationText,
)
from cutter.report.next_steps import SHORT_ID, command
from cutter.report.result import NextStep
from cutter.settings import Settings
from cutter.stops import Stop, StopCode


def list_notifications(settings: Settings, *, every: bool) -> NotificationList:
    """The notifications that nobody has acknowledged, newest first; `every`: behind them those that somebody has."""
    with opened(settings, reach_database(settings), Mode.LIVE, "notified") as transactor:
        assert isinstance(transactor, Committing)  # noqa: S101  what LIVE opens
        with transactor.survey() as session:
            rows = read_notifications(session, every=every)
    templates = _templates(settings) if rows else ()
    return NotificationList(notifications=tuple(_told(row, templates) for row in rows))


def acknowledge_notification(settings: Settings, prefix: str) -> NotificationAcknowledged:
    """Say that this login's person has seen a notification; who was first stays first.

    Raises:
        Stop: STOP_RUN_NOT_FOUND, detail `no_notification` or `ambiguous`; STOP_CONNECTION_UNSAFE.
    """
    reached = reach_database(settings)
    with opened(settings, reached, Mode.LIVE, "ack") as transactor:
        assert isinstance(transactor, Committing)  # noqa: S101  what LIVE opens
        with transactor.survey() as session:
            run_id, before = find_notification(session, prefix if PREFIX.fullmatch(prefix) else "")
    by = acknowledge(reached.conninfo, f"cutter/{run_id[:SHORT_ID]}", run_id, settings.roles.notifier)
    step = NextStep("run", command("runs", "show", run_id[:SHORT_ID]))
    return NotificationAcknowledged(run_id=run_id, by=by, again=bool(before), next=(step,))


def _templates(settings: Settings) -> Sequence[Template]:
    """Every version of every template of the workspace; none where its policies cannot be read."""
    try:
        return load_all(settings.workspace / "policies").templates
    except Stop as stop:
        if stop.code is not StopCode.STOP_CONFIG_INVALID:
            raise
        return ()


def _told(row: StoredNotification, templates: Sequence[Template]) -> Notification:
    slots = msgspec.json.decode(row.slots, type=dict[str, str | int | bool])
    return Notification(
        run_id=row.run_id,
        trigger=row.trigger,
        policy=row.policy,
        policy_version=row.policy_version,
        rule=row.rule,
        template=row.template,
        template_version=row.template_version,
        recipient=row.recipient,
        slots=slots,
        created_at=timestamp(row.created_at),
        acknowledged_at=timestamp(row.acknowledged_at) if row.acknowledged_at is not None else "",
        acknowledged_by=row.acknowledged_by,
        shown=_text(row, slots, templates),
    )


def _text(
    row: StoredNotification, slots: dict[str, str | int | bool], templates: Sequence[Template]
) -> NotificationText:
    """The text. A template that was withdrawn since stands for what was made before: it is shown all the same."""
    named = (template for template in templates if (template.id, template.version) == _version(row))
    found = next(named, None)
    if found is None:
        return NotificationText(known=False, text="")
    bound = tuple(Slot(name, name) for name in sorted(slots))
    action = Action(CREATE_NOTIFICATION, row.template, row.template_version, "recipient", bound)
    said = Trigger(row.trigger, "", "", tuple(FieldValue(name, slots[name]) for name in sorted(slots)))
    try:
        text = render(msgspec.structs.replace(found, withdrawn=False), action, said).body
    except Unrenderable:
        return NotificationText(known=False, text="")
    return NotificationText(known=True, text=text.rstrip("\n"))


def _version(row: StoredNotification) -> tuple[str, str]:
    return row.template, row.template_version
