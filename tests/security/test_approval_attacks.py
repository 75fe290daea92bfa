"""Attacks on what was asked: requests of another place, forged, replayed, or edited where they are stored.

Each row is one attack on the whole program (approvals-and-evidence §7; the number is the row's), by a superuser who
lets the right people sign what was forged.
"""

import base64
import json
from collections.abc import Callable

import msgspec
import pytest

from cutter import canon
from cutter.approval.envelope import Envelope, EnvelopeSignature, write_envelope
from cutter.approval.request import PAYLOAD_TYPE, REJECTION_TYPE, Quorum, Rejection
from cutter.approval.trust import PAYLOAD_TYPE as BUNDLE_TYPE
from cutter.model import RoleQuorum
from cutter.stops import StopCode
from tests.plugins.proofs import Proof
from tests.support.forging import (
    DOCUMENT,
    SECOND,
    Arrange,
    Attack,
    Command,
    ask,
    assert_answered,
    forge,
    plant,
    refused_early,
    request_of,
    resuming,
    signed,
    superuser,
    waits_on,
)
from tests.support.live import LiveOffice

pytestmark = pytest.mark.attacks

ZEROS = "0" * 64
OTHER_RUN = "6f1c2f3e-0a4b-4c5d-8e6f-7a8b9c0d1e2f"


def forged(**changes: object) -> Arrange:
    """A request with other fields, signed by who may sign it."""

    def arrange(live: LiveOffice) -> Command:
        kb_id = forge(live, ask(live), **changes)
        live.sign(kb_id, "sovereign")
        return resuming(live, kb_id)

    return arrange


def of_target(**changes: object) -> Arrange:
    """A request for another database, signed by who may sign it."""

    def arrange(live: LiveOffice) -> Command:
        kb_id = ask(live)
        other = msgspec.structs.replace(request_of(live, kb_id).target, **changes)
        kb_id = forge(live, kb_id, target=other)
        live.sign(kb_id, "sovereign")
        return resuming(live, kb_id)

    return arrange


def another_runs_bytes(live: LiveOffice) -> Command:
    """What people signed for another run, stored as if it were this run's."""
    live.office.add_text("OTHER", "Điều 1. Một\nNội dung.\nĐiều 2. Hai\nNội dung.\n")
    other = live.cut("OTHER")
    kb_id = plant(live, ask(live), live.request(other.approval_kb_id))
    live.sign(kb_id, "sovereign")
    return resuming(live, kb_id)


def another_runs_id(live: LiveOffice) -> Command:
    """The approval id of another run, given to this run's line."""
    live.office.add_text("OTHER", "Điều 1. Một\nNội dung.\nĐiều 2. Hai\nNội dung.\n")
    other = live.cut("OTHER")
    live.sign(other.approval_kb_id, "sovereign")
    ask(live)
    return lambda: live.cut(DOCUMENT, "cut", other.approval_kb_id or "")


def another_runs_signature(live: LiveOffice) -> Command:
    """The signature on another run's request, moved to this run's by the superuser."""
    live.office.add_text("OTHER", "Điều 1. Một\nNội dung.\nĐiều 2. Hai\nNội dung.\n")
    other = live.cut("OTHER")
    live.sign(other.approval_kb_id, "sovereign")
    kb_id = ask(live)
    sha256 = request_of(live, kb_id).sha256
    superuser(live, "UPDATE cutter_governance.signature SET kb_id = %s, request_sha256 = %s", (kb_id, sha256))
    return resuming(live, kb_id)


