"""Rows 7, 38, 47 and 48 of the attack table: who may sign what, and how often."""

from collections.abc import Callable
from functools import partial
from uuid import uuid4

import pytest

from cutter import canon
from tests.plugins.proofs import Proof
from tests.security.approving import GATE, SIGN, Request, ask, begun, payload, publish, race, sign
from tests.security.ground import ZEROS, Ids, Opened, Walls


def test_a_signature_is_stamped_by_the_database(signing: Walls, proof: Proof) -> None:
    """Row 47. Without it a signer could give a signature in another's name, or twice."""
    request = ask(begun(signing))
    sha256 = sign(signing, "content", request)
    assert sign(signing, "content", request) == sha256
    stored = signing.superuser.execute(
        "SELECT tenant_id, request_sha256, signature_sha256, kb_id, kind, person_id, login_name"
        " FROM cutter_governance.signature"
    ).fetchall()
    assert stored == [("demo", request.sha256, sha256, request.kb_id, "approval", "content", "content")]
    proof("47", "a signer gives one envelope twice", "one row, person and login of the session")


def _no_request(walls: Walls) -> Request:
    opened = begun(walls)
    plan = publish(opened, b"{}", kb_id=f"runs/{opened.ids.run}/plan")
    opened.conn.commit()
    return plan


def _rehearsed(walls: Walls) -> Request:
    opened = begun(walls, mode="dryrun")
    return ask(opened)


def _of_another_run(walls: Walls) -> Request:
    opened = begun(walls)
    body = canon.encode(payload(opened.ids.run))
    request = publish(opened, body, kb_id=f"approvals/{uuid4()}/{GATE}/{canon.sha256(body)[:16]}")
    opened.conn.commit()
    return request


def _with_another_digest(walls: Walls) -> Request:
    opened = begun(walls)
    request = publish(opened, b"{}", kb_id=f"approvals/{opened.ids.run}/{GATE}/{'0' * 16}")
    opened.conn.commit()
    return request


def _sound(walls: Walls) -> Request:
    return ask(begun(walls))


UNSIGNABLE: dict[str, tuple[Callable[[Walls], Request], str, str, bytes | None, str]] = {
    "a document that is no request": (_no_request, "content", "approval", b"e", "CU015"),
    "a request of a run that is not live": (_rehearsed, "content", "approval", b"e", "CU015"),
    "a request under another run's id": (_of_another_run, "content", "approval", b"e", "CU015"),
    "a request under another digest's id": (_with_another_digest, "content", "approval", b"e", "CU015"),
    "a request that is not there": (lambda _: Request("approvals/x", ZEROS), "content", "approval", b"e", "CU015"),
    "a request of another tenant": (_sound, "stranger_signs", "approval", b"e", "CU015"),
    "a kind of its own": (_sound, "content", "comment", b"e", "CU001"),
    "an envelope of nothing": (_sound, "content", "approval", b"", "CU007"),
    "no envelope": (_sound, "content", "approval", None, "CU007"),
    "an envelope of 64 KiB and a byte": (_sound, "content", "approval", b"x" * 65537, "CU007"),
}


@pytest.mark.parametrize("name", UNSIGNABLE)
def test_only_a_live_runs_request_is_signed(signing: Walls, name: str, proof: Proof) -> None:
    """Row 48. Without it the table of signatures would fill with what no gate asks, or with another tenant's."""
    prepare, login, kind, envelope, expected = UNSIGNABLE[name]
    request = prepare(signing)
    signer = Opened(signing.connect(login), Ids())
    with signing.unwritten():
        assert signer.refused("cutter_approver", SIGN, request.kb_id, kind, envelope) == expected
    proof("48", f"{login} signs {name}", expected)


SIGN_ROLES = ("operator", "cutter_survey", "cutter_writer", "cutter_appender", "cutter_approver")


@pytest.mark.parametrize("role", SIGN_ROLES)
def test_who_runs_does_not_sign(signing: Walls, role: str, proof: Proof) -> None:
    """Row 47. Without it the runner's login could give the signatures that it needs."""
    request = ask(opened := begun(signing))
    with signing.unwritten():
        assert opened.refused(role, SIGN, request.kb_id, "approval", b"e") == "42501"
    proof("47", f"the operator signs as {role}", "42501")


GIVEN_OTHERWISE = {
    "by another login": ("form", "approval"),
    "by another login of the person": ("content_too", "approval"),
    "as a rejection": ("content", "rejection"),
}


@pytest.mark.parametrize("name", GIVEN_OTHERWISE)
def test_an_envelope_is_given_once(signing: Walls, name: str, proof: Proof) -> None:
    """Row 7. Without it one signature could stand for two persons, or for yes and no."""
    login, kind = GIVEN_OTHERWISE[name]
    request = ask(begun(signing))
    sign(signing, "content", request, envelope=b"e")
    with signing.unwritten():
        signer = Opened(signing.connect(login), Ids())
        assert signer.refused("cutter_approver", SIGN, request.kb_id, kind, b"e") == "CU001"
    proof("7", f"one envelope again {name}", "CU001")


@pytest.mark.parametrize("level", ["REPEATABLE READ", "SERIALIZABLE"])
def test_signatures_are_counted_as_they_are(signing: Walls, level: str, proof: Proof) -> None:
    """Row 47. Without it a signer with an old snapshot would not see how many there are."""
    request = ask(begun(signing))
    signer = Opened(signing.connect("content"), Ids())
    signer.conn.execute(f"SET TRANSACTION ISOLATION LEVEL {level}".encode())
    with signing.unwritten():
        assert signer.refused("cutter_approver", SIGN, request.kb_id, "approval", b"e") == "CU001"
    proof("47", f"fn_sign in a transaction that is {level}", "CU001")


def _fill(walls: Walls, request: Request, *logins: str) -> None:
    for login in logins:
        for number in range(4):
            sign(walls, login, request, envelope=f"{login} {number}".encode())


def test_a_request_has_few_signatures(signing: Walls, proof: Proof) -> None:
    """Row 38. Without it one signer could drown the others, or make every check slow."""
    request = ask(begun(signing))
    _fill(signing, request, "content")
    for login in ("content", "content_too"):
        signer = Opened(signing.connect(login), Ids())
        assert signer.refused("cutter_approver", SIGN, request.kb_id, "approval", b"fifth of one person") == "CU010"
    _fill(signing, request, "form", "sovereign", "fourth")
    fifth = Opened(signing.connect("fifth"), Ids())
    with signing.unwritten():
        assert fifth.refused("cutter_approver", SIGN, request.kb_id, "approval", b"the 17th") == "CU010"
    assert sign(signing, "content", request, envelope=b"content 0")
    proof("38", "a fifth signature of a person by either login; a 17th of a request", "CU010")


def test_signers_who_race_for_the_last_places(signing: Walls, proof: Proof) -> None:
    """Row 38. Without the lock on the request, signers at the same moment would count too few."""
    request = ask(begun(signing))
    _fill(signing, request, "content", "form", "sovereign")
    racers = [
        partial(sign, signing, login, request, envelope=f"{login} {number}".encode())
        for login in ("fourth", "fifth")
        for number in range(4)
    ]
    assert race(racers) == ["CU010"] * 4 + ["done"] * 4
    count = signing.superuser.execute("SELECT count(*) FROM cutter_governance.signature").fetchone()
    assert count == (16,)
    proof("38", "8 signers race for the last 4 of 16 places", "4 signed, 4 CU010")
