"""Where a login's password comes from: a private file, or the real client of Secret Manager; and what is refused."""

import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import grpc  # type: ignore[import-untyped]
import psycopg
import pytest

from cutter.custody.secrets import FilePassword, ManagedPassword
from cutter.postgres.connect import Conninfo, connect
from cutter.settings import ManagedSecret, PasswordFile, load_settings
from cutter.stops import Stop, StopCode
from tests.support.secret_manager import SecretService, secret_service

CANARY = "hunter2-Canary"
RESOURCE = "projects/my-project/secrets/secrets-prod-cutter_orchestrator/versions/latest"
SERVICE = "format: cutter.workspace/1\ndatabase: {service: office}\n"
GSM = "environment: prod, provider: gsm, project: my-project"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A credentials folder with a password."""
    made = tmp_path / "credentials"
    made.mkdir(mode=0o700)
    write(made, f"{CANARY}\n".encode())
    return made


def write(folder: Path, data: bytes, mode: int = 0o600) -> None:
    """Put the password there."""
    path = folder / "password"
    path.write_bytes(data)
    path.chmod(mode)


def linked(folder: Path) -> None:
    """The name is a link to a private file."""
    (folder / "password").rename(folder / "other")
    (folder / "password").symlink_to("other")


def fifo(folder: Path) -> None:
    """The name is a pipe that nobody writes."""
    (folder / "password").unlink()
    os.mkfifo(folder / "password", 0o600)


def open_folder(folder: Path) -> None:
    """Others may enter the folder."""
    folder.chmod(0o755)


@pytest.mark.parametrize("data", [b"%s\n", b"%s", b"%s\r\n"])
def test_one_line_is_the_password(folder: Path, data: bytes) -> None:
    """Without it an editor's line end would become a part of the password, and the login would be refused."""
    write(folder, data % CANARY.encode())

    assert FilePassword(folder, "password")() == CANARY


UNUSABLE: dict[str, tuple[Callable[[Path], object], StopCode, str]] = {
    "missing": (lambda f: (f / "password").unlink(), StopCode.STOP_KEY_UNUSABLE, "password_missing"),
    "empty": (lambda f: write(f, b""), StopCode.STOP_KEY_UNUSABLE, "password_malformed"),
    "only a line end": (lambda f: write(f, b"\n"), StopCode.STOP_KEY_UNUSABLE, "password_malformed"),
    "two lines": (lambda f: write(f, b"hunter2-Canary\nb\n"), StopCode.STOP_KEY_UNUSABLE, "password_malformed"),
    "a zero byte": (lambda f: write(f, b"hunter2-Canary\0"), StopCode.STOP_KEY_UNUSABLE, "password_malformed"),
    "no text": (lambda f: write(f, b"hunter2-Canary\xff"), StopCode.STOP_KEY_UNUSABLE, "password_malformed"),
    "too large": (lambda f: write(f, b"x" * 1025), StopCode.STOP_PATH_UNSAFE, "limit_1024_bytes"),
    "readable by the group": (lambda f: write(f, b"x", 0o640), StopCode.STOP_PATH_UNSAFE, "open_to_others"),
    "readable by all": (lambda f: write(f, b"x", 0o604), StopCode.STOP_PATH_UNSAFE, "open_to_others"),
    "writable by others": (lambda f: write(f, b"x", 0o602), StopCode.STOP_PATH_UNSAFE, "writable_by_others"),
    "a link": (linked, StopCode.STOP_PATH_UNSAFE, "link_or_folder"),
    "a pipe": (fifo, StopCode.STOP_PATH_UNSAFE, "not_plain"),
    "two names": (lambda f: (f / "b").hardlink_to(f / "password"), StopCode.STOP_PATH_UNSAFE, "hard_link"),
    "a folder open to others": (open_folder, StopCode.STOP_PATH_UNSAFE, "open_to_others"),
}


