"""Where backups are kept.

Rules kept here: a backup is stored encrypted or not at all. Without recipients there is nobody to encrypt for, so
`NoVault` keeps nothing and says so; the vault that encrypts with gpg takes its place when live cuts are available.

Source: DESIGN §1.2 (guarantee 5); approvals-and-evidence §6.
"""

from collections.abc import Iterable, Sequence
from typing import NoReturn

from cutter.contracts import StoredBackup
from cutter.stops import Stop, StopCode


class NoVault:
    """The vault of a workspace that names no recipients (`contracts.Vault`)."""

    def recipients(self) -> Sequence[str]:
        """Nobody."""
        return ()

    def store(self, name: str, chunks: Iterable[bytes]) -> NoReturn:
        """Refuse before a byte is taken from the stream.

        Raises:
            Stop: STOP_BACKUP_REFUSED, detail `no_recipients`.
        """
        raise Stop(StopCode.STOP_BACKUP_REFUSED, detail="no_recipients", where=name)

    def find(self, name: str) -> StoredBackup | None:
        """Nothing is kept under any name."""
        return None
