"""The postbox: sends one letter to one recipient over SMTP (`contracts.policies.Postbox`).

Rules kept here:

- The address is looked up when it is needed and is gone before anything is recorded; the password likewise. Neither is
  in an attribute, a text, an exception or a frame that an exception can show.
- What happens in the dialogue comes out as codes. An exception that comes up in it does not come out: a stop is told
  anew without what led to it, an interruption is raised anew, and a fault of ours becomes a stop without a word.
- What the server does is a `Reply`; what is wrong here is a stop before anything is connected.

Source: issue 7, rules 6 and 7; policies.md §4.
"""

import ssl
from collections.abc import Callable, Sequence
from contextlib import ExitStack, closing
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Protocol, TypeVar

from cutter.contracts.policies import Letter, Reply, SendOutcome
from cutter.custody.files import read_plain
from cutter.custody.letters import check_letter, full_message_id, render
from cutter.custody.secrets import Password
from cutter.custody.smtp_dialogue import Dialogue, Endpoint, Login, open_dialogue
from cutter.stops import Stop, StopCode

T = TypeVar("T")

_LARGEST_BUNDLE = 1024 * 1024  # bytes


class Addresses(Protocol):
    """Where a recipient's address is looked up."""

    def address(self, reference: str) -> str | None:
        """The address of a reference; None: it is unknown, or has none. Raises STOP_CONFIG_INVALID and the like."""
        ...


@dataclass(frozen=True, slots=True)
class MailServer:
    """The mail server of a workspace.

    Attributes:
        host, port: where it is; it must offer STARTTLS with a certificate of this host.
        sender: the address that letters come from.
        user: who authenticates; empty: nobody.
        authorities: a file of certificates (PEM) that are believed; None: those that this system believes.
        hello: the name that is given in EHLO.
        seconds: for one whole dialogue.
    """

    host: str
    port: int
    sender: str
    user: str
    authorities: Path | None
    hello: str
    seconds: float


class SmtpPostbox:
    """A postbox of one mail server."""

    def __init__(self, server: MailServer, addresses: Addresses, password: Password | None) -> None:
        self._server = server
        self._addresses = addresses
        self._password = password

    def refusals(self, recipient: str) -> Sequence[Stop]:
        """What would stop a send now: the server is asked up to authentication, and no recipient is named to it.

        STOP_CONFIG_INVALID (detail `recipient_without_address`), what the directory refuses, and `server_refusals`.
        """
        known = _sealed(partial(self._known, recipient))
        return [*([known] if isinstance(known, Stop) else []), *self.server_refusals()]

    def server_refusals(self) -> Sequence[Stop]:
        """What would stop a send to anybody.

        STOP_CONFIG_INVALID (detail `authorities`), STOP_KEY_UNUSABLE and STOP_PATH_UNSAFE of the password,
        STOP_SEND_FAILED (detail `unreachable`, `refused`, `timeout`; `found`: the reply's codes; `where`: the server
        and the phase).
        """
        found = _sealed(self._try)
        return [found] if isinstance(found, Stop) else found

    def message_id(self, letter: Letter) -> str:
        """What the Message-ID of a letter holds as it goes out."""
        return full_message_id(letter, self._server.sender)

    def send(self, letter: Letter, before_commit: Callable[[], None]) -> Reply:
        """Send (`contracts.policies.Postbox`). `letter.date` is `YYYY-MM-DDTHH:MM:SSZ`; `message_id` has no domain.

        Raises:
            Stop: STOP_CONFIG_INVALID (detail `letter_…`, `recipient_without_address`, `authorities`),
                STOP_KEY_UNUSABLE, STOP_PATH_UNSAFE, STOP_DISK, STOP_INTERNAL (detail `postbox`): nothing was sent.
        """
        check_letter(letter)
        dialogue = _sealed(partial(self._up_to_the_dot, letter))
        if isinstance(dialogue, Stop):
            raise dialogue
        if isinstance(dialogue, Reply):
            return dialogue
        with closing(dialogue):
            before_commit()
            reply = _sealed(partial(_commit, dialogue))
        return reply if isinstance(reply, Reply) else Reply(SendOutcome.UNKNOWN)

    def _up_to_the_dot(self, letter: Letter) -> Dialogue | Reply:
        """Everything before the final dot. What is secret lives in this frame and below, and ends with it."""
        address, login = self._known(letter.recipient), self._login()
        context = _context(self._server.authorities)
        dialogue = open_dialogue(self._endpoint(context), login)
        if isinstance(dialogue, Reply):
            return dialogue
        with ExitStack() as stack:
            stack.callback(dialogue.close)
            ended = dialogue.address(self._server.sender, address)
            if ended is not None:
                dialogue.leave()
                return ended
            ended = dialogue.write(render(letter, self._server.sender, address))
            if ended is not None:
                return ended
            stack.pop_all()
        return dialogue

    def _try(self) -> Sequence[Stop]:
        """What is wrong with certificates and password, or else with the dialogue up to authentication."""
        context, login = _sealed(partial(_context, self._server.authorities)), _sealed(self._login)
        if isinstance(context, Stop) or isinstance(login, Stop):
            return [stop for stop in (context, login) if isinstance(stop, Stop)]
        dialogue = open_dialogue(self._endpoint(context), login)
        if isinstance(dialogue, Reply):
            return [self._failed(dialogue)]
        dialogue.leave()
        return []

    def _known(self, recipient: str) -> str:
        address = self._addresses.address(recipient)
        if address is None:
            raise Stop(StopCode.STOP_CONFIG_INVALID, "recipient_without_address")
        return address

    def _login(self) -> Login | None:
        return Login(self._server.user, self._password()) if self._password is not None else None

    def _endpoint(self, context: ssl.SSLContext) -> Endpoint:
        server = self._server
        return Endpoint(server.host, server.port, server.hello, server.seconds, context)

    def _failed(self, reply: Reply) -> Stop:
        where = f"{self._server.host}:{self._server.port}/{reply.at}"
        return Stop(StopCode.STOP_SEND_FAILED, reply.outcome.value, found=reply.codes, where=where)


