"""A mail server that does what a script says: a raw TCP and TLS server on the loopback address, in a thread.

It counts what it stored, keeps every line that it saw before and after TLS, and can be told to kill the sender at any
step. It is no example of a mail server: it is every bad one that a sender meets.
"""

import atexit
import base64
import os
import shutil
import signal
import socket
import ssl
import threading
import time
import warnings
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from functools import cache
from ipaddress import IPv4Address
from pathlib import Path
from tempfile import mkdtemp

from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from cryptography.x509.oid import NameOID

HOST = "127.0.0.1"
USER, PASSWORD = "sender", "hunter2-Canary"
_USE = x509.KeyUsage(
    digital_signature=False,
    content_commitment=False,
    key_encipherment=False,
    data_encipherment=False,
    key_agreement=False,
    key_cert_sign=True,
    crl_sign=True,
    encipher_only=False,
    decipher_only=False,
)
STEPS = ("connect", "EHLO", "STARTTLS", "EHLO again", "AUTH", "MAIL", "RCPT", "DATA", "text", "dot", "QUIT")
"""What a sender does, in its order; `text` is the first line of a letter's text."""

_PATIENCE = 20.0  # seconds; longer than any test waits for its sender
_ANSWERS = {
    "connect": b"220 mail.test ESMTP\r\n",
    "EHLO": b"250-mail.test\r\n250-PIPELINING\r\n250 STARTTLS\r\n",
    "STARTTLS": b"220 2.0.0 go ahead\r\n",
    "EHLO again": b"250-mail.test\r\n250-AUTH LOGIN PLAIN\r\n250 8BITMIME\r\n",
    "AUTH": b"235 2.7.0 welcome\r\n",
    "MAIL": b"250 2.1.0 fine\r\n",
    "RCPT": b"250 2.1.5 fine\r\n",
    "DATA": b"354 go on\r\n",
    "dot": b"250 2.0.0 stored\r\n",
    "QUIT": b"221 2.0.0 bye\r\n",
}


@dataclass(frozen=True)
class Behaviour:
    """What a server does otherwise than one that accepts everything.

    Attributes:
        answers: other replies, by step; an empty one is silence.
        cut: the step at which the connection is ended, before its reply; `text` after the first piece of it.
        stores: whether a letter whose dot came is kept.
        certificate: which one it shows: `good`, `self-signed`, `wrong name`, `expired`; `cut`: the connection ends
            where TLS should begin; `noise`: something else is spoken there.
        old_tls: only TLS 1.1 is spoken.
        slow: the step whose reply is fed drop by drop, one in `drip` seconds.
    """

    answers: dict[str, bytes] = field(default_factory=dict)
    cut: str = ""
    stores: bool = True
    certificate: str = "good"
    old_tls: bool = False
    slow: str = ""
    drip: float = 0.1


@dataclass
class MailServer:
    """A running server, and what it saw.

    Attributes:
        behaviour: what it does.
        stored: the letters that it keeps, as they came (dots undone).
        plain: the lines that came before TLS; `hidden`: those within it; text of a letter is not among them.
        steps: what was done, in order.
        spy: called with `before STEP`, `after STEP` and `replied STEP`, in the server's thread.
        text: the lines that came as a letter's text, whether it was ended or not.
        hang_up: when it is set, every conversation ends.
        interjection: said as soon as the sender is silent, once.
    """

    behaviour: Behaviour
    port: int = 0
    stored: list[bytes] = field(default_factory=list)
    plain: list[bytes] = field(default_factory=list)
    hidden: list[bytes] = field(default_factory=list)
    steps: list[str] = field(default_factory=list)
    dots: int = 0
    spy: Callable[[str], None] = field(default=lambda moment: None)
    text: list[bytes] = field(default_factory=list)
    hang_up: threading.Event = field(default_factory=threading.Event)
    interjection: bytes = b""

    talks: list[threading.Thread] = field(default_factory=list)

    def settle(self) -> None:
        """Wait until every conversation is over: what was sent is stored, or will never be."""
        for talk in self.talks:
            talk.join()

    @property
    def lines(self) -> list[bytes]:
        """Every line that was a command."""
        return self.plain + self.hidden

    def saw(self, verb: bytes) -> bool:
        """Whether a command that begins so came."""
        return any(line.upper().startswith(verb) for line in self.lines)


