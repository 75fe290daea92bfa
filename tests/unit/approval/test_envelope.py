"""Envelopes: what is written is read back, and nothing else is read."""

import base64
import time
from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st
from securesystemslib import dsse

from cutter import canon
from cutter.approval.envelope import Envelope, EnvelopeSignature, pae, read_envelope, write_envelope
from cutter.approval.request import PAYLOAD_TYPE
from cutter.approval.strict import LIMIT
from cutter.stops import Exit, Stop, StopCode

FPR, OTHER = "A" * 40, "B" * 64
ENVELOPE = Envelope(PAYLOAD_TYPE, b"{}", (EnvelopeSignature(FPR, b"\x88\x01"),))
WRITTEN = write_envelope(ENVELOPE)

_HEX = st.sampled_from("0123456789ABCDEF")
_FINGERPRINTS = st.text(_HEX, min_size=40, max_size=40) | st.text(_HEX, min_size=64, max_size=64)
_SIGNATURES = st.builds(EnvelopeSignature, keyid=_FINGERPRINTS, sig=st.binary(min_size=1, max_size=200))
ENVELOPES = st.builds(
    Envelope,
    payload_type=st.from_regex(r"[a-z]{1,20}/[a-z0-9.+-]{1,60}", fullmatch=True),
    payload=st.binary(min_size=1, max_size=500),
    signatures=st.lists(_SIGNATURES, min_size=1, max_size=16, unique_by=lambda item: item.keyid).map(tuple),
)


@given(ENVELOPES)
def test_an_envelope_is_read_back(envelope: Envelope) -> None:
    """Without it a signature could be lost or changed by being stored."""
    assert envelope == read_envelope(write_envelope(envelope))


@given(ENVELOPES, st.data())
def test_no_other_bytes_are_the_same_envelope(envelope: Envelope, data: st.DataObject) -> None:
    """Without it one envelope could be stored twice under two digests."""
    written = bytearray(write_envelope(envelope))
    at = data.draw(st.integers(0, len(written) - 1))
    written[at] ^= 1 << data.draw(st.integers(0, 7))
    try:
        found = read_envelope(bytes(written))
    except Stop:
        return
    assert found != envelope
    assert write_envelope(found) == bytes(written)


def test_what_is_signed_names_its_type_and_length() -> None:
    """Without it a signature over one type of document would be one over another (DSSE's own example)."""
    signed = pae("http://example.com/HelloWorld", b"hello world")
    assert signed == b"DSSEv1 29 http://example.com/HelloWorld 11 hello world"


@given(kind=st.text(max_size=40), payload=st.binary(max_size=400))
def test_what_is_signed_is_what_other_tools_sign(kind: str, payload: bytes) -> None:
    """Without it a signature that another DSSE tool made over a request would be refused here."""
    assert pae(kind, payload) == dsse.Envelope(payload, kind, {}).pae()


def _with(**changes: object) -> bytes:
    return canon.encode({"payload": "e30=", "payloadType": PAYLOAD_TYPE, "signatures": [_signature()], **changes})


def _signature(keyid: str = FPR, sig: str = "iAE=") -> dict[str, str]:
    return {"keyid": keyid, "sig": sig}


def _nested(text: str, times: int) -> bytes:
    return (text * times).encode()


