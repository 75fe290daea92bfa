"""The postbox against every server behaviour: what it says is true, and it says "unknown" only where nobody can know.

The servers are real ones on the loopback address, with real certificates; they count what they stored.
"""

import email
import email.policy
import gc
import os
import signal
import sys
import time
import weakref
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import msgspec
import pytest

from cutter.contracts.policies import Letter, Reply, SendOutcome
from cutter.custody.postbox import MailServer as Server
from cutter.custody.postbox import NoPostbox, SmtpPostbox
from cutter.custody.smtp_line import Answer, Line
from cutter.stops import Stop, StopCode, Terminated
from tests.support.mail_cases import ADDRESS, CASES, EARLY, LETTER, REFERENCE, SENDER, UNTRUSTED, Book, postbox
from tests.support.mail_servers import HOST, PASSWORD, USER, Behaviour, MailServer, authority, mail_server
from tests.support.tracebacks import shown, visible

NOT_SENT = (SendOutcome.UNREACHABLE, SendOutcome.REFUSED, SendOutcome.TIMEOUT, SendOutcome.REJECTED)
CANARIES = (ADDRESS, PASSWORD, "canary.person")


@dataclass(frozen=True)
class Played:
    """A row that was played: what the sender said, how often it committed, what the server saw, how long it took."""

    reply: Reply
    commits: int
    server: MailServer
    seconds: float


@cache
def played(name: str) -> Played:
    """One send to the server of a row."""
    case, commits = CASES[name], []
    with mail_server(case.behaviour) as server:

        def commit() -> None:
            commits.append(len(server.stored))
            if case.committed is None:
                server.settle()

        began = time.monotonic()
        reply = postbox(server.port, case.seconds).send(LETTER, commit)
        seconds = time.monotonic() - began
    assert commits in ([], [0]), "committed more than once, or when the letter was stored already"
    return Played(reply, len(commits), server, seconds)


@pytest.mark.parametrize("name", CASES)
def test_what_is_said_of_a_server_is_true(name: str) -> None:
    """Without it a letter that was stored would be called unsent and be sent twice, or be lost unseen."""
    case, done = CASES[name], played(name)

    assert done.reply == case.reply
    assert len(done.server.stored) == case.stored
    assert case.committed in (None, bool(done.commits))
    assert done.seconds < case.seconds + 1, "the deadline is one for the whole dialogue"


def test_the_invariants_hold_over_all_servers() -> None:
    """Without it the rows could be wrong together: this states what "accepted", "not sent" and "unknown" mean."""
    rows = {name: played(name) for name in CASES}
    for name, done in rows.items():
        stored, outcome = len(done.server.stored), done.reply.outcome
        assert stored <= 1, name
        assert outcome is not SendOutcome.ACCEPTED or stored == 1, name
        assert outcome not in NOT_SENT or stored == 0, name
        assert outcome is not SendOutcome.UNKNOWN or done.commits == 1, name
        assert done.server.dots <= done.commits, f"{name}: a dot without a commit"
    shares = Counter(done.reply.outcome.value for done in rows.values())
    unknown = [len(done.server.stored) for done in rows.values() if done.reply.outcome is SendOutcome.UNKNOWN]
    print(f"{len(rows)} servers: {dict(shares)}; of the unknown ones {sum(unknown)} stored the letter")
    assert shares["unknown"] == 13


@pytest.mark.parametrize("name", UNTRUSTED)
def test_a_server_that_did_not_prove_itself_learns_nothing(name: str) -> None:
    """Without it anybody on the way could read the password and who a letter is for."""
    server = played(name).server

    assert not server.saw(b"AUTH")
    assert not server.saw(b"MAIL")
    assert not server.saw(b"RCPT")
    goodbye = {b"QUIT"} if CASES[name].reply.code else set()
    assert set(server.lines) <= {b"EHLO localhost.localdomain", b"STARTTLS"} | goodbye


