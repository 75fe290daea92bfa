"""Check 14, and rows 1, 3, 4, 7, 8, 13, 47, 53 of the attack table: when signatures open a gate, and what it covers."""

from collections.abc import Callable
from uuid import uuid4

import psycopg
import pytest

from cutter import canon
from cutter.postgres.connect import connect
from tests.plugins.proofs import Proof
from tests.security.approving import (
    CONSUME,
    ESCALATION,
    GATE,
    Request,
    arguments,
    ask,
    begun,
    consume,
    payload,
    publish,
    race,
    sign,
)
from tests.security.ground import (
    ALL_OPERATIONS,
    ENACT,
    PREFIX,
    REGISTER,
    TEXT,
    TEXT_SHA256,
    ZEROS,
    Opened,
    Walls,
    bind,
    cut,
    enter,
)


def _two(walls: Walls, request: Request) -> list[str]:
    return [sign(walls, "content", request), sign(walls, "form", request)]


def test_an_approval_is_used(signing: Walls, proof: Proof) -> None:
    """Row 53. Without it what a gate let through would not be what the request said."""
    opened = begun(signing)
    request = ask(opened, covers=["library.enact@1"], row_count=7)
    signatures = _two(signing, request)
    late = sign(signing, "sovereign", request)
    assert consume(opened, request, signatures) == GATE
    opened.conn.commit()
    use = signing.superuser.execute(
        "SELECT tenant_id, request_sha256, run_id::text, gate_id, covers, doc_prefix, row_count"
        " FROM cutter_governance.approval_use"
    ).fetchall()
    assert use == [("demo", request.sha256, opened.ids.run, GATE, ["library.enact@1"], PREFIX, 7)]
    decisions = signing.superuser.execute(
        "SELECT signature_sha256, run_id::text, gate_id, person_id, role FROM cutter_governance.review_decision"
        " ORDER BY person_id"
    ).fetchall()
    persons = ("content", "form")
    assert decisions == [
        (sha256, opened.ids.run, GATE, person, "content") for sha256, person in zip(signatures, persons, strict=True)
    ]
    assert late not in [row[0] for row in decisions]
    proof("53", "an approval with its quorum is used", "covers, prefix and count of the request; the named signatures")


_PAST = "2026-01-01T00:00:00Z"
BAD_REQUESTS: dict[str, tuple[dict[str, object], str]] = {
    "that has expired": ({"execute_by": _PAST}, "CU012"),
    "without an end": ({"execute_by": ""}, "CU001"),
    "that never says when it ends": ({"execute_by": None}, "CU012"),
    "for two uses": ({"max_uses": 2}, "CU001"),
    "for any number of uses": ({"max_uses": None}, "CU001"),
    "for nobody's signature": ({"quorum": {"threshold": 0}}, "CU001"),
    "for a quorum in words": ({"quorum": {"threshold": "two"}}, "CU001"),
    "without a threshold": ({"quorum": {}}, "CU001"),
    "without a quorum": ({"quorum": None}, "CU001"),
    "of another tenant": ({"tenant": "elsewhere"}, "CU001"),
    "of another run": ({"run_id": str(uuid4())}, "CU001"),
    "of another lock key": ({"lock_key": "DOC-2"}, "CU001"),
    "of another gate than its id": ({"gate_id": "GATE_LIFECYCLE_ENACT_AUTHORIZATION"}, "CU001"),
    "that covers a word": ({"covers": "library.enact@1"}, "CU001"),
    "that covers nothing said": ({"covers": None}, "CU001"),
    "without a row count": ({"row_count": None}, "CU001"),
    "of fewer rows than none": ({"row_count": -1}, "CU001"),
    "of a row count in words": ({"row_count": "two"}, "CU001"),
}


@pytest.mark.parametrize("name", BAD_REQUESTS)
def test_a_request_that_cannot_be_used(signing: Walls, name: str, proof: Proof) -> None:
    """Rows 1, 13, 53. Without it a runner could publish and use a request of another run, without end or quorum."""
    changes, expected = BAD_REQUESTS[name]
    opened = begun(signing)
    request = publish(opened, canon.encode(payload(opened.ids.run, **changes)))
    opened.conn.commit()
    signatures = _two(signing, request)
    enter(opened)
    with signing.unwritten():
        assert opened.refused("cutter_appender", CONSUME, *arguments(request, signatures)) == expected
    proof("13", f"fn_consume of a request {name}", expected)