MALFORMED: dict[str, tuple[bytes, str]] = {
    "nothing": (b"", "not_json"),
    "too large": (WRITTEN + b" " * LIMIT, "size"),
    "a byte order mark": (b"\xef\xbb\xbf" + WRITTEN, "byte_order_mark"),
    "UTF-16": (WRITTEN.decode().encode("utf-16-le"), "not_json"),
    "a stray byte": (WRITTEN.replace(b"e30=", b"e30\xff"), "not_utf8"),
    "an encoded surrogate": (WRITTEN.replace(b"e30=", b"\xed\xa0\x80"), "not_utf8"),
    "an escaped surrogate": (WRITTEN.replace(b"e30=", rb"\ud800"), "wrong_value"),
    "an escaped surrogate as a key": (WRITTEN.replace(b'{"keyid', rb'{"\ud800":1,"keyid'), "wrong_value"),
    "two documents": (WRITTEN + WRITTEN, "not_json"),
    "a duplicate key": (WRITTEN.replace(b'"payload":', b'"payload":"e30=","payload":'), "duplicate_key"),
    "a duplicate key inside": (WRITTEN.replace(b'{"keyid"', b'{"sig":"iAE=","keyid"'), "duplicate_key"),
    "NaN": (WRITTEN.replace(b'"e30="', b"NaN"), "number"),
    "minus infinity": (WRITTEN.replace(b'"e30="', b"-Infinity"), "number"),
    "1e999": (WRITTEN.replace(b'"e30="', b"1e999"), "number"),
    "a float": (WRITTEN.replace(b'"e30="', b"1.0"), "number"),
    "5000 digits": (WRITTEN.replace(b'"e30="', b"9" * 5000), "number"),
    "2 to the 53": (WRITTEN.replace(b'"e30="', str(2**53).encode()), "number"),
    "17 deep": (_with(extra=None).replace(b"null", b"[" * 17 + b"]" * 17), "depth"),
    "30000 deep": (_nested("[", 30000) + _nested("]", 30000), "depth"),
    "30000 deep, never closed": (_nested('{"a":', 10000), "depth"),
    "a list": (b"[]", "wrong_value"),
    "a number": (b"1", "wrong_value"),
    "an unknown field": (_with(extra="x"), "unknown_field"),
    "a missing field": (canon.encode({"payload": "e30=", "signatures": [_signature()]}), "missing_field"),
    "an unknown field inside": (_with(signatures=[_signature() | {"cert": "x"}]), "wrong_value"),
    "no signature": (_with(signatures=[]), "wrong_value"),
    "17 signatures": (_with(signatures=[_signature(f"{n:040X}") for n in range(17)]), "wrong_value"),
    "one key twice": (_with(signatures=[_signature(), _signature(sig="iAI=")]), "duplicate_keyid"),
    "a key id in small letters": (_with(signatures=[_signature("a" * 40)]), "wrong_value"),
    "a key id that is an option": (_with(signatures=[_signature("--version")]), "wrong_value"),
    "a key id with a line after it": (_with(signatures=[_signature(FPR + "\n")]), "wrong_value"),
    "a type that is no type": (_with(payloadType="x"), "wrong_value"),
    "base64 with loose bits": (_with(payload="YR=="), "base64"),
    "base64 without its end": (_with(payload="YQ"), "base64"),
    "base64 with an early end": (_with(payload="YQ==YQ=="), "wrong_value"),
    "base64 for addresses": (_with(payload="_-8="), "wrong_value"),
    "a blank": (WRITTEN.replace(b":", b": ", 1), "not_canonical"),
    "a line at the end": (WRITTEN + b"\n", "not_canonical"),
    "another order": (
        b'{"payloadType"' + WRITTEN.split(b'"payloadType"')[1].replace(b"}]}", b'}],"payload":"e30="}'),
        "not_canonical",
    ),
    "an escaped letter": (WRITTEN.replace(b"e30=", rb"\u006530="), "not_canonical"),
}


@pytest.mark.parametrize("name", MALFORMED)
def test_what_cutter_does_not_write_is_refused_soon(name: str) -> None:
    """Without it two readers could see two documents in one, or a hostile one could stop the program."""
    data, detail = MALFORMED[name]
    started = time.monotonic()
    with pytest.raises(Stop) as caught:
        read_envelope(data)
    assert time.monotonic() - started < 1

    stop = caught.value
    assert (StopCode.STOP_APPROVAL_MALFORMED, Exit.APPROVAL_REFUSED, 2, detail) == (
        stop.code,
        stop.code.exit,
        stop.check,
        stop.detail,
    )


@pytest.mark.parametrize("opening", ["[", '{"a":', '[{"a":'])
def test_depth_is_refused_soon_where_size_does_not(opening: str) -> None:
    """Without it a caller with a larger limit (a trust bundle's) could be stopped by 100 000 brackets."""
    started = time.monotonic()
    with pytest.raises(Stop, match="STOP_APPROVAL_MALFORMED"):
        read_envelope((opening * 100_000).encode(), limit=10_000_000)
    assert time.monotonic() - started < 1


ACCEPTED: dict[str, Callable[[], bytes]] = {
    "16 signatures": lambda: _with(signatures=[_signature(f"{n:040X}") for n in range(16)]),
    "a fingerprint of 64": lambda: _with(signatures=[_signature(OTHER)]),
    "as large as allowed": lambda: _of_size(LIMIT),
}


def _of_size(size: int) -> bytes:
    room = size - len(_with(payload="")) // 4 * 4
    payload = base64.b64encode(b"x" * (room // 4 * 3 - 3)).decode()
    return _with(payload=payload)


@pytest.mark.parametrize("name", ACCEPTED)
def test_the_limits_are_inside(name: str) -> None:
    """Without it a limit could refuse what is allowed."""
    data = ACCEPTED[name]()
    assert write_envelope(read_envelope(data)) == data