@pytest.mark.parametrize("name", UNUSABLE)
def test_a_file_that_is_not_private_is_refused(folder: Path, name: str) -> None:
    """Without it a password that others can read or replace would be used as if it were ours alone."""
    change, code, detail = UNUSABLE[name]
    change(folder)

    with pytest.raises(Stop) as caught:
        FilePassword(folder, "password")()

    assert (caught.value.code, caught.value.detail) == (code, detail)
    assert CANARY not in repr(caught.value) + str(caught.value)


def test_the_real_client_is_asked_for_the_secret() -> None:
    """Without it the name that the page tells people to create would not be the one that is read."""
    with secret_service(SecretService({RESOURCE: CANARY.encode()})) as service:
        assert ManagedPassword("prod", "my-project", service.address)() == CANARY

    assert service.asked == [RESOURCE]


REFUSED = {
    "no such secret": (SecretService({}), "gsm_refused", "NOT_FOUND"),
    "not permitted": (SecretService({}, grpc.StatusCode.PERMISSION_DENIED), "gsm_refused", "PERMISSION_DENIED"),
    "not signed in": (SecretService({}, grpc.StatusCode.UNAUTHENTICATED), "gsm_refused", "UNAUTHENTICATED"),
    "a failure of theirs": (SecretService({}, grpc.StatusCode.INTERNAL), "gsm_refused", "INTERNAL"),
    "not there now": (SecretService({}, grpc.StatusCode.UNAVAILABLE), "gsm_unreachable", ""),
    "no answer in time": (SecretService({}, grpc.StatusCode.DEADLINE_EXCEEDED), "gsm_unreachable", ""),
    "two lines": (SecretService({RESOURCE: b"a\nb"}), "password_malformed", ""),
    "nothing": (SecretService({RESOURCE: b""}), "password_malformed", ""),
}


@pytest.mark.parametrize("name", REFUSED)
def test_what_the_service_refuses_is_a_stop(name: str) -> None:
    """Without it an outage of the service would end a run with a traceback of its client."""
    held, detail, found = REFUSED[name]
    with secret_service(held) as service, pytest.raises(Stop) as caught:
        ManagedPassword("prod", "my-project", service.address)()

    stop = caught.value
    assert (stop.code, stop.detail, stop.found) == (StopCode.STOP_KEY_UNUSABLE, detail, found)
    assert stop.where == RESOURCE


def test_a_service_that_is_not_there_is_a_stop() -> None:
    """Without it a wrong endpoint would hang, or end with a traceback."""
    with secret_service(SecretService({})) as service:
        address = service.address
    with pytest.raises(Stop) as caught:
        ManagedPassword("prod", "my-project", address)()

    assert (caught.value.code, caught.value.detail) == (StopCode.STOP_KEY_UNUSABLE, "gsm_unreachable")


def test_without_the_extra_the_stop_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    """Without it an installation without the extra would end with an ImportError."""
    monkeypatch.setitem(sys.modules, "google.cloud.secretmanager_v1", None)

    with pytest.raises(Stop) as caught:
        ManagedPassword("prod", "my-project")()

    assert (caught.value.detail, caught.value.needed) == (
        "gsm_missing",
        "pip install 'google-cloud-secret-manager>=2.20,<3'",
    )


def test_the_client_is_loaded_on_its_path_only() -> None:
    """Without it every command would wait for a client that most offices do not use."""
    loaded = "any(name.startswith(('google.api', 'google.auth', 'grpc')) for name in sys.modules)"
    code = f"import sys, cutter.app.compose; sys.exit({loaded})"

    assert subprocess.run([sys.executable, "-c", code], check=False, timeout=60).returncode == 0


def test_no_text_of_a_connection_holds_the_password() -> None:
    """Without it the password would be wherever a connection string is shown: a repr, a report, a log."""
    reached = Conninfo("service=office", lambda: CANARY)

    assert CANARY not in f"{reached} {reached!r} {FilePassword(Path('x'), 'y')!r} {reached.__dict__}"


