"""Replies as servers write them, and the deadline that no drip of bytes extends."""

import socket
import ssl
import threading
import time
from collections.abc import Iterator

import pytest

from cutter.custody.smtp_dialogue import Endpoint, Login
from cutter.custody.smtp_line import Answer, Line, Offer, Trouble, connect
from tests.support.mail_servers import HOST


@pytest.fixture
def pair() -> Iterator[tuple[Line, socket.socket]]:
    """A line with half a second left, and the server's end of it."""
    ours, theirs = socket.socketpair()
    line = Line(ours, time.monotonic() + 0.5)
    yield line, theirs
    line.close()
    theirs.close()


REPLIES: dict[str, tuple[bytes, Answer | Trouble]] = {
    "a line": (b"250 fine\r\n", Answer(250)),
    "a code alone": (b"250\r\n", Answer(250)),
    "a code and a space": (b"250 \r\n", Answer(250)),
    "several lines": (b"250-a\r\n250-\r\n250 c\r\n", Answer(250)),
    "an enhanced code": (b"550 5.1.1 no such user\r\n", Answer(550, "5.1.1")),
    "an enhanced code alone": (b"550 5.7.128\r\n", Answer(550, "5.7.128")),
    "an enhanced code in each line": (b"550-5.1.1 no\r\n550 5.1.1 user\r\n", Answer(550, "5.1.1")),
    "one of another class": (b"250 5.1.1 fine\r\n", Answer(250)),
    "one that is too long": (b"550 5.1.1234 no\r\n", Answer(550)),
    "one that goes on": (b"550 5.1.1.9 no\r\n", Answer(550)),
    "a version number": (b"220 2.11 ready\r\n", Answer(220)),
    "letters of any language": ("550 5.1.1 không có\r\n".encode(), Answer(550, "5.1.1")),
    "two replies": (b"250 one\r\n550 two\r\n", Answer(250)),
    "the longest line": (b"250 " + b"x" * 996 + b"\r\n", Answer(250)),
    "a hundred lines": (b"250-x\r\n" * 99 + b"250 x\r\n", Answer(250)),
    "a longer line": (b"250 " + b"x" * 997 + b"\r\n", Trouble.MALFORMED),
    "an endless line": (b"250 " + b"x" * 5000, Trouble.MALFORMED),
    "more lines": (b"250-x\r\n" * 100 + b"250 x\r\n", Trouble.MALFORMED),
    "two codes": (b"250-one\r\n251 two\r\n", Trouble.MALFORMED),
    "no code": (b"fine\r\n", Trouble.MALFORMED),
    "an empty line": (b"\r\n", Trouble.MALFORMED),
    "a code of no class": (b"650 fine\r\n", Trouble.MALFORMED),
    "a preliminary code": (b"150 wait\r\n", Trouble.MALFORMED),
    "a middle digit of no kind": (b"260 fine\r\n", Trouble.MALFORMED),
    "four digits": (b"2500 fine\r\n", Trouble.MALFORMED),
    "digits of another script": ("٢٥٠ fine\r\n".encode(), Trouble.MALFORMED),
    "no space": (b"250fine\r\n", Trouble.MALFORMED),
    "a space before": (b" 250 fine\r\n", Trouble.MALFORMED),
    "a bare line feed": (b"250-a\n250 b\r\n", Trouble.MALFORMED),
    "a bare carriage return": (b"250 a\rb\r\n", Trouble.MALFORMED),
    "a zero byte": (b"250 a\0b\r\n", Trouble.MALFORMED),
    "no end": (b"250 fine", Trouble.CUT),
    "no last line": (b"250-fine\r\n", Trouble.CUT),
    "nothing": (b"", Trouble.CUT),
}


@pytest.mark.parametrize("name", REPLIES)
def test_a_reply_is_read_by_the_letter(pair: tuple[Line, socket.socket], name: str) -> None:
    """Without it something that is no reply could count as one, after the dot too."""
    line, server = pair
    text, expected = REPLIES[name]
    server.sendall(text)
    server.shutdown(socket.SHUT_WR)

    assert line.read() == expected