def test_before_tls_only_the_two_words_go_out() -> None:
    """Without it a row could leak in plain text what only the rows of untrusted servers are asked about."""
    seen = {line for name in CASES for line in played(name).server.plain}

    assert seen <= {b"EHLO localhost.localdomain", b"STARTTLS", b"QUIT"}


def test_one_letter_names_one_recipient() -> None:
    """Without it a partial refusal could be taken for success: some recipients have the letter, some do not."""
    commands = [line.split(b" ")[0] for line in played("accepts").server.hidden]

    assert commands == [b"EHLO", b"AUTH", b"MAIL", b"RCPT", b"DATA", b"QUIT"]


def test_after_a_reply_too_many_nothing_more_is_said() -> None:
    """Without it the second reply to one command would be taken for that to the next, and the letter's text go out."""
    server = played("recipient answered twice").server

    assert [line.split(b" ")[0] for line in server.hidden] == [b"EHLO", b"AUTH", b"MAIL", b"RCPT", b"QUIT"]


def test_the_letter_arrives_as_it_was_written() -> None:
    """Without it lines that begin with a dot would lose it, or end the letter early."""
    (stored,) = played("accepts").server.stored
    message = email.message_from_bytes(stored, policy=email.policy.SMTP)

    assert str(message["To"]) == ADDRESS
    assert str(message["From"]) == SENDER
    assert str(message["Subject"]) == LETTER.subject
    assert str(message["Message-ID"]) == f"<{LETTER.message_id}@example.org>"
    assert str(message["X-Correlation-ID"]).strip() == LETTER.correlation_id
    assert str(message["Date"]) == "Sun, 01 Mar 2026 08:00:00 +0000"
    assert message.get_content().replace("\r\n", "\n") == LETTER.body + "\n"


def test_the_address_stands_in_one_header_only() -> None:
    """Without it headers, which pass through logs of others, would tell more than `To` has to."""
    (stored,) = played("accepts").server.stored
    headers = stored.split(b"\r\n\r\n")[0].split(b"\r\n")

    assert [line for line in headers if ADDRESS.encode() in line] == [f"To: {ADDRESS}".encode()]
    assert os.uname().nodename.encode() not in stored


@pytest.mark.parametrize("offered", [b"LOGIN", b"PLAIN", b"XOAUTH2 plain LOGIN"])
def test_both_ways_to_authenticate_work(offered: bytes) -> None:
    """Without it servers that offer one of them only could not be used."""
    behaviour = Behaviour({"EHLO again": b"250-mail.test\r\n250 AUTH %s\r\n" % offered})
    with mail_server(behaviour) as server:
        reply = postbox(server.port).send(LETTER, lambda: None)

    assert reply.outcome is SendOutcome.ACCEPTED
    logins = [line for line in server.hidden if line.startswith(b"(login)")]
    assert logins == ([f"(login) {USER}".encode(), f"(login) {PASSWORD}".encode()] if offered == b"LOGIN" else [])


def test_without_a_login_nobody_authenticates() -> None:
    """Without it a relay on the same host, which asks for none, could not be used."""
    with mail_server() as server:
        reply = postbox(server.port, login=False).send(LETTER, lambda: None)

    assert reply.outcome is SendOutcome.ACCEPTED
    assert not server.saw(b"AUTH")


def test_nobody_listens() -> None:
    """Without it a server that is down would end a run with a traceback."""
    with mail_server() as server:
        port = server.port

    assert postbox(port).send(LETTER, lambda: None) == Reply(SendOutcome.UNREACHABLE, at="connect")


def test_a_host_that_does_not_exist() -> None:
    """Without it a wrong name in the settings would end a run with a traceback."""
    server = Server("mail.invalid", 25, SENDER, "", authority(), "localhost.localdomain", 5)

    assert SmtpPostbox(server, Book(), None).send(LETTER, lambda: None) == Reply(SendOutcome.UNREACHABLE, at="connect")


class CommitError(Exception):
    """The commit could not be recorded."""