OF_ANOTHER_PLACE: dict[str, Attack] = {
    "1: another run": Attack(forged(run_id=OTHER_RUN), StopCode.STOP_APPROVAL_MISMATCH, "wrong_run", 10, 11),
    "1: another run's bytes": Attack(another_runs_bytes, StopCode.STOP_APPROVAL_MISMATCH, "wrong_run", 10, 11),
    "1: another run's id": refused_early(another_runs_id, StopCode.STOP_APPROVAL_MISMATCH, "wrong_run", 10, 11),
    "1: another run's signature": Attack(
        another_runs_signature, StopCode.STOP_APPROVAL_MALFORMED, "other_payload", 3, 11
    ),
    "1: another gate": Attack(forged(gate_id=SECOND), StopCode.STOP_APPROVAL_MISMATCH, "wrong_gate", 10, 11),
    "1: another gate index": Attack(forged(gate_index=9), StopCode.STOP_APPROVAL_MISMATCH, "wrong_gate", 10, 11),
    "1: another document": Attack(forged(lock_key="OTHER"), StopCode.STOP_APPROVAL_MISMATCH, "wrong_document", 10, 11),
    "1: another pipeline": Attack(forged(pipeline="void"), StopCode.STOP_APPROVAL_MISMATCH, "wrong_pipeline", 10, 11),
    "1: another text of the pipeline": Attack(
        forged(pipeline_sha256=ZEROS), StopCode.STOP_APPROVAL_MISMATCH, "wrong_pipeline", 10, 11
    ),
    "1: another requester": Attack(
        forged(requester="content"), StopCode.STOP_APPROVAL_MISMATCH, "wrong_requester", 10, 11
    ),
    "1: another tenant": Attack(forged(tenant="elsewhere"), StopCode.STOP_SIGNER_REFUSED, "wrong_tenant", 7, 11),
    "2: another cluster": Attack(
        of_target(system_identifier="7000000000000000001"),
        StopCode.STOP_APPROVAL_MISMATCH,
        "wrong_target",
        10,
        11,
    ),
    "2: another database": Attack(of_target(database_oid=1), StopCode.STOP_APPROVAL_MISMATCH, "wrong_target", 10, 11),
    "2: another ledger": Attack(
        of_target(ledger_log_id="elsewhere"), StopCode.STOP_APPROVAL_MISMATCH, "wrong_target", 10, 11
    ),
    "2: another schema": Attack(of_target(schema="0001"), StopCode.STOP_APPROVAL_MISMATCH, "wrong_target", 10, 11),
    "19: another plan": Attack(forged(plan_sha256=ZEROS), StopCode.STOP_PLAN_CHANGED, "plan", 11, 22),
    "19: other outcomes": Attack(forged(outcomes_sha256=ZEROS), StopCode.STOP_PLAN_CHANGED, "outcomes", 11, 22),
    "19: more operations": Attack(forged(covers=("library.enact@1",)), StopCode.STOP_PLAN_CHANGED, "covers", 11, 22),
    "19: more rows": Attack(forged(row_count=10_000), StopCode.STOP_PLAN_CHANGED, "row_count", 11, 22),
    "19: another end": Attack(
        forged(expected_after_sha256=ZEROS), StopCode.STOP_PLAN_CHANGED, "expected_after", 11, 22
    ),
    "19: other answers": Attack(forged(survey_sha256=ZEROS), StopCode.STOP_DRIFT, "survey", 11, 21),
    "19: other fingerprints": Attack(
        forged(fingerprint_pins_sha256=ZEROS), StopCode.STOP_DRIFT, "fingerprint_pins", 11, 21
    ),
    "19: another policy of backups": Attack(
        forged(backup_policy_sha256=ZEROS), StopCode.STOP_DRIFT, "backup_policy", 11, 21
    ),
}


@pytest.mark.parametrize("name", OF_ANOTHER_PLACE)
def test_what_was_signed_for_another_place_opens_nothing(live: LiveOffice, name: str, proof: Proof) -> None:
    """Rows 1, 2, 19. Without it people's yes to one thing would carry another."""
    attack = OF_ANOTHER_PLACE[name]
    result = assert_answered(live, attack)
    proof(name.partition(":")[0], f"approval of {name.partition(': ')[2]}", f"{result.stop_code} {result.detail}")


def with_member(name: str, value: bytes) -> Callable[[bytes], bytes]:
    """A body with one more member, at its end."""
    return lambda body: body[:-1] + b',"' + name.encode() + b'":' + value + b"}"


def with_value(name: str, value: bytes) -> Callable[[bytes], bytes]:
    """A body with another value of a member, and otherwise its very bytes."""

    def change(body: bytes) -> bytes:
        members = {key: value if key == name else canon.encode(item) for key, item in json.loads(body).items()}
        return b"{" + b",".join(b'"' + key.encode() + b'":' + item for key, item in members.items()) + b"}"

    return change


