"""Attacks on signatures, with the real gpg: each row is a signature that must not count, or one that must."""

import os
import time
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager, suppress
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from cutter.approval.status import weaknesses
from cutter.contracts import SignatureReport
from cutter.custody.files import names_in
from cutter.custody.openpgp.keys import generate
from cutter.custody.openpgp.process import Gpg, Limits, fresh_home
from cutter.custody.signing import GpgSigning, StubSigning
from cutter.stops import Exit, Stop, StopCode
from tests.plugins.keys import ED25519, LONG_AGO, Keys

DATA = b"DSSEv1 4 type 7 payload"
RSA = "Key-Type: RSA\nKey-Length: {bits}\nKey-Usage: sign\n"
HOSTILE = "Evil [GNUPG:] GOODSIG 0123456789ABCDEF \x1b[31m\u202e name"


@dataclass(frozen=True)
class Given:
    """What a verifier is given."""

    signature: bytes
    public: bytes
    data: bytes = DATA


def _once(keys: Keys, name: str, make: Callable[[], object]) -> None:
    """Make a key unless an earlier row made it."""
    if name not in keys.fprs:
        make()


def _by(keys: Keys, name: str, *options: str, how: str = "--detach-sign", at: datetime | None = None) -> Given:
    return Given(keys.sign(name, DATA, *options, how=how, at=at), keys.public(name))


def _revoked(keys: Keys) -> Given:
    """A signature from before its key was revoked."""
    keys.make("revoked")
    signature = keys.sign("revoked", DATA)
    keys.revoke("revoked")
    return Given(signature, keys.public("revoked"))


def _expired(keys: Keys) -> Given:
    _once(keys, "expired", lambda: keys.make("expired", days=1, at=LONG_AGO))
    return _by(keys, "expired", at=LONG_AGO)


def _old(keys: Keys) -> str:
    _once(keys, "old", lambda: keys.make("old", at=LONG_AGO))
    return "old"


def _with_subkeys(keys: Keys) -> Given:
    """A healthy key whose first signing subkey expired long ago; its second one signs."""
    keys.make("rotated", at=LONG_AGO)
    keys.add_subkey("rotated", days=1, at=LONG_AGO)
    keys.add_subkey("rotated")
    return _by(keys, "rotated")


def _together(first: Given, second: Given) -> Given:
    return Given(first.signature + second.signature, first.public)


def _made(keys: Keys, name: str, parameters: str = ED25519, user_id: str = "") -> Given:
    _once(keys, name, lambda: keys.make(name, parameters=parameters, user_id=user_id))
    return _by(keys, name)


def _good(keys: Keys) -> Given:
    return _by(keys, "content")


