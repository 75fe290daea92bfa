"""The gpg program as it is found and run, and the keys of a home."""

import os
import re
import stat
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from cutter.custody.openpgp import location
from cutter.custody.openpgp.keys import export_public, generate
from cutter.custody.openpgp.process import Gpg, Limits, check_fingerprint, fresh_home, installed
from cutter.custody.signing import GpgSigning
from cutter.stops import Stop, StopCode
from tests.plugins.keys import LONG_AGO, Keys
from tests.support.backups import cipher_of
from tests.support.home_keys import secret_fingerprints


@pytest.fixture
def search(monkeypatch: pytest.MonkeyPatch) -> Iterator[pytest.MonkeyPatch]:
    """A host where gpg stands in none of the usual places, so that PATH decides."""
    monkeypatch.setattr(location, "_PLACES", ())
    installed.cache_clear()
    yield monkeypatch
    installed.cache_clear()


def _program(path: Path, mode: int = 0o755) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text("#!/bin/sh\necho gpg 9.9\n")
    path.chmod(mode)
    return path


def test_the_hosts_gpg_is_found_and_tells_its_version() -> None:
    """Without it the program of the evidence could be another than the one that judged."""
    gpg = installed()
    assert gpg.path is not None
    assert gpg.path.is_absolute()
    assert re.fullmatch(r"2\.[0-9.]+", gpg.version())
    assert installed() is gpg
    assert Gpg(None).version() == "absent"