def edited(change: Callable[[bytes], bytes]) -> Arrange:
    """A stored request with other bytes, under a right digest and id, that who may sign has signed."""

    def arrange(live: LiveOffice) -> Command:
        kb_id = ask(live)
        planted = plant(live, kb_id, change(live.request(kb_id)))
        live.sign(planted, "sovereign")
        return resuming(live, planted)

    return arrange


def too_large(live: LiveOffice) -> Command:
    """A stored request that is larger than any: nobody can have signed it."""
    kb_id = ask(live)
    return resuming(live, plant(live, kb_id, b"[" * 100_000 + b"]" * 100_000))


def _malformed(change: Callable[[bytes], bytes], detail: str, check: int = 2) -> Attack:
    return Attack(edited(change), StopCode.STOP_APPROVAL_MALFORMED, detail, check, 11)


BODIES: dict[str, Attack] = {
    "12: spaces": _malformed(lambda body: body.replace(b",", b", ", 1), "not_canonical", 3),
    "12: members in another order": _malformed(
        lambda body: json.dumps(dict(reversed(json.loads(body).items())), separators=(",", ":")).encode(),
        "not_canonical",
        3,
    ),
    "12: an escaped letter": _malformed(lambda body: body.replace(b'"demo"', b'"d\\u0065mo"'), "not_canonical", 3),
    "12: a key twice": _malformed(with_member("max_uses", b"1"), "duplicate_key"),
    "12: NaN": _malformed(with_value("row_count", b"NaN"), "number"),
    "12: 1e999": _malformed(with_value("row_count", b"1e999"), "number"),
    "12: a float": _malformed(with_value("row_count", b"2.0"), "number"),
    "12: an integer of 5000 digits": _malformed(with_value("row_count", b"9" * 5000), "number"),
    "12: 2^53": _malformed(with_value("row_count", b"9007199254740992"), "number"),
    "12: 20000 deep": _malformed(with_value("covers", b"[" * 20_000 + b"]" * 20_000), "depth"),
    "12: 100000 deep": Attack(too_large, StopCode.STOP_APPROVAL_NOT_FOUND, "size", 1, 11),
    "12: a lone surrogate": _malformed(with_value("requester", b'"\\ud800"'), "wrong_value"),
    "12: a byte order mark": _malformed(lambda body: b"\xef\xbb\xbf" + body, "byte_order_mark"),
    "12: UTF-16": _malformed(lambda body: body.decode().encode("utf-16"), "not_utf8"),
    "12: no JSON": _malformed(lambda body: body[:-1], "not_json"),
    "12: a list": _malformed(lambda body: b"[" + body + b"]", "wrong_value"),
    "12: text behind": _malformed(lambda body: body + b"{}", "not_json"),
    "12: a line behind": _malformed(lambda body: body + b"\n", "not_canonical", 3),
    "12: nothing": _malformed(lambda body: b"", "not_json"),
    "12: another format": _malformed(with_value("format", b'"cutter.approval-request/2"'), "format", 3),
    "13: an unknown field": _malformed(with_member("deny", b"true"), "unknown_field"),
    "13: a field less": _malformed(lambda body: canon.encode(_without(body, "quorum")), "missing_field"),
    "13: two uses": _malformed(lambda body: body.replace(b'"max_uses":1', b'"max_uses":2'), "wrong_value"),
    "13: a time that is none": _malformed(with_value("execute_by", b'"2026-02-30T00:00:00Z"'), "wrong_value"),
    "13: nobody has to sign": _malformed(lambda body: body.replace(b'"threshold":1', b'"threshold":0'), "wrong_value"),
}


def _without(body: bytes, name: str) -> dict[str, object]:
    return {key: value for key, value in json.loads(body).items() if key != name}


@pytest.mark.parametrize("name", BODIES)
def test_a_stored_request_is_read_strictly(live: LiveOffice, name: str, proof: Proof) -> None:
    """Rows 12, 13. Without it two readers could see two requests in one body, or hostile bytes end in a traceback."""
    result = assert_answered(live, BODIES[name])
    proof(name.partition(":")[0], f"a request with {name.partition(': ')[2]}", f"{result.stop_code} {result.detail}")


