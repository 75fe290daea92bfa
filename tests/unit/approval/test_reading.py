"""Requests and signatures as they are stored: what is read, and by which check the rest is refused."""

import time
from collections.abc import Callable

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from cutter import canon
from cutter.approval.envelope import Envelope, EnvelopeSignature, pae, write_envelope
from cutter.approval.reading import APPROVAL, REJECTION, Presented, Read, read, read_request
from cutter.approval.request import PAYLOAD_TYPE, REJECTION_TYPE, ApprovalRequest, Rejection
from cutter.contracts import StoredRequest, StoredSignature
from cutter.stops import Exit, Stop, StopCode
from tests.support.approval_cases import KEYS, REQUEST, RUN_ID, present, sign, store

NOT_FOUND, MALFORMED = StopCode.STOP_APPROVAL_NOT_FOUND, StopCode.STOP_APPROVAL_MALFORMED
OTHER = msgspec.structs.replace(REQUEST, nonce="cd" * 16)


def test_a_request_and_its_signatures_are_read() -> None:
    """Without it nobody could be believed."""
    found = read(present(REQUEST, sign(REQUEST, "form"), sign(REQUEST, "content", kind=REJECTION)))

    rejection = Rejection(request_sha256=REQUEST.sha256, reason_sha256="b" * 64).body
    assert found.request == REQUEST
    assert [offer.kind for offer in found.offers] == [APPROVAL, REJECTION]
    assert [offer.keyid for offer in found.offers] == [KEYS["form"], KEYS["content"]]
    assert [offer.signed for offer in found.offers] == [pae(PAYLOAD_TYPE, REQUEST.body), pae(REJECTION_TYPE, rejection)]


def test_a_longer_id_names_the_same_request() -> None:
    """Without it the digest in an id could not be told in full."""
    kb_id = REQUEST.kb_id.replace(REQUEST.sha256[:16], REQUEST.sha256)
    stored = StoredRequest(kb_id, RUN_ID, REQUEST.body, REQUEST.sha256)
    assert read(Presented(kb_id, stored, ())).sha256 == REQUEST.sha256


def _stored(body: bytes, sha256: str = "") -> Presented:
    """Bytes that are stored as a request, under the id that fits them."""
    digest = sha256 or canon.sha256(body)
    kb_id = f"approvals/{RUN_ID}/{REQUEST.gate_id}/{digest[:16]}"
    return Presented(kb_id, StoredRequest(kb_id, RUN_ID, body, digest), ())


def _named(kb_id: str) -> Presented:
    return Presented(kb_id, StoredRequest(kb_id, RUN_ID, REQUEST.body, REQUEST.sha256), ())


def _plain(**changes: object) -> bytes:
    """The request with other fields (None: without them), canonical."""
    fields = msgspec.to_builtins(REQUEST) | changes
    return canon.encode({key: value for key, value in fields.items() if value is not None})


def _quorum(*roles: object) -> dict[str, object]:
    return {"threshold": 1, "roles": list(roles)}


def _changed(old: bytes, new: bytes) -> bytes:
    assert old in REQUEST.body
    return REQUEST.body.replace(old, new)


def _with_signature(kind: str, payload_type: str, payload: bytes, signatures: int = 1) -> Presented:
    written = tuple(EnvelopeSignature(f"{n:040X}", b"\x88") for n in range(signatures))
    return present(REQUEST, store(REQUEST, kind, write_envelope(Envelope(payload_type, payload, written))))


def _rejection(request_sha256: str) -> bytes:
    return Rejection(request_sha256=request_sha256, reason_sha256="b" * 64).body


def _replaced(**changes: object) -> Presented:
    """A good signature, stored with another field."""
    return present(REQUEST, msgspec.structs.replace(sign(REQUEST, "form"), **changes))


