"""The rules about the order of a run's events."""

from collections.abc import Sequence

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cutter.approval.request import ESCALATION
from cutter.events import (
    Aborted,
    AnyEvent,
    ApprovalVerified,
    Attempted,
    Completed,
    GateOpened,
    GateWaiting,
    Intended,
    Skipped,
    Verified,
)
from cutter.run import Lifecycle, RunState, Step, fold
from tests.support.records import (
    DIGEST,
    OPENED,
    PLANNED,
    PUBLISHED,
    REFUSED,
    REHEARSAL,
    REHEARSED,
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

Told = Sequence[tuple[str, AnyEvent]]

BEGUN: Told = (("", spawned()), ("plan", started(1)))
LIVE: Told = (("", spawned("live")), ("plan", started(1)), ("plan", acted()), ("plan", PUBLISHED), ("plan", VERIFIED))
AT_GATE: Told = (*LIVE, ("gate", started(2, "")), ("gate", PLANNED))
WAITED: Told = (*AT_GATE, ("gate", WAITING))
PASSED: Told = (*WAITED, ("", RESUMED), ("gate", started(2, "")), ("gate", SIGNED), ("gate", PUBLISHED))
FAILED: Told = (
    *PASSED,
    ("write", started(3)),
    ("write", OPENED),
    ("write", acted()),
    ("write", PUBLISHED),
    ("write", stopped("STOP_VERIFY_FAILED", 51)),
    ("", RESUMED),
)
ASKED = GateWaiting(
    gate=ESCALATION, plan_sha256=DIGEST, request_sha256=DIGEST, approval_kb_id="approvals/x", approve_by=""
)
AGREED = ApprovalVerified(gate=ESCALATION, request_sha256=DIGEST, persons=("sovereign",))
INTENDED = Intended(operation="x@1", params_sha256="a")
COMMITTED = Attempted(step="commit", outcome="", code=0, enhanced="")
SKIPPED = Skipped(when="decide.escalated")
DECIDED = GateOpened(gate=ESCALATION, request_sha256=DIGEST)

POSSIBLE: dict[str, tuple[Told, Lifecycle, int]] = {
    "nothing yet": ((), Lifecycle.NEW, 0),
    "a whole rehearsal": (REHEARSAL, Lifecycle.TERMINATED, 3),
    "waiting at a gate": ((*AT_GATE, ("gate", WAITING)), Lifecycle.PAUSED, 1),
    "a refused approval waits on": ((*WAITED, ("", REFUSED)), Lifecycle.PAUSED, 1),
    "refused twice": ((*WAITED, ("", REFUSED), ("", REFUSED)), Lifecycle.PAUSED, 1),
    "signed after a resume": (PASSED, Lifecycle.RUNNING, 2),
    "used by the first write": ((*PASSED, ("write", started(3)), ("write", OPENED)), Lifecycle.RUNNING, 2),
    "refused in the write itself": ((*PASSED, ("write", started(3)), ("write", REFUSED)), Lifecycle.PAUSED, 2),
    "asked again, never used": (
        (*PASSED, ("write", started(3)), ("", RESUMED), ("gate", started(2, "")), ("gate", WAITING)),
        Lifecycle.PAUSED,
        1,
    ),
    "people decide on a failure": (
        (*FAILED, ("", ASKED), ("", RESUMED), ("", AGREED), ("", DECIDED), ("write", VERIFIED)),
        Lifecycle.RUNNING,
        3,
    ),
    "a failed run is not yet decided": ((*FAILED, ("", ASKED)), Lifecycle.PAUSED, 2),
    "a crash before the effect": ((*BEGUN, ("", RESUMED), ("plan", started(1))), Lifecycle.RUNNING, 0),
    "a crash between effect and proof": ((*LIVE[:4], ("", RESUMED), ("plan", VERIFIED)), Lifecycle.RUNNING, 1),
    "an interrupted external effect": (
        (*BEGUN, ("plan", Intended(operation="x@1", params_sha256="a")), ("", RESUMED), ("plan", started(1))),
        Lifecycle.RUNNING,
        0,
    ),
    "proved again after a resume": ((*LIVE, ("", RESUMED), ("plan", VERIFIED)), Lifecycle.RUNNING, 1),
    "a live stop pauses": ((*LIVE[:2], ("plan", stopped())), Lifecycle.PAUSED, 0),
    "a stopped rehearsal is over": ((*BEGUN, ("plan", stopped())), Lifecycle.TERMINATED, 0),
    "a final stop ends a live run": ((*LIVE[:2], ("plan", stopped("STOP_POLICY_DENIED"))), Lifecycle.TERMINATED, 0),
    "a final code after a governed write waits for people": (
        (*FAILED[:-2], ("write", stopped("STOP_POLICY_DENIED", 51))),
        Lifecycle.PAUSED,
        2,
    ),
    "a no after a governed write ends the run": (
        (*FAILED[:-2], ("write", stopped("STOP_DECISION_REFUSED", 51))),
        Lifecycle.TERMINATED,
        2,
    ),
    "a phase that is not due": (
        (*BEGUN, ("plan", SKIPPED), ("plan", PUBLISHED), ("next", started(2))),
        Lifecycle.RUNNING,
        1,
    ),
    "how an intended effect comes along": (
        (*BEGUN, ("plan", INTENDED), ("plan", COMMITTED), ("plan", acted())),
        Lifecycle.RUNNING,
        0,
    ),
    "a paused run is aborted": ((*AT_GATE, ("gate", WAITING), ("", Aborted(reason="x"))), Lifecycle.TERMINATED, 1),
}

IMPOSSIBLE: dict[str, Told] = {
    "not spawned": (("plan", started(1)),),
    "spawned twice": (("", spawned()), ("", spawned())),
    "a phase skipped": (("", spawned()), ("second", started(2))),
    "two phases at once": ((*BEGUN, ("second", started(2)))),
    "an attempt before the intent": (*BEGUN, ("plan", COMMITTED)),
    "an attempt after the effect": (*BEGUN, ("plan", INTENDED), ("plan", acted()), ("plan", COMMITTED)),
    "an effect of a phase that is not due": (*BEGUN, ("plan", SKIPPED), ("plan", acted())),
    "left out after its effect": (*BEGUN, ("plan", acted()), ("plan", SKIPPED)),
    "left out after its intent": (*BEGUN, ("plan", INTENDED), ("plan", SKIPPED)),
    "going on after a final stop": (*LIVE[:2], ("plan", stopped("STOP_POLICY_DENIED")), ("", RESUMED)),
    "aborted after a final stop": (
        *LIVE[:2],
        ("plan", stopped("STOP_DECISION_LAPSED", 12)),
        ("", Aborted(reason="x")),
    ),
    "an effect before the start": (("", spawned()), ("plan", acted())),
    "an effect twice": (*BEGUN, ("plan", acted()), ("plan", acted())),
    "started again after its effect": (*BEGUN, ("plan", acted()), ("plan", started(1))),
    "a proof before the document": (*BEGUN, ("plan", acted()), ("plan", VERIFIED)),
    "a document twice": (*BEGUN, ("plan", acted()), ("plan", PUBLISHED), ("plan", PUBLISHED)),
    "an event of another phase": (*BEGUN, ("other", surveyed())),
    "a survey after the document": (*BEGUN, ("plan", acted()), ("plan", PUBLISHED), ("plan", surveyed())),
    "a gate without a plan": (("", spawned()), ("gate", started(1, "")), ("gate", REHEARSED)),
    "the plan twice": (*AT_GATE, ("gate", PLANNED)),
    "a rehearsal waits": (("", spawned()), ("gate", started(1, "")), ("gate", PLANNED), ("gate", WAITING)),
    "a rehearsal opens a gate": (("", spawned()), ("gate", started(1, "")), ("gate", PLANNED), ("gate", OPENED)),
    "an approval used that nobody verified": (*AT_GATE, ("gate", OPENED)),
    "an approval used twice": (*PASSED, ("write", started(3)), ("write", OPENED), ("write", OPENED)),
    "asked again after its approval was used": (
        *PASSED,
        ("write", started(3)),
        ("write", OPENED),
        ("write", acted()),
        ("", RESUMED),
        ("gate", started(2, "")),
    ),
    "a refusal of another gate while it waits": (*AT_GATE, ("gate", ASKED)),
    "a failed run goes on by itself": (*FAILED, ("write", started(3))),
    "people decide on a failure that never was": (*PASSED, ("", ASKED)),
    "a live run only notes a gate": (*AT_GATE, ("gate", REHEARSED)),
    "going on while paused": (*AT_GATE, ("gate", WAITING), ("gate", OPENED)),
    "completed too early": (*LIVE, ("", Completed(phases=3))),
    "completed with another count": (*REHEARSAL[:-1], ("", Completed(phases=2))),
    "something after the end": (*REHEARSAL, ("", RESUMED)),
}


@pytest.mark.parametrize("name", POSSIBLE)
def test_possible_histories_fold(name: str) -> None:
    """Without it a legal history could be refused, and a run could not be resumed."""
    told, lifecycle, finished = POSSIBLE[name]

    state = fold(number(told))

    assert (lifecycle, finished) == (state.lifecycle, state.finished)


@pytest.mark.parametrize("name", IMPOSSIBLE)
def test_impossible_histories_are_refused(name: str) -> None:
    """Without it an event out of order would enter the ledger, and be believed by every later fold."""
    records = number(IMPOSSIBLE[name])
    state = fold(records[:-1])

    with pytest.raises(RuntimeError):
        state.apply(records[-1])


def test_a_number_is_never_skipped() -> None:
    """Without it a lost event would not be noticed when the ledger is folded."""
    records = number(REHEARSAL)

    with pytest.raises(RuntimeError):
        fold((*records[:3], records[4]))


def test_outcomes_are_kept_by_phase() -> None:
    """Without it references to earlier phases would resolve to nothing after a resume."""
    state = fold(number(REHEARSAL))

    assert state.outcome("plan") == {"units": 3}
    with pytest.raises(KeyError):
        state.outcome("authorize")


EVENTS = tuple({type(event).__name__: event for _, event in REHEARSAL}.values())


@given(st.lists(st.tuples(st.sampled_from(["", "plan", "write"]), st.sampled_from(EVENTS))))
def test_any_sequence_is_folded_or_refused_but_steps_never_go_back(told: Told) -> None:
    """Without it some mixture of events could undo a finished phase or crash the fold in another way."""
    state = RunState()
    for record in number(told):
        try:
            after = state.apply(record)
        except RuntimeError:
            return
        assert after.finished >= state.finished
        for before, now in zip(state.phases, after.phases, strict=False):
            assert now.step.value >= before.step.value or isinstance(record.event, Verified)
        assert all(phase.step is Step.FINISHED for phase in after.phases[:-1])
        state = after