def lower_quorum(live: LiveOffice) -> Command:
    """The office asks for two roles, the request for one."""
    live.write_pipeline("cut-two", ("quorum: {sovereign: 1}", "quorum: {content: 1, sovereign: 1}"))
    quorum = Quorum(threshold=1, roles=(RoleQuorum("sovereign", 1),))
    kb_id = forge(live, ask(live, "cut-two"), quorum=quorum)
    live.sign(kb_id, "sovereign")
    return resuming(live, kb_id)


def other_role(live: LiveOffice) -> Command:
    """The office asks for the sovereign, the request for somebody else."""
    quorum = Quorum(threshold=1, roles=(RoleQuorum("content", 1),))
    kb_id = forge(live, ask(live), quorum=quorum)
    live.sign(kb_id, "content")
    return resuming(live, kb_id)


def other_policy(live: LiveOffice) -> Command:
    """The quorum is the office's; the rest of the policy is not."""
    kb_id = forge(live, ask(live), policy_sha256=ZEROS)
    live.sign(kb_id, "sovereign")
    return resuming(live, kb_id)


def longer_time(field: str, value: str) -> Arrange:
    """A request with more time than the policy gives."""
    return forged(**{field: value})


TERMS: dict[str, Attack] = {
    "13: a lower quorum": Attack(lower_quorum, StopCode.STOP_POLICY_CHANGED, "quorum", 8, 11),
    "13: another role": Attack(other_role, StopCode.STOP_POLICY_CHANGED, "quorum", 8, 11),
    "13: another policy": Attack(other_policy, StopCode.STOP_POLICY_CHANGED, "policy", 8, 11),
    "25: more time to sign": Attack(
        longer_time("approve_by", "2097-01-01T00:00:00Z"), StopCode.STOP_APPROVAL_EXPIRED, "span", 12, 12
    ),
    "25: more time to execute": Attack(
        longer_time("execute_by", "2098-01-01T00:00:00Z"), StopCode.STOP_APPROVAL_EXPIRED, "span", 12, 12
    ),
    "25: an end before the beginning": Attack(
        longer_time("execute_by", "2020-01-01T00:00:00Z"), StopCode.STOP_APPROVAL_EXPIRED, "span", 12, 12
    ),
}


@pytest.mark.parametrize("name", TERMS)
def test_a_request_cannot_lower_the_policy(live: LiveOffice, name: str, proof: Proof) -> None:
    """Rows 13, 25. Without it whoever can write a request could decide how many must sign, and until when."""
    result = assert_answered(live, TERMS[name])
    proof(name.partition(":")[0], f"a request with {name.partition(': ')[2]}", f"{result.stop_code} {result.detail}")


def _unchecked(live: LiveOffice, table: str) -> None:
    """Take the table's own check of digests away."""
    superuser(
        live,
        "DO $$ DECLARE c text; BEGIN FOR c IN SELECT conname FROM pg_constraint"
        f" WHERE conrelid = '{table}'::regclass AND contype = 'c' LOOP"
        f" EXECUTE format('ALTER TABLE {table} DROP CONSTRAINT %I', c); END LOOP; END $$",
    )


def body_edited(live: LiveOffice) -> Command:
    """A byte of the request is another one."""
    kb_id = signed(live)
    _unchecked(live, "kb.document")
    body = live.request(kb_id).replace(b'"row_count":', b'"row_count":1', 1)
    superuser(live, "UPDATE kb.document SET body = %s WHERE kb_id = %s", (body, kb_id))
    return resuming(live, kb_id)


def digest_edited(live: LiveOffice) -> Command:
    """The request and its digest are others; the id is the one that was signed."""
    kb_id = signed(live)
    body = live.request(kb_id).replace(b'"row_count":', b'"row_count":1', 1)
    values = (body, canon.sha256(body), kb_id)
    superuser(live, "UPDATE kb.document SET body = %s, sha256 = %s WHERE kb_id = %s", values)
    return resuming(live, kb_id)


def request_exchanged(live: LiveOffice) -> Command:
    """A newer request hides the signed one; the id that people know is given."""
    kb_id = signed(live)
    forge(live, kb_id, nonce="0" * 32)
    return resuming(live, kb_id)