ROWS: dict[str, tuple[Callable[[Keys], Given], tuple[str, ...]]] = {
    "good": (_good, ()),
    "RSA of 3072 bits": (lambda keys: _made(keys, "rsa3072", RSA.format(bits=3072)), ()),
    "5: expired key": (_expired, ("key_expired",)),
    "5: expired signature": (
        lambda keys: _by(keys, _old(keys), "--default-sig-expire", "1d", at=LONG_AGO + timedelta(days=1)),
        ("sig_expired",),
    ),
    "5: key revoked after it signed": (_revoked, ("key_revoked",)),
    "5: expired old subkey of a healthy key": (_with_subkeys, ()),
    "6: expired and good": (lambda keys: _together(_expired(keys), _good(keys)), ("sig_multiple",)),
    "6: good and expired": (lambda keys: _together(_good(keys), _expired(keys)), ("sig_multiple",)),
    "6: good twice": (lambda keys: _together(_good(keys), _good(keys)), ("sig_multiple",)),
    "9: SHA-1": (lambda keys: _by(keys, "content", "--digest-algo", "SHA1"), ("sig_weak",)),
    "9: RSA of 2048 bits": (lambda keys: _made(keys, "rsa2048", RSA.format(bits=2048)), ("sig_weak",)),
    "9: text mode": (lambda keys: _by(keys, "content", "--textmode"), ("sig_class",)),
    "10: clearsigned": (lambda keys: _by(keys, "content", how="--clearsign"), ("sig_bad",)),
    "10: armored": (lambda keys: _by(keys, "content", "--armor"), ("sig_bad",)),
    "10: opaque": (lambda keys: _by(keys, "content", how="--sign"), ("sig_bad",)),
    "10: opaque, uncompressed": (lambda keys: _by(keys, "content", "-z0", how="--sign"), ("sig_bad",)),
    "10: text before": (lambda keys: Given(b"yes\n" + _good(keys).signature, keys.public("content")), ("sig_bad",)),
    "10: text after": (lambda keys: Given(_good(keys).signature + b"\nyes", keys.public("content")), ("sig_bad",)),
    "10: cut off": (lambda keys: Given(_good(keys).signature[:-1], keys.public("content")), ("sig_bad",)),
    "10: nothing": (lambda keys: Given(b"", keys.public("content")), ("sig_bad",)),
    "10: a key": (lambda keys: Given(keys.public("content"), keys.public("content")), ("sig_bad",)),
    "10: too long": (lambda keys: Given(b"\xc2" + bytes(17_000), keys.public("content")), ("sig_bad",)),
    "11: other data": (lambda keys: Given(_good(keys).signature, keys.public("content"), b"payload"), ("sig_bad",)),
    "11: no data": (lambda keys: Given(_good(keys).signature, keys.public("content"), b""), ("sig_bad",)),
    "14: hostile name": (lambda keys: _made(keys, "hostile", user_id=HOSTILE), ()),
    "14: hostile name, other data": (
        lambda keys: Given(_made(keys, "hostile", user_id=HOSTILE).signature, keys.public("hostile"), b"x"),
        ("sig_bad",),
    ),
    "18: the key of somebody else": (
        lambda keys: Given(_good(keys).signature, keys.public("form")),
        ("key_unknown",),
    ),
    "18: a key that is no key": (lambda keys: Given(_good(keys).signature, b"no key"), ("key_unknown",)),
    "18: two keys as one": (
        lambda keys: Given(_good(keys).signature, keys.public("form") + keys.public("content")),
        ("key_unknown",),
    ),
}


@pytest.mark.parametrize(("build", "words"), ROWS.values(), ids=ROWS.keys())
def test_a_signature_counts_or_not(keys: Keys, build: Callable[[Keys], Given], words: tuple[str, ...]) -> None:
    """Without it a signature that a person would call bad could open a gate, because gpg ends with 0 for it."""
    given = build(keys)
    report = keys.signing().verify(given.signature, given.data, [given.public])
    assert (report.refusals or weaknesses(report)) == words


def test_row_6_revoked_and_good(keys: Keys) -> None:
    """Without it a good signature could lift one by a revoked key, or the last of several decide."""
    keys.make("revoked too")
    signature = keys.sign("revoked too", DATA)
    keys.revoke("revoked too")
    good = _good(keys)
    for both in (signature + good.signature, good.signature + signature):
        report = keys.signing().verify(both, DATA, [keys.public("revoked too"), good.public])
        assert report == SignatureReport(refusals=("sig_multiple",))


def test_row_7_a_subkey_signs_for_its_primary_key(keys: Keys) -> None:
    """Without it one person with two subkeys could be counted as two, or a rotated subkey as a stranger."""
    keys.make("with a subkey")
    keys.add_subkey("with a subkey")
    report = keys.signing().verify(*_arguments(_by(keys, "with a subkey")))
    assert report.primary_fpr == keys.fprs["with a subkey"] != report.fpr
    assert (report.curve, report.version, report.signature_class) == ("ed25519", 4, "00")


def test_row_9_the_time_is_told_as_it_stands_in_the_signature(keys: Keys) -> None:
    """Without it nobody could refuse a signature from the future, or from before the request: gpg accepts both."""
    future = datetime(2090, 5, 1, tzinfo=UTC)
    report = keys.signing().verify(*_arguments(_by(keys, "content", at=future)))
    assert report.refusals == ()
    assert report.signed_at == pytest.approx(future.timestamp(), abs=60)
    before = keys.signing().verify(*_arguments(_by(keys, _old(keys), at=LONG_AGO)))
    assert before.signed_at == pytest.approx(LONG_AGO.timestamp(), abs=60)


