"""The providers of signatures (`contracts.SigningProvider`): gpg, and a stub for rehearsals and tests.

Rules kept here: a provider judges a signature and decides nothing; the stub believes only what it signed itself.

Source: approvals-and-evidence §3.
"""

import hmac
import re
import secrets
from collections.abc import Callable, Sequence
from datetime import datetime
from pathlib import Path

from cutter.approval.packets import primary_fingerprint
from cutter.contracts import SignatureReport
from cutter.custody.openpgp.process import Gpg, check_fingerprint, installed
from cutter.custody.openpgp.signatures import sign, verify
from cutter.stops import Stop, StopCode

_STUB = re.compile(rb"stub ([0-9A-F]{40}|[0-9A-F]{64}) ([0-9]{1,12}) ([0-9a-f]{64})")


class GpgSigning:
    """Signatures by the gpg program.

    Args:
        home: the folder with the secret key; without one nothing can be signed, only judged.
        attended: the home is a person's own, whose agent may ask for a passphrase; else it is one of cutter's.
        gpg: the program, when not the host's.
    """

    name = "gpg"

    def __init__(self, home: Path | None = None, *, attended: bool = False, gpg: Gpg | None = None) -> None:
        self._home = home
        self._attended = attended
        self._gpg = gpg or installed()

    def sign(self, data: bytes, fpr: str, /) -> bytes:
        """A binary detached signature by the key with this primary fingerprint.

        Raises:
            Stop: STOP_INVALID_INPUT (detail `fingerprint`), STOP_KEY_UNUSABLE (`no_secret_key`),
                STOP_SIGNATURE_REFUSED (`gpg_failed`).
        """
        if self._home is None:
            raise Stop(StopCode.STOP_KEY_UNUSABLE, detail="no_secret_key", found=check_fingerprint(fpr))
        return sign(self._gpg, self._home, data, fpr, attended=self._attended)

    def verify(self, signature: bytes, data: bytes, keys: Sequence[bytes], /) -> SignatureReport:
        """What gpg says of a signature over these bytes by one of these binary public keys. Never raises a stop."""
        return verify(self._gpg, signature, data, keys)


class StubSigning:
    """For rehearsals and tests only: a keyed digest in place of a signature. Nobody else can check it, so it proves
    nothing to anybody; a live run never takes it.

    Args:
        now: tells the time that a signature states.
        secret: the key of the digest; a new one when not given, so that a stub believes only itself.
    """

    name = "stub"

    def __init__(self, now: Callable[[], datetime], secret: bytes = b"") -> None:
        self._now = now
        self._secret = secret or secrets.token_bytes(32)

    def sign(self, data: bytes, fpr: str, /) -> bytes:
        """The words `stub`, fingerprint, seconds, and the keyed digest over them and the data.

        Raises:
            Stop: STOP_INVALID_INPUT (detail `fingerprint`).
        """
        stated = f"stub {check_fingerprint(fpr)} {int(self._now().timestamp())}".encode()
        return stated + b" " + self._digest(stated, data)

    def verify(self, signature: bytes, data: bytes, keys: Sequence[bytes], /) -> SignatureReport:
        """What is to be said of a stub's signature in the name of one of these public keys. Never raises."""
        match = _STUB.fullmatch(signature)
        stated = signature.rpartition(b" ")[0]
        if match is None or not hmac.compare_digest(match[3], self._digest(stated, data)):
            return SignatureReport(refusals=("sig_bad",))
        fpr = match[1].decode()
        if fpr not in {primary_fingerprint(key) for key in keys}:
            return SignatureReport(refusals=("key_unknown",))
        return SignatureReport(
            refusals=(),
            fpr=fpr,
            primary_fpr=fpr,
            signed_at=int(match[2]),
            version=4,
            key_algorithm=22,
            hash_algorithm=8,
            signature_class="00",
            curve="ed25519",
        )

    def _digest(self, stated: bytes, data: bytes) -> bytes:
        return hmac.digest(self._secret, stated + b"\n" + data, "sha256").hex().encode()
