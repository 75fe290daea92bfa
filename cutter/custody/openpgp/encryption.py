"""Encrypting streams for the recipients of backups, and decrypting them, with the gpg program.

Rules kept here:

- A keyring that holds the trusted keys alone, named by fingerprints that were looked at; bytes go through pipes: gpg's
  own `--output` follows links and is readable by all.
- What gpg says counts only from its status lines, all of them: its exit status is 0 also for what is not encrypted.
- Plain bytes are never more than the caller expects: what a small file can grow to is not known beforehand.

Source: approvals-and-evidence §1 (4), §2, §6.
"""

import base64
import binascii
import re
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from pathlib import Path

from cutter.approval.trust import TrustBundle, TrustedKey
from cutter.custody.files import create_exclusive
from cutter.custody.openpgp.message import one_message
from cutter.custody.openpgp.process import FINGERPRINT, Finished, Gpg, Limits, fresh_home
from cutter.stops import Stop, StopCode

# Seconds that gpg may keep us waiting in all: a table may be large.
_SECONDS = 900.0
_LARGEST = 1 << 62  # bytes of an encrypted stream: as many as the table has
_KEYRING = "recipients.gpg"
_WORD = re.compile(rb"^\[GNUPG:\] ([A-Z_]+)", re.MULTILINE)
_INVALID = re.compile(rb"^\[GNUPG:\] INV_RECP \d+ ([0-9A-F]{40,64})\b", re.MULTILINE)

_ENCRYPT = ("--no-default-keyring", "--no-encrypt-to", "--compress-algo", "none", "--encrypt")
_ONCE = ("BEGIN_DECRYPTION", "DECRYPTION_OKAY", "GOODMDC", "PLAINTEXT", "END_DECRYPTION")
_NEVER = frozenset(
    {"NODATA", "FAILURE", "ERROR", "UNEXPECTED", "DECRYPTION_FAILED", "BADMDC", "NEWSIG", "BADSIG", "ERRSIG", "GOODSIG"}
)


def recipients_of(bundle: TrustBundle | None) -> tuple[TrustedKey, ...]:
    """The keys that backups are encrypted for: those of the bundle that were not revoked there."""
    return () if bundle is None else tuple(key for key in bundle.backup_recipients if not bundle.is_revoked(key.fpr))


class OpenPgpCipher:
    """Encrypts for the recipients and decrypts with this host's key (`vault.Cipher`)."""

    def __init__(self, gpg: Gpg, recipients: Sequence[TrustedKey], home: Path) -> None:
        """Args: the program; the trusted keys of the recipients; the home with this host's decryption key, if any."""
        self._gpg = gpg
        self._recipients = tuple(recipients)
        self._home = home
        self._unlocked = False

    def recipients(self) -> Sequence[str]:
        """Primary fingerprints."""
        return tuple(key.fpr for key in self._recipients)

    def tool(self) -> str:
        """Gpg with its version, or `gpg-absent`; `none` where there is nobody to encrypt for."""
        return f"gpg-{self._gpg.version()}" if self._recipients else "none"

    def encrypt(self, chunks: Iterable[bytes]) -> Iterator[bytes]:
        """Encrypt a stream for all recipients.

        Raises:
            Stop: STOP_BACKUP_REFUSED, detail `no_recipients`, `recipient` (expired, revoked, not the key that the
                bundle says, or one that cannot encrypt; `where` is its fingerprint), `gpg_failed`.
        """
        if not self._recipients:
            raise _refused("no_recipients")
        with fresh_home() as home, _disk():
            keyring = home / _KEYRING
            create_exclusive(keyring, b"".join(map(_public, self._recipients)), 0o400, lasting=False)
            named = [word for key in self._recipients for word in ("--recipient", key.fpr)]
            arguments: tuple[str | Path, ...] = ("--keyring", keyring, *named, *_ENCRYPT)
            with self._gpg.stream(arguments, home, chunks=chunks, limits=Limits(_SECONDS, _LARGEST)) as running:
                yield from running
            _check_encrypted(running.finished)

    @contextmanager
    def unlocked(self) -> Iterator[None]:
        """Hold this host's key for all messages that are decrypted in the block: one agent, ended afterwards."""
        if self._unlocked or not self._home.is_dir():
            yield
            return
        with ExitStack() as held:
            with _disk():
                held.enter_context(self._gpg.agents(self._home))
            self._unlocked = True
            try:
                yield
            finally:
                self._unlocked = False

    def decrypt(self, chunks: Iterable[bytes], limit: int) -> Iterator[bytes]:
        """Decrypt one message.

        Args:
            chunks: the message.
            limit: the most plain bytes that are taken.

        Yields:
            Plain bytes. They count only when the stream has ended without a stop.

        Raises:
            Stop: STOP_BACKUP_REFUSED, detail `not_encrypted`, `truncated`, `trailing`, `too_large`, `decryption`,
                `gpg_failed`; STOP_DRILL_REFUSED, detail `no_key` (this host cannot read it).
        """
        if not self._home.is_dir():
            raise Stop(StopCode.STOP_DRILL_REFUSED, detail="no_key", where=str(self._home))
        message, limits = one_message(chunks), Limits(_SECONDS, limit)
        with (
            self.unlocked(),
            self._gpg.stream(("--decrypt",), self._home, chunks=message, secret=True, limits=limits) as running,
        ):
            yield from running
        _check_decrypted(running.finished, limit)


