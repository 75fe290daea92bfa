"""What mail servers do, row by row, and what a sender may honestly say of each."""

from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

from cutter.contracts.policies import Letter, Reply, SendOutcome
from cutter.custody.postbox import MailServer as Server
from cutter.custody.postbox import SmtpPostbox
from cutter.policies.references import issue
from tests.support.mail_servers import HOST, PASSWORD, USER, Behaviour, authority

ADDRESS = "canary.person@example.org"
REFERENCE = issue("RCP", "7K3M9Q")
SENDER = "cutter@example.org"
LETTER = Letter(
    recipient=REFERENCE,
    subject="Kết quả đã có",
    body="Xin chào.\n.a line that begins with a dot\n..and one with two\n.\nThe end",
    message_id="ab" * 32,
    correlation_id="cd" * 32,
    date="2026-03-01T08:00:00Z",
)
_PATIENT, _SHORT = 10, 1  # seconds


@dataclass(frozen=True)
class Book:
    """A directory of one person."""

    address_of: dict[str, str] = field(default_factory=lambda: {REFERENCE: ADDRESS}, repr=False)

    def address(self, reference: str) -> str | None:
        """The address, if there is one."""
        return self.address_of.get(reference)


def postbox(
    port: int,
    seconds: float = _PATIENT,
    *,
    login: bool = True,
    authorities: Callable[[], Path | None] = authority,
) -> SmtpPostbox:
    """A postbox of a server of ours."""
    user = USER if login else ""
    server = Server(HOST, port, SENDER, user, authorities(), "localhost.localdomain", seconds)
    return SmtpPostbox(server, Book(), (lambda: PASSWORD) if login else None)


@dataclass(frozen=True)
class Case:
    """A behaviour with what a send has to come to.

    Attributes:
        behaviour: the server's.
        reply: what the sender says.
        stored: how many letters the server keeps.
        committed: whether the commit was recorded; None: that is a matter of microseconds.
        seconds: the deadline.
    """

    behaviour: Behaviour
    reply: Reply
    stored: int = 0
    committed: bool | None = False
    seconds: float = _PATIENT


def _before(at: str, outcome: SendOutcome, behaviour: Behaviour, code: int = 0, enhanced: str = "") -> Case:
    """The dialogue ends before the final dot, in this phase."""
    seconds = _SHORT if outcome is SendOutcome.TIMEOUT else _PATIENT
    return Case(behaviour, Reply(outcome, code, enhanced, at), seconds=seconds)


def _after(reply: Reply, stored: int, behaviour: Behaviour, seconds: float = _PATIENT) -> Case:
    """The final dot was sent."""
    return Case(behaviour, reply, stored, committed=True, seconds=seconds)


def _says(**answers: bytes) -> Behaviour:
    return Behaviour(answers={name.replace("_", " "): answer for name, answer in answers.items()})


def _lines(code: bytes, count: int) -> bytes:
    return b"".join(b"%s-line\r\n" % code for _ in range(count - 1)) + b"%s the last\r\n" % code


UNREACHABLE, REFUSED, TIMEOUT = SendOutcome.UNREACHABLE, SendOutcome.REFUSED, SendOutcome.TIMEOUT
UNKNOWN = Reply(SendOutcome.UNKNOWN)
STORED = Reply(SendOutcome.ACCEPTED, 250, "2.0.0")
# A reply that tells what the sender may not keep.
_TELLS = f"550 5.1.1 <{ADDRESS}> is unknown here, {USER}\r\n".encode()

UNTRUSTED: dict[str, Case] = {
    "no STARTTLS offered": _before("starttls", REFUSED, _says(EHLO=b"250-mail.test\r\n250 AUTH PLAIN LOGIN\r\n")),
    "STARTTLS stripped": _before(
        "starttls", REFUSED, _says(EHLO=b"250-mail.test\r\n250-XXXXXXXX\r\n250 AUTH PLAIN\r\n")
    ),
    "STARTTLS in the greeting's line only": _before("starttls", REFUSED, _says(EHLO=b"250 STARTTLS\r\n")),
    "STARTTLS refused": _before("starttls", REFUSED, _says(STARTTLS=b"454 4.7.0 not now\r\n"), 454, "4.7.0"),
    "a reply hidden behind STARTTLS": _before(
        "starttls", REFUSED, _says(STARTTLS=b"220 go\r\n250 AUTH PLAIN\r\n"), 250
    ),
    "cut where TLS begins": _before("starttls", UNREACHABLE, Behaviour(certificate="cut")),
    "something else than TLS": _before("starttls", UNREACHABLE, Behaviour(certificate="noise")),
    "TLS 1.1": _before("starttls", UNREACHABLE, Behaviour(old_tls=True)),
    "self-signed": _before("certificate", REFUSED, Behaviour(certificate="self-signed")),
    "wrong name": _before("certificate", REFUSED, Behaviour(certificate="wrong name")),
    "expired": _before("certificate", REFUSED, Behaviour(certificate="expired")),
}
"""No authentication and no recipient may go out."""

