"""What comes out of the auditors' view: our words, all of them, and nothing that anybody else wrote.

The events are planted by a superuser, with canaries in every place that an event has.
"""

from collections.abc import Iterator
from pathlib import Path
from typing import Any, get_args

import msgspec
import pytest

from cutter.app.pipelines import load_pipeline
from cutter.contracts.policies import SendOutcome
from cutter.events import Aborted, Acted, AnyEvent, Spawned, Started, Stopped
from cutter.model import GatePhase, OperationPhase, Pipeline
from cutter.operations import CATALOGUE
from cutter.policies.decision import Reason
from cutter.policies.policy import Verdict
from cutter.resources import shared
from cutter.settings import load_settings
from cutter.stops import Category, Exit, StopCode
from tests.security.auditing import CANARY, column, plant, seen, with_auditors
from tests.security.ground import Walls


@pytest.fixture
def audited(walls: Walls) -> Walls:
    """A migrated database with auditors of two tenants."""
    return with_auditors(walls)


def filled(kind: type[Any]) -> dict[str, Any]:
    """An event of a kind with a canary in every place that takes text, also in such as hold free keys."""

    def value(name: str, of: Any) -> Any:
        if of is str:
            return f"{CANARY}-{name}"
        if of is int:
            return 7351
        if of is bool:
            return True
        if get_args(of)[:1] == (str,) and of is not dict:
            return (
                {f"{CANARY}-key": CANARY, "record": {"verdict": CANARY, "reason": CANARY}, "outcome": CANARY}
                if "dict" in str(of)
                else [f"{CANARY}-{name}"]
            )
        return {f"{CANARY}-inner": f"{CANARY}-{name}"}

    fields = {item.name: value(item.name, item.type) for item in msgspec.structs.fields(kind)}
    return {"event": kind.__struct_config__.tag, **fields}


KINDS: tuple[type[Any], ...] = get_args(AnyEvent)


def test_no_place_of_an_event_lets_text_out(audited: Walls) -> None:
    """Without it a document's id, an actor, a person, a digest or whatever a new field holds would reach auditors."""
    plant(audited, [(f"{CANARY}-phase", filled(kind)) for kind in KINDS], pipeline=f"{CANARY}-p", at=f"{CANARY}-at")

    rows = seen(audited)

    assert len(rows) == len(KINDS)
    let_out = {(name, value) for row in rows for name, value in row.items() if value is not None}
    tags = {("event", kind.__struct_config__.tag) for kind in KINDS}
    assert let_out == tags | {("mode", "live"), ("started_by", "person")}


FREE = {
    "an aborted run's reason, in the form of a policy's": (Aborted, {"reason": "NGUYEN_VAN_AN"}),
    "a stop's detail": (Stopped, {"code": "STOP_BUSY", "detail": "NGUYEN_VAN_AN"}),
    "a reason of another operation": (Acted, {"outcome": {"reason": "NGUYEN_VAN_AN", "record": {"reason": "NGUYEN"}}}),
    "an outcome's own words": (
        Acted,
        {"operation": "comm.send_message@1", "outcome": {"record": {"verdict": "NGUYEN"}, "outcome": "NGUYEN"}},
    ),
    "an outcome of another operation": (Acted, {"operation": "sql.count@1", "outcome": {"outcome": "accepted"}}),
    "an actor": (Spawned, {"actor": "NGUYEN_VAN_AN", "lock_key": "NGUYEN_VAN_AN", "inputs_sha256": "NGUYEN_VAN_AN"}),
    "a mode that is none": (Spawned, {"mode": "NGUYEN_VAN_AN", "pipeline": "nguyen-van-an"}),
    "an operation": (Started, {"operation": "NGUYEN_VAN_AN"}),
    "an exit status that is none": (Stopped, {"exit": 1985}),
    "a category": (Stopped, {"category": "NGUYEN_VAN_AN"}),
    "nothing but text": (Stopped, "NGUYEN_VAN_AN"),
    "a number for text": (Stopped, {"code": 1985, "exit": 19.85, "category": True}),
    "a list for text": (Stopped, {"code": ["NGUYEN_VAN_AN"], "exit": ["1985"]}),
}


@pytest.mark.parametrize("name", FREE)
def test_letters_alone_come_out_only_where_our_words_stand(audited: Walls, name: str) -> None:
    """Without it a name that has the form of a code would pass for one, wherever it was written."""
    kind, data = FREE[name]
    tagged = {"event": kind.__struct_config__.tag, **data} if isinstance(data, dict) else data
    plant(audited, [("cut", tagged)])

    (row,) = seen(audited)

    known = {"cut", "live", "person", "started", "STOP_BUSY", "spawned", "stopped", "aborted", "acted", None}
    known |= {"comm.send_message@1", "sql.count@1"}
    assert {value for key, value in row.items() if key != "at"} <= known