def test_the_usual_places_come_before_path(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Without it a fake gpg, first in PATH, would judge every signature."""
    monkeypatch.setenv("PATH", f"{_program(tmp_path / 'gpg').parent}:{os.environ['PATH']}")
    installed.cache_clear()
    found = installed().path
    installed.cache_clear()
    assert found is not None
    assert not found.is_relative_to(tmp_path)


DISTRUSTED = [
    *("in the workspace", "in the current folder", "a link into the workspace", "a link out of the workspace"),
    *(
        "folder open to others",
        "folder above open to others",
        "file open to others",
        "not executable",
        "a folder",
        "a relative place",
    ),
]


@pytest.mark.parametrize("case", DISTRUSTED)
def test_a_program_that_others_can_make_is_not_run(case: str, search: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """Without it whoever can write the workspace, or one folder of PATH, would decide which signatures are good."""
    workspace, elsewhere = tmp_path / "workspace", tmp_path / "elsewhere"
    elsewhere.mkdir()
    place = elsewhere / "bin"
    match case:
        case "in the workspace":
            place = _program(workspace / "bin" / "gpg").parent
        case "in the current folder":
            search.chdir(_program(place / "gpg").parent)
        case "a link into the workspace":
            _program(workspace / "gpg")
            place.symlink_to(workspace)
        case "a link out of the workspace":
            place = workspace
            place.mkdir()
            (place / "gpg").symlink_to(_program(elsewhere / "another"))
        case "folder open to others":
            _program(place / "gpg").parent.chmod(0o777)
        case "folder above open to others":
            _program(place / "gpg").parents[1].chmod(0o775)
        case "file open to others":
            _program(place / "gpg", 0o775)
        case "not executable":
            _program(place / "gpg", 0o644)
        case "a folder":
            (place / "gpg").mkdir(parents=True)
        case _:
            search.chdir(_program(place / "gpg").parents[1])
            place = Path("bin")
    search.setenv("PATH", str(place))
    assert installed(workspace) == Gpg(None)


def test_a_program_of_path_in_safe_hands_is_taken(search: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """Without it hosts that keep gpg in another place could not be used."""
    program = _program(tmp_path / "elsewhere" / "bin" / "gpg")
    link = tmp_path / "profile"
    link.symlink_to(program.parent)
    search.setenv("PATH", f"relative::/nowhere:{link}")
    found = installed(tmp_path / "workspace")
    assert found == Gpg(program)
    assert found.version() == "9.9"


def test_a_fresh_home_is_private_short_and_gone_afterwards() -> None:
    """Without it others could read what is judged, or a socket's name would be too long."""
    with fresh_home() as home:
        assert stat.S_IMODE(home.stat().st_mode) == 0o700
        assert len(str(home)) < 60
        (home / "file").touch(0o400)
    assert not home.exists()


def test_input_and_output_are_streamed(keys: Keys) -> None:
    """Without it a backup would have to fit into memory, or a full pipe would stop both sides for ever."""
    taken = []

    def chunks() -> Iterator[bytes]:
        for number in range(400):
            taken.append(number)
            yield b"%06d" % number * 5000
            yield b""

    whole = b"".join(b"%06d" % number * 5000 for number in range(400))
    arguments = ["--recipient", keys.fprs["content"], "--compress-algo", "none", "--encrypt"]
    large = Limits(output=1 << 30)
    with keys.gpg.stream(arguments, keys.home, chunks=chunks(), limits=large) as running:
        sealed = [next(iter(running))]
        assert len(taken) < 400
        sealed += running
    assert (running.finished.exit_code, running.finished.fault) == (0, "")
    assert b"END_ENCRYPTION" in running.finished.status
    with keys.gpg.agents(keys.home):
        opened = keys.gpg.run(["--decrypt"], keys.home, data=b"".join(sealed), secret=True, limits=large)
    assert opened.output == whole


def test_too_much_output_ends_gpg(keys: Keys) -> None:
    """Without it a small file could fill memory or disk when it is opened."""
    arguments = ["--recipient", keys.fprs["content"], "--encrypt"]
    bomb = keys.gpg.run(arguments, keys.home, data=bytes(50_000_000), limits=Limits(output=1 << 30)).output
    assert len(bomb) < 1_000_000
    with keys.gpg.agents(keys.home):
        opened = keys.gpg.run(["--decrypt"], keys.home, data=bomb, secret=True, limits=Limits(output=1 << 20))
    assert opened.fault == "too_much"
    assert len(opened.output) <= 1 << 20


def test_an_error_of_the_source_ends_gpg(keys: Keys) -> None:
    """Without it a backup whose rows could not be read would leave a gpg behind, or look complete."""

    def chunks() -> Iterator[bytes]:
        yield b"row"
        raise LookupError("the rows ended")

    arguments = ["--recipient", keys.fprs["content"], "--encrypt"]
    with (
        pytest.raises(LookupError),
        keys.gpg.stream(arguments, keys.home, chunks=chunks()) as running,
    ):
        list(running)
    assert running.finished.fault == "killed"


def test_files_are_named_by_absolute_paths(keys: Keys) -> None:
    """Without it a name such as `--version` or `-` could be an option or standard input."""
    for relative in (Path("--version"), Path("-"), Path("data.sig")):
        with pytest.raises(Stop) as caught:
            keys.gpg.run(["--verify", relative], keys.home)
        assert (caught.value.code, caught.value.detail) == (StopCode.STOP_INVALID_INPUT, "path_not_absolute")


def test_a_key_is_generated_listed_exported_and_signs_in_a_deep_folder(tmp_path: Path) -> None:
    """Without it a demo in a deep folder would fail: the name of an agent's socket may have 107 bytes."""
    home = tmp_path / ("deep-" * 20) / ("folder-" * 10) / "gnupg"
    home.parent.mkdir(parents=True)
    fpr = generate(home, "content of a demo")
    assert check_fingerprint(fpr) == fpr
    assert stat.S_IMODE(home.stat().st_mode) == 0o700
    assert secret_fingerprints(home) == (fpr,)
    public = export_public(home, fpr)
    signature = GpgSigning(home).sign(b"data", fpr)
    report = GpgSigning().verify(signature, b"data", [public])
    assert (report.refusals, report.primary_fpr) == ((), fpr)


def test_only_keys_that_can_sign_are_listed(keys: Keys) -> None:
    """Without it an approver would be offered a key that is expired, revoked, or not there."""
    keys.make("listed no more", days=1, at=LONG_AGO)
    keys.make("taken back")
    keys.revoke("taken back")
    listed = secret_fingerprints(keys.home)
    assert keys.fprs["content"] in listed
    assert not {keys.fprs["listed no more"], keys.fprs["taken back"]} & set(listed)
    with fresh_home() as empty:
        assert secret_fingerprints(empty) == ()
        assert secret_fingerprints(empty / "nowhere") == ()


def test_what_cannot_be_exported_says_so(keys: Keys) -> None:
    """Without it an empty or another key could go into a trust bundle."""
    for fpr, detail in (("A" * 40, "no_public_key"), ("--version", "fingerprint")):
        with pytest.raises(Stop) as caught:
            export_public(keys.home, fpr)
        assert caught.value.detail == detail
    for home, gpg in ((keys.home / "nowhere", None), (keys.home, Gpg(None))):
        with pytest.raises(Stop) as caught:
            export_public(home, keys.fprs["content"], gpg=gpg)
        assert caught.value.code is StopCode.STOP_KEY_UNUSABLE


@pytest.mark.parametrize("user_id", ["", "a\n%echo x", "-x", "x\x1b", "x" * 101, "x ", "naïve", "a: b"])
def test_a_name_on_a_key_is_plain(user_id: str, tmp_path: Path) -> None:
    """Without it a name could add lines to what gpg is told to do."""
    with pytest.raises(Stop) as caught:
        generate(tmp_path / "home", user_id)
    assert (caught.value.code, caught.value.detail) == (StopCode.STOP_INVALID_INPUT, "user_id")
    assert not (tmp_path / "home").exists()


def test_without_gpg_no_key_is_generated(tmp_path: Path) -> None:
    """Without it a host without gpg would end `init` with a traceback."""
    with pytest.raises(Stop) as caught:
        generate(tmp_path / "home", "content", gpg=Gpg(None))
    assert (caught.value.code, caught.value.detail) == (StopCode.STOP_KEY_UNUSABLE, "gpg_failed")


def test_the_agent_of_a_person_is_left_alone(keys: Keys) -> None:
    """Without it signing would end the agent of a person at work, who would have to type every passphrase again."""
    assert keys.gpg.path is not None
    with fresh_home() as home:
        fpr = generate(home, "somebody")
        control = [str(keys.gpg.path.with_name("gpgconf")), "--homedir", str(home)]
        try:
            signature = GpgSigning(home, attended=True).sign(b"data", fpr)
            assert secret_fingerprints(home, attended=True) == (fpr,)
            public = export_public(home, fpr, attended=True)
            assert (home / "S.gpg-agent").is_socket()
        finally:
            subprocess.run([*control, "--kill", "all"], check=True)
    assert GpgSigning().verify(signature, b"data", [public]).refusals == ()


def test_one_agent_opens_all_messages_of_a_drill(keys: Keys) -> None:
    """Without it an agent would be started and ended for every table of a backup, or be left behind at the end."""
    cipher = cipher_of(keys)
    message, socket = b"".join(cipher.encrypt([b"rows"])), keys.home / "S.gpg-agent"
    with cipher.unlocked():
        held = socket.read_bytes()
        opened = [(b"".join(cipher.decrypt([message], 4)), socket.read_bytes()) for _ in range(2)]
    assert opened == [(b"rows", held), (b"rows", held)]
    assert not socket.exists()