ROWS = b'"row_count":289'
REFUSED: dict[str, tuple[Callable[[], Presented], int, str]] = {
    "an id that is a path": (lambda: _named("approvals/../../etc/passwd"), 1, "kb_id"),
    "an id that is an option": (lambda: _named("--version"), 1, "kb_id"),
    "an id with a line after it": (lambda: _named(REQUEST.kb_id + "\n"), 1, "kb_id"),
    "an id of 15 digits": (lambda: _named(REQUEST.kb_id[:-1]), 1, "kb_id"),
    "nothing under the id": (lambda: Presented(REQUEST.kb_id, None, ()), 1, "no_request"),
    "another request under the id": (
        lambda: Presented(REQUEST.kb_id, StoredRequest(REQUEST.kb_id, RUN_ID, OTHER.body, OTHER.sha256), ()),
        1,
        "digest",
    ),
    "found under another id": (
        lambda: Presented(REQUEST.kb_id, StoredRequest(OTHER.kb_id, RUN_ID, REQUEST.body, REQUEST.sha256), ()),
        1,
        "digest",
    ),
    "bytes that are not those of the digest": (lambda: _stored(OTHER.body, REQUEST.sha256), 1, "digest"),
    "64 KiB and a byte": (lambda: _stored(b"x" * 65537), 1, "size"),
    "a signature that is not of its digest": (lambda: _replaced(sha256="0" * 64), 1, "digest"),
    "a signature of another request": (lambda: _replaced(request_sha256=OTHER.sha256), 1, "digest"),
    "a signature of 64 KiB and a byte": (lambda: present(REQUEST, store(REQUEST, APPROVAL, b"x" * 65537)), 1, "size"),
    "not JSON": (lambda: _stored(b"approved"), 2, "not_json"),
    "a byte order mark": (lambda: _stored(b"\xef\xbb\xbf" + REQUEST.body), 2, "byte_order_mark"),
    "not UTF-8": (lambda: _stored(_changed(b'"demo"', b'"dem\xff"')), 2, "not_utf8"),
    "a lone surrogate": (lambda: _stored(_changed(b'"demo"', rb'"\ud800"')), 2, "wrong_value"),
    "a duplicate key": (lambda: _stored(_changed(ROWS, ROWS + b',"row_count":1')), 2, "duplicate_key"),
    "NaN": (lambda: _stored(_changed(b"289", b"NaN")), 2, "number"),
    "1e999": (lambda: _stored(_changed(b"289", b"1e999")), 2, "number"),
    "a float": (lambda: _stored(_changed(b"289", b"289.0")), 2, "number"),
    "5000 digits": (lambda: _stored(_changed(b"289", b"2" * 5000)), 2, "number"),
    "2 to the 53": (lambda: _stored(_changed(b"289", str(2**53).encode())), 2, "number"),
    "a negative number": (lambda: _stored(_changed(b"289", b"-289")), 2, "wrong_value"),
    "30000 deep": (lambda: _stored(_changed(b"289", b"[" * 30000 + b"]" * 30000)), 2, "depth"),
    "an unknown field": (lambda: _stored(_plain(deny=True)), 2, "unknown_field"),
    "max_uses 2": (lambda: _stored(_plain(max_uses=2)), 2, "wrong_value"),
    "a text for a number": (lambda: _stored(_plain(row_count="289")), 2, "wrong_value"),
    "no such day": (lambda: _stored(_plain(approve_by="2026-02-30T00:00:00Z")), 2, "wrong_value"),
    "a time of another zone": (lambda: _stored(_plain(approve_by="2026-02-03T00:00:00+07:00")), 2, "wrong_value"),
    "a role twice": (
        lambda: _stored(_plain(quorum=_quorum({"role": "form", "persons": 1}, {"role": "form", "persons": 2}))),
        2,
        "wrong_value",
    ),
    "an unknown field of the quorum": (lambda: _stored(_plain(quorum=_quorum() | {"not": 1})), 2, "wrong_value"),
    "an unknown field of a role": (
        lambda: _stored(_plain(quorum=_quorum({"role": "form", "persons": 1, "veto": "x"}))),
        3,
        "not_canonical",
    ),
    "another format": (lambda: _stored(_plain(format="cutter.approval-request/2")), 3, "format"),
    "a rejection in its place": (lambda: _stored(_rejection(REQUEST.sha256)), 2, "unknown_field"),
    "a blank": (lambda: _stored(_changed(ROWS, b'"row_count": 289')), 3, "not_canonical"),
    "an escaped letter": (lambda: _stored(_changed(b'"demo"', rb'"dem\u006f"')), 3, "not_canonical"),
    "minus zero": (
        lambda: _stored(_plain(row_count=0).replace(b'"row_count":0', b'"row_count":-0')),
        3,
        "not_canonical",
    ),
    "an envelope that is none": (lambda: present(REQUEST, store(REQUEST, APPROVAL, b"{}")), 2, "missing_field"),
    "two signatures in one": (lambda: _with_signature(APPROVAL, PAYLOAD_TYPE, REQUEST.body, 2), 2, "signatures"),
    "another kind": (lambda: _replaced(kind="blessing"), 2, "kind"),
    "an approval stored as a rejection": (lambda: _replaced(kind=REJECTION), 3, "payload_type"),
    "a rejection stored as an approval": (
        lambda: _with_signature(APPROVAL, REJECTION_TYPE, _rejection(REQUEST.sha256)),
        3,
        "payload_type",
    ),
    "a type of somebody else": (lambda: _with_signature(APPROVAL, "text/plain", REQUEST.body), 3, "payload_type"),
    "over another request": (lambda: _with_signature(APPROVAL, PAYLOAD_TYPE, OTHER.body), 3, "other_payload"),
    "a no to another request": (
        lambda: _with_signature(REJECTION, REJECTION_TYPE, _rejection(OTHER.sha256)),
        3,
        "other_payload",
    ),
    "a no with more in it": (lambda: _with_signature(REJECTION, REJECTION_TYPE, b'{"but":"yes"}'), 2, "unknown_field"),
}