def request_deleted(live: LiveOffice) -> Command:
    """The signed request is gone."""
    kb_id = signed(live)
    superuser(live, "DELETE FROM kb.document WHERE kb_id = %s", (kb_id,))
    return resuming(live, kb_id)


def envelope_edited(live: LiveOffice) -> Command:
    """A byte of the kept signature is another one; its digest is not."""
    kb_id = signed(live)
    _unchecked(live, "cutter_governance.signature")
    superuser(live, "UPDATE cutter_governance.signature SET envelope = set_byte(envelope, 40, 65)")
    return resuming(live, kb_id)


def enveloped(change: Callable[[bytes], bytes]) -> Arrange:
    """A kept signature with other bytes under a right digest."""

    def arrange(live: LiveOffice) -> Command:
        kb_id = ask(live)
        good = live.envelope("sovereign", PAYLOAD_TYPE, live.request(kb_id))
        live.keep(kb_id, "sovereign", "approval", change(good))
        return resuming(live, kb_id)

    return arrange


def _bad_envelope(change: Callable[[bytes], bytes], detail: str, check: int = 2) -> Attack:
    return Attack(enveloped(change), StopCode.STOP_APPROVAL_MALFORMED, detail, check, 11)


def _respelled(envelope: bytes) -> bytes:
    """The same signature in base64 that no encoder writes: bits that mean nothing are set."""
    written = json.loads(envelope)
    sig = base64.b64decode(written["signatures"][0]["sig"])
    while len(sig) % 3 == 0:
        raise AssertionError("a signature whose base64 has no spare bits")
    text = base64.b64encode(sig).decode()
    body, padding = text.rstrip("="), text[len(text.rstrip("=")) :]
    alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/"
    last = alphabet[alphabet.index(body[-1]) + 1]
    written["signatures"][0]["sig"] = body[:-1] + last + padding
    return canon.encode(written)


def _changed(**members: object) -> Callable[[bytes], bytes]:
    return lambda envelope: canon.encode(json.loads(envelope) | members)


def _doubled(envelope: bytes) -> bytes:
    written = json.loads(envelope)
    first = written["signatures"][0]
    other = first | {"keyid": "A" * 40}
    return canon.encode(written | {"signatures": [first, other]})


def _of_type(payload_type: str) -> Arrange:
    """A signature of what people sign elsewhere, in place of an approval."""

    def arrange(live: LiveOffice) -> Command:
        kb_id = ask(live)
        live.keep(kb_id, "sovereign", "approval", live.envelope("sovereign", payload_type, live.request(kb_id)))
        return resuming(live, kb_id)

    return arrange


def a_no_as_a_yes(live: LiveOffice) -> Command:
    """A signed no, handed in as an approval."""
    kb_id = ask(live)
    no = Rejection(request_sha256=request_of(live, kb_id).sha256, reason_sha256=ZEROS)
    live.keep(kb_id, "sovereign", "approval", live.envelope("sovereign", REJECTION_TYPE, no.body))
    return resuming(live, kb_id)


def a_no_to_another(live: LiveOffice) -> Command:
    """A signed no to something else, handed in as a rejection of this."""
    kb_id = ask(live)
    no = Rejection(request_sha256=ZEROS, reason_sha256=ZEROS)
    live.keep(kb_id, "sovereign", "rejection", live.envelope("sovereign", REJECTION_TYPE, no.body))
    return resuming(live, kb_id)


def type_exchanged(live: LiveOffice) -> Command:
    """A signature over another type's bytes, in an envelope that says it is an approval."""
    kb_id = ask(live)
    body = live.request(kb_id)
    other = json.loads(live.envelope("sovereign", BUNDLE_TYPE, body))
    live.keep(kb_id, "sovereign", "approval", canon.encode(other | {"payloadType": PAYLOAD_TYPE}))
    return resuming(live, kb_id)


def body_signed_bare(live: LiveOffice) -> Command:
    """A signature over the request itself, without its type."""
    kb_id = ask(live)
    body = live.request(kb_id)
    fpr = live.keys.fprs["sovereign"]
    envelope = Envelope(PAYLOAD_TYPE, body, (EnvelopeSignature(fpr, live.keys.signing().sign(body, fpr)),))
    live.keep(kb_id, "sovereign", "approval", write_envelope(envelope))
    return resuming(live, kb_id)


