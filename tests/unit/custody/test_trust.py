"""The trust bundle on disk: when it is believed, and every way in which it is not. With the real gpg."""

import base64
import json
import os
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

import msgspec
import pytest

from cutter import canon
from cutter.approval.envelope import EnvelopeSignature, pae
from cutter.approval.trust import PAYLOAD_TYPE, GateQuorum, LoadedTrust, Person, TrustBundle, TrustStore
from cutter.approval.trust_changes import trusted_key
from cutter.custody.openpgp.process import Gpg
from cutter.custody.signing import GpgSigning
from cutter.custody.trust import TrustFiles, read_bundle, read_root, sign_bundle, write_bundle, write_root
from cutter.model import RoleQuorum
from cutter.stops import Stop, StopCode
from tests.plugins.keys import LONG_AGO, Keys

ROOTS = ("root", "second_root")


@pytest.fixture
def bundle(keys: Keys) -> TrustBundle:
    """Two persons, as an office would have them."""
    return TrustBundle(
        version=3,
        expires="2099-01-01T00:00:00Z",
        throwaway=True,
        persons=tuple(_person(keys, name) for name in ("content", "sovereign")),
        revoked=(),
        quorums=(GateQuorum(gate_id="GATE_CUT_AUTHORIZATION", roles=(RoleQuorum("content", 1),)),),
        runner_keys=(),
        backup_recipients=(trusted_key(keys.public("sovereign")),),
    )


@pytest.fixture
def folder(keys: Keys, tmp_path: Path) -> Path:
    """A folder of trust with the keys of both roots."""
    for name in ROOTS:
        assert write_root(tmp_path / "trust", keys.public(name)) == keys.fprs[name]
    return tmp_path / "trust"


def _person(keys: Keys, name: str) -> Person:
    return Person(
        person_id=name,
        name=f"Somebody for {name}",
        keys=(trusted_key(keys.public(name)),),
        logins=(f"cutter_{name}",),
        roles=(name,),
        tenants=("office",),
        valid_from="2026-01-01T00:00:00Z",
        valid_to="2099-01-01T00:00:00Z",
    )


def _store(keys: Keys, folder: Path, threshold: int = 1, roots: tuple[str, ...] = ROOTS) -> TrustStore:
    return TrustFiles(folder, [keys.fprs[name] for name in roots], threshold, keys.signing())


def _signatures(keys: Keys, bundle: TrustBundle, *names: str) -> list[EnvelopeSignature]:
    return [sign_bundle(bundle, keys.fprs[name], keys.signing()) for name in names]


def _made(keys: Keys, bundle: TrustBundle, name: str, *options: str, claimed: str = "") -> EnvelopeSignature:
    """A signature that `sign_bundle` would not make."""
    signature = keys.sign(name, pae(PAYLOAD_TYPE, bundle.body), *options)
    return EnvelopeSignature(keys.fprs[claimed or name], signature)


def test_a_bundle_is_believed_with_enough_roots(keys: Keys, folder: Path, bundle: TrustBundle) -> None:
    """Without it no approval could ever be judged, or one root could do what two must."""
    write_bundle(folder, bundle, _signatures(keys, bundle, "root"))
    assert _store(keys, folder).load() == LoadedTrust(bundle)
    assert _store(keys, folder, threshold=2).load() == LoadedTrust(None, "trust_root")
    write_bundle(folder, bundle, _signatures(keys, bundle, *ROOTS))
    assert _store(keys, folder, threshold=2).load() == LoadedTrust(bundle)
    assert read_bundle(folder).bundle == bundle
    assert read_root(folder, keys.fprs["root"]) == keys.public("root")


Row = Callable[[Keys, TrustBundle], list[EnvelopeSignature]]


def _expired_root(keys: Keys, bundle: TrustBundle) -> list[EnvelopeSignature]:
    keys.make("old root", days=1, at=LONG_AGO)
    signature = keys.sign("old root", pae(PAYLOAD_TYPE, bundle.body), at=LONG_AGO + timedelta(hours=1))
    return [EnvelopeSignature(keys.fprs["old root"], signature)]