EARLY: dict[str, Case] = {
    **UNTRUSTED,
    "cut before the greeting": _before("greeting", UNREACHABLE, Behaviour(cut="connect")),
    "greeting 421": _before("greeting", REFUSED, _says(connect=b"421 4.3.2 too busy\r\n"), 421, "4.3.2"),
    "greeting 554": _before("greeting", REFUSED, _says(connect=b"554 no service\r\n"), 554),
    "another protocol's greeting": _before("greeting", REFUSED, _says(connect=b"SSH-2.0-OpenSSH_9.9\r\n")),
    "silence instead of a greeting": _before("greeting", TIMEOUT, _says(connect=b"")),
    "a greeting drop by drop": _before("greeting", TIMEOUT, Behaviour(slow="connect")),
    "EHLO refused": _before("hello", REFUSED, _says(EHLO=b"502 5.5.1 unknown\r\n"), 502, "5.5.1"),
    "EHLO with 300 lines": _before("hello", REFUSED, _says(EHLO=_lines(b"250", 300))),
    "no authentication offered": _before("authentication", REFUSED, _says(EHLO_again=b"250 mail.test\r\n")),
    "authentication refused": _before("authentication", REFUSED, _says(AUTH=b"535 5.7.8 wrong\r\n"), 535, "5.7.8"),
}
"""What ends before anybody is named."""

CASES: dict[str, Case] = {
    **EARLY,
    "accepts": _after(STORED, 1, Behaviour()),
    "sender refused": _before("sender", REFUSED, _says(MAIL=b"451 4.1.8 not now\r\n"), 451, "4.1.8"),
    "recipient refused": _before("recipient", REFUSED, _says(RCPT=_TELLS), 550, "5.1.1"),
    "recipient answered twice": _before("data", REFUSED, _says(RCPT=b"250 fine\r\n250 fine\r\n"), 250),
    "recipient forwarded": _after(STORED, 1, _says(RCPT=b"251 will forward\r\n")),
    "DATA refused": _before("data", REFUSED, _says(DATA=b"554 5.5.1 no\r\n"), 554, "5.5.1"),
    "DATA answered 250": _before("data", REFUSED, _says(DATA=b"250 done\r\n"), 250),
    "cut before 354": _before("data", UNREACHABLE, Behaviour(cut="DATA")),
    "silence before 354": _before("data", TIMEOUT, _says(DATA=b"")),
    "cut in the text": Case(Behaviour(cut="text"), Reply(UNREACHABLE, at="body"), committed=None),
    "552 in the text": _before("body", REFUSED, _says(DATA=b"354 go on\r\n552 5.3.4 too large\r\n"), 552, "5.3.4"),
    "250 in the text": _before("body", REFUSED, _says(DATA=b"354 go on\r\n250 2.0.0 stored\r\n"), 250, "2.0.0"),
    "noise in the text": _before("body", REFUSED, _says(DATA=b"354 go on\r\n\xff\r\n")),
    "5xx after the dot": _after(
        Reply(SendOutcome.REJECTED, 554, "5.7.1"), 0, Behaviour({"dot": b"554 5.7.1 spam\r\n"}, stores=False)
    ),
    "4xx after the dot": _after(
        Reply(SendOutcome.REJECTED, 451, "4.3.0"), 0, Behaviour({"dot": b"451 4.3.0 full\r\n"}, stores=False)
    ),
    "421 after the dot": _after(Reply(SendOutcome.REJECTED, 421), 0, Behaviour({"dot": b"421 bye\r\n"}, stores=False)),
    "several lines after the dot": _after(STORED, 1, _says(dot=b"250-2.0.0 stored\r\n250-as\r\n250 AB12\r\n")),
    "a code alone after the dot": _after(Reply(SendOutcome.ACCEPTED, 250), 1, _says(dot=b"250\r\n")),
    "a code of another class": _after(Reply(SendOutcome.ACCEPTED, 250), 1, _says(dot=b"250 5.1.1 stored\r\n")),
    "cut after the dot, stored": _after(UNKNOWN, 1, Behaviour(cut="dot")),
    "cut after the dot, lost": _after(UNKNOWN, 0, Behaviour(cut="dot", stores=False)),
    "cut within the reply": _after(UNKNOWN, 1, Behaviour({"dot": b"250-2.0.0 sto"}, cut="QUIT"), _SHORT),
    "silence after the dot, stored": _after(UNKNOWN, 1, _says(dot=b""), _SHORT),
    "garbage after the dot, stored": _after(UNKNOWN, 1, _says(dot=b"\0\xff\xfe what?\r\n")),
    "354 after the dot": _after(Reply(SendOutcome.UNKNOWN, 354), 1, _says(dot=b"354 go on\r\n")),
    "bare line feeds after the dot": _after(UNKNOWN, 1, _says(dot=b"250 stored\n"), _SHORT),
    "two codes in one reply": _after(UNKNOWN, 1, _says(dot=b"250-stored\r\n550 not stored\r\n")),
    "no and yes after the dot": _after(UNKNOWN, 1, _says(dot=b"552 5.3.4 too large\r\n250 2.0.0 stored\r\n")),
    "yes and no after the dot": _after(UNKNOWN, 0, Behaviour({"dot": b"250 stored\r\n554 spam\r\n"}, stores=False)),
    "300 lines after the dot": _after(UNKNOWN, 1, _says(dot=_lines(b"250", 300))),
    "one endless line after the dot": _after(UNKNOWN, 1, _says(dot=b"250 " + b"x" * 5000 + b"\r\n")),
    "a reply drop by drop": _after(UNKNOWN, 1, Behaviour(slow="dot"), _SHORT),
    "500 to QUIT": _after(STORED, 1, _says(QUIT=b"500 5.5.1 unknown\r\n")),
    "cut at QUIT": _after(STORED, 1, Behaviour(cut="QUIT")),
    "silence at QUIT": _after(STORED, 1, _says(QUIT=b"")),
}