class NoPostbox:
    """The postbox of a workspace that names no mail server."""

    def refusals(self, recipient: str) -> Sequence[Stop]:
        """That there is none."""
        return self.server_refusals()

    def server_refusals(self) -> Sequence[Stop]:
        """That there is none."""
        return [_no_server()]

    def message_id(self, letter: Letter) -> str:
        """None goes out. Raises STOP_CONFIG_INVALID, detail `no_smtp`."""
        raise _no_server()

    def send(self, letter: Letter, before_commit: Callable[[], None]) -> Reply:
        """Nothing is sent. Raises STOP_CONFIG_INVALID, detail `no_smtp`."""
        raise _no_server()


def _no_server() -> Stop:
    return Stop(StopCode.STOP_CONFIG_INVALID, "no_smtp", needed="comm.smtp", where="cutter.yaml")


def _commit(dialogue: Dialogue) -> Reply:
    """The final dot and its reply; then goodbye, if the server listens to commands again."""
    reply = dialogue.commit()
    if reply.outcome in (SendOutcome.ACCEPTED, SendOutcome.REJECTED):
        dialogue.leave()
    return reply


def _context(authorities: Path | None) -> ssl.SSLContext:
    """What verifies the server: at least TLS 1.2, its name, and authorities that the environment cannot choose.

    `ssl.create_default_context` would let two variables of the environment in: `SSL_CERT_FILE` chooses who is
    believed, and `SSLKEYLOGFILE` writes the keys of the connection, and so password and address, to a file.

    Raises:
        Stop: STOP_CONFIG_INVALID, detail `authorities` (no certificates in the file, or no file), STOP_PATH_UNSAFE.
    """
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    if authorities is None:
        system = ssl.get_default_verify_paths()
        file, folder = Path(system.openssl_cafile), Path(system.openssl_capath)
        if file.is_file() or folder.is_dir():
            context.load_verify_locations(file if file.is_file() else None, folder if folder.is_dir() else None)
        return context
    try:
        # Around certificates there may be words for people, in any encoding.
        text = read_plain(authorities, _LARGEST_BUNDLE, shared=True).decode("ascii", "ignore")
        context.load_verify_locations(cadata=text)
    except (FileNotFoundError, ValueError, ssl.SSLError):
        needed = "certificates in PEM"
        raise Stop(StopCode.STOP_CONFIG_INVALID, "authorities", needed=needed, where=str(authorities)) from None
    return context


def _sealed(act: Callable[[], T]) -> T | Stop:
    """What it returns, or the stop that it raises, told anew: without the frames and exceptions that led to it."""
    interrupted: type[KeyboardInterrupt] | None = None
    told = Stop(StopCode.STOP_INTERNAL, "postbox")
    try:
        return act()
    except Stop as stop:
        told = Stop(stop.code, stop.detail, found=stop.found, needed=stop.needed, where=stop.where)
    except KeyboardInterrupt as raised:
        interrupted = type(raised)
    except Exception:  # noqa: BLE001, S110  whatever it says may hold an address
        pass
    if interrupted is not None:
        raise interrupted
    return told