FORMS_REFUSED = {
    "stop_code": ("BUSY", "STOP_", "STOP_123", "STOP_NGUYEN1", "stop_busy", "STOP_BUSY\n", "STOP_" + "A" * 21),
    "gate": ("GATE_", "GATE_1", "gate_cut", "GATE_CUT x", "GATE_A_B_C_D_E_F"),
    "operation": ("cut", "a.b", "a.b@10", "library.cut@x", "library.patient1@1", "a.b_c_d_e_f@1"),
    "event": ("birth", "Stopped", "stopped1", "spawned "),
    "phase": ("cut1", "p19850312", "Cut", "cut-leg", "a_b_c_d_e", "cut " + "a" * 20, "a" * 21),
    "pipeline": ("cut1", "patient-19850312", "Cut", "cut_leg", "a-b-c-d-e", "a" * 21),
}


@pytest.mark.parametrize("name", FORMS_REFUSED)
def test_what_has_not_the_form_is_null(audited: Walls, name: str) -> None:
    """Without it the columns would be closed in name only."""
    for text in FORMS_REFUSED[name]:
        data = {"event": "stopped", "code" if name == "stop_code" else name: text}
        phase, pipeline = (text if name == column_of else "" for column_of in ("phase", "pipeline"))
        plant(audited, [(phase, data)], pipeline=pipeline or "cut")
    assert column(audited, name) == set()
    assert len(seen(audited)) == len(FORMS_REFUSED[name])


def shipped() -> Iterator[Pipeline]:
    """The pipelines that this cutter carries."""
    for file in sorted(shared("pipelines").glob("*.yaml")):
        yield load_pipeline(load_settings(Path("/nowhere"), {}), file.stem)


def test_every_word_of_ours_comes_out(audited: Walls) -> None:
    """Without it auditors would miss a code, a gate or a verdict, because the list in the database does not have it."""
    stops = [
        {"event": "stopped", "code": s.name, "exit": int(s.exit), "category": s.value.category.value} for s in StopCode
    ]
    exits = [{"event": "stopped", "exit": int(status)} for status in Exit]
    operations = [{"event": "started", "operation": name} for name in CATALOGUE.names()]
    plant(audited, [("", item) for item in (*stops, *exits, *operations)])
    plant(audited, [("", {"event": kind.__struct_config__.tag}) for kind in KINDS])
    phases, gates = set(), set()
    for pipeline in shipped():
        phases |= {phase.id for phase in pipeline.phases}
        asked = {phase.gate.id for phase in pipeline.phases if isinstance(phase, GatePhase)}
        gates |= asked
        assert any(isinstance(phase, OperationPhase) for phase in pipeline.phases)
        plant(audited, [(phase.id, {"event": "started"}) for phase in pipeline.phases], pipeline=pipeline.id)
        plant(audited, [("", {"event": "gatewaiting", "gate": gate}) for gate in asked], pipeline=pipeline.id)

    assert column(audited, "stop_code") == {code.name for code in StopCode}
    assert column(audited, "exit_code") == {int(status) for status in Exit}
    assert column(audited, "category") == {category.value for category in Category}
    assert column(audited, "operation") == set(CATALOGUE.names())
    assert column(audited, "event") == {kind.__struct_config__.tag for kind in KINDS}
    assert column(audited, "pipeline") == {pipeline.id for pipeline in shipped()}
    assert column(audited, "phase") == phases
    assert column(audited, "gate") == gates


def test_decisions_and_sends_come_out(audited: Walls) -> None:
    """Without it an auditor would not see what policies decided, and how sending ended."""
    sends = {*(outcome.value for outcome in SendOutcome), "presumed", "rehearsed"}
    decided = {"event": "acted", "operation": "policy.decide@1"}
    plant(audited, [("decide", {**decided, "outcome": {"record": {"verdict": v.value}}}) for v in Verdict])
    plant(audited, [("decide", {**decided, "outcome": {"record": {"reason": "NO_CONSENT"}}})])
    denied = {"event": "stopped", "code": "STOP_POLICY_DENIED"}
    reasons = {reason.value for reason in Reason} | {"AS_OF_IN_FUTURE"}
    plant(audited, [("decide", {**denied, "detail": reason}) for reason in reasons], started_by="policy")
    ended = {SendOutcome.REFUSED, SendOutcome.UNREACHABLE, SendOutcome.TIMEOUT, SendOutcome.REJECTED}
    plant(audited, [("send", {"event": "attempted", "step": "ended", "outcome": o.value}) for o in ended])
    sent = {"event": "acted", "operation": "comm.send_message@1"}
    plant(audited, [("send", {**sent, "outcome": {"outcome": o}}) for o in ("accepted", "presumed", "rehearsed")])
    unknown = {"event": "stopped", "code": "STOP_EFFECT_UNKNOWN"}
    plant(audited, [("send", unknown), ("", {**unknown, "event": "gaterefused"})], started_by="policy")
    plant(audited, [("back_up", unknown)])

    assert column(audited, "verdict") == {verdict.value for verdict in Verdict}
    stopped = [row for row in seen(audited) if row["event"] == "stopped"]
    assert {row["verdict"] for row in stopped if row["stop_code"] == "STOP_POLICY_DENIED"} == {"deny"}
    assert [(row["phase"], row["started_by"]) for row in seen(audited) if row["outcome"] == "unknown"] == [
        ("send", "policy")
    ]
    assert column(audited, "reason") == reasons | {"NO_CONSENT"}
    assert column(audited, "outcome") == sends
    assert column(audited, "started_by") == {"person", "policy"}
