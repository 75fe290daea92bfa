"""The trust bundle on disk: `bundle.json` with its root signatures, and the roots' public keys.

Rules kept here: a bundle is believed only with good and strong signatures of enough *different* pinned roots; a root's
key is the one whose own bytes have the pinned fingerprint; nothing of a file is used that is not canonical.

Source: approvals-and-evidence §3 (People; check 4).
"""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from cutter.approval.envelope import Envelope, EnvelopeSignature, pae, read_envelope, write_envelope
from cutter.approval.packets import primary_fingerprint
from cutter.approval.status import weaknesses
from cutter.approval.strict import read_as
from cutter.approval.trust import PAYLOAD_TYPE, LoadedTrust, TrustBundle
from cutter.approval.trust_changes import inconsistency
from cutter.contracts import SigningProvider
from cutter.custody import files
from cutter.custody.openpgp.process import check_fingerprint
from cutter.stops import Stop, StopCode

MAX_BUNDLE = 1 << 20
MAX_KEY = 1 << 18


@dataclass(frozen=True, slots=True)
class SignedBundle:
    """A bundle as the file has it, with the signatures on it; nothing of it is believed yet."""

    bundle: TrustBundle
    signatures: tuple[EnvelopeSignature, ...]


class TrustFiles:
    """The bundle of a workspace (`approval.trust.TrustStore`).

    Args:
        folder: where `bundle.json` and `roots/` are.
        roots: the pinned primary fingerprints.
        threshold: how many different roots must have signed.
        signing: judges the signatures.
    """

    def __init__(self, folder: Path, roots: Sequence[str], threshold: int, signing: SigningProvider) -> None:
        self._folder = folder
        self._roots = frozenset(check_fingerprint(root) for root in roots)
        self._threshold = threshold
        self._signing = signing

    def load(self) -> LoadedTrust:
        """The bundle when enough roots signed it, else why it is not believed.

        Raises:
            Stop: STOP_PATH_UNSAFE (a link or folder in place of a file), STOP_DISK.
        """
        try:
            signed = read_bundle(self._folder)
        except Stop as stop:
            if stop.code is not StopCode.STOP_TRUST_REFUSED:
                raise
            return LoadedTrust(None, stop.detail)
        refusal = self._refusal(signed)
        return LoadedTrust(None if refusal else signed.bundle, refusal)

    def _refusal(self, signed: SignedBundle) -> str:
        message = pae(PAYLOAD_TYPE, signed.bundle.body)
        good: set[str] = set()
        failed = False
        for signature in signed.signatures:
            if signature.keyid in self._roots:
                words = self._words_against(signature, message)
                failed = failed or "gpg_failed" in words
                good |= set() if words else {signature.keyid}
        if self._threshold >= 1 and len(good) >= self._threshold:
            return ""
        return "gpg_failed" if failed else "trust_root"

    def _words_against(self, signature: EnvelopeSignature, message: bytes) -> tuple[str, ...]:
        public = read_root(self._folder, signature.keyid)
        if not public:
            return ("key_unknown",)
        report = self._signing.verify(signature.sig, message, [public])
        return report.refusals or weaknesses(report)


def read_bundle(folder: Path) -> SignedBundle:
    """The bundle as it stands in a folder, canonical and consistent; its signatures are not looked at.

    Raises:
        Stop: STOP_TRUST_REFUSED (detail `trust_missing`, `trust_malformed`), STOP_PATH_UNSAFE, STOP_DISK.
    """
    try:
        data = files.read_plain(
            folder / "bundle.json", MAX_BUNDLE, shared=True, too_large=StopCode.STOP_APPROVAL_MALFORMED
        )
        return _parsed(read_envelope(data, MAX_BUNDLE))
    except FileNotFoundError:
        raise Stop(StopCode.STOP_TRUST_REFUSED, detail="trust_missing", where=str(folder)) from None
    except Stop as stop:
        if stop.code is not StopCode.STOP_APPROVAL_MALFORMED:
            raise
        raise _malformed(found=stop.detail) from None


def read_root(folder: Path, fpr: str) -> bytes:
    """The binary public key of a root; empty when there is none, or when the file holds another key.

    Raises:
        Stop: STOP_INVALID_INPUT (detail `fingerprint`), STOP_PATH_UNSAFE, STOP_DISK.
    """
    try:
        data = files.read_plain(_root_file(folder, fpr), MAX_KEY, shared=True)
    except FileNotFoundError:
        return b""
    return data if primary_fingerprint(data) == fpr else b""


def sign_bundle(bundle: TrustBundle, fpr: str, signing: SigningProvider) -> EnvelopeSignature:
    """A root's signature on a bundle.

    Raises:
        Stop: those of `SigningProvider.sign`.
    """
    return EnvelopeSignature(keyid=fpr, sig=signing.sign(pae(PAYLOAD_TYPE, bundle.body), fpr))


def write_bundle(folder: Path, bundle: TrustBundle, signatures: Sequence[EnvelopeSignature]) -> None:
    """Write a bundle with its root signatures; the file is kept in version control.

    Raises:
        Stop: STOP_INVALID_INPUT (detail: a word of `trust_changes.inconsistency`), STOP_PATH_UNSAFE, STOP_DISK.
    """
    if word := inconsistency(bundle):
        raise Stop(StopCode.STOP_INVALID_INPUT, detail=word)
    envelope = Envelope(PAYLOAD_TYPE, bundle.body, tuple(signatures))
    files.write_atomic(files.shared_folder(folder) / "bundle.json", write_envelope(envelope), 0o644)


def write_root(folder: Path, public: bytes) -> str:
    """Write the binary public key of a root; its primary fingerprint, which is to be pinned.

    Raises:
        Stop: STOP_INVALID_INPUT (detail `key_malformed`), STOP_PATH_UNSAFE, STOP_DISK.
    """
    fpr = primary_fingerprint(public)
    if not fpr or len(public) > MAX_KEY:
        raise Stop(StopCode.STOP_INVALID_INPUT, detail="key_malformed")
    files.shared_folder(folder / "roots")
    files.write_atomic(_root_file(folder, fpr), public, 0o644)
    return fpr


def _root_file(folder: Path, fpr: str) -> Path:
    return folder / "roots" / f"{check_fingerprint(fpr)}.pgp"


def _parsed(envelope: Envelope) -> SignedBundle:
    if envelope.payload_type != PAYLOAD_TYPE:
        raise _malformed(found="payload_type")
    bundle = read_as(envelope.payload, TrustBundle, limit=MAX_BUNDLE)
    if word := inconsistency(bundle):
        raise _malformed(found=word)
    return SignedBundle(bundle, envelope.signatures)


def _malformed(found: str) -> Stop:
    return Stop(StopCode.STOP_TRUST_REFUSED, detail="trust_malformed", found=found)
