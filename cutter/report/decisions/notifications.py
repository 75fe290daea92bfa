"""The screens of `cutter notifications list` and `ack`.

Rules kept here: a text is a template's; where that version is gone, its name and the slots are told in its place; no
address is told, for none is known.
"""

from collections.abc import Iterator

from cutter.messages import _
from cutter.report.decisions.results import Notification, NotificationAcknowledged, NotificationList
from cutter.report.lines import head, next_lines, run_part
from cutter.report.next_steps import SHORT_ID
from cutter.report.policies.words import named, value_word
from cutter.report.visible import visible


def listed_rows(found: NotificationList) -> list[tuple[str, ...]]:
    """One notification a line: its id, for whom, since when, who acknowledged it, and its text."""
    return [
        (
            item.run_id[:SHORT_ID],
            item.recipient,
            item.created_at,
            item.acknowledged_by or "-",
            visible(text_of(item)),
        )
        for item in found.notifications
    ]


def list_columns() -> tuple[str, ...]:
    """The names of the columns of `listed_rows`."""
    return _("ID"), _("FOR"), _("MADE"), _("SEEN BY"), _("TEXT")


def text_of(item: Notification) -> str:
    """The text in one line; where the template's version is gone, its name, the slots, and that it is so."""
    if item.shown.known:
        return " / ".join(line for line in item.shown.text.splitlines() if line)
    slots = ", ".join(f"{name} {value_word(value)}" for name, value in sorted(item.slots.items()))
    template = named(item.template, item.template_version)
    return _("{template} is not in this workspace; it says: {slots}", template=template, slots=slots or "-")


def acknowledged_lines(done: NotificationAcknowledged) -> Iterator[str]:
    """That a notification is acknowledged, and by whom first."""
    person = visible(done.by)
    if done.again:
        told = _("notification acknowledged before, first by {person}", person=person)
    else:
        told = _("notification acknowledged by {person}", person=person)
    yield head(_("DONE"), (told, run_part(done.run_id)))
    yield from next_lines(done.next)