@pytest.mark.parametrize("name", REFUSED)
def test_what_is_not_as_written_is_refused_soon(name: str) -> None:
    """Without it whoever can write to the knowledge base could change what people signed."""
    presented, check, detail = REFUSED[name]
    found = presented()
    started = time.monotonic()
    with pytest.raises(Stop) as caught:
        read(found)
    assert time.monotonic() - started < 1

    stop = caught.value
    code = NOT_FOUND if check == 1 else MALFORMED
    assert (code, Exit.APPROVAL_REFUSED, check, detail) == (stop.code, stop.code.exit, stop.check, stop.detail)


@pytest.mark.parametrize("field", [field.name for field in msgspec.structs.fields(ApprovalRequest)])
def test_every_field_is_required(field: str) -> None:
    """Without it a request could be signed that leaves open what it is for."""
    with pytest.raises(Stop) as caught:
        body = _plain(**{field: None})
        read_request(body, canon.sha256(body))
    assert (caught.value.check, caught.value.detail) == (2, "missing_field")


def _read_or_refuse(presented: Presented) -> Read | Stop:
    try:
        return read(presented)
    except Stop as stop:
        return stop


@given(st.binary(max_size=300) | st.text(max_size=200).map(lambda text: text.encode("utf-8", "surrogatepass")))
def test_foreign_bytes_are_refused(body: bytes) -> None:
    """Without it bytes that nobody thought of could end in a traceback."""
    assert isinstance(_read_or_refuse(_stored(body)), Stop)


@given(st.data())
def test_a_changed_byte_is_refused_or_is_another_request(data: st.DataObject) -> None:
    """Without it two different bodies could be read as one request."""
    body = bytearray(REQUEST.body)
    body[data.draw(st.integers(0, len(body) - 1))] ^= 1 << data.draw(st.integers(0, 7))
    found = _read_or_refuse(_stored(bytes(body)))
    assert isinstance(found, Stop) or (found.request != REQUEST and found.request.body == bytes(body))


def test_the_order_of_signatures_is_kept() -> None:
    """Without it what gpg says of one signature would be taken for another."""
    signatures: tuple[StoredSignature, ...] = tuple(sign(REQUEST, giver) for giver in ("sovereign", "content", "form"))
    assert [offer.person for offer in read(present(REQUEST, *signatures)).offers] == ["sovereign", "content", "form"]
