"""The host's Ed25519 key and its envelopes: made once, read only when private, and checked by other libraries too."""

import base64
import json
from collections.abc import Callable
from pathlib import Path

import pytest
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ec import SECP256R1, generate_private_key
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat

from cutter.custody.files import private_folder
from cutter.custody.machine_key import FILE, load_runner_key, make_runner_key, verify
from cutter.stops import Stop, StopCode

KIND = "application/vnd.cutter.test+json"
PAYLOAD = b'{"a":1}'


@pytest.fixture
def credentials(tmp_path: Path) -> Path:
    """A credentials folder with a key."""
    make_runner_key(tmp_path / "credentials")
    return tmp_path / "credentials"


def test_a_key_is_made_once_and_private(credentials: Path) -> None:
    """Without it a second `init` would replace the key that all checkpoints were signed with."""
    assert (credentials / FILE).stat().st_mode & 0o777 == 0o600
    assert credentials.stat().st_mode & 0o777 == 0o700
    with pytest.raises(Stop) as caught:
        make_runner_key(credentials)
    assert (caught.value.code, caught.value.detail) == (StopCode.STOP_KEY_UNUSABLE, "runner_key_exists")


def test_the_public_bytes_are_what_the_bundle_takes(tmp_path: Path) -> None:
    """Without it the key that is made and the key that is trusted could be two."""
    public = make_runner_key(tmp_path / "credentials")

    assert len(bytes.fromhex(public)) == 32
    assert load_runner_key(tmp_path / "credentials").public == public


def _other_curve(path: Path) -> None:
    key = generate_private_key(SECP256R1())
    path.write_bytes(key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()))


def _link(path: Path) -> None:
    path.rename(path.with_name("elsewhere"))
    path.symlink_to(path.with_name("elsewhere"))


UNUSABLE: dict[str, tuple[Callable[[Path], object], StopCode, str]] = {
    "missing": (Path.unlink, StopCode.STOP_KEY_UNUSABLE, "runner_key"),
    "empty": (lambda path: path.write_bytes(b""), StopCode.STOP_KEY_UNUSABLE, "runner_key"),
    "of another curve": (_other_curve, StopCode.STOP_KEY_UNUSABLE, "runner_key"),
    "a link": (_link, StopCode.STOP_PATH_UNSAFE, "link_or_folder"),
    "writable by others": (lambda path: path.chmod(0o622), StopCode.STOP_PATH_UNSAFE, "writable_by_others"),
    "in an open folder": (lambda path: path.parent.chmod(0o755), StopCode.STOP_PATH_UNSAFE, "open_to_others"),
}


@pytest.mark.parametrize("name", UNUSABLE)
def test_an_unusable_key_is_refused(credentials: Path, name: str) -> None:
    """Without it a key that somebody else could read or plant would sign what the ledger was."""
    damage, code, detail = UNUSABLE[name]
    damage(credentials / FILE)

    with pytest.raises(Stop) as caught:
        load_runner_key(credentials)

    assert (caught.value.code, caught.value.detail) == (code, detail)


def test_a_missing_folder_is_a_missing_key(tmp_path: Path) -> None:
    """Without it a host without any key would end with a traceback."""
    with pytest.raises(Stop) as caught:
        load_runner_key(tmp_path / "nowhere")

    assert caught.value.code is StopCode.STOP_KEY_UNUSABLE


def test_what_was_signed_is_returned(credentials: Path) -> None:
    """Without it a caller could verify one payload and read another."""
    key = load_runner_key(credentials)

    signed = verify(key.sign(PAYLOAD, KIND), KIND, ["0" * 64, key.public])

    assert signed is not None
    assert (signed.payload, signed.public) == (PAYLOAD, key.public)


def test_another_library_checks_it(credentials: Path) -> None:
    """Without it only cutter could check what cutter signs."""
    key = load_runner_key(credentials)
    found = json.loads(key.sign(PAYLOAD, KIND))
    payload, signature = (base64.b64decode(text) for text in (found["payload"], found["signatures"][0]["sig"]))
    pae = b"DSSEv1 %d %s %d %s" % (len(KIND), KIND.encode(), len(payload), payload)

    Ed25519PublicKey.from_public_bytes(bytes.fromhex(key.public)).verify(signature, pae)

    with pytest.raises(InvalidSignature):
        Ed25519PublicKey.from_public_bytes(bytes.fromhex(key.public)).verify(signature, payload)


def _with(name: str, value: object) -> Callable[[dict[str, object]], object]:
    return lambda found: {**found, name: value}


def _twice(found: dict[str, object]) -> object:
    signatures = found["signatures"]
    assert isinstance(signatures, list)
    return {**found, "signatures": signatures * 2}


def _loose(found: dict[str, object]) -> object:
    """Base64 whose last letter holds bits that decoding drops: the same bytes in another spelling."""
    assert found["payload"] == "eyJhIjoxfQ=="
    return {**found, "payload": "eyJhIjoxfR=="}


FORGED: dict[str, Callable[[dict[str, object]], object]] = {
    "another payload": _with("payload", base64.b64encode(b'{"a":2}').decode()),
    "another type": _with("payloadType", "application/json"),
    "no signature": _with("signatures", []),
    "two signatures": _twice,
    "an unknown key": _with("more", 1),
    "no base64": _with("payload", "*"),
    "base64 in another spelling": _loose,
    "no envelope": lambda _: [],
}


@pytest.mark.parametrize("name", FORGED)
def test_a_forged_envelope_is_none(credentials: Path, name: str) -> None:
    """Without it what nobody signed could be read as evidence."""
    key = load_runner_key(credentials)
    found = json.loads(key.sign(PAYLOAD, KIND))
    forged = json.dumps(FORGED[name](found), sort_keys=True, separators=(",", ":")).encode()

    assert verify(forged, KIND, [key.public]) is None


@pytest.mark.parametrize("publics", [[], ["0" * 64], ["zz"], ["00"]], ids=["none", "another", "no hex", "short"])
def test_a_key_that_is_not_trusted_signs_nothing(credentials: Path, publics: list[str]) -> None:
    """Without it anybody's signature would do."""
    assert verify(load_runner_key(credentials).sign(PAYLOAD, KIND), KIND, publics) is None


def test_the_folder_of_another_is_not_used(tmp_path: Path) -> None:
    """Without it a key could be planted where a link leads."""
    private_folder(tmp_path / "real")
    (tmp_path / "credentials").symlink_to(tmp_path / "real")

    with pytest.raises(Stop) as caught:
        make_runner_key(tmp_path / "credentials")

    assert caught.value.code is StopCode.STOP_PATH_UNSAFE