@contextmanager
def mail_server(behaviour: Behaviour | None = None) -> Iterator[MailServer]:
    """Let a server run; at the end of the block it has ended, with every conversation."""
    server = MailServer(behaviour or Behaviour())
    with socket.create_server((HOST, 0)) as listener:
        listener.settimeout(0.05)
        server.port = listener.getsockname()[1]
        over = threading.Event()
        thread = threading.Thread(target=_serve, args=(listener, server, over))
        thread.start()
        try:
            yield server
        finally:
            over.set()
            thread.join()


def _serve(listener: socket.socket, server: MailServer, over: threading.Event) -> None:
    while not over.is_set():
        try:
            connection, _ = listener.accept()
        except TimeoutError:
            continue
        talk = threading.Thread(target=_Conversation(connection, server, over).go)
        talk.start()
        server.talks.append(talk)
    server.settle()


class _EndedError(Exception):
    """The conversation is over."""


class _Conversation:
    """One connection, from its greeting to its end."""

    def __init__(self, connection: socket.socket, server: MailServer, over: threading.Event) -> None:
        connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        connection.settimeout(0.05)
        self.connection, self.server, self.over = connection, server, over
        self.received = b""
        self.secure = False

    def go(self) -> None:
        """Talk until one of the two ends it."""
        with suppress(_EndedError, OSError):
            self.step("connect")
            while True:
                self.command(self.line())
        with suppress(OSError):
            self.connection.close()

    def command(self, line: bytes) -> None:
        """Do what a line asks for."""
        verb = line.split(b" ")[0].upper().decode("latin-1")
        if verb == "EHLO" and self.secure:
            verb = "EHLO again"
        (self.server.hidden if self.secure else self.server.plain).append(line)
        if verb not in _ANSWERS:
            self.say(verb, b"500 5.5.1 unknown\r\n")
            return
        if verb == "AUTH" and line.upper().startswith(b"AUTH LOGIN"):
            self.login()
        self.step(verb)
        if self.server.behaviour.answers.get(verb, _ANSWERS[verb])[:1] not in (b"2", b"3"):
            return
        if verb == "STARTTLS":
            self.encrypt()
        elif verb == "DATA":
            self.text()
        elif verb == "QUIT":
            raise _EndedError

    def step(self, name: str, then: Callable[[], None] = lambda: None) -> None:
        """One step: do it, and reply, with what is told to happen in between."""
        self.server.steps.append(name)
        self.server.spy(f"before {name}")
        then()
        self.server.spy(f"after {name}")
        if self.server.behaviour.cut == name:
            raise _EndedError
        self.say(name, self.server.behaviour.answers.get(name, _ANSWERS[name]))
        self.server.spy(f"replied {name}")

    def say(self, name: str, reply: bytes) -> None:
        """Reply; drop by drop where it is told so, and where a reply is empty not at all."""
        if self.server.behaviour.slow != name:
            self.connection.sendall(reply)
            return
        for number in range(len(reply)):
            if self.over.wait(self.server.behaviour.drip):
                raise _EndedError
            self.connection.sendall(reply[number : number + 1])

    def login(self) -> None:
        """The two questions of AUTH LOGIN; what is answered is kept as it came."""
        for question in (b"Username:", b"Password:"):
            self.connection.sendall(b"334 " + base64.b64encode(question) + b"\r\n")
            self.server.hidden.append(b"(login) " + base64.b64decode(self.line()))

    def encrypt(self) -> None:
        """Go on in TLS."""
        kind = self.server.behaviour.certificate
        if kind == "noise":
            self.receive()
            self.connection.sendall(b"250 what is TLS?\r\n")
        if kind in ("cut", "noise"):
            raise _EndedError
        self.receive(socket.MSG_PEEK)  # Python forgets to close what it wraps when the other side is gone by then
        self.connection = _context(self.server.behaviour).wrap_socket(
            self.connection, server_side=True, do_handshake_on_connect=False
        )
        self.connection.settimeout(_PATIENCE)
        self.connection.do_handshake()
        self.connection.settimeout(0.05)
        self.secure = True

    def text(self) -> None:
        """A letter's text up to the dot; it is stored at the dot, and counts only then."""
        lines = [self.line()]
        self.server.steps.append("text")
        self.server.spy("before text")
        if self.server.behaviour.cut == "text":
            raise _EndedError
        while lines[-1] != b".":
            self.server.text.append(lines[-1])
            lines.append(self.line())
        self.server.dots += 1
        undone = [line[1:] if line.startswith(b".") else line for line in lines[:-1]]
        self.step("dot", lambda: self.store(b"".join(line + b"\r\n" for line in undone)))

    def store(self, text: bytes) -> None:
        """Keep a letter, if this server does."""
        if self.server.behaviour.stores:
            self.server.stored.append(text)

    def line(self) -> bytes:
        """The next line, without its CRLF."""
        while b"\r\n" not in self.received:
            self.received += self.receive()
        line, _, self.received = self.received.partition(b"\r\n")
        return line

    def receive(self, flags: int = 0) -> bytes:
        """The next bytes."""
        until = time.monotonic() + _PATIENCE
        while True:
            try:
                data = self.connection.recv(65536, flags)
            except TimeoutError:
                if self.over.is_set() or self.server.hang_up.is_set() or time.monotonic() > until:
                    raise _EndedError from None
                said, self.server.interjection = self.server.interjection, b""
                self.connection.sendall(said)
                continue
            if not data:
                raise _EndedError
            return data