def test_no_dot_goes_out_where_the_commit_is_not_recorded() -> None:
    """Without it a letter could be sent that the ledger knows nothing of: the next run would send it again."""

    def fail() -> None:
        raise CommitError

    with mail_server() as server, pytest.raises(CommitError) as caught:
        postbox(server.port).send(LETTER, fail)

    assert "text" in server.steps, "the letter's text was sent"
    assert (server.dots, server.stored) == (0, [])
    assert not server.saw(b"QUIT")
    assert no_canary(caught.value)


def test_a_commit_that_takes_too_long_sends_nothing() -> None:
    """Without it the dot would go out when nobody waits for its reply any more, and the end would be unknown."""
    with mail_server() as server:
        reply = postbox(server.port, 1).send(LETTER, lambda: time.sleep(1.1))

    assert (reply, server.dots) == (Reply(SendOutcome.TIMEOUT, at="body"), 0)


def test_a_server_that_leaves_while_the_commit_is_recorded_gets_no_dot() -> None:
    """Without it a letter that was certainly not sent would be called unknown, and a person be asked about it."""
    with mail_server() as server:
        reply = postbox(server.port).send(LETTER, lambda: end_conversations(server))

    assert (reply, server.dots, server.stored) == (Reply(SendOutcome.UNREACHABLE, at="body"), 0, [])


def test_a_server_that_says_no_while_the_commit_is_recorded_gets_no_dot() -> None:
    """Without it its no would be taken for the reply to the dot; or a goodbye become a line of the letter's text."""

    def interject() -> None:
        server.interjection = b"421 4.3.2 closing\r\n"
        time.sleep(0.3)

    with mail_server() as server:
        reply = postbox(server.port).send(LETTER, interject)

    assert (reply, server.dots) == (Reply(SendOutcome.REFUSED, 421, "4.3.2", "body"), 0)
    assert server.text
    assert b"QUIT" not in server.text


def test_a_fault_after_the_dot_is_unknown(monkeypatch: pytest.MonkeyPatch) -> None:
    """Without it a fault of ours where nobody can know would look like a letter that was not sent."""

    def fail(line: Line) -> Answer:
        line.send(b"NOOP\r\n")
        raise ValueError(ADDRESS)

    with mail_server() as server:
        reply = postbox(server.port).send(LETTER, lambda: monkeypatch.setattr(Line, "read", fail))

    assert (reply, len(server.stored)) == (Reply(SendOutcome.UNKNOWN), 1)


def end_conversations(server: MailServer) -> None:
    """The server ends every conversation, and the sender's system has noticed."""
    server.hang_up.set()
    time.sleep(0.3)


def no_canary(error: BaseException) -> bool:
    """Whether an exception holds neither the address nor the password."""
    texts = list(shown(error))
    assert texts
    return not [text for text in texts if any(canary in text for canary in CANARIES)]


class Address(str):
    """An address whose end can be seen."""

    __slots__ = ("__weakref__",)


def test_the_address_is_gone_when_the_commit_is_recorded() -> None:
    """Without it whatever shows a failing commit would show whom the letter is for."""
    kept: list[weakref.ref[Address]] = []
    seen: list[str] = []

    class Watched(Book):
        def address(self, reference: str) -> str | None:
            address = Address(ADDRESS)
            kept.append(weakref.ref(address))
            return address

    def look() -> None:
        gc.collect()
        assert [ref() for ref in kept] == [None]
        frame = sys._getframe(1)
        while frame.f_back is not None and "/cutter/" in frame.f_code.co_filename:
            seen.extend(visible(frame.f_locals))
            frame = frame.f_back

    with mail_server() as server:
        where = Server(HOST, server.port, SENDER, USER, authority(), "localhost.localdomain", 10)
        SmtpPostbox(where, Watched(), lambda: PASSWORD).send(LETTER, look)

    assert len(server.stored) == 1
    assert any("dialogue" in text for text in seen)
    assert not [text for text in seen if any(canary in text for canary in CANARIES)]


