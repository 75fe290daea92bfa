"""The key of a host that runs cutter: Ed25519, for checkpoints and evidence, in DSSE envelopes.

Rules kept here: the private key is a PKCS8 file that only its owner can read, in a folder that only its owner can
enter; it is never written over; a signature names its key by the public bytes, so that no name can stand for two keys;
an envelope is canonical JSON with one signature, and verifying returns the payload that was verified, never a yes.

Source: approvals-and-evidence §4, §5 (Reuse); DSSE v1 (PAE and Ed25519 are securesystemslib's).
"""

import base64
import binascii
from collections.abc import Iterable
from pathlib import Path

import msgspec
from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import load_pem_private_key
from securesystemslib.dsse import Envelope
from securesystemslib.exceptions import VerificationError
from securesystemslib.signer import CryptoSigner, Signature, SSlibKey  # type: ignore[attr-defined]

from cutter import canon
from cutter.custody.files import check_private, create_exclusive, private_folder, read_plain
from cutter.stops import Stop, StopCode

FILE = "runner.key"
_LARGEST_KEY = 4096  # bytes
_RAW_PUBLIC = 32  # bytes


class MachineSignature(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One signature of an envelope; `keyid` is the public key in hex, `sig` is base64."""

    keyid: str
    sig: str


class MachineEnvelope(msgspec.Struct, frozen=True, forbid_unknown_fields=True, rename="camel"):
    """A DSSE envelope as it is kept: its payload in base64."""

    payload: str
    payload_type: str
    signatures: tuple[MachineSignature, ...]


class Signed(msgspec.Struct, frozen=True):
    """What was verified: the payload, and the public key (hex) whose signature it bears."""

    payload: bytes
    public: str


class MachineKey:
    """A private key that was loaded."""

    def __init__(self, private: Ed25519PrivateKey) -> None:
        self.public = private.public_key().public_bytes_raw().hex()
        self._signer = CryptoSigner(private, _public_key(self.public))

    def sign(self, payload: bytes, payload_type: str) -> bytes:
        """The envelope over a payload, as canonical bytes."""
        signature = self._signer.sign(Envelope(payload, payload_type, {}).pae())
        sig = base64.b64encode(bytes.fromhex(signature.signature)).decode()
        made = MachineEnvelope(base64.b64encode(payload).decode(), payload_type, (MachineSignature(self.public, sig),))
        return canon.encode(made)


def make_runner_key(credentials: Path) -> str:
    """Make the key of this host; its public bytes in hex, for the trust bundle.

    Raises:
        Stop: STOP_KEY_UNUSABLE, detail `runner_key_exists`; STOP_PATH_UNSAFE, STOP_DISK.
    """
    signer = CryptoSigner.generate_ed25519()
    path = private_folder(credentials) / FILE
    try:
        create_exclusive(path, signer.private_bytes)
    except FileExistsError:
        raise Stop(StopCode.STOP_KEY_UNUSABLE, detail="runner_key_exists", where=str(path)) from None
    return load_runner_key(credentials).public


def load_runner_key(credentials: Path) -> MachineKey:
    """The key of this host.

    Raises:
        Stop: STOP_KEY_UNUSABLE, detail `runner_key` (it is missing or no Ed25519 key in PKCS8); STOP_PATH_UNSAFE,
            STOP_DISK.
    """
    path = credentials / FILE
    try:
        check_private(credentials, credentials.parent)
        private = load_pem_private_key(read_plain(path, _LARGEST_KEY), password=None)
    except (FileNotFoundError, ValueError, TypeError, UnsupportedAlgorithm):
        private = None
    if not isinstance(private, Ed25519PrivateKey):
        raise Stop(StopCode.STOP_KEY_UNUSABLE, detail="runner_key", where=str(path))
    return MachineKey(private)


def verify(envelope: bytes, payload_type: str, publics: Iterable[str]) -> Signed | None:
    """The payload of an envelope of this type that one of these keys (public bytes in hex) signed, else None.

    The envelope must be exactly the canonical bytes that `MachineKey.sign` makes.
    """
    try:
        found = msgspec.json.decode(envelope, type=MachineEnvelope)
        if canon.encode(found) != envelope or found.payload_type != payload_type or len(found.signatures) != 1:
            return None
        payload, signature = _strict(found.payload), found.signatures[0]
        public = next(item for item in publics if item == signature.keyid)
        signed = Envelope(payload, payload_type, {public: Signature(public, _strict(signature.sig).hex())})
        signed.verify([_public_key(public)], 1)
    except (msgspec.MsgspecError, ValueError, StopIteration, VerificationError):
        return None
    return Signed(payload, public)


def _public_key(public: str) -> SSlibKey:
    if len(bytes.fromhex(public)) != _RAW_PUBLIC:
        raise ValueError("an Ed25519 public key has 32 bytes")
    return SSlibKey(public, "ed25519", "ed25519", {"public": public})


def _strict(text: str) -> bytes:
    """Base64 that is exactly what encoding its bytes gives: `YR==` would decode like `YQ==`."""
    try:
        data = base64.b64decode(text, validate=True)
    except binascii.Error:
        raise ValueError("not base64") from None
    if base64.b64encode(data).decode() != text:
        raise ValueError("not canonical base64")
    return data