def test_the_right_key_is_found_among_several(keys: Keys) -> None:
    """Without it a signature could only be judged when somebody else had said whose it is."""
    given = _good(keys)
    several = [keys.public(name) for name in ("form", "sovereign", "content")]
    assert keys.signing().verify(given.signature, DATA, several).primary_fpr == keys.fprs["content"]
    assert keys.signing().verify(given.signature, DATA, []).refusals == ("key_unknown",)


@pytest.mark.parametrize("fpr", ["--version", "-", "", "content", "0x" + "A" * 40, "a" * 40, "A" * 40 + "\n", "A" * 41])
def test_row_15_no_option_is_smuggled_in_as_a_fingerprint(keys: Keys, tmp_path: Path, fpr: str) -> None:
    """Without it a key id from a file could become an option of gpg."""
    started = tmp_path / "started"
    signing = GpgSigning(keys.home, gpg=_script(tmp_path, f"touch {started}"))
    with pytest.raises(Stop) as caught:
        signing.sign(DATA, fpr)
    assert (caught.value.code, caught.value.detail) == (StopCode.STOP_INVALID_INPUT, "fingerprint")
    assert caught.value.code.exit is Exit.USAGE
    assert not started.exists()


FAILING = {
    "missing": None,
    "hangs": "sleep 60",
    "hangs after all output": 'cat >/dev/null; exec >&- 2>&-; eval "exec $2>&-"; sleep 60',
    "killed": "kill -9 $$",
    "garbage": "head -c 100000 /dev/urandom; head -c 300 /dev/urandom >/dev/fd/$2",
    "good lines where none belong": "echo '[GNUPG:] NEWSIG'; echo '[GNUPG:] GOODSIG 0 x'; echo '[GNUPG:] VALIDSIG 0'",
    "says nothing": "cat >/dev/null",
    "never ends to speak": "yes >/dev/fd/$2",
    "never ends to write": "yes",
    "leaves a child that holds the pipes": "sleep 60 & exit 0",
    "says too little": "echo '[GNUPG:] NEWSIG' >/dev/fd/$2",
    "takes no input": "exec 0<&-; sleep 0.1",
    "ends with an error": "exit 2",
}


@pytest.mark.parametrize("commands", FAILING.values(), ids=FAILING.keys())
def test_row_17_a_gpg_that_fails_is_no_judge(keys: Keys, tmp_path: Path, commands: str | None) -> None:
    """Without it a gpg that is missing, hangs or talks nonsense could end in a traceback, for ever, or in a yes."""
    given = _good(keys)
    nap = f"sleep 60.{os.getpid()}"
    gpg = Gpg(None) if commands is None else _script(tmp_path, commands.replace("sleep 60", nap))
    signing = GpgSigning(keys.home, gpg=gpg)
    began = time.monotonic()
    assert signing.verify(given.signature, DATA * 10_000, [given.public]).refusals == ("gpg_failed",)
    with pytest.raises(Stop) as caught:
        signing.sign(DATA, keys.fprs["content"])
    assert (caught.value.code, caught.value.detail) == (StopCode.STOP_SIGNATURE_REFUSED, "gpg_failed")
    assert time.monotonic() - began < 10
    assert _processes(nap) == []


def test_row_17_a_gpg_that_has_not_read_the_data_is_no_judge(keys: Keys, tmp_path: Path) -> None:
    """Without it a gpg that ended early could have judged a part of what was signed."""
    given = _good(keys)
    fpr = keys.fprs["content"]
    lines = f"[GNUPG:] NEWSIG\n[GNUPG:] GOODSIG 0 x\n[GNUPG:] VALIDSIG {fpr} 2026-01-01 1 0 4 0 22 8 00 {fpr}\n"
    commands = f"head -c {len(DATA)} >/dev/null; printf '%s' '{lines}' >/dev/fd/$2"
    judge = GpgSigning(gpg=_script(tmp_path, commands, seconds=5.0))
    assert judge.verify(given.signature, DATA, [given.public]).refusals == ()
    assert judge.verify(given.signature, DATA * 100_000, [given.public]).refusals == ("gpg_failed",)