STORED: dict[str, Attack] = {
    "edited by a byte: the request": Attack(body_edited, StopCode.STOP_APPROVAL_NOT_FOUND, "digest", 1, 11),
    "edited by a byte: the request and its digest": Attack(
        digest_edited, StopCode.STOP_APPROVAL_NOT_FOUND, "digest", 1, 11
    ),
    "edited by a byte: the signature": Attack(envelope_edited, StopCode.STOP_APPROVAL_NOT_FOUND, "digest", 1, 11),
    "4: the request is hidden by another": Attack(
        request_exchanged, StopCode.STOP_APPROVAL_EXPIRED, "superseded", 12, 12
    ),
    "4: the request is gone": refused_early(request_deleted, StopCode.STOP_APPROVAL_NOT_FOUND, "no_request", 1, 11),
    "4: base64 spelled otherwise": _bad_envelope(_respelled, "base64"),
    "4: an envelope with spaces": _bad_envelope(lambda e: e.replace(b",", b", ", 1), "not_canonical"),
    "4: two signatures in one envelope": _bad_envelope(_doubled, "signatures"),
    "4: the key in small letters": _bad_envelope(lambda e: e.replace(b'"keyid":"', b'"keyid":"a', 1), "wrong_value"),
    "12: an envelope with a byte order mark": _bad_envelope(lambda e: b"\xef\xbb\xbf" + e, "byte_order_mark"),
    "12: an envelope with a key twice": _bad_envelope(with_member("payload", b'"YQ=="'), "duplicate_key"),
    "12: an envelope with NaN": _bad_envelope(with_member("x", b"NaN"), "number"),
    "12: an envelope 10000 deep": _bad_envelope(with_member("x", b"[" * 10_000 + b"]" * 10_000), "depth"),
    "12: an envelope that is no JSON": _bad_envelope(lambda _: b"\x00\xff", "not_utf8"),
    "13: an envelope with an unknown field": _bad_envelope(_changed(unprotected={}), "unknown_field"),
    "13: an envelope without signatures": _bad_envelope(_changed(signatures=[]), "wrong_value"),
    "11: signed without its type": Attack(body_signed_bare, StopCode.STOP_SIGNATURE_REFUSED, "sig_bad", 5, 11),
    "11: signed as a trust bundle": Attack(
        _of_type(BUNDLE_TYPE), StopCode.STOP_APPROVAL_MALFORMED, "payload_type", 3, 11
    ),
    "11: signed as a rejection": Attack(
        _of_type(REJECTION_TYPE), StopCode.STOP_APPROVAL_MALFORMED, "payload_type", 3, 11
    ),
    "11: signed as one thing, labelled as another": Attack(
        type_exchanged, StopCode.STOP_SIGNATURE_REFUSED, "sig_bad", 5, 11
    ),
    "11: a no, handed in as a yes": Attack(a_no_as_a_yes, StopCode.STOP_APPROVAL_MALFORMED, "payload_type", 3, 11),
    "11: a no to something else": Attack(a_no_to_another, StopCode.STOP_APPROVAL_MALFORMED, "other_payload", 3, 11),
    "11: nothing signed": waits_on(lambda live: resuming(live, ask(live))),
}


@pytest.mark.parametrize("name", STORED)
def test_storage_is_not_believed(live: LiveOffice, name: str, proof: Proof) -> None:
    """Rows 4, 11, 12, 13. Without it whoever can write the knowledge base could say what was signed, and by whom."""
    result = assert_answered(live, STORED[name])
    proof("4, 11–13", name, f"{result.stop_code or 'waits'} {result.detail}".strip())


def test_a_request_that_was_never_asked_opens_nothing(live: LiveOffice) -> None:
    """Without it a request planted beside the run's own, and signed, would open its gate.

    Only the last check refuses it: so every refusal above is of what was forged, not of the forger's own mistakes.
    """
    kb_id = forge(live, ask(live), nonce="0" * 32)
    live.sign(kb_id, "sovereign")

    result = live.resume(kb_id)

    assert (result.stop_code, result.detail, result.check) == ("STOP_APPROVAL_NOT_FOUND", "never_asked", 13)
