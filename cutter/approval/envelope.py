"""The DSSE envelope in which signatures are kept and carried, and the bytes that are signed.

Rules kept here: an envelope is its canonical bytes; base64 is accepted only as it would be written; one key signs once;
what is signed names its type (the PAE), so that a signature over one type is none over another.

Source: DSSE v1 (secure-systems-lab/dsse); approvals-and-evidence §3 (Envelope).
"""

import base64
import binascii
from dataclasses import dataclass
from typing import Annotated

import msgspec

from cutter import canon
from cutter.approval.request import Part
from cutter.approval.strict import LIMIT, malformed, read_as
from cutter.approval.trust import Fingerprint

_Base64 = Annotated[str, msgspec.Meta(pattern=r"^[A-Za-z0-9+/]+={0,2}\Z")]
_MediaType = Annotated[str, msgspec.Meta(pattern=r"^[a-z]+/[a-z0-9.+-]{1,120}\Z")]
MOST_SIGNATURES = 16


@dataclass(frozen=True, slots=True)
class EnvelopeSignature:
    """One signature: `keyid` is the primary fingerprint that it claims, `sig` a binary detached OpenPGP signature."""

    keyid: str
    sig: bytes


@dataclass(frozen=True, slots=True)
class Envelope:
    """A payload with its type and signatures. Nothing of it is believed because it could be read."""

    payload_type: str
    payload: bytes
    signatures: tuple[EnvelopeSignature, ...]


class _WrittenSignature(Part, frozen=True, kw_only=True):
    keyid: Fingerprint
    sig: _Base64


class _Written(Part, frozen=True, kw_only=True):
    """An envelope as JSON has it."""

    payload: _Base64
    payload_type: _MediaType = msgspec.field(name="payloadType")
    signatures: Annotated[tuple[_WrittenSignature, ...], msgspec.Meta(min_length=1, max_length=MOST_SIGNATURES)]


def read_envelope(data: bytes, limit: int = LIMIT) -> Envelope:
    """Read an envelope.

    Args:
        data: its bytes.
        limit: the most bytes.

    Raises:
        Stop: STOP_APPROVAL_MALFORMED of check 2; the detail is one of `strict.read_as`, `base64` or `duplicate_keyid`.
    """
    written = read_as(data, _Written, limit=limit, canonical_check=2)
    signatures = tuple(EnvelopeSignature(item.keyid, _decode(item.sig)) for item in written.signatures)
    if len({signature.keyid for signature in signatures}) != len(signatures):
        raise malformed("duplicate_keyid")
    return Envelope(written.payload_type, _decode(written.payload), signatures)


def write_envelope(envelope: Envelope) -> bytes:
    """The canonical bytes of an envelope."""
    written = _Written(
        payload=_encode(envelope.payload),
        payload_type=envelope.payload_type,
        signatures=tuple(_WrittenSignature(keyid=item.keyid, sig=_encode(item.sig)) for item in envelope.signatures),
    )
    return canon.encode(written)


def pae(payload_type: str, payload: bytes) -> bytes:
    """The bytes that are signed for a payload: its type and itself, each after its length (DSSE v1, PAE)."""
    kind = payload_type.encode()
    return b"DSSEv1 %d %b %d %b" % (len(kind), kind, len(payload), payload)


def _encode(data: bytes) -> str:
    return base64.b64encode(data).decode("ascii")


def _decode(text: str) -> bytes:
    """Bytes of base64 that is written one way only: `YR==` decodes like `YQ==`, and is refused."""
    try:
        data = base64.b64decode(text, validate=True)
    except binascii.Error:
        raise malformed("base64") from None
    if _encode(data) != text:
        raise malformed("base64")
    return data