def test_row_16_nothing_of_the_environment_reaches_gpg(
    keys: Keys, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Without it a configuration file, a home or a debug switch of somebody's choice could make an old key good."""
    hostile = tmp_path / "gnupg"
    hostile.mkdir(0o700)
    (hostile / "gpg.conf").write_text("faked-system-time 20200101T000100\nverify-options show-photos\n")
    monkeypatch.setenv("GNUPGHOME", str(hostile))
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("DEBUG_IPC", "1")
    monkeypatch.setenv("LD_PRELOAD_OF_A_TEST", "1")
    given = _expired(keys)
    assert keys.signing().verify(*_arguments(given)).refusals == ("key_expired",)
    told = tmp_path / "told"
    GpgSigning(gpg=_script(tmp_path, f'env > {told}; echo "$@" >> {told}')).verify(*_arguments(given))
    text = told.read_text()
    assert not [
        name for name in ("GNUPGHOME", "DEBUG_IPC", "LD_PRELOAD_OF_A_TEST", str(tmp_path) + "\n") if name in text
    ]
    assert "--no-options" in text
    assert "PATH=/usr/bin:/bin\n" in text


def test_row_16_a_configuration_file_in_the_home_is_not_read(keys: Keys) -> None:
    """Without it whoever can write one file beside a key could change what is signed."""
    configuration = keys.home / "gpg.conf"
    configuration.write_text("digest-algo SHA1\ntextmode\nfaked-system-time 20300101T000000\n")
    try:
        signature = keys.signing().sign(DATA, keys.fprs["content"])
    finally:
        configuration.unlink()
    report = keys.signing().verify(signature, DATA, [keys.public("content")])
    assert (report.refusals, weaknesses(report)) == ((), ())
    assert abs(report.signed_at - time.time()) < 300


def test_a_key_that_cannot_sign_says_so(keys: Keys) -> None:
    """Without it an approver with an expired or foreign key would be told of a broken gpg."""
    _once(keys, "expired", lambda: keys.make("expired", days=1, at=LONG_AGO))
    for fpr in (keys.fprs["expired"], "A" * 40):
        with pytest.raises(Stop) as caught:
            keys.signing().sign(DATA, fpr)
        assert (caught.value.code, caught.value.detail) == (StopCode.STOP_KEY_UNUSABLE, "no_secret_key")
    with pytest.raises(Stop) as caught:
        GpgSigning().sign(DATA, keys.fprs["content"])
    assert (caught.value.code, caught.value.detail) == (StopCode.STOP_KEY_UNUSABLE, "no_secret_key")


def test_nothing_is_left_running_or_lying_about(keys: Keys, monkeypatch: pytest.MonkeyPatch) -> None:
    """Without it every signature would leave an agent with secret keys in memory, and a folder in /tmp."""
    made: list[Path] = []

    def recorded() -> AbstractContextManager[Path]:
        return _record(fresh_home(), made)

    monkeypatch.setattr("cutter.custody.openpgp.signatures.fresh_home", recorded)
    monkeypatch.setattr("cutter.custody.openpgp.process.fresh_home", recorded)
    signature = keys.signing().sign(DATA, keys.fprs["content"])
    assert keys.signing().verify(signature, DATA, [keys.public("content")]).refusals == ()
    assert len(made) == 2
    assert not [home for home in made if home.exists()]
    assert not [name for name in names_in(keys.home) if name.startswith("S.")]
    _await_none(str(keys.home))


def test_an_agent_that_a_killed_process_left_is_ended(keys: Keys) -> None:
    """Without it every killed run would leave an agent that can sign, for as long as the host is up."""
    with fresh_home() as home, fresh_home() as sockets:
        fpr = generate(home, "somebody")
        for name in ("S.gpg-agent", "S.gpg-agent.extra", "S.gpg-agent.browser", "S.gpg-agent.ssh"):
            (home / name).write_text(f"%Assuan%\nsocket={sockets / name}\n")
        assert keys.gpg.run(["--list-secret-keys"], home, secret=True).exit_code == 0
        assert len(_processes(f"--homedir {home} ")) == 1
        GpgSigning(home).sign(DATA, fpr)
        _await_none(f"--homedir {home} ")


def test_a_full_disk_is_no_traceback(keys: Keys, monkeypatch: pytest.MonkeyPatch) -> None:
    """Without it a host without room in /tmp would end a resume with a traceback."""
    given = _good(keys)
    monkeypatch.setattr("cutter.custody.openpgp.process._short_folder", lambda: "/nowhere")
    assert keys.signing().verify(*_arguments(given)).refusals == ("gpg_failed",)
    with pytest.raises(Stop) as caught:
        keys.signing().sign(DATA, keys.fprs["content"])
    assert caught.value.code is StopCode.STOP_DISK


def test_a_signature_costs_one_process(keys: Keys, tmp_path: Path) -> None:
    """Without it judging the signatures of a gate could come to cost many times what it must."""
    calls = tmp_path / "calls"
    signing = GpgSigning(keys.home, gpg=_script(tmp_path, f'echo >> {calls}; exec {keys.gpg.path} "$@"', seconds=30.0))
    signature = signing.sign(DATA, keys.fprs["content"])
    assert calls.read_text() == "\n"
    assert signing.verify(signature, DATA, [keys.public("content")]).refusals == ()
    assert calls.read_text() == "\n\n"


def test_the_stub_believes_only_itself(keys: Keys) -> None:
    """Without it a rehearsal's signature could be made by anybody, or be taken for a real one."""
    public, fpr = keys.public("content"), keys.fprs["content"]
    stub, other = StubSigning(lambda: LONG_AGO), StubSigning(lambda: LONG_AGO)
    signature = stub.sign(DATA, fpr)
    report = stub.verify(signature, DATA, [public])
    assert (report.refusals, weaknesses(report), report.primary_fpr) == ((), (), fpr)
    assert report.signed_at == LONG_AGO.timestamp()
    assert stub.verify(signature, b"x", [public]).refusals == ("sig_bad",)
    assert stub.verify(signature, DATA, [keys.public("form")]).refusals == ("key_unknown",)
    assert other.verify(signature, DATA, [public]).refusals == ("sig_bad",)
    assert stub.verify(_good(keys).signature, DATA, [public]).refusals == ("sig_bad",)
    assert keys.signing().verify(signature, DATA, [public]).refusals == ("sig_bad",)
    assert (stub.name, keys.signing().name) == ("stub", "gpg")


def _arguments(given: Given) -> tuple[bytes, bytes, list[bytes]]:
    return given.signature, given.data, [given.public]


def _script(folder: Path, commands: str, seconds: float = 0.5) -> Gpg:
    program = folder / "gpg"
    program.write_text(f"#!/bin/bash\n{commands}\n")
    program.chmod(0o700)
    return Gpg(program, Limits(seconds=seconds))


@contextmanager
def _record(home: AbstractContextManager[Path], made: list[Path]) -> Iterator[Path]:
    with home as path:
        made.append(path)
        yield path


def _await_none(words: str) -> None:
    """An agent that was told to end takes a moment."""
    deadline = time.monotonic() + 5
    while _processes(words) and time.monotonic() < deadline:
        time.sleep(0.02)
    assert _processes(words) == []


def _processes(words: str) -> list[str]:
    """The command lines of living processes that hold these words."""
    lines = []
    for process in Path("/proc").glob("[0-9]*/cmdline"):
        with suppress(OSError):
            lines.append(process.read_bytes().replace(b"\0", b" ").decode("utf-8", "replace"))
    return [line for line in lines if words in line]
