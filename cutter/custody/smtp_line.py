"""One connection to a mail server: lines out, replies in, until one deadline.

Rules kept here: what happens on the connection is a value, never an exception, because an exception of the network's
holds what was on the wire; every wait ends at the same deadline, however slowly a reply comes; a reply is bounded in
lines and bytes, and only its codes leave this module; what comes unasked is found before anything more is sent.

Name resolution is the one wait that Python cannot bound: the system's resolver ends it by its own limits.

Source: RFC 5321 §4.2 (replies), RFC 2034 and RFC 3463 (enhanced codes); policies.md §4.
"""

import re
import socket
import ssl
import time
from enum import Enum

import msgspec

_LONGEST_LINE = 1000  # bytes; RFC 5321 asks for 512
_MOST_LINES = 100
_PIECE = 16 * 1024  # bytes

_REPLY = re.compile(rb"(?P<code>[2-5][0-5][0-9])(?:(?P<more>[ -])(?P<text>[^\r\n\0]*))?")
_ENHANCED = re.compile(rb"([245]\.[0-9]{1,3}\.[0-9]{1,3})(?: .*)?")


class Trouble(Enum):
    """Why there is no reply."""

    CUT = "cut"
    LATE = "late"
    MALFORMED = "malformed"
    UNTRUSTED = "untrusted"
    UNASKED = "unasked"


class Answer(msgspec.Struct, frozen=True):
    """A well-formed reply: its code, and its enhanced code if the first line has one of the same class."""

    code: int
    enhanced: str = ""


class Offer(msgspec.Struct, frozen=True):
    """What a server offers in answer to EHLO, as far as it matters here."""

    starttls: bool = False
    mechanisms: frozenset[bytes] = frozenset()


def connect(host: str, port: int, seconds: float) -> "Line | Trouble":
    """A connection, not encrypted yet; everything on it has to happen within so many seconds from now."""
    ends = time.monotonic() + seconds
    try:
        found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    except OSError:
        return Trouble.CUT
    for family, kind, protocol, _, address in found:
        try:
            line = Line(socket.socket(family, kind, protocol), ends)
        except OSError:  # a family of addresses that this host does not have
            continue
        if line.reach(address):
            return line
        line.close()
    return Trouble.LATE if time.monotonic() >= ends else Trouble.CUT


class Line:
    """A connection with its deadline, and what was received and not yet read."""

    def __init__(self, connection: socket.socket, ends: float) -> None:
        self._socket = connection
        self._ends = ends
        self._received = bytearray()

    @property
    def late(self) -> bool:
        """The deadline is over."""
        return time.monotonic() >= self._ends

    def reach(self, address: tuple[object, ...]) -> bool:
        """Connect, and send what is short without waiting for more."""
        try:
            self._wait()
            self._socket.connect(address)
            self._socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        except OSError:
            return False
        return True

    def encrypt(self, context: ssl.SSLContext, host: str) -> Trouble | None:
        """Go on in TLS with a server that proves to be this host."""
        try:
            self._wait()
            self._socket = context.wrap_socket(self._socket, server_hostname=host, do_handshake_on_connect=False)
            self._wait()
            self._socket.do_handshake()
        except ssl.SSLCertVerificationError:
            return Trouble.UNTRUSTED
        except TimeoutError:
            return Trouble.LATE
        except (OSError, ValueError):
            return Trouble.CUT
        return None

    def send(self, data: bytes) -> Trouble | None:
        """Hand all of it to the system. After trouble, some of it may be on its way."""
        rest = memoryview(data)
        try:
            while rest:
                self._wait()
                rest = rest[self._socket.send(rest[:_PIECE]) :]
        except TimeoutError:
            return Trouble.LATE
        except OSError:
            return Trouble.CUT
        return None

    def unasked(self) -> Trouble | None:
        """`UNASKED` if anything was sent to us that nothing waits for; `CUT` if the connection has ended."""
        if self._received:
            return Trouble.UNASKED
        try:
            self._socket.settimeout(0)
            data = self._socket.recv(_PIECE)
        except (BlockingIOError, ssl.SSLWantReadError):
            return None
        except OSError:
            return Trouble.CUT
        self._received += data
        return Trouble.UNASKED if data else Trouble.CUT

    def read(self) -> Answer | Trouble:
        """The next reply, whole."""
        lines = self._reply()
        return lines if isinstance(lines, Trouble) else _answer(lines)

    def read_offer(self) -> Offer | Answer | Trouble:
        """The reply to EHLO: what is offered, if its code is 250."""
        lines = self._reply()
        if isinstance(lines, Trouble):
            return lines
        answer = _answer(lines)
        return _offer(lines) if answer.code == 250 else answer

    def close(self) -> None:
        """End the connection at once."""
        self._received.clear()
        self._socket.close()

    def _wait(self) -> None:
        """Let the next wait end at the deadline."""
        left = self._ends - time.monotonic()
        if left <= 0:
            raise TimeoutError
        self._socket.settimeout(left)

    def _reply(self) -> list[re.Match[bytes]] | Trouble:
        lines: list[re.Match[bytes]] = []
        while len(lines) < _MOST_LINES:
            line = self._line()
            if isinstance(line, Trouble):
                return line
            match = _REPLY.fullmatch(line)
            if match is None or (lines and match["code"] != lines[0]["code"]):
                return Trouble.MALFORMED
            lines.append(match)
            if match["more"] != b"-":
                return lines
        return Trouble.MALFORMED

    def _line(self) -> bytes | Trouble:
        """The next line, without its CRLF."""
        while (end := self._received.find(b"\r\n")) < 0 and len(self._received) <= _LONGEST_LINE:
            trouble = self._receive()
            if trouble is not None:
                return trouble
        if not 0 <= end <= _LONGEST_LINE:
            return Trouble.MALFORMED
        line = bytes(self._received[:end])
        del self._received[: end + 2]
        return line

    def _receive(self) -> Trouble | None:
        try:
            self._wait()
            data = self._socket.recv(_PIECE)
        except TimeoutError:
            return Trouble.LATE
        except OSError:
            return Trouble.CUT
        self._received += data
        return None if data else Trouble.CUT


def _answer(lines: list[re.Match[bytes]]) -> Answer:
    """The codes of a reply. An enhanced code of another class than the reply's is none (RFC 2034 §4)."""
    code = lines[0]["code"]
    match = _ENHANCED.fullmatch(lines[0]["text"] or b"")
    enhanced = match[1] if match is not None and match[1][:1] == code[:1] else b""
    return Answer(int(code), enhanced.decode("ascii"))


def _offer(lines: list[re.Match[bytes]]) -> Offer:
    """The keywords after the first line, which only greets."""
    words = [(line["text"] or b"").upper().split() for line in lines[1:]]
    mechanisms = frozenset(word for first, *others in filter(None, words) if first == b"AUTH" for word in others)
    return Offer([b"STARTTLS"] in words, mechanisms)
