"""The section `comm:` of `cutter.yaml`, and what is built of it."""

import stat
from pathlib import Path

import pytest

from cutter.app.comm import build_commitments, build_directory
from cutter.app.mail import build_postbox
from cutter.contracts.policies import SendOutcome
from cutter.custody.postbox import NoPostbox, SmtpPostbox
from cutter.settings import Mail, ManagedSecret, PasswordFile, Settings, load_settings
from cutter.stops import Stop, StopCode
from tests.support.mail_cases import ADDRESS, LETTER, REFERENCE
from tests.support.mail_servers import HOST, PASSWORD, USER, authority, mail_server
from tests.support.secret_manager import SecretService, secret_service

HEAD = "format: cutter.workspace/1\ndatabase: embedded\n"
SMTP = "host: mail.example.org, port: 587, from: cutter@example.org"
GSM = "provider: gsm, environment: prod, project: my-project"
CANARY = "hunter2-Canary"


def settings_of(folder: Path, comm: str) -> Settings:
    """The settings of a workspace with this section."""
    (folder / "cutter.yaml").write_text(f"{HEAD}{comm}\n", encoding="utf-8")
    return load_settings(folder, {})


def test_the_least_that_must_be_said(tmp_path: Path) -> None:
    """Without it what the page says about `comm:` would not be what is read."""
    settings = settings_of(tmp_path, f"comm: {{smtp: {{{SMTP}}}}}")

    assert settings.mail == Mail(
        "mail.example.org", 587, "cutter@example.org", "", None, None, "localhost.localdomain", 30
    )
    assert build_directory(settings).path == tmp_path / ".cutter" / "credentials" / "directory.yaml"


def test_all_that_can_be_said(tmp_path: Path) -> None:
    """Without it a setting could be taken and not used."""
    more = "user: u@example.org, password: {file: smtp}, ca_file: trust/ca.pem, hello: h.example.org, deadline: PT5S"
    settings = settings_of(tmp_path, f"credentials: secret\ncomm: {{smtp: {{{SMTP}, {more}}}, directory: {{file: d}}}}")

    password, authorities = PasswordFile("smtp"), tmp_path / "trust" / "ca.pem"
    assert settings.mail == Mail(
        "mail.example.org", 587, "cutter@example.org", "u@example.org", password, authorities, "h.example.org", 5
    )
    assert build_directory(settings).path == tmp_path / "secret" / "d"


def test_a_secret_of_google_secret_manager(tmp_path: Path) -> None:
    """Without it an office that keeps its secrets there would have to put this one into a file."""
    settings = settings_of(tmp_path, f"comm: {{smtp: {{{SMTP}, user: u, password: {{{GSM}}}}}}}")

    assert settings.mail is not None
    assert settings.mail.password == ManagedSecret("prod", "my-project", None)


WRONG = {
    "no host": ("port: 587, from: a@b", "missing_key"),
    "a host with a port": ("host: 'h:25', port: 25, from: a@b", "wrong_value"),
    "a host of another script": ("host: thư.example, port: 25, from: a@b", "wrong_value"),
    "a port of text": ("host: h, port: '25', from: a@b", "wrong_value"),
    "port 0": ("host: h, port: 0, from: a@b", "wrong_value"),
    "port 65536": ("host: h, port: 65536, from: a@b", "wrong_value"),
    "no sender": ("host: h, port: 25", "missing_key"),
    "a sender that is no address": (f"host: h, port: 25, from: {CANARY}", "address_form"),
    "a sender with a name": (f"host: h, port: 25, from: '{CANARY} <a@b>'", "address_form"),
    "a user without a password": (f"{SMTP}, user: u", "user_and_password"),
    "a password without a user": (f"{SMTP}, password: {{file: f}}", "user_and_password"),
    "the password itself": (f"{SMTP}, user: u, password: {CANARY}", "wrong_value"),
    "a password's path": (f"{SMTP}, user: u, password: {{file: ../f}}", "wrong_value"),
    "two ways": (f"{SMTP}, user: u, password: {{file: f, {GSM}}}", "one_way"),
    "no way": (f"{SMTP}, user: u, password: {{}}", "one_way"),
    "half a way": (f"{SMTP}, user: u, password: {{provider: gsm}}", "one_way"),
    "a user with a blank": (f"{SMTP}, user: 'a b', password: {{file: f}}", "wrong_value"),
    "no deadline": (f"{SMTP}, deadline: PT0S", "wrong_value"),
    "a deadline behind the database's own": (f"{SMTP}, deadline: PT601S", "wrong_value"),
    "a deadline of minutes": (f"{SMTP}, deadline: PT1M", "wrong_value"),
    "a deadline of a number": (f"{SMTP}, deadline: 30", "wrong_value"),
    "a greeting that is a command": (f'{SMTP}, hello: "h x"', "wrong_value"),
    "TLS that is not required": (f"{SMTP}, tls: false", "unknown_key"),
    "an unknown key": (f"{SMTP}, bcc: a@b", "unknown_key"),
}


