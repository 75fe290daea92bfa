"""What stands in OpenPGP bytes: enough to see what somebody gave before gpg does, and how strong a key is.

Rules kept here: bytes that are not wholly understood are refused; a key is known by its fingerprint, computed from its
own packet, so that what is read here is said of the very key that gpg names.

Source: RFC 4880 §4.2, §5.5, §12.2; RFC 9580 §4.2, §5.5.4 (versions 5 and 6, curves of their own).
"""

import hashlib
from dataclasses import dataclass

MAX_SIGNATURE = 16 * 1024

_SIGNATURE, _PUBLIC_KEY, _PUBLIC_SUBKEY = 2, 6, 14
# Trust, user id and user attribute may stand beside public keys and signatures; nothing else may.
_IN_PUBLIC_KEY = frozenset({_SIGNATURE, _PUBLIC_KEY, _PUBLIC_SUBKEY, 12, 13, 17})

_WITH_MODULUS = frozenset({1, 2, 3, 16, 17})
_WITH_OID = frozenset({18, 19, 22})
_OWN_CURVES = {25: "cv25519", 26: "cv448", 27: "ed25519", 28: "ed448"}
# Object identifiers in hex, and names as gpg gives them.
_CURVES = {
    "2b06010401da470f01": "ed25519",
    "2b6570": "ed25519",
    "2b6571": "ed448",
    "2b060104019755010501": "cv25519",
    "2b656e": "cv25519",
    "2b656f": "cv448",
    "2a8648ce3d030107": "nistp256",
    "2b81040022": "nistp384",
    "2b81040023": "nistp521",
    "2b2403030208010107": "brainpoolP256r1",
    "2b240303020801010b": "brainpoolP384r1",
    "2b240303020801010d": "brainpoolP512r1",
    "2b8104000a": "secp256k1",
}


@dataclass(frozen=True, slots=True)
class Packet:
    """One packet: its type and its content."""

    tag: int
    body: bytes


@dataclass(frozen=True, slots=True)
class PublicKey:
    """A public key or subkey. `bits` is the size of an RSA or DSA modulus, else 0; `curve` is gpg's name, or empty."""

    fpr: str
    primary: bool
    algorithm: int
    bits: int
    curve: str


def refusal_of_signature(data: bytes) -> str:
    """Why these bytes are not exactly one binary detached signature: `sig_bad`, `sig_multiple`; empty when they are."""
    if not data or len(data) > MAX_SIGNATURE:
        return "sig_bad"
    try:
        tags = [packet.tag for packet in split(data)]
    except ValueError:
        return "sig_bad"
    if set(tags) != {_SIGNATURE}:
        return "sig_bad"
    return "sig_multiple" if len(tags) > 1 else ""


def public_keys(data: bytes) -> tuple[PublicKey, ...]:
    """The primary key and the subkeys of one binary public key.

    Raises:
        ValueError: these bytes are not exactly one public key (a secret key is none).
    """
    found = split(data)
    if not found or found[0].tag != _PUBLIC_KEY or sum(packet.tag == _PUBLIC_KEY for packet in found) != 1:
        raise ValueError("not one public key")
    if any(packet.tag not in _IN_PUBLIC_KEY for packet in found):
        raise ValueError("a packet that has no place in a public key")
    return tuple(_public_key(packet) for packet in found if packet.tag in (_PUBLIC_KEY, _PUBLIC_SUBKEY))


def primary_fingerprint(data: bytes) -> str:
    """The fingerprint of one binary public key; empty when the bytes are not exactly one."""
    try:
        return public_keys(data)[0].fpr
    except ValueError:
        return ""


def split(data: bytes) -> tuple[Packet, ...]:
    """The packets of binary OpenPGP data. Partial and open lengths are refused: keys and signatures have none.

    Raises:
        ValueError: the bytes are not packets from the first to the last.
    """
    found = []
    at = 0
    while at < len(data):
        tag, start, size = _header(data, at)
        at = start + size
        if at > len(data):
            raise ValueError("a packet is cut off")
        found.append(Packet(tag, data[start:at]))
    return tuple(found)


def _header(data: bytes, at: int) -> tuple[int, int, int]:
    """Type of the packet at a place, where its content starts, and how long that is."""
    first = data[at]
    if not first & 0x80:
        raise ValueError("not binary OpenPGP")
    if first & 0x40:
        size, width = _new_length(data, at + 1)
        return first & 0x3F, at + 1 + width, size
    if first & 3 == 3:
        raise ValueError("a packet without length")
    width = 1 << (first & 3)
    return (first >> 2) & 0x0F, at + 1 + width, _number(data, at + 1, width)


def _new_length(data: bytes, at: int) -> tuple[int, int]:
    first = _number(data, at, 1)
    if first < 192:
        return first, 1
    if first < 224:
        return ((first - 192) << 8) + _number(data, at + 1, 1) + 192, 2
    if first == 255:
        return _number(data, at + 1, 4), 5
    raise ValueError("a packet in parts")


def _number(data: bytes, at: int, width: int) -> int:
    part = data[at : at + width]
    if len(part) != width:
        raise ValueError("a number is cut off")
    return int.from_bytes(part, "big")


def _public_key(packet: Packet) -> PublicKey:
    body = packet.body
    algorithm = _number(body, 5, 1)
    material = 6 if body[0] == 4 else 10
    bits = _number(body, material, 2) if algorithm in _WITH_MODULUS else 0
    curve = _OWN_CURVES.get(algorithm, "")
    if algorithm in _WITH_OID:
        size = _number(body, material, 1)
        curve = _CURVES.get(body[material + 1 : material + 1 + size].hex(), "unknown")
    return PublicKey(_fingerprint(body), packet.tag == _PUBLIC_KEY, algorithm, bits, curve)


def _fingerprint(body: bytes) -> str:
    match body[0]:
        case 4:
            marked = b"\x99" + len(body).to_bytes(2, "big") + body
            return hashlib.sha1(marked, usedforsecurity=False).hexdigest().upper()
        case 5 | 6 as version:
            marked = bytes([0x95 + version]) + len(body).to_bytes(4, "big") + body
            return hashlib.sha256(marked).hexdigest().upper()
        case _:
            raise ValueError("a key of an unknown version")
