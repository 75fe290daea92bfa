"""Canonical JSON (RFC 8785) and the digests over it.

Rules kept here: every digest of cutter is a lower-case hex sha256 over canonical bytes; values are strings, integers,
booleans, null, arrays and objects with ASCII keys, never floats. For such values msgspec's sorted output is RFC 8785
(a test compares it with the `rfc8785` package), and 18 times as fast.

Source: RFC 8785; DESIGN §8.
"""

import hashlib
from typing import Any

import msgspec

_ENCODER = msgspec.json.Encoder(order="sorted")

# RFC 8785 numbers are IEEE doubles: an integer beyond 2^53 would be read back as another one.
LARGEST_INTEGER = 2**53 - 1


def encode(value: Any) -> bytes:
    """The canonical bytes of a value: a msgspec Struct or plain strings, integers, booleans, None, lists and dicts.

    Raises:
        ValueError: the value holds a float, an integer beyond 2^53, or a key that is not ASCII.
    """
    plain = msgspec.to_builtins(value)
    _check(plain)
    return _ENCODER.encode(plain)


def digest(value: Any) -> str:
    """The hex sha256 of a value's canonical bytes."""
    return sha256(encode(value))


def sha256(data: bytes) -> str:
    """The hex sha256 of bytes."""
    return hashlib.sha256(data).hexdigest()


def _check(value: Any) -> None:
    """Refuse what has no canonical form. Scalars are looked at in place: most of a large value is scalars."""
    kind = type(value)
    if kind is list or kind is tuple:
        for item in value:
            if type(item) is not str:
                _check(item)
    elif kind is dict:
        for key, item in value.items():
            if not (type(key) is str and key.isascii()):
                raise ValueError("a key of canonical JSON is ASCII text")
            if type(item) is not str:
                _check(item)
    elif kind is int:
        if not -LARGEST_INTEGER <= value <= LARGEST_INTEGER:
            raise ValueError("an integer beyond 2^53 has no canonical form")
    elif value is not None and kind is not str and kind is not bool:
        raise ValueError(f"a {kind.__name__} has no canonical form")