BAD_BODIES: dict[str, Callable[[bytes], bytes]] = {
    "that is no JSON": lambda _: b"{",
    "that is no UTF-8": lambda body: body.replace(b"demo", b"\xff"),
    "that is a list": lambda _: b"[]",
    "that is a number": lambda _: b"1",
    "of nothing": lambda _: b"",
    "with a key twice": lambda body: body.replace(b'{"covers"', b'{"row_count":999,"covers"'),
    "with a threshold twice": lambda body: body.replace(b'"threshold":2', b'"threshold":9,"threshold":2'),
}


@pytest.mark.parametrize("name", BAD_BODIES)
def test_a_document_that_is_no_request(signing: Walls, name: str, proof: Proof) -> None:
    """Row 12. Without it two readers of one body could see two different requests, or the server would quote it."""
    opened = begun(signing)
    request = publish(opened, BAD_BODIES[name](canon.encode(payload(opened.ids.run))))
    opened.conn.commit()
    signatures = _two(signing, request)
    enter(opened)
    with signing.unwritten(), pytest.raises(psycopg.Error) as caught:
        consume(opened, request, signatures)
    assert (caught.value.sqlstate, caught.value.diag.message_detail) == ("CU001", None)
    proof("12", f"fn_consume of a document {name}", "CU001")


def _by_login_of_requester(walls: Walls, request: Request) -> list[str]:
    walls.superuser.execute(
        "INSERT INTO cutter_governance.signature (tenant_id, request_sha256, signature_sha256, kb_id, kind, envelope,"
        " person_id, login_name) VALUES ('demo', %s, encode(sha256('e'), 'hex'), %s, 'approval', 'e', 'x', 'operator')",
        (request.sha256, request.kb_id),
    )
    return [sign(walls, "content", request), canon.sha256(b"e")]


def _of_another_request(walls: Walls, request: Request) -> list[str]:
    return [sign(walls, "content", request), sign(walls, "form", ask(begun(walls, lock_key="DOC-2"), lock_key="DOC-2"))]


SHORT: dict[str, Callable[[Walls, Request], list[str]]] = {
    "nobody's": lambda walls, request: [],
    "one person's": lambda walls, request: [sign(walls, "content", request)],
    "one person's, twice": lambda walls, request: [
        sign(walls, "content", request, envelope=b"1"),
        sign(walls, "content", request, envelope=b"2"),
    ],
    "one person's, by two logins": lambda walls, request: [
        sign(walls, "content", request),
        sign(walls, "content_too", request),
    ],
    "one and the requester's, by another login": lambda walls, request: [
        sign(walls, "content", request),
        sign(walls, "operator_signs", request),
    ],
    "one and one by the requester's login": _by_login_of_requester,
    "one and a rejection": lambda walls, request: [
        sign(walls, "content", request),
        sign(walls, "form", request, "rejection"),
    ],
    "one and one of another request": _of_another_request,
    "one and a digest that nobody gave": lambda walls, request: [sign(walls, "content", request), ZEROS],
    "two, of which one is named": lambda walls, request: _two(walls, request)[:1],
}


@pytest.mark.parametrize("name", SHORT)
def test_a_quorum_is_of_other_persons(signing: Walls, name: str, proof: Proof) -> None:
    """Rows 7, 8. Without it who asks could approve, or one person could stand for two."""
    opened = begun(signing)
    request = ask(opened)
    opened.conn.rollback()
    signatures = SHORT[name](signing, request)
    enter(opened)
    with signing.unwritten():
        assert opened.refused("cutter_appender", CONSUME, *arguments(request, signatures)) == "CU011"
    proof("8" if "requester" in name else "7", f"a quorum of 2 with signatures: {name}", "CU011")


def test_who_executes_does_not_count(signing: Walls, proof: Proof) -> None:
    """Row 8. Without it a person who signed could take the run over and be their own second pair of eyes."""
    opened = begun(signing)
    request = ask(opened)
    opened.conn.rollback()
    signatures = [sign(signing, "content", request), sign(signing, "colleague_signs", request)]
    colleague = Opened(signing.connect("colleague"), opened.ids)
    enter(colleague)
    with signing.unwritten():
        assert colleague.refused("cutter_appender", CONSUME, *arguments(request, signatures)) == "CU011"
    colleague.conn.rollback()
    enter(opened)
    assert consume(opened, request, signatures) == GATE
    proof("8", "a colleague executes what they signed; the requester executes it", "CU011; used")


