"""Commitments: keyed digests of references and words, which tell nobody without the key what they stand for.

Rules kept here: the key is 32 random bytes in a private file, made once and never written over; what is committed to is
framed as canonical JSON, so that no two lists of parts have the same bytes; a purpose keeps uses apart.

Whoever loses the key loses the power to see that something was seen before: the file belongs into the host's backup.

Source: RFC 2104, FIPS 198-1 (HMAC); RFC 8785; policies.md §0.5 (a digest without a key is found by trying).
"""

import hmac
import secrets
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from cutter import canon
from cutter.custody.files import create_exclusive, private_folder
from cutter.custody.secrets import read_private
from cutter.stops import Stop, StopCode

FILE = "commitment.key"
_KEY_BYTES = 32
_FRAME = "cutter.commitment/1"


@dataclass(frozen=True, slots=True)
class CommitmentKey:
    """The key in a file of the credentials folder; it is read when it is used, and made when it is first used."""

    path: Path

    def commitment(self, purpose: str, *parts: str) -> str:
        """HMAC-SHA-256 of these parts for this purpose, 64 hex digits.

        Raises:
            Stop: STOP_KEY_UNUSABLE (detail `commitment_key`: it does not have 32 bytes), STOP_PATH_UNSAFE, STOP_DISK.
        """
        return hmac.digest(self._key(), canon.encode([_FRAME, purpose, *parts]), "sha256").hex()

    def _key(self) -> bytes:
        with suppress(FileNotFoundError):
            return self._read()
        private_folder(self.path.parent)
        with suppress(FileExistsError):  # another process was first: its key is the one
            create_exclusive(self.path, secrets.token_bytes(_KEY_BYTES))
        return self._read()

    def _read(self) -> bytes:
        key = read_private(self.path, _KEY_BYTES, StopCode.STOP_KEY_UNUSABLE)
        if len(key) != _KEY_BYTES:
            raise Stop(StopCode.STOP_KEY_UNUSABLE, "commitment_key", needed=f"{_KEY_BYTES} bytes", where=str(self.path))
        return key