NOT_ENOUGH: dict[str, Row] = {
    "by a person, not a root": lambda keys, bundle: _signatures(keys, bundle, "content"),
    "in the name of a root": lambda keys, bundle: [_made(keys, bundle, "content", claimed="root")],
    "another root in its name": lambda keys, bundle: [_made(keys, bundle, "second_root", claimed="root")],
    "over another bundle": lambda keys, bundle: _signatures(keys, msgspec.structs.replace(bundle, version=2), "root"),
    "over the bundle without its type": lambda keys, bundle: [
        EnvelopeSignature(keys.fprs["root"], keys.sign("root", bundle.body))
    ],
    "with SHA-1": lambda keys, bundle: [_made(keys, bundle, "root", "--digest-algo", "SHA1")],
    "in text mode": lambda keys, bundle: [_made(keys, bundle, "root", "--textmode")],
    "by an expired root": _expired_root,
    "twice in one": lambda keys, bundle: [
        EnvelopeSignature(keys.fprs["root"], 2 * _signatures(keys, bundle, "root")[0].sig)
    ],
}


@pytest.mark.parametrize("sign", NOT_ENOUGH.values(), ids=NOT_ENOUGH.keys())
def test_a_signature_that_does_not_count(keys: Keys, folder: Path, bundle: TrustBundle, sign: Row) -> None:
    """Without it somebody who is no root could say whose signatures open gates."""
    signatures = sign(keys, bundle)
    for signature in signatures:
        name = next(name for name, fpr in keys.fprs.items() if fpr == signature.keyid)
        write_root(folder, keys.public(name))
    roots = (*ROOTS, "old root") if "old root" in keys.fprs else ROOTS
    write_bundle(folder, bundle, signatures)
    assert _store(keys, folder, roots=roots).load() == LoadedTrust(None, "trust_root")


def test_the_same_root_counts_once(keys: Keys, folder: Path, bundle: TrustBundle) -> None:
    """Without it one root could sign for two, under its own name twice or pinned twice."""
    once = _signatures(keys, bundle, "root")[0]
    write_bundle(folder, bundle, [once, EnvelopeSignature(keys.fprs["second_root"], once.sig)])
    assert _store(keys, folder, threshold=2).load() == LoadedTrust(None, "trust_root")
    assert _store(keys, folder, threshold=2, roots=("root", "root")).load() == LoadedTrust(None, "trust_root")


@pytest.mark.parametrize("threshold", [0, -1])
def test_no_threshold_believes_nothing(keys: Keys, folder: Path, bundle: TrustBundle, threshold: int) -> None:
    """Without it a threshold of nought in a configuration would believe every bundle."""
    write_bundle(folder, bundle, _signatures(keys, bundle, "root"))
    assert _store(keys, folder, threshold=threshold).load() == LoadedTrust(None, "trust_root")
    assert _store(keys, folder, roots=()).load() == LoadedTrust(None, "trust_root")


def test_a_root_without_its_key_does_not_count(keys: Keys, folder: Path, bundle: TrustBundle) -> None:
    """Without it another key, put into the file of a root, would speak for it."""
    write_bundle(folder, bundle, [_made(keys, bundle, "content", claimed="root")])
    file = folder / "roots" / f"{keys.fprs['root']}.pgp"
    for content in (keys.public("content"), keys.public("root") + keys.public("content"), b"", b"no key"):
        file.write_bytes(content)
        assert read_root(folder, keys.fprs["root"]) == b""
        assert _store(keys, folder).load() == LoadedTrust(None, "trust_root")
    file.unlink()
    assert _store(keys, folder).load() == LoadedTrust(None, "trust_root")


def test_a_gpg_that_fails_is_told_apart(keys: Keys, folder: Path, bundle: TrustBundle) -> None:
    """Without it an operator would look for a forged bundle where only gpg is missing."""
    write_bundle(folder, bundle, _signatures(keys, bundle, "root"))
    without = TrustFiles(folder, [keys.fprs["root"]], 1, GpgSigning(gpg=Gpg(None)))
    assert without.load() == LoadedTrust(None, "gpg_failed")


def test_no_bundle_is_missing(keys: Keys, folder: Path) -> None:
    """Without it a workspace without trust would end in a traceback."""
    assert _store(keys, folder).load() == LoadedTrust(None, "trust_missing")
    assert _store(keys, folder / "nowhere").load() == LoadedTrust(None, "trust_missing")


def _reshaped(change: Callable[[dict[str, Any]], None]) -> Callable[[bytes], bytes]:
    """Another payload, canonical, in an otherwise unchanged envelope."""

    def reshape(data: bytes) -> bytes:
        envelope = json.loads(data)
        payload = json.loads(base64.b64decode(envelope["payload"]))
        change(payload)
        envelope["payload"] = base64.b64encode(canon.encode(payload)).decode()
        return canon.encode(envelope)

    return reshape


def _raw(payload: Callable[[bytes], bytes]) -> Callable[[bytes], bytes]:
    """Other bytes as the payload."""

    def reshape(data: bytes) -> bytes:
        envelope = json.loads(data)
        changed = payload(base64.b64decode(envelope["payload"]))
        return canon.encode(envelope | {"payload": base64.b64encode(changed).decode()})

    return reshape