@pytest.mark.parametrize("name", WRONG)
def test_a_wrong_setting_is_refused_at_its_place(tmp_path: Path, name: str) -> None:
    """Without it a mistake would come up when people have signed, or a secret be shown where it is told."""
    text, detail = WRONG[name]
    with pytest.raises(Stop) as caught:
        settings_of(tmp_path, f"comm:\n  smtp: {{{text}}}")

    assert (caught.value.code, caught.value.detail) == (StopCode.STOP_CONFIG_INVALID, detail)
    assert f"{tmp_path / 'cutter.yaml'}:4:" in caught.value.where
    assert CANARY not in f"{caught.value} {vars(caught.value)}"


@pytest.mark.parametrize("comm", ["", "comm: {}", "comm: {directory: {file: people.yaml}}"])
def test_without_a_mail_server_there_is_a_postbox_that_says_so(tmp_path: Path, comm: str) -> None:
    """Without it a workspace that only makes notifications could not be used."""
    settings = settings_of(tmp_path, comm)

    assert settings.mail is None
    assert isinstance(build_postbox(settings), NoPostbox)


PEOPLE = f"format: cutter.directory/1\nreferences: {{{REFERENCE}: {{address: {ADDRESS}}}}}\n"


def _private(path: Path, text: str) -> None:
    path.parent.mkdir(mode=0o700, exist_ok=True)
    path.write_text(text, encoding="utf-8")
    path.chmod(stat.S_IRUSR | stat.S_IWUSR)


def test_what_is_built_sends(tmp_path: Path) -> None:
    """Without it the parts could be right, and put together wrongly."""
    credentials = tmp_path / "secret"
    _private(credentials / "smtp", PASSWORD + "\n")
    _private(
        credentials / "people", f"format: cutter.directory/1\nreferences: {{{REFERENCE}: {{address: {ADDRESS}}}}}\n"
    )
    (tmp_path / "ca.pem").write_text(authority().read_text(), encoding="utf-8")
    with mail_server() as server:
        own = f"host: {HOST}, port: {server.port}, from: a@example.org, ca_file: ca.pem"
        comm = f"smtp: {{{own}, user: {USER}, password: {{file: smtp}}}}, directory: {{file: people}}"
        settings = settings_of(tmp_path, f"credentials: secret\ncomm: {{{comm}}}")
        box = build_postbox(settings)
        assert list(box.refusals(REFERENCE)) == []
        reply = box.send(LETTER, lambda: None)

    assert reply.outcome is SendOutcome.ACCEPTED
    assert f"RCPT TO:<{ADDRESS}>".encode() in server.hidden
    assert isinstance(box, SmtpPostbox)
    assert not any(secret in f"{box!r} {vars(box)!r} {settings!r}" for secret in (PASSWORD, ADDRESS))


def test_the_password_of_secret_manager_is_the_mail_servers_own(tmp_path: Path) -> None:
    """Without it the mail server would be given the database's password."""
    resource = "projects/my-project/secrets/secrets-prod-cutter_smtp/versions/latest"
    _private(tmp_path / "secret" / "people", PEOPLE)
    with secret_service(SecretService({resource: PASSWORD.encode()})) as secrets, mail_server() as server:
        own = f"host: {HOST}, port: {server.port}, from: a@example.org, ca_file: {authority()}, user: {USER}"
        comm = f"smtp: {{{own}, password: {{{GSM}, endpoint: '{secrets.address}'}}}}, directory: {{file: people}}"
        settings = settings_of(tmp_path, f"credentials: secret\ncomm: {{{comm}}}")
        assert list(build_postbox(settings).refusals(REFERENCE)) == []

    assert secrets.asked == [resource]


def test_the_key_of_commitments_is_the_workspaces_own(tmp_path: Path) -> None:
    """Without it two commands could commit under two keys, and a trigger be done twice."""
    settings = settings_of(tmp_path, "credentials: secret")

    first = build_commitments(settings).commitment("trigger", "x")

    assert build_commitments(load_settings(tmp_path, {})).commitment("trigger", "x") == first
    assert (tmp_path / "secret" / "commitment.key").exists()