NAMED_OTHERWISE: dict[str, Callable[[Request, list[str]], tuple[object, ...]]] = {
    "another digest": lambda request, s: (request.kb_id, ZEROS, s, ["content", "form"]),
    "another id": lambda request, s: (f"{request.kb_id}0", request.sha256, s, ["content", "form"]),
    "no id": lambda request, s: (None, request.sha256, s, ["content", "form"]),
    "a signature twice": lambda request, s: (request.kb_id, request.sha256, [*s, s[0]], ["a", "b", "c"]),
    "fewer roles": lambda request, s: (request.kb_id, request.sha256, s, ["content"]),
    "no roles": lambda request, s: (request.kb_id, request.sha256, s, None),
    "no signatures": lambda request, s: (request.kb_id, request.sha256, None, None),
    "a role of nothing": lambda request, s: (request.kb_id, request.sha256, s, ["content", None]),
    "a role with a space": lambda request, s: (request.kb_id, request.sha256, s, ["content", "a b"]),
}


@pytest.mark.parametrize("name", NAMED_OTHERWISE)
def test_an_approval_is_named_exactly(signing: Walls, name: str, proof: Proof) -> None:
    """Row 4. Without it the record of who decided could be made to say something else."""
    opened = begun(signing)
    request = ask(opened)
    values = NAMED_OTHERWISE[name](request, _two(signing, request))
    with signing.unwritten():
        assert opened.refused("cutter_appender", CONSUME, *values) == "CU001"
    proof("4", f"fn_consume with {name}", "CU001")


def _outside(walls: Walls, asking: Opened, request: Request) -> Opened:
    asking.conn.rollback()
    return asking


def _rehearsing(walls: Walls, asking: Opened, request: Request) -> Opened:
    asking.conn.rollback()
    asking.call("cutter_appender", "SELECT cutter_governance.fn_rehearsal_begin(%s)", asking.ids.run)
    enter(asking)
    return asking


def _another_run(walls: Walls, asking: Opened, request: Request) -> Opened:
    asking.conn.rollback()
    return begun(walls)


def _another_tenant(walls: Walls, asking: Opened, request: Request) -> Opened:
    asking.conn.rollback()
    return begun(walls, "stranger")


WRONG_PLACES: dict[str, Callable[[Walls, Opened, Request], Opened]] = {
    "outside a run": _outside,
    "in a rehearsal": _rehearsing,
    "in another run": _another_run,
    "in a run of another tenant": _another_tenant,
}


@pytest.mark.parametrize("name", WRONG_PLACES)
def test_an_approval_is_used_in_its_run(signing: Walls, name: str, proof: Proof) -> None:
    """Rows 1, 48, 50. Without it a run could go on with what people signed for another."""
    asking = begun(signing)
    request = ask(asking)
    signatures = _two(signing, request)
    opened = WRONG_PLACES[name](signing, asking, request)
    with signing.unwritten():
        assert opened.refused("cutter_appender", CONSUME, *arguments(request, signatures)) == "CU001"
    proof("1", f"fn_consume {name}", "CU001")


@pytest.mark.parametrize("role", ["operator", "cutter_survey", "cutter_writer"])
def test_only_the_appender_uses_an_approval(signing: Walls, role: str, proof: Proof) -> None:
    """Row 47. Without it the role that writes would open its own gates."""
    opened = begun(signing)
    request = ask(opened)
    signatures = _two(signing, request)
    with signing.unwritten():
        assert opened.refused(role, CONSUME, *arguments(request, signatures)) == "42501"
    proof("47", f"fn_consume as {role}", "42501")


def _again(opened: Opened, first: Request) -> Request:
    return first


def _same_bytes(opened: Opened, first: Request) -> Request:
    opened.take("cutter_survey")
    row = opened.conn.execute("SELECT body FROM kb.document WHERE kb_id = %s", (first.kb_id,)).fetchone()
    assert row is not None
    return publish(opened, row[0], kb_id=f"approvals/{opened.ids.run}/{GATE}/{first.sha256[:20]}")


