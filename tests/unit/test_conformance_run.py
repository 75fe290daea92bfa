"""A run that waits, or has stopped: nothing happens in it before somebody resumes it."""

import pytest

from cutter.events import AnyEvent, Attempted, Completed, Intended, Skipped
from cutter.run import Lifecycle, fold
from tests.support.records import (
    OPENED,
    PLANNED,
    PUBLISHED,
    RESUMED,
    SIGNED,
    VERIFIED,
    WAITING,
    acted,
    number,
    spawned,
    started,
    stopped,
    surveyed,
)

AT_GATE = (("", spawned("live")), ("gate", started(1, "")), ("gate", PLANNED))
PAUSES = {"it waits": (*AT_GATE, ("gate", WAITING)), "it has stopped": (*AT_GATE[:2], ("gate", stopped()))}
EVENTS: dict[str, AnyEvent] = {
    type(event).__name__: event
    for event in (
        started(1, ""),
        surveyed(),
        acted(),
        Intended(operation="x@1", params_sha256="a"),
        Attempted(step="commit", outcome="", code=0, enhanced=""),
        Skipped(when="decide.escalated"),
        PUBLISHED,
        VERIFIED,
        SIGNED,
        OPENED,
        Completed(phases=3),
    )
}


@pytest.mark.parametrize("event", EVENTS.values(), ids=EVENTS)
@pytest.mark.parametrize("name", PAUSES)
def test_a_paused_run_goes_on_by_being_resumed_only(name: str, event: AnyEvent) -> None:
    """Without it a run could go on behind the back of those who have to answer, or of those who look into its stop."""
    told = PAUSES[name]
    state = fold(number(told))
    assert state.lifecycle is Lifecycle.PAUSED

    with pytest.raises(RuntimeError):
        state.apply(number((*told, ("gate", event)))[-1])

    assert fold(number((*told, ("", RESUMED)))).lifecycle is Lifecycle.RUNNING
