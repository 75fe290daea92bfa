"""Vaults with real keys for tests, and runs that keep their backups there."""

import base64
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import AbstractContextManager, closing, nullcontext
from pathlib import Path

from cutter.app.system import RandomIds
from cutter.approval.trust import TrustedKey
from cutter.custody.manifest import refused
from cutter.custody.openpgp.encryption import OpenPgpCipher
from cutter.custody.vault import BackupVault
from cutter.engine import execute
from cutter.events import GateWaiting, Record
from cutter.model import Inputs, InputValue, Mode
from cutter.postgres.statements import Roles
from cutter.postgres.transact import Committing, Rehearsing
from cutter.stops import Stop, StopCode
from tests.plugins.keys import Keys
from tests.support.runs import DEMO, Office, ignore

HOST = "a" * 64
RECIPIENTS = ("operator", "sovereign")


def trusted(keys: Keys, name: str) -> TrustedKey:
    """A key as the trust bundle has it."""
    return TrustedKey(fpr=keys.fprs[name], pubkey=base64.b64encode(keys.public(name)).decode())


def cipher_of(keys: Keys, names: Sequence[str] = RECIPIENTS, home: Path | None = None) -> OpenPgpCipher:
    """Encrypts for these persons; decrypts with any of their keys."""
    return OpenPgpCipher(keys.gpg, [trusted(keys, name) for name in names], home or keys.home)


def vault_of(office: Office, keys: Keys, names: Sequence[str] = RECIPIENTS, home: Path | None = None) -> BackupVault:
    """The vault of a test's workspace."""
    return BackupVault(office.workspace / "backups", cipher_of(keys, names, home), HOST)


class ReversingCipher:
    """Turns bytes around in the place of encryption, so that a plain byte on disk would show (`Cipher`)."""

    def recipients(self) -> Sequence[str]:
        """Two who are nobody."""
        return ("0" * 40, "1" * 40)

    def tool(self) -> str:
        """Itself."""
        return "reversing"

    def encrypt(self, chunks: Iterable[bytes]) -> Iterator[bytes]:
        """Every byte with its bits turned over."""
        for chunk in chunks:
            yield bytes(byte ^ 0xFF for byte in chunk)

    def unlocked(self) -> AbstractContextManager[None]:
        """No key to hold."""
        return nullcontext()

    def decrypt(self, chunks: Iterable[bytes], limit: int) -> Iterator[bytes]:
        """The same again."""
        yield from self.encrypt(chunks)


class NoCipher:
    """Where nobody could read a backup (`Cipher`)."""

    def recipients(self) -> Sequence[str]:
        """Nobody."""
        return ()

    def tool(self) -> str:
        """Nothing."""
        return "none"

    def encrypt(self, chunks: Iterable[bytes]) -> Iterator[bytes]:
        """Refuse before a byte is taken. Raises STOP_BACKUP_REFUSED, detail `no_recipients`."""
        raise refused("no_recipients")

    def unlocked(self) -> AbstractContextManager[None]:
        """No key to hold."""
        return nullcontext()

    def decrypt(self, chunks: Iterable[bytes], limit: int) -> Iterator[bytes]:
        """Refuse. Raises STOP_DRILL_REFUSED, detail `no_key`."""
        raise Stop(StopCode.STOP_DRILL_REFUSED, detail="no_key")


def complete(
    office: Office,
    vault: BackupVault,
    run_id: str,
    document_id: str = DEMO,
    before: Callable[[str], None] = lambda gate: None,
    until: str = "",
) -> tuple[Record, ...]:
    """Commit a run to its end; `before` hears of each gate that it waits at, and at the gate `until` it is left."""
    while True:
        records = office.perform(Mode.LIVE, run_id, document_id, vault=vault)
        match records[-1].event:
            case GateWaiting(gate=gate) if gate != until:
                before(gate)
                office.approve(records)
            case _:
                return records


def restore(
    office: Office,
    vault: BackupVault,
    backup_id: str,
    mode: Mode = Mode.LIVE,
    document_id: str = DEMO,
    run_id: str = "",
) -> tuple[Record, ...]:
    """Run the pipeline `restore` to its end; where it waits, the sovereign signs."""
    chosen = run_id or RandomIds().run_id()
    while True:
        records = one_pass(office, vault, backup_id, mode, document_id, chosen)
        if not isinstance(records[-1].event, GateWaiting):
            return records
        office.approve(records)


def one_pass(
    office: Office, vault: BackupVault, backup_id: str, mode: Mode, document_id: str, run_id: str
) -> tuple[Record, ...]:
    """Take a run of `restore` as far as it goes."""
    kind = Rehearsing if mode is Mode.DRYRUN else Committing
    transactor = kind(office.database.conninfo("operator"), f"cutter/{run_id[:8]}", Roles())
    with closing(transactor):
        inputs = Inputs((InputValue("document_id", document_id), InputValue("backup_id", backup_id)))
        order = office._order(office.pipeline("restore"), inputs, mode, run_id, transactor.target.server_version)
        return execute(office._ports(transactor, ignore, vault), order)