MALFORMED: dict[str, Callable[[bytes], bytes]] = {
    "empty": lambda data: b"",
    "not JSON": lambda data: data[:-1],
    "not canonical around": lambda data: data + b"\n",
    "not canonical within": _raw(lambda payload: payload + b"\n"),
    "a key twice": _raw(lambda payload: payload.replace(b'{"backup', b'{"version":9,"backup', 1)),
    "deep": _raw(lambda payload: b"[" * 100_000),
    "not UTF-8": _raw(lambda payload: payload.replace(b"Somebody", b"\xff\xfe")),
    "too large": lambda data: data + b" " * (1 << 20),
    "another type": lambda data: data.replace(b"trust-bundle", b"approval-request"),
    "another format": _reshaped(lambda payload: payload.update(format="cutter.trust/2")),
    "an unknown field": _reshaped(lambda payload: payload.update(deny=True)),
    "a missing field": _reshaped(lambda payload: payload.pop("revoked")),
    "a person twice": _reshaped(lambda payload: payload["persons"].append(payload["persons"][0])),
    "a login of two": _reshaped(lambda payload: payload["persons"][0].update(logins=["cutter_sovereign"])),
    "a key of two": _reshaped(lambda payload: payload["persons"][0].update(keys=payload["persons"][1]["keys"])),
    "a key that is another": _reshaped(lambda payload: payload["persons"][0]["keys"][0].update(fpr="A" * 40)),
    "a recipient that is another": _reshaped(lambda payload: payload["backup_recipients"][0].update(fpr="A" * 40)),
    "base64 written otherwise": _reshaped(lambda payload: payload["persons"][0]["keys"][0].update(pubkey="YR==")),
    "a gate twice": _reshaped(lambda payload: payload["quorums"].append(payload["quorums"][0])),
    "a version that is text": _reshaped(lambda payload: payload.update(version="3")),
}


@pytest.mark.parametrize("change", MALFORMED.values(), ids=MALFORMED.keys())
def test_a_malformed_bundle_is_refused(
    keys: Keys, folder: Path, bundle: TrustBundle, change: Callable[[bytes], bytes]
) -> None:
    """Without it two readers could understand one signed bundle differently, or a broken one end in a traceback."""
    write_bundle(folder, bundle, _signatures(keys, bundle, "root"))
    file = folder / "bundle.json"
    before = file.read_bytes()
    file.write_bytes(change(before))
    assert file.read_bytes() != before
    assert _store(keys, folder).load() == LoadedTrust(None, "trust_malformed")


@pytest.mark.parametrize("kind", ["link", "pipe", "folder"])
def test_the_file_is_plain(keys: Keys, folder: Path, bundle: TrustBundle, kind: str) -> None:
    """Without it a link could lead elsewhere, and a pipe could wait for ever."""
    file = folder / "bundle.json"
    match kind:
        case "link":
            write_bundle(folder, bundle, _signatures(keys, bundle, "root"))
            file.rename(folder / "other.json")
            file.symlink_to(folder / "other.json")
        case "pipe":
            os.mkfifo(file)
        case _:
            file.mkdir()
    with pytest.raises(Stop) as caught:
        _store(keys, folder).load()
    assert caught.value.code is StopCode.STOP_PATH_UNSAFE


def test_what_is_inconsistent_is_not_written(keys: Keys, folder: Path, bundle: TrustBundle) -> None:
    """Without it the roots could sign a bundle that nobody can load."""
    twice = msgspec.structs.replace(bundle, persons=bundle.persons * 2)
    with pytest.raises(Stop) as caught:
        write_bundle(folder, twice, _signatures(keys, twice, "root"))
    assert (caught.value.code, caught.value.detail) == (StopCode.STOP_INVALID_INPUT, "person_twice")
    assert not (folder / "bundle.json").exists()


@pytest.mark.parametrize("root", ["--version", "../../etc/passwd", "", "a" * 40])
def test_a_root_is_a_fingerprint(keys: Keys, folder: Path, root: str) -> None:
    """Without it a name from the configuration could become a path or an option."""
    for use in (lambda: TrustFiles(folder, [root], 1, keys.signing()), lambda: read_root(folder, root)):
        with pytest.raises(Stop) as caught:
            use()
        assert (caught.value.code, caught.value.detail) == (StopCode.STOP_INVALID_INPUT, "fingerprint")
    with pytest.raises(Stop) as caught:
        write_root(folder, b"no key")
    assert caught.value.detail == "key_malformed"
