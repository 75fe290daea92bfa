"""Records of imaginary runs, for tests of the pure folds."""

from collections.abc import Sequence

from cutter.events import (
    Acted,
    AnyEvent,
    ApprovalVerified,
    Completed,
    Environment,
    GateOpened,
    GateRefused,
    GateRehearsed,
    GateWaiting,
    Planned,
    Published,
    Record,
    Resumed,
    Spawned,
    Started,
    Stopped,
    Surveyed,
    Verified,
)

RUN_ID = "0f8fad5b-d9cb-469f-a165-70867728950e"
DIGEST = "a" * 64
ENVIRONMENT = Environment(cutter="0.1.0", package_sha256=DIGEST, python="3.11.7", server="18.6", gpg="2.2.40")


def spawned(mode: str = "dryrun", phases: int = 3) -> Spawned:
    """The first event."""
    return Spawned(
        pipeline="cut",
        pipeline_sha256=DIGEST,
        mode=mode,
        inputs_sha256=DIGEST,
        lock_key="ICX",
        phases=phases,
        actor="somebody@somewhere",
        environment=ENVIRONMENT,
    )


def acted(operation: str = "library.plan_cut@1", /, **outcome: object) -> Acted:
    """An effect."""
    return Acted(operation=operation, outcome=dict(outcome), outcome_sha256=DIGEST, guard="", key=())


def surveyed(*, inside: bool = False) -> Surveyed:
    """An answer as expected."""
    return Surveyed(survey="rows", expected={"units": 0}, found={"units": 0}, facts_sha256=DIGEST, inside=inside)


def stopped(code: str = "STOP_DRIFT", exit_status: int = 21) -> Stopped:
    """A refusal."""
    return Stopped(
        code=code,
        exit=exit_status,
        category="INVARIANT_VIOLATION",
        check=0,
        detail="rows:units",
        found="3",
        needed="0",
        where="survey",
        suggestions=(),
    )


PUBLISHED = Published(kb_id="runs/x/01-plan", sha256=DIGEST, size=10)
PLANNED = Planned(plan_sha256=DIGEST, survey_sha256=DIGEST)
VERIFIED = Verified(facts={"units": 3})
RESUMED = Resumed(environment=ENVIRONMENT)
WAITING = GateWaiting(
    gate="GATE_X", plan_sha256=DIGEST, request_sha256=DIGEST, approval_kb_id="approvals/x", approve_by=""
)
SIGNED = ApprovalVerified(gate="GATE_X", request_sha256=DIGEST, persons=("sovereign",))
REFUSED = GateRefused(
    gate="GATE_X",
    request_sha256=DIGEST,
    code="STOP_SIGNER_REFUSED",
    exit=11,
    category="INVARIANT_VIOLATION",
    check=8,
    detail="self_approval",
    found="operator",
    needed="",
    suggestions=(),
)
OPENED = GateOpened(gate="GATE_X", request_sha256=DIGEST)
REHEARSED = GateRehearsed(gate="GATE_X")


def started(index: int, operation: str = "library.plan_cut@1") -> Started:
    """A phase begins; without an operation it is a gate or a survey phase."""
    return Started(index=index, operation=operation)


def number(told: Sequence[tuple[str, AnyEvent]]) -> tuple[Record, ...]:
    """Records with the numbers and times of one run, from (phase, event) pairs."""
    return tuple(
        Record(n, RUN_ID, phase, f"2026-11-21T10:00:{n % 60:02d}.000000Z", event)
        for n, (phase, event) in enumerate(told, start=1)
    )


REHEARSAL: Sequence[tuple[str, AnyEvent]] = (
    ("", spawned()),
    ("plan", started(1)),
    ("plan", surveyed()),
    ("plan", acted(units=3)),
    ("plan", PUBLISHED),
    ("plan", VERIFIED),
    ("authorize", started(2, "")),
    ("authorize", PLANNED),
    ("authorize", REHEARSED),
    ("authorize", PUBLISHED),
    ("write", started(3, "library.cut_leg_a@1")),
    ("write", surveyed()),
    ("write", surveyed(inside=True)),
    ("write", acted("library.cut_leg_a@1", units=3)),
    ("write", PUBLISHED),
    ("write", VERIFIED),
    ("", Completed(phases=3)),
)
