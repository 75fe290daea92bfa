"""The SMTP dialogue for one letter to one recipient, phase by phase.

Rules kept here:

- Until the final dot is handed to the system the letter is certainly not sent; from then on only a well-formed reply
  says what became of it, and everything else is `UNKNOWN`. (RFC 5321 §3.8 would have a client take a lost connection
  for a 451 and try again: a letter that may be sent twice is worse here than one that a person has to look after.)
- STARTTLS is required, and nothing but EHLO goes out before the server has proved to be the host that was named: no
  authentication, no address.
- Before anything is sent, nothing may be there that was not asked for; else a reply could be taken for another's.
- Every step returns how the dialogue ended, if it did: before the final dot the letter was certainly not sent. No
  exception and no text of a reply leaves this module.

Source: RFC 5321, RFC 3207 (STARTTLS), RFC 4954 and RFC 4616 (authentication); issue 7, rule 7; policies.md §4.
"""

import base64
import ssl
from collections.abc import Callable
from contextlib import ExitStack
from dataclasses import dataclass, field
from enum import Enum

from cutter.contracts.policies import Reply, SendOutcome
from cutter.custody.smtp_line import Answer, Line, Offer, Trouble, connect


class Phase(Enum):
    """Where in the dialogue it ended: `Reply.at`."""

    CONNECT = "connect"
    GREETING = "greeting"
    HELLO = "hello"
    STARTTLS = "starttls"
    CERTIFICATE = "certificate"
    AUTHENTICATION = "authentication"
    SENDER = "sender"
    RECIPIENT = "recipient"
    DATA = "data"
    BODY = "body"


@dataclass(frozen=True, slots=True)
class Endpoint:
    """The server, and how it is spoken to.

    Attributes:
        host, port: where it is; its certificate has to be this host's.
        hello: the name that is given in EHLO, never this machine's own unless somebody configured it.
        seconds: from the connection's beginning to its last reply.
        context: what makes a certificate believed.
    """

    host: str
    port: int
    hello: str
    seconds: float
    context: ssl.SSLContext = field(repr=False)


@dataclass(frozen=True, slots=True)
class Login:
    """A user with the password."""

    user: str
    password: str = field(repr=False)


_ENDS = {
    Trouble.CUT: SendOutcome.UNREACHABLE,
    Trouble.LATE: SendOutcome.TIMEOUT,
    Trouble.MALFORMED: SendOutcome.REFUSED,
    Trouble.UNTRUSTED: SendOutcome.REFUSED,
    Trouble.UNASKED: SendOutcome.REFUSED,
}


def open_dialogue(endpoint: Endpoint, login: Login | None) -> "Dialogue | Reply":
    """A dialogue in which the server has proved itself and, where there is a login, accepted it; or how it ended."""
    line = connect(endpoint.host, endpoint.port, endpoint.seconds)
    if isinstance(line, Trouble):
        return _ended(Phase.CONNECT, line)
    with ExitStack() as stack:
        dialogue = Dialogue(line)
        stack.callback(dialogue.close)
        ended = dialogue.begin(endpoint, login)
        if ended is None:
            stack.pop_all()
            return dialogue
        if ended.code:
            dialogue.leave()
    return ended