def broken(reference: str) -> str | None:
    """A directory that fails, and says too much."""
    try:
        return str(int(ADDRESS))
    except ValueError:
        raise Stop(StopCode.STOP_CONFIG_INVALID, "address_form", where="directory.yaml:3:5") from None


def faulty(reference: str) -> str | None:
    """A directory with a fault that nobody foresaw, and that says too much."""
    raise UnicodeEncodeError("ascii", ADDRESS, 0, 1, PASSWORD)


FAULTS: dict[str, tuple[Callable[[str], str | None], StopCode, str]] = {
    "a stop": (broken, StopCode.STOP_CONFIG_INVALID, "address_form"),
    "a fault": (faulty, StopCode.STOP_INTERNAL, "postbox"),
    "no address": (lambda _: None, StopCode.STOP_CONFIG_INVALID, "recipient_without_address"),
    "an address that is none": (lambda _: "ké" + ADDRESS, StopCode.STOP_INTERNAL, "postbox"),
}


@pytest.mark.parametrize("name", FAULTS)
def test_no_exception_of_the_dialogue_comes_out(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Without it an exception, or the one that led to it, would carry an address or a password into a report."""
    act, code, detail = FAULTS[name]
    monkeypatch.setattr(Book, "address", lambda self, reference: act(reference))
    with mail_server() as server, pytest.raises(Stop) as caught:
        postbox(server.port).send(LETTER, lambda: None)

    assert (caught.value.code, caught.value.detail) == (code, detail)
    assert (caught.value.__context__, caught.value.__cause__) == (None, None)
    assert no_canary(caught.value)
    assert server.dots == 0


@pytest.mark.parametrize("step", ["AUTH", "RCPT", "dot"])
@pytest.mark.parametrize("kind", [KeyboardInterrupt, Terminated])
def test_an_interruption_passes_and_tells_nothing(step: str, kind: type[KeyboardInterrupt]) -> None:
    """Without it Ctrl-C would be swallowed, or leave frames behind that show the address and the password."""

    def interrupt(moment: str) -> None:
        if moment == f"after {step}":
            os.kill(os.getpid(), signal.SIGUSR1)
            time.sleep(0.1)

    def handle(number: int, frame: object) -> None:
        raise kind

    before = signal.signal(signal.SIGUSR1, handle)
    try:
        with mail_server() as server, pytest.raises(KeyboardInterrupt) as caught:
            server.spy = interrupt
            postbox(server.port).send(LETTER, lambda: None)
    finally:
        signal.signal(signal.SIGUSR1, before)

    assert type(caught.value) is kind
    assert caught.value.__context__ is None
    assert no_canary(caught.value)


def test_nothing_is_printed(capfd: pytest.CaptureFixture[str]) -> None:
    """Without it debug output of a library could show a whole dialogue."""
    with mail_server(CASES["recipient refused"].behaviour) as server:
        box = postbox(server.port)
        reply = box.send(LETTER, lambda: None)

    assert capfd.readouterr() == ("", "")
    assert not any(canary in f"{reply!r} {box!r} {vars(box)}" for canary in CANARIES)


def test_the_environment_cannot_have_the_keys_of_a_connection_written_down(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Without it a variable would put the keys to password and address into a file (Python's default context does)."""
    monkeypatch.setenv("SSLKEYLOGFILE", str(tmp_path / "keys"))
    with mail_server() as server:
        assert postbox(server.port).send(LETTER, lambda: None).outcome is SendOutcome.ACCEPTED

    assert not (tmp_path / "keys").exists()


def test_the_environment_cannot_choose_whom_to_believe(monkeypatch: pytest.MonkeyPatch) -> None:
    """Without it a variable would make a stranger's certificate a good one."""
    monkeypatch.setenv("SSL_CERT_FILE", str(authority()))
    with mail_server() as server:
        reply = postbox(server.port, authorities=lambda: None).send(LETTER, lambda: None)

    assert reply == Reply(SendOutcome.REFUSED, at="certificate")
    assert not server.saw(b"AUTH")


@pytest.mark.parametrize("name", EARLY)
def test_what_would_stop_a_send_is_told_without_naming_anybody(name: str) -> None:
    """Without it a rehearsal would find a server's faults only when people have signed."""
    case = EARLY[name]
    with mail_server(case.behaviour) as server:
        (stop,) = postbox(server.port, case.seconds).refusals(REFERENCE)

    assert (stop.code, stop.detail, stop.found) == (
        StopCode.STOP_SEND_FAILED,
        case.reply.outcome.value,
        case.reply.codes,
    )
    assert stop.where == f"{HOST}:{server.port}/{case.reply.at}"
    assert not server.saw(b"MAIL")


def test_nothing_stops_a_send_to_a_good_server() -> None:
    """Without it every rehearsal would be refused; or a rehearsal would send."""
    with mail_server() as server:
        assert list(postbox(server.port).refusals(REFERENCE)) == []

    assert server.steps == ["connect", "EHLO", "STARTTLS", "EHLO again", "AUTH", "QUIT"]


def test_everything_that_is_wrong_here_is_told_at_once(tmp_path: Path) -> None:
    """Without it people would mend one thing after the other."""

    def no_password() -> str:
        raise Stop(StopCode.STOP_KEY_UNUSABLE, "password_missing", where="password")

    server = Server(HOST, 1, SENDER, USER, tmp_path / "none", "localhost.localdomain", 5)
    stops = SmtpPostbox(server, Book({}), no_password).refusals(REFERENCE)

    assert [(stop.code.name, stop.detail) for stop in stops] == [
        ("STOP_CONFIG_INVALID", "recipient_without_address"),
        ("STOP_CONFIG_INVALID", "authorities"),
        ("STOP_KEY_UNUSABLE", "password_missing"),
    ]


@pytest.mark.parametrize("text", ["", "words", "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n"])
def test_a_file_without_certificates_is_refused(tmp_path: Path, text: str) -> None:
    """Without it a wrong file would look like a server that nobody believes."""
    (tmp_path / "ca.pem").write_text(text, encoding="utf-8")
    (stop,) = postbox(1, authorities=lambda: tmp_path / "ca.pem").refusals(REFERENCE)

    assert (stop.code, stop.detail) == (StopCode.STOP_CONFIG_INVALID, "authorities")


def test_words_around_certificates_are_allowed(tmp_path: Path) -> None:
    """Without it a file with names of authorities in their own letters could not be used."""
    (tmp_path / "ca.pem").write_text(f"Công ty phát hành\n{authority().read_text()}", encoding="utf-8")
    with mail_server() as server:
        assert list(postbox(server.port, authorities=lambda: tmp_path / "ca.pem").refusals(REFERENCE)) == []


def test_a_workspace_without_a_mail_server_says_so() -> None:
    """Without it the first sign that nothing is configured would be a traceback."""
    (stop,) = NoPostbox().refusals(REFERENCE)

    assert (stop.code, stop.detail) == (StopCode.STOP_CONFIG_INVALID, "no_smtp")
    with pytest.raises(Stop) as caught:
        NoPostbox().send(LETTER, lambda: None)
    assert caught.value.detail == "no_smtp"


WRITTEN = sorted({field.name for field in msgspec.structs.fields(Letter)} - {"recipient"})
"""The recipient's reference is looked up, and never written."""


@pytest.mark.parametrize("name", WRITTEN)
def test_a_letter_that_could_change_the_dialogue_is_not_begun(name: str) -> None:
    """Without it text of a template could become a header, a recipient, or a second letter."""
    letter = msgspec.structs.replace(LETTER, **{name: "a\r\nBcc: b@example.org\0"})
    with mail_server() as server, pytest.raises(Stop) as caught:
        postbox(server.port).send(letter, lambda: None)

    assert (caught.value.code, caught.value.detail) == (StopCode.STOP_CONFIG_INVALID, f"letter_{name}")
    assert server.steps == []
