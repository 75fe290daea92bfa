"""The outer packets of an OpenPGP message: is it one encrypted message, whole, and nothing else?

Rules kept here: only what is encrypted for public keys passes: one or more session keys (tag 1), then one packet of
integrity-protected data (tag 18, or 20 with AEAD), which ends where the bytes end. An unencrypted or only signed
message, a second message and bytes behind are refused before gpg gives out anything of them: gpg takes some of these.

Source: RFC 4880 §4.2, §11.3; approvals-and-evidence §1 (4).
"""

from collections.abc import Iterable, Iterator

from cutter.stops import Stop, StopCode

_SESSION_KEY = 1
_DATA = frozenset({18, 20})
_OLD_LENGTHS = {0: 1, 1: 2, 2: 4}


def one_message(chunks: Iterable[bytes]) -> Iterator[bytes]:
    """Pass a message through.

    Raises:
        Stop: STOP_BACKUP_REFUSED, detail `not_encrypted`, `truncated` or `trailing` (bytes or a message behind it).
    """
    outline = _Outline()
    for chunk in chunks:
        outline.take(chunk)
        yield chunk
    outline.end()


class _Outline:
    """Where in the message the bytes so far have come to."""

    def __init__(self) -> None:
        self._head = bytearray()
        self._left = 0  # bytes of the body, or of the part of it, that are still to come
        self._partial = False
        self._data = False

    def take(self, chunk: bytes) -> None:
        """Follow the packets through some more bytes."""
        at = 0
        while at < len(chunk):
            if self._left:
                step = min(self._left, len(chunk) - at)
                self._left -= step
                at += step
            else:
                self._head.append(chunk[at])
                at += 1
                self._read_head()

    def end(self) -> None:
        """The bytes have ended."""
        if self._left or self._partial or (self._head and self._data):
            raise _refused("truncated")
        if not self._data:
            raise _refused("truncated" if not self._head else "not_encrypted")

    def _read_head(self) -> None:
        if self._partial:
            self._begin(_new_length(self._head))
            return
        if len(self._head) == 1:
            self._begin_packet(self._head[0])
            return
        if self._head[0] & 0x40:
            self._begin(_new_length(self._head[1:]))
        elif len(self._head) == 1 + _OLD_LENGTHS[self._head[0] & 3]:
            self._begin((int.from_bytes(self._head[1:], "big"), False))

    def _begin_packet(self, octet: int) -> None:
        if self._data:
            raise _refused("trailing")
        new = bool(octet & 0x40)
        tag = octet & 0x3F if new else octet >> 2 & 0x0F
        if not octet & 0x80 or tag not in _DATA | {_SESSION_KEY} or not (new or octet & 3 in _OLD_LENGTHS):
            raise _refused("not_encrypted")
        self._data = tag in _DATA

    def _begin(self, length: tuple[int, bool] | None) -> None:
        if length is not None:
            self._left, self._partial = length
            self._head.clear()


def _new_length(octets: bytes | bytearray) -> tuple[int, bool] | None:
    """A length of the new format, and whether more parts follow; None while octets are missing."""
    first = octets[0]
    if first < 192:
        return first, False
    if first < 224:
        return None if len(octets) < 2 else ((first - 192 << 8) + octets[1] + 192, False)
    if first < 255:
        return 1 << (first & 0x1F), True
    return None if len(octets) < 5 else (int.from_bytes(octets[1:5], "big"), False)


def _refused(detail: str) -> Stop:
    return Stop(StopCode.STOP_BACKUP_REFUSED, detail=detail)
