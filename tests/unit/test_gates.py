"""What a gate lets through, and whom a failure asks, where phases are left out."""

import msgspec
import pytest

from cutter import gates
from cutter.approval.request import ESCALATION
from cutter.approval.trust import TrustBundle
from cutter.model import GatePhase, OperationPhase, Pipeline
from cutter.operations import CATALOGUE
from cutter.pipeline import Refused, build, load
from tests.architecture.source import ROOT
from tests.support.runs import StaticTrust

DECIDE, AUTHORIZE = "GATE_POLICY_DECISION", "GATE_NOTIFY_AUTHORIZATION"
SEND, CREATE = "comm.send_message@1", "comm.create_notification@1"
MESSAGE, NOTIFICATION = frozenset({"ask_people", "create"}), frozenset({"ask_people", "send"})


@pytest.fixture
def pipeline() -> Pipeline:
    """The shipped pipeline that triggers start."""
    document = load((ROOT / "pipelines" / "notify.yaml").read_bytes(), "notify.yaml")
    assert not isinstance(document, Refused)
    found = build(document, CATALOGUE)
    assert isinstance(found, Pipeline)
    return found


@pytest.fixture
def trust() -> TrustBundle:
    """A bundle that asks for nothing more."""
    bundle = StaticTrust().load().bundle
    assert bundle is not None
    return bundle


COVERED = {
    "a message": (AUTHORIZE, MESSAGE, (SEND,)),
    "a notification": (AUTHORIZE, NOTIFICATION, (CREATE,)),
    "nothing": (AUTHORIZE, MESSAGE | NOTIFICATION, ()),
    "up to the next gate": (DECIDE, frozenset({"create"}), ()),
}


@pytest.mark.parametrize("name", COVERED)
def test_an_approval_covers_what_is_taken(pipeline: Pipeline, trust: TrustBundle, name: str) -> None:
    """Without it an approval of a message would let a notification through too, and the other way round."""
    gate, skipped, covers = COVERED[name]
    assert gates.place_of(pipeline, gate, 3, trust, skipped).covers == covers


def test_a_failure_covers_what_is_left(pipeline: Pipeline, trust: TrustBundle) -> None:
    """Without it people who let a failed run go on would let through what it never was to do."""
    assert gates.place_of(pipeline, ESCALATION, 4, trust, MESSAGE).covers == (SEND,)
    assert gates.place_of(pipeline, ESCALATION, 5, trust, MESSAGE).covers == ()


def test_a_failure_asks_those_of_the_gate_that_was_taken(pipeline: Pipeline, trust: TrustBundle) -> None:
    """Without it a failed run would ask the people of a gate that it never stood at."""
    decide, authorize = (phase for phase in pipeline.phases if isinstance(phase, GatePhase))
    others = [phase for phase in pipeline.phases if isinstance(phase, OperationPhase)]
    turned = msgspec.structs.replace(pipeline, phases=(others[0], authorize, decide, *others[1:]))

    asked = [
        [(asked.role, asked.persons) for asked in gates.place_of(turned, ESCALATION, 3, trust, skipped).gate.quorum]
        for skipped in (frozenset({"ask_people"}), frozenset[str]())
    ]

    assert asked == [[("content", 1)], [("sovereign", 1)]]