def test_what_comes_in_pieces_is_one_reply(pair: tuple[Line, socket.socket]) -> None:
    """Without it a reply that the network splits would be malformed."""
    line, server = pair

    def drop() -> None:
        for piece in (b"2", b"50", b"-a\r", b"\n25", b"0 b\r\n"):
            server.sendall(piece)
            time.sleep(0.02)

    thread = threading.Thread(target=drop)
    thread.start()
    try:
        assert line.read() == Answer(250)
    finally:
        thread.join()


def test_no_drip_extends_the_deadline(pair: tuple[Line, socket.socket]) -> None:
    """Without it a server could hold a run for hours with one byte at a time."""
    line, server = pair
    over = threading.Event()

    def drip() -> None:
        while not over.wait(0.05):
            server.sendall(b"2")

    thread = threading.Thread(target=drip)
    began = time.monotonic()
    thread.start()
    try:
        assert line.read() is Trouble.LATE
        assert time.monotonic() - began < 1
    finally:
        over.set()
        thread.join()


def test_a_server_that_reads_nothing_does_not_hold_the_sender(pair: tuple[Line, socket.socket]) -> None:
    """Without it a letter's text could be waited for without an end, piece by piece."""
    line, _ = pair
    began = time.monotonic()

    assert line.send(b"x" * 50_000_000) is Trouble.LATE
    assert time.monotonic() - began < 2
    assert line.late
    assert line.send(b"x") is Trouble.LATE
    assert line.read() is Trouble.LATE


def test_what_came_unasked_is_found(pair: tuple[Line, socket.socket]) -> None:
    """Without it the reply to one command could be taken for that to another, even for that to the dot."""
    line, server = pair
    assert line.unasked() is None
    server.sendall(b"250 one\r\n250 two\r\n")
    assert line.unasked() is Trouble.UNASKED
    assert line.read() == Answer(250)
    assert line.unasked() is Trouble.UNASKED, "what was received with the reply before counts"
    assert line.read() == Answer(250)
    assert line.unasked() is None
    server.close()
    assert line.unasked() is Trouble.CUT
    assert line.send(b"x") in (None, Trouble.CUT)
    assert line.send(b"x") is Trouble.CUT


OFFERS: dict[str, tuple[bytes, Offer | Answer | Trouble]] = {
    "all": (b"250-h\r\n250-STARTTLS\r\n250 AUTH PLAIN LOGIN\r\n", Offer(True, frozenset({b"PLAIN", b"LOGIN"}))),
    "small letters": (b"250-h\r\n250-starttls\r\n250 auth plain\r\n", Offer(True, frozenset({b"PLAIN"}))),
    "nothing": (b"250 h\r\n", Offer()),
    "in the greeting": (b"250-STARTTLS\r\n250 AUTH\r\n", Offer()),
    "with something else": (b"250-h\r\n250-STARTTLS maybe\r\n250-\r\n250 XAUTH PLAIN\r\n", Offer()),
    "refused": (b"550 STARTTLS\r\n", Answer(550)),
    "malformed": (b"what?\r\n", Trouble.MALFORMED),
}


@pytest.mark.parametrize("name", OFFERS)
def test_an_offer_is_read_by_its_keywords(pair: tuple[Line, socket.socket], name: str) -> None:
    """Without it a host that is called STARTTLS would seem to offer it, and one in small letters not."""
    line, server = pair
    text, expected = OFFERS[name]
    server.sendall(text)

    assert line.read_offer() == expected


def test_an_address_that_nobody_answers_at_is_cut_or_late() -> None:
    """Without it a host that is down would raise what the network says."""
    with socket.create_server((HOST, 0)) as listener:
        port = listener.getsockname()[1]
    assert connect(HOST, port, 5) is Trouble.CUT
    assert connect("no-such-host.invalid", port, 5) is Trouble.CUT

    with socket.create_server((HOST, 0), backlog=0) as listener:
        full = [socket.socket() for _ in range(8)]  # the system takes no more than a few that nobody accepts
        for one in full:
            one.setblocking(False)
            one.connect_ex(listener.getsockname())
        time.sleep(0.1)
        try:
            assert connect(HOST, listener.getsockname()[1], 1) is Trouble.LATE
        finally:
            for one in full:
                one.close()


def test_a_password_is_in_no_text() -> None:
    """Without it a repr in a traceback would show it."""
    endpoint = Endpoint(HOST, 25, "h", 5, ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT))

    assert "hunter2" not in f"{Login('user', 'hunter2-Canary')!r} {endpoint!r}"
