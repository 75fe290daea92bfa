"""What follows from the events of an execution: how long a run has been at work."""

from collections.abc import Sequence
from typing import Any, cast

import msgspec
import pytest

from cutter.app.system import SystemClock
from cutter.events import AnyEvent, Record
from cutter.execution import Execution
from cutter.journal import Journal
from tests.support.records import (
    PLANNED,
    PUBLISHED,
    REFUSED,
    RESUMED,
    RUN_ID,
    VERIFIED,
    WAITING,
    acted,
    number,
    spawned,
    started,
    stopped,
)

Timed = Sequence[tuple[str, str, AnyEvent]]  # the time of a day, the phase, the event

ASKED: Timed = (
    ("08:00:00", "", spawned("live")),
    ("08:00:01", "plan", started(1)),
    ("08:00:02", "plan", acted()),
    ("08:00:03", "plan", PUBLISHED),
    ("08:00:04", "plan", VERIFIED),
    ("08:00:05", "gate", started(2, "")),
    ("08:00:06", "gate", PLANNED),
    ("08:00:07", "gate", WAITING),
)
SPENT: dict[str, tuple[Timed, float]] = {
    "nothing yet": ((), 0),
    "one pass": (ASKED, 7),
    "people took their time": ((*ASKED, ("17:00:00", "", RESUMED), ("17:00:05", "gate", started(2, ""))), 12),
    "refused looks between": ((*ASKED, ("12:00:00", "", REFUSED), ("15:00:00", "", REFUSED)), 7),
    "resumed after refused looks": (
        (*ASKED, ("12:00:00", "", REFUSED), ("17:00:00", "", RESUMED), ("17:00:05", "gate", started(2, ""))),
        12,
    ),
    "killed, and resumed": ((*ASKED[:3], ("17:00:00", "", RESUMED), ("17:00:05", "plan", PUBLISHED)), 7),
    "stopped, and resumed": (
        (*ASKED[:2], ("08:00:09", "plan", stopped()), ("17:00:00", "", RESUMED), ("17:00:01", "plan", started(1))),
        10,
    ),
    "the clock was set back": ((*ASKED[:2], ("06:00:00", "", RESUMED), ("05:00:00", "plan", started(1))), 1),
}


def execution_of(timed: Timed) -> Execution:
    """An execution that has these events behind it."""
    records = [
        msgspec.structs.replace(record, at=f"2026-11-21T{at}.000000Z")
        for record, (at, _, _) in zip(number([(phase, event) for _, phase, event in timed]), timed, strict=True)
    ]
    return Execution(cast("Any", None), cast("Any", None), Journal(RUN_ID, records, SystemClock(), _ignore))


def _ignore(record: Record) -> None:
    """Nobody listens."""


@pytest.mark.parametrize("name", SPENT)
def test_only_the_time_at_work_is_counted(name: str) -> None:
    """Without it a run that was looked at twice in three days would be past its cap, and barred for ever."""
    timed, seconds = SPENT[name]

    assert execution_of(timed).seconds_before == seconds