def killing(moment: str, victim: Callable[[], int]) -> Callable[[str], None]:
    """A spy that kills a process at one moment, such as `after dot`, once."""
    left = [moment]

    def spy(now: str) -> None:
        if left and now == left[0]:
            left.clear()
            with suppress(ProcessLookupError):
                os.kill(victim(), signal.SIGKILL)

    return spy


@cache
def _folder() -> Path:
    made = mkdtemp(prefix="mail-")
    atexit.register(shutil.rmtree, made, ignore_errors=True)
    return Path(made)


@cache
def authority() -> Path:
    """The certificate (PEM) of the authority that issued the good ones."""
    path = _folder() / "authority.pem"
    path.write_bytes(_authority()[0].public_bytes(Encoding.PEM))
    return path


def _context(behaviour: Behaviour) -> ssl.SSLContext:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    if behaviour.old_tls:
        context.set_ciphers("ALL:@SECLEVEL=0")
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", DeprecationWarning)
            context.minimum_version = ssl.TLSVersion.TLSv1
            context.maximum_version = ssl.TLSVersion.TLSv1_1
    context.load_cert_chain(_issued(behaviour.certificate))
    return context


@cache
def _authority() -> tuple[x509.Certificate, ec.EllipticCurvePrivateKey]:
    key = ec.generate_private_key(ec.SECP256R1())
    return _certificate("Test authority", key, None, days=2, name=None), key


@cache
def _issued(kind: str) -> Path:
    """A certificate with its key, in one file."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = IPv4Address("127.0.0.2") if kind == "wrong name" else IPv4Address(HOST)
    issuer = None if kind == "self-signed" else _authority()
    certificate = _certificate("mail.test", key, issuer, days=-1 if kind == "expired" else 2, name=name)
    path = _folder() / f"{kind}.pem"
    secret = key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    path.write_bytes(secret + certificate.public_bytes(Encoding.PEM))
    return path


def _certificate(
    subject: str,
    key: ec.EllipticCurvePrivateKey,
    issuer: tuple[x509.Certificate, ec.EllipticCurvePrivateKey] | None,
    *,
    days: int,
    name: IPv4Address | None,
) -> x509.Certificate:
    """A certificate that ends so many days from now; without an issuer it is its own, without a name an authority."""
    own = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, subject)])
    until = datetime.now(UTC) + timedelta(days=days)
    certificate, signer = issuer if issuer is not None else (None, key)
    builder = (
        x509.CertificateBuilder()
        .subject_name(own)
        .issuer_name(certificate.subject if certificate is not None else own)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(until - timedelta(days=10))
        .not_valid_after(until)
        .add_extension(x509.BasicConstraints(ca=name is None, path_length=None), critical=True)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), critical=False)
        .add_extension(x509.AuthorityKeyIdentifier.from_issuer_public_key(signer.public_key()), critical=False)
    )
    if name is not None:
        builder = builder.add_extension(x509.SubjectAlternativeName([x509.IPAddress(name)]), critical=False)
    else:
        builder = builder.add_extension(_USE, critical=True)
    return builder.sign(signer, SHA256())
