"""The events of a run as lines: when, in which phase, what, and a few facts of it.

Rules kept here: pure; what is told of an event is listed here field by field, so that a new field is told by nobody's
oversight; of an outcome only its numbers are told; digests are cut for eyes, and whole in the JSON.

Source: issue 6, part 5; DESIGN §4.
"""

from collections.abc import Sequence
from datetime import datetime
from typing import TypeAlias, assert_never

import msgspec

from cutter.events import (
    Aborted,
    Acted,
    AnyEvent,
    ApprovalVerified,
    Attempted,
    Completed,
    Facts,
    GateOpened,
    GateRefused,
    GateRehearsed,
    GateWaiting,
    Intended,
    Overran,
    Planned,
    Published,
    Record,
    Resumed,
    Skipped,
    Spawned,
    Started,
    Stopped,
    Surveyed,
    Verified,
    WouldStop,
)
from cutter.report.lines import table_lines

Told: TypeAlias = dict[str, str | int | tuple[str, ...]]
_SHORT = 8  # hex digits of a digest on a line
_DIGEST = 64
_WIDE_SEQ, _WIDE_PHASE, _WIDE_EVENT = 5, 16, 16


class RunEvent(msgspec.Struct, frozen=True, kw_only=True):
    """One event (`cutter.run-event/1`). `seq` is its place in the ledger, or in a rehearsal's own chain; `number` its
    place in the run; `at` is UTC; `person` whose login recorded it.
    """

    format: str = "cutter.run-event/1"
    seq: int
    number: int
    at: str
    person: str
    phase: str
    event: str
    facts: Told


def tell_event(record: Record, seq: int, person: str) -> RunEvent:
    """An event as it is told."""
    facts = {name: value for name, value in _facts(record.event).items() if value not in ("", ())}
    return RunEvent(
        seq=seq,
        number=record.number,
        at=record.at,
        person=person,
        phase=record.phase,
        event=type(record.event).__name__,
        facts=facts,
    )


def event_lines(events: Sequence[RunEvent]) -> tuple[str, ...]:
    """The events, one a line, in columns that do not depend on the others: later ones stand below them."""
    rows = [
        (
            f"{told.seq:>{_WIDE_SEQ}}",
            local_moment(told.at),
            f"{told.phase or '-':<{_WIDE_PHASE}}",
            f"{told.event:<{_WIDE_EVENT}}",
            facts_phrase(told.facts),
        )
        for told in events
    ]
    return tuple(line for row in rows for line in table_lines([row], aligned=True))


def facts_phrase(facts: Told) -> str:
    """The facts of an event in one line: `operation library.enact@1 · enacted 289`."""
    return " · ".join(f"{name} {_short(value)}" for name, value in facts.items())


def local_moment(stated: str) -> str:
    """A moment of an event (UTC) in the time zone of this host: `2026-11-24 16:10:02.123 +07:00`."""
    try:
        local = datetime.fromisoformat(stated).astimezone()
    except ValueError:
        return stated
    zone = local.strftime("%z")
    return f"{local:%Y-%m-%d %H:%M:%S}.{local.microsecond // 1000:03} {zone[:3]}:{zone[3:]}"


def _short(value: str | int | tuple[str, ...]) -> str:
    match value:
        case int():
            return str(value)
        case str():
            return value[:_SHORT] if len(value) == _DIGEST and value.isalnum() else value
        case _:
            return " ".join(value)


def _facts(event: AnyEvent) -> Told:
    match event:
        case Spawned():
            return {"pipeline": event.pipeline, "mode": event.mode, "actor": event.actor, "phases": event.phases}
        case Resumed():
            return {"cutter": event.environment.cutter}
        case Started() | Intended():
            return {"operation": event.operation}
        case Surveyed():
            return {"survey": event.survey, "asked": "in the transaction" if event.inside else ""}
        case Planned():
            return {"plan": event.plan_sha256}
        case Acted():
            return {"operation": event.operation, "guard": event.guard, **_numbers(event.outcome)}
        case Published():
            return {"document": event.kb_id, "bytes": event.size}
        case Verified():
            return {**_numbers(event.facts)}
        case Overran():
            return {"seconds": event.seconds, "limit": event.limit}
        case Completed():
            return {"phases": event.phases}
        case Stopped() | WouldStop():
            return {"code": event.code, "detail": event.detail, "exit": event.exit}
        case Aborted():
            return {"reason": event.reason}
        case Attempted():
            return {"step": event.step, "outcome": event.outcome, "reply": event.code or event.enhanced}
        case Skipped():
            return {"when": event.when}
        case _:
            return _gate_facts(event)


def _gate_facts(
    event: GateWaiting | GateRefused | ApprovalVerified | GateOpened | GateRehearsed,
) -> Told:
    match event:
        case GateWaiting():
            return {"gate": event.gate, "request": event.approval_kb_id, "until": event.approve_by}
        case GateRefused():
            return {"gate": event.gate, "code": event.code, "detail": event.detail, "check": event.check}
        case ApprovalVerified():
            return {"gate": event.gate, "persons": event.persons}
        case GateOpened() | GateRehearsed():
            return {"gate": event.gate}
        case _ as never:
            assert_never(never)


def _numbers(facts: Facts) -> dict[str, int]:
    return {name: value for name, value in facts.items() if type(value) is int}
