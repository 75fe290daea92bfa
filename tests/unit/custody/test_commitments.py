"""Commitments: the same for the same, different for all else, and worth nothing without the key."""

import hashlib
import hmac
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from cutter.custody.commitments import FILE, CommitmentKey
from cutter.stops import Stop, StopCode


@pytest.fixture
def key(tmp_path: Path) -> CommitmentKey:
    """A key that was made by its first use."""
    made = CommitmentKey(tmp_path / "credentials" / FILE)
    made.commitment("test")
    return made


def test_the_key_is_made_once_and_private(tmp_path: Path) -> None:
    """Without it a second use would make another key, and nothing would be known again."""
    key = CommitmentKey(tmp_path / "credentials" / FILE)
    first = key.commitment("trigger", "TRG-7K3M9Q-42")

    assert CommitmentKey(key.path).commitment("trigger", "TRG-7K3M9Q-42") == first
    assert key.path.stat().st_mode & 0o777 == 0o600
    assert key.path.parent.stat().st_mode & 0o777 == 0o700
    assert len(key.path.read_bytes()) == 32
    assert [path.name for path in key.path.parent.iterdir()] == [FILE]


def test_it_is_hmac_sha_256_over_canonical_json(key: CommitmentKey) -> None:
    """Without it nobody could recompute a commitment without this program."""
    message = b'["cutter.commitment/1","trigger","TRG-7K3M9Q-42","1"]'

    expected = hmac.new(key.path.read_bytes(), message, hashlib.sha256).hexdigest()

    assert key.commitment("trigger", "TRG-7K3M9Q-42", "1") == expected


def test_no_two_lists_of_parts_are_the_same(key: CommitmentKey) -> None:
    """Without it two triggers could be framed alike, and the second be taken for the first."""
    lists = [
        ("p",),
        ("p", ""),
        ("p", "", ""),
        ("p", "ab"),
        ("p", "a", "b"),
        ("p", "a,b"),
        ("p", 'a","b'),
        ("p", "a\\", "b"),
        ("pa", "b"),
        ("", "pab"),
        ("p", "b", "a"),
        ("p", "a\0b"),
        ("p", "é"),
        ("p", "e\u0301"),
    ]

    assert len({key.commitment(*parts) for parts in lists}) == len(lists)


def test_two_workspaces_have_two_keys(tmp_path: Path) -> None:
    """Without it what one workspace committed to could be looked up by another."""
    keys = [CommitmentKey(tmp_path / name / FILE) for name in ("a", "b")]

    assert len({key.commitment("p", "x") for key in keys}) == 2


def test_two_processes_that_begin_at_once_have_one_key(tmp_path: Path) -> None:
    """Without it one of them would commit under a key that is gone a moment later."""
    code = (
        "import sys\nfrom pathlib import Path\nfrom cutter.custody.commitments import CommitmentKey\n"
        "key = CommitmentKey(Path(sys.argv[1]))\nprint('ready', flush=True)\nsys.stdin.read(1)\n"
        "print(key.commitment('p', 'x'))"
    )
    path = str(tmp_path / "credentials" / FILE)
    command = [sys.executable, "-c", code, path]
    started = [subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) for _ in range(4)]
    for process in started:
        assert process.stdout is not None
        assert process.stdout.readline() == "ready\n"
    for process in started:
        assert process.stdin is not None
        process.stdin.write("x")
        process.stdin.flush()

    said = {process.communicate(timeout=60)[0] for process in started}

    assert len(said) == 1


def _linked(path: Path) -> None:
    path.rename(path.with_name("elsewhere"))
    path.symlink_to(path.with_name("elsewhere"))


UNUSABLE: dict[str, tuple[Callable[[Path], object], StopCode, str]] = {
    "short": (lambda path: path.write_bytes(b"x" * 31), StopCode.STOP_KEY_UNUSABLE, "commitment_key"),
    "empty": (lambda path: path.write_bytes(b""), StopCode.STOP_KEY_UNUSABLE, "commitment_key"),
    "long": (lambda path: path.write_bytes(b"x" * 33), StopCode.STOP_KEY_UNUSABLE, "limit_32_bytes"),
    "readable by the group": (lambda path: path.chmod(0o640), StopCode.STOP_PATH_UNSAFE, "open_to_others"),
    "readable by all": (lambda path: path.chmod(0o604), StopCode.STOP_PATH_UNSAFE, "open_to_others"),
    "writable by others": (lambda path: path.chmod(0o602), StopCode.STOP_PATH_UNSAFE, "writable_by_others"),
    "a link": (_linked, StopCode.STOP_PATH_UNSAFE, "link_or_folder"),
    "two names": (lambda path: path.with_name("b").hardlink_to(path), StopCode.STOP_PATH_UNSAFE, "hard_link"),
    "in an open folder": (lambda path: path.parent.chmod(0o755), StopCode.STOP_PATH_UNSAFE, "open_to_others"),
}


@pytest.mark.parametrize("name", UNUSABLE)
def test_a_key_that_is_not_ours_alone_is_refused(key: CommitmentKey, name: str) -> None:
    """Without it somebody who can read or plant the key could try out what the commitments stand for."""
    damage, code, detail = UNUSABLE[name]
    damage(key.path)
    with pytest.raises(Stop) as caught:
        key.commitment("p", "x")

    assert (caught.value.code, caught.value.detail) == (code, detail)


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can give a file away")
def test_a_key_of_another_owner_is_refused(key: CommitmentKey) -> None:
    """Without it another user of the host could choose the key."""
    os.chown(key.path, 65534, 65534)
    with pytest.raises(Stop) as caught:
        key.commitment("p", "x")

    assert (caught.value.code, caught.value.detail) == (StopCode.STOP_PATH_UNSAFE, "other_owner")


def test_a_damaged_key_is_not_replaced(key: CommitmentKey) -> None:
    """Without it a half-written key would be made anew without a word, and everything sent before be forgotten."""
    key.path.write_bytes(b"x" * 16)
    with pytest.raises(Stop):
        key.commitment("p", "x")

    assert key.path.read_bytes() == b"x" * 16


def test_a_dictionary_without_the_key_finds_nothing(key: CommitmentKey) -> None:
    """Without it a commitment could be a bare digest: whoever has a list of references would know whom it is about."""
    said = key.commitment("trigger", "0042")
    guesses = [f"{number:04d}" for number in range(10_000)]

    plain = {hashlib.sha256(guess.encode()).hexdigest() for guess in guesses}
    framed = {hashlib.sha256(f'["cutter.commitment/1","trigger","{guess}"]'.encode()).hexdigest() for guess in guesses}
    empty = {
        hmac.digest(b"", f'["cutter.commitment/1","trigger","{guess}"]'.encode(), "sha256").hex() for guess in guesses
    }

    assert said not in plain | framed | empty