def test_a_lost_connection_shows_no_password(tmp_path: Path) -> None:
    """Without it the driver's error, chained to ours, would carry the password into a report."""
    with pytest.raises(Stop) as caught:
        connect(Conninfo(f"host={tmp_path} user=a dbname=b", lambda: CANARY), "cutter/test")

    assert caught.value.code is StopCode.STOP_DATABASE_UNREACHABLE
    shown, context = [], caught.value.__context__
    while context is not None:
        shown.append(f"{context} {context!r}")
        context = context.__context__
    assert any("psycopg" in text or "connection" in text for text in shown)
    assert CANARY not in " ".join(shown)
    assert isinstance(caught.value.__context__, psycopg.Error)


WAYS: dict[str, tuple[str, object]] = {
    "none": ("", None),
    "a file": ("secrets: {password: {file: database-password}}\n", PasswordFile("database-password")),
    "Secret Manager": (f"secrets: {{{GSM}}}\n", ManagedSecret("prod", "my-project", None)),
    "one on this host": (
        f"secrets: {{{GSM}, endpoint: '127.0.0.1:9'}}\n",
        ManagedSecret("prod", "my-project", "127.0.0.1:9"),
    ),
}


@pytest.mark.parametrize("name", WAYS)
def test_the_workspace_says_where(tmp_path: Path, name: str) -> None:
    """Without it what the page says about `secrets:` would not be what is read."""
    text, expected = WAYS[name]
    (tmp_path / "cutter.yaml").write_text(SERVICE + text, encoding="utf-8")

    assert load_settings(tmp_path, {}).secrets == expected


WRONG = {
    "both ways": (f"secrets: {{password: {{file: a}}, {GSM}}}", "one_way"),
    "no way": ("secrets: {}", "one_way"),
    "half a way": ("secrets: {provider: gsm, project: my-project}", "one_way"),
    "a file with an endpoint": ("secrets: {password: {file: a}, endpoint: '127.0.0.1:1'}", "one_way"),
    "the password itself": (f"secrets: {{password: {CANARY}}}", "wrong_value"),
    "a path": ("secrets: {password: {file: ../a}}", "wrong_value"),
    "another provider": ("secrets: {environment: prod, provider: vault, project: my-project}", "wrong_value"),
    "a slash in the environment": ("secrets: {environment: a/b, provider: gsm, project: my-project}", "wrong_value"),
    "an endpoint elsewhere": (f"secrets: {{{GSM}, endpoint: '10.0.0.1:1'}}", "wrong_value"),
    "an endpoint by name": (f"secrets: {{{GSM}, endpoint: 'localhost:1'}}", "wrong_value"),
    "an endpoint with more": (f"secrets: {{{GSM}, endpoint: '127.0.0.1:1@evil:2'}}", "wrong_value"),
    "an unknown key": ("secrets: {token: a}", "unknown_key"),
}


@pytest.mark.parametrize("name", WRONG)
def test_a_wrong_way_is_refused_at_its_place(tmp_path: Path, name: str) -> None:
    """Without it a secret could be asked of a stranger's server, or a mistake would look like a wrong password."""
    text, detail = WRONG[name]
    (tmp_path / "cutter.yaml").write_text(f"{SERVICE}{text}\n", encoding="utf-8")

    with pytest.raises(Stop) as caught:
        load_settings(tmp_path, {})

    assert (caught.value.code, caught.value.detail) == (StopCode.STOP_CONFIG_INVALID, detail)
    assert f"{tmp_path / 'cutter.yaml'}:3:" in caught.value.where
    assert CANARY not in repr(caught.value)


def test_the_embedded_database_has_no_password(tmp_path: Path) -> None:
    """Without it a setting that does nothing would look as if it did."""
    text = "format: cutter.workspace/1\ndatabase: embedded\nsecrets: {password: {file: a}}\n"
    (tmp_path / "cutter.yaml").write_text(text, encoding="utf-8")

    with pytest.raises(Stop) as caught:
        load_settings(tmp_path, {})

    assert (caught.value.code, caught.value.detail) == (StopCode.STOP_CONFIG_INVALID, "no_service")