@contextmanager
def _disk() -> Iterator[None]:
    """A disk that takes not even the keyring refuses the backup."""
    try:
        yield
    except Stop as stop:
        if stop.code is not StopCode.STOP_DISK:
            raise
        raise _refused(f"disk_{stop.detail}") from None


def _check_encrypted(end: Finished) -> None:
    words = Counter(_words(end))
    invalid = _INVALID.search(end.status)
    if invalid is not None:
        raise _refused("recipient", where=invalid[1].decode())
    if end.fault or end.exit_code or words["END_ENCRYPTION"] != 1 or words["FAILURE"] or words["ERROR"]:
        raise _refused("gpg_failed", found=end.fault or str(end.exit_code))


def _check_decrypted(end: Finished, limit: int) -> None:
    """One encrypted message, its integrity proven, and no other word (approvals-and-evidence §1, 4)."""
    order = _words(end)
    words = Counter(order)
    if end.fault == "too_much":
        raise _refused("too_large", needed=f"{limit}_bytes")
    if words["ENC_TO"] and not words["DECRYPTION_KEY"]:
        raise Stop(StopCode.STOP_DRILL_REFUSED, detail="no_key")
    if end.fault and end.fault != "input_left":
        raise _refused("gpg_failed", found=end.fault)
    if not words["BEGIN_DECRYPTION"]:
        raise _refused("not_encrypted" if words["PLAINTEXT"] else "decryption")
    whole = all(words[word] == 1 for word in _ONCE) and not any(words[word] for word in _NEVER)
    if end.fault or end.exit_code or not whole or not _enclosed(order):
        raise _refused("decryption", found=str(end.exit_code))


def _enclosed(order: Sequence[str]) -> bool:
    """Whether what came out came out of the encrypted part."""
    return order.index("BEGIN_DECRYPTION") < order.index("PLAINTEXT") < order.index("END_DECRYPTION")


def _words(end: Finished) -> Sequence[str]:
    return [word.decode() for word in _WORD.findall(end.status)]


def _public(key: TrustedKey) -> bytes:
    """The binary public key. What it holds is not believed: gpg must find the fingerprint in it."""
    if not FINGERPRINT.fullmatch(key.fpr):
        raise _refused("recipient", needed="a fingerprint")
    try:
        return base64.b64decode(key.pubkey, validate=True)
    except (binascii.Error, ValueError):
        raise _refused("recipient", where=key.fpr) from None


def _refused(detail: str, where: str = "", found: str = "", needed: str = "") -> Stop:
    return Stop(StopCode.STOP_BACKUP_REFUSED, detail=detail, where=where, found=found, needed=needed)