class Dialogue:
    """What goes on over one connection. It knows no address and no password: they pass through its methods."""

    def __init__(self, line: Line) -> None:
        self._line = line
        self._offer = Offer()

    def begin(self, endpoint: Endpoint, login: Login | None) -> Reply | None:
        """From the greeting to authentication."""
        steps: tuple[Callable[[], Reply | None], ...] = (
            lambda: self._hear(Phase.GREETING, 220),
            lambda: self._greet(endpoint.hello),
            lambda: self._encrypt(endpoint),
            lambda: self._greet(endpoint.hello),
            lambda: self._authenticate(login),
        )
        return next((ended for ended in (step() for step in steps) if ended is not None), None)

    def address(self, sender: str, recipient: str) -> Reply | None:
        """Name sender and recipient, one each, and ask to send the letter's text."""
        return (
            self._ask(Phase.SENDER, b"MAIL FROM:<%s>" % sender.encode("ascii"), 250)
            or self._ask(Phase.RECIPIENT, b"RCPT TO:<%s>" % recipient.encode("ascii"), 250, 251)
            or self._ask(Phase.DATA, b"DATA", 354)
        )

    def write(self, text: bytes) -> Reply | None:
        """Send the letter's text: lines that end with CRLF, dots doubled where they begin one; not the final dot."""
        trouble = self._line.send(text)
        return _ended(Phase.BODY, trouble) if trouble is not None else self.quiet(Phase.BODY)

    def quiet(self, phase: Phase) -> Reply | None:
        """That the connection stands, and the server has said nothing unasked."""
        trouble = self._line.unasked()
        if trouble is Trouble.UNASKED:
            return _ended(phase, self._line.read())
        return _ended(phase, trouble) if trouble is not None else None

    def commit(self) -> Reply:
        """The final dot, and what became of the letter; of two replies nobody can tell which is the dot's."""
        ended = self.quiet(Phase.BODY)
        if ended is not None:
            return ended
        if self._line.late:
            return Reply(SendOutcome.TIMEOUT, at=Phase.BODY.value)
        answer = self._line.send(b".\r\n") or self._line.read()
        if isinstance(answer, Trouble) or self._line.unasked() is Trouble.UNASKED:
            return Reply(SendOutcome.UNKNOWN)
        outcomes = {2: SendOutcome.ACCEPTED, 4: SendOutcome.REJECTED, 5: SendOutcome.REJECTED}
        outcome = outcomes.get(answer.code // 100, SendOutcome.UNKNOWN)
        return Reply(outcome, answer.code, answer.enhanced)

    def leave(self) -> None:
        """Say goodbye, which nobody has to answer, and close. Not where the server takes all for the letter's text."""
        self._line.send(b"QUIT\r\n")
        self.close()

    def close(self) -> None:
        """Close without a word: a text without its final dot is no letter (RFC 5321 §4.1.1.4)."""
        self._line.close()

    def _greet(self, name: str) -> Reply | None:
        """Say EHLO, and hear what is offered: once more within TLS, since anybody could have answered the first."""
        ended = self._say(Phase.HELLO, b"EHLO " + name.encode("ascii"))
        if ended is not None:
            return ended
        offer = self._line.read_offer()
        if not isinstance(offer, Offer):
            return _ended(Phase.HELLO, offer)
        self._offer = offer
        return None

    def _encrypt(self, endpoint: Endpoint) -> Reply | None:
        if not self._offer.starttls:
            return Reply(SendOutcome.REFUSED, at=Phase.STARTTLS.value)
        ended = self._ask(Phase.STARTTLS, b"STARTTLS", 220) or self.quiet(Phase.STARTTLS)
        if ended is not None:
            return ended
        trouble = self._line.encrypt(endpoint.context, endpoint.host)
        phase = Phase.CERTIFICATE if trouble is Trouble.UNTRUSTED else Phase.STARTTLS
        return _ended(phase, trouble) if trouble is not None else None

    def _authenticate(self, login: Login | None) -> Reply | None:
        if login is None:
            return None
        user, password = login.user.encode(), login.password.encode()
        if b"PLAIN" in self._offer.mechanisms:
            return self._ask(Phase.AUTHENTICATION, b"AUTH PLAIN " + _coded(b"\0%s\0%s" % (user, password)), 235)
        if b"LOGIN" in self._offer.mechanisms:
            return (
                self._ask(Phase.AUTHENTICATION, b"AUTH LOGIN", 334)
                or self._ask(Phase.AUTHENTICATION, _coded(user), 334)
                or self._ask(Phase.AUTHENTICATION, _coded(password), 235)
            )
        return Reply(SendOutcome.REFUSED, at=Phase.AUTHENTICATION.value)

    def _ask(self, phase: Phase, command: bytes, *expected: int) -> Reply | None:
        return self._say(phase, command) or self._hear(phase, *expected)

    def _say(self, phase: Phase, command: bytes) -> Reply | None:
        """Send a command to a server that has said nothing but what it was asked."""
        ended = self.quiet(phase)
        if ended is not None:
            return ended
        trouble = self._line.send(command + b"\r\n")
        return _ended(phase, trouble) if trouble is not None else None

    def _hear(self, phase: Phase, *expected: int) -> Reply | None:
        answer = self._line.read()
        if isinstance(answer, Answer) and answer.code in expected:
            return None
        return _ended(phase, answer)


def _ended(phase: Phase, cause: Answer | Trouble) -> Reply:
    """How it ended, before the final dot: a reply that was not the expected one is the server's refusal."""
    if isinstance(cause, Answer):
        return Reply(SendOutcome.REFUSED, cause.code, cause.enhanced, phase.value)
    return Reply(_ENDS[cause], at=phase.value)


def _coded(data: bytes) -> bytes:
    return base64.b64encode(data)