def _newer(opened: Opened, first: Request) -> Request:
    return ask(opened, row_count=3)


SECOND_USES: dict[str, Callable[[Opened, Request], Request]] = {
    "the same": _again,
    "the same bytes under another id": _same_bytes,
    "a newer one of the gate": _newer,
}


@pytest.mark.parametrize("name", SECOND_USES)
def test_an_approval_works_once(signing: Walls, name: str, proof: Proof) -> None:
    """Rows 3, 4. Without it one signature could be spent twice."""
    opened = begun(signing)
    first = ask(opened)
    signatures = _two(signing, first)
    consume(opened, first, signatures)
    opened.conn.commit()
    enter(opened)
    second = SECOND_USES[name](opened, first)
    opened.conn.commit()
    given = signatures if second.sha256 == first.sha256 else _two(signing, second)
    enter(opened)
    with signing.unwritten():
        assert opened.refused("cutter_appender", CONSUME, *arguments(second, given)) == "CU013"
    proof("3", f"a used approval, and then {name}", "CU013")


def test_sixteen_racers_use_an_approval_once(signing: Walls, proof: Proof) -> None:
    """Row 23. Without it two resumes at one moment could both pass the gate."""
    opened = begun(signing)
    request = ask(opened)
    opened.conn.rollback()
    signatures = _two(signing, request)

    def racer() -> None:
        with connect(signing.database.conninfo("operator"), "cutter/test") as conn:
            one = Opened(conn, opened.ids)
            enter(one)
            consume(one, request, signatures)

    assert race([racer] * 16) == ["CU013"] * 15 + ["done"]
    counts = signing.superuser.execute(
        "SELECT (SELECT count(*) FROM cutter_governance.approval_use),"
        " (SELECT count(*) FROM cutter_governance.review_decision)"
    ).fetchone()
    assert counts == (1, 2)
    proof("23", "16 connections use one approval at once", "1 used it, 15 CU013")


# What a use covers


def test_each_gate_lets_through_its_own(signing: Walls, proof: Proof) -> None:
    """Row 53. Without it the approval of the cut would enact, or the row count of one gate would do for the other."""
    opened = begun(signing)
    first = ask(opened, covers=list(ALL_OPERATIONS[:2]))
    consume(opened, first, _two(signing, first))
    cut(opened)
    bind(opened)
    opened.conn.commit()
    enter(opened)
    for gate, covers in ((ESCALATION, list(ALL_OPERATIONS)), ("GATE_OTHER", ["library.enact@1"])):
        request = ask(opened, gate, covers=covers, row_count=2 if gate == ESCALATION else 3)
        consume(opened, request, _two(signing, request))
        assert opened.refused("cutter_writer", ENACT, opened.ids.change_set, 2) == "CU001"
        opened.conn.commit()
        enter(opened)
    last = ask(opened, "GATE_LIFECYCLE_ENACT_AUTHORIZATION", covers=["library.enact@1"])
    consume(opened, last, _two(signing, last))
    assert opened.call("cutter_writer", ENACT, opened.ids.change_set, 2) == 2
    proof(
        "53", "enact under the gate of the cut, an escalation that names it, another row count", "CU001; then its own"
    )


def test_an_escalation_covers_nothing(signing: Walls, proof: Proof) -> None:
    """Row 53. Without it a run could write what no gate of its pipeline let through, by failing first."""
    opened = begun(signing)
    request = ask(opened, ESCALATION)
    consume(opened, request, _two(signing, request))
    ids = opened.ids
    with signing.unwritten():
        document = (ids.document, PREFIX, ids.version, TEXT, TEXT_SHA256, TEXT_SHA256)
        assert opened.refused("cutter_writer", REGISTER, *document) == "CU001"
    proof("53", "fn_source_register under an escalation alone", "CU001")


def test_an_escalation_is_passed_at_each_failure(signing: Walls) -> None:
    """Without it a run that failed twice could never go on."""
    opened = begun(signing)
    for nonce in ("a", "b"):
        request = ask(opened, ESCALATION, nonce=nonce)
        assert consume(opened, request, _two(signing, request)) == ESCALATION
        opened.conn.commit()
        enter(opened)
