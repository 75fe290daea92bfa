"""Rows 32–34 of the attack table, with the real gpg: only the backup is opened, and nothing plain is left."""

import os
import resource
import subprocess
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path

import pytest

from cutter import canon
from cutter.app.system import RandomIds
from cutter.contracts import StoredPart
from cutter.custody.openpgp.encryption import OpenPgpCipher
from cutter.custody.openpgp.message import one_message
from cutter.custody.openpgp.process import Gpg
from cutter.custody.vault import BackupVault, Draft, Listing
from cutter.model import Mode
from cutter.stops import Stop
from tests.plugins.keys import ED25519, ENCRYPTION, Keys
from tests.support.backups import HOST, cipher_of, complete, restore, trusted, vault_of
from tests.support.runs import Office, outcome_of, stop_of

pytestmark = pytest.mark.attacks

CANARY = b"a canary that nobody else writes 5f1c"
UNIT_FILE = "library.information_unit.copy.gpg"


@pytest.fixture
def cipher(keys: Keys) -> OpenPgpCipher:
    """Encrypts for two persons."""
    return cipher_of(keys)


def _message(cipher: OpenPgpCipher, data: bytes = CANARY) -> bytes:
    return b"".join(cipher.encrypt([data]))


def _gpg(keys: Keys, *arguments: str, data: bytes = CANARY) -> bytes:
    return keys.run(arguments, data=data)[0]


def _to(keys: Keys) -> tuple[str, ...]:
    return ("--recipient", keys.fprs["sovereign"], "--encrypt")


def _flip(data: bytes, at: int) -> bytes:
    return data[:at] + bytes([data[at] ^ 1]) + data[at + 1 :]


Make = Callable[[Keys, OpenPgpCipher], bytes]
MESSAGES: dict[str, tuple[Make, str]] = {
    "cut short": (lambda keys, cipher: _message(cipher)[:-1], "truncated"),
    "cut after the keys": (lambda keys, cipher: _message(cipher)[:190], "truncated"),
    "nothing": (lambda keys, cipher: b"", "truncated"),
    "a bit of the data flipped": (lambda keys, cipher: _flip(_message(cipher), -10), "decryption"),
    "a bit of a session key flipped": (lambda keys, cipher: _flip(_message(cipher), 30), "decryption"),
    "plain text": (lambda keys, cipher: CANARY, "not_encrypted"),
    "an unencrypted literal": (lambda keys, cipher: _gpg(keys, "--store"), "not_encrypted"),
    "compressed only": (lambda keys, cipher: _gpg(keys, "--compress-algo", "zip", "--store"), "not_encrypted"),
    "signed only": (lambda keys, cipher: keys.sign("sovereign", CANARY, how="--sign"), "not_encrypted"),
    "clearsigned": (lambda keys, cipher: keys.sign("sovereign", CANARY, how="--clear-sign"), "not_encrypted"),
    "armoured": (lambda keys, cipher: _gpg(keys, "--armor", *_to(keys)), "not_encrypted"),
    "two messages": (lambda keys, cipher: _message(cipher) * 2, "trailing"),
    "a literal before it": (lambda keys, cipher: _gpg(keys, "--store") + _message(cipher), "not_encrypted"),
    "a literal behind it": (lambda keys, cipher: _message(cipher) + _gpg(keys, "--store"), "trailing"),
    "a byte behind it": (lambda keys, cipher: _message(cipher) + b"\0", "trailing"),
    "signed by somebody within": (
        lambda keys, cipher: _gpg(keys, "--local-user", keys.fprs["form"], "--sign", *_to(keys)), "decryption"),
    "larger than said": (lambda keys, cipher: _message(cipher, CANARY + b"!"), "too_large"),
    "for a passphrase": (
        lambda keys, cipher: _gpg(keys, "--pinentry-mode", "loopback", "--passphrase", "x", "--symmetric"),
        "not_encrypted"),
}  # fmt: skip


@pytest.mark.parametrize("name", MESSAGES)
def test_only_one_whole_encrypted_message_is_opened(keys: Keys, cipher: OpenPgpCipher, name: str) -> None:
    """Row 33. Without it gpg would hand out what nobody encrypted, with exit status 0."""
    make, detail = MESSAGES[name]
    with pytest.raises(Stop) as caught:
        list(cipher.decrypt([make(keys, cipher)], len(CANARY)))
    assert (caught.value.code.name, int(caught.value.code.exit), caught.value.detail) == (
        "STOP_BACKUP_REFUSED", 40, detail)  # fmt: skip


@pytest.mark.parametrize("size", [0, 1, 191, 192, 8383, 8384, 65536, 300_000])
@pytest.mark.parametrize("step", [1 << 20, 1000])
def test_a_whole_message_is_opened(cipher: OpenPgpCipher, size: int, step: int) -> None:
    """Without it a message of an awkward length would be refused."""
    data = os.urandom(size)
    message = b"".join(cipher.encrypt(data[i : i + step] for i in range(0, size, step)))
    chunks = [message[i : i + step] for i in range(0, len(message), step)]
    assert b"".join(cipher.decrypt(chunks, size)) == data


def test_a_message_is_followed_byte_by_byte(cipher: OpenPgpCipher) -> None:
    """Without it a packet whose head stands across two pieces would be misread."""
    message = _message(cipher, os.urandom(20_000))
    assert b"".join(one_message(bytes([byte]) for byte in message)) == message


def test_a_small_file_that_becomes_large_is_ended(keys: Keys, cipher: OpenPgpCipher) -> None:
    """Row 33. Without it 200 MB of nothing in 540 bytes would fill the disk or the memory."""
    bomb = _gpg(keys, "--compress-algo", "bzip2", *_to(keys), data=bytes(200_000_000))
    assert len(bomb) < 10_000
    taken = 0
    with pytest.raises(Stop) as caught:
        for chunk in cipher.decrypt([bomb], 1000):
            taken += len(chunk)
    assert caught.value.detail == "too_large"
    assert taken <= 1000


def _expired(keys: Keys) -> str:
    if "expired" not in keys.fprs:
        long_ago = datetime(2020, 1, 1, tzinfo=UTC)
        keys.make("expired", parameters=ED25519 + ENCRYPTION, days=1, at=long_ago)
    return "expired"


def _revoked(keys: Keys) -> str:
    if "revoked recipient" not in keys.fprs:
        keys.make("revoked recipient", parameters=ED25519 + ENCRYPTION)
        keys.revoke("revoked recipient")
    return "revoked recipient"


def _cannot_encrypt(keys: Keys) -> str:
    if "signer only" not in keys.fprs:
        keys.make("signer only")
    return "signer only"


RECIPIENTS = {"expired": _expired, "revoked": _revoked, "a key that only signs": _cannot_encrypt}


@pytest.mark.parametrize("name", RECIPIENTS)
def test_a_recipient_that_cannot_read_is_refused(office: Office, keys: Keys, name: str) -> None:
    """Row 34. Without it a backup could be made that nobody can open."""
    vault = vault_of(office, keys, ("operator", RECIPIENTS[name](keys)))
    assert [(stop.code.name, stop.detail) for stop in vault.refusals(0)] == [("STOP_BACKUP_REFUSED", "recipient")]
    with pytest.raises(Stop), vault.draft(RandomIds().run_id(), "backup") as draft:
        draft.keep(UNIT_FILE, [CANARY])
    assert vault.listing().backups == ()


def test_a_recipient_whose_key_is_somebody_elses_is_refused(keys: Keys) -> None:
    """Row 34. Without it a fingerprint in the bundle could stand beside an attacker's key."""
    right, wrong = trusted(keys, "operator"), trusted(keys, "form")
    mixed = type(right)(fpr=right.fpr, pubkey=wrong.pubkey)
    with pytest.raises(Stop) as caught:
        _message(OpenPgpCipher(keys.gpg, [mixed, trusted(keys, "sovereign")], keys.home))
    assert caught.value.detail == "recipient"


def test_who_is_no_recipient_cannot_read_it(keys: Keys, tmp_path: Path) -> None:
    """Without it encryption would be a word."""
    (tmp_path / "home").mkdir(mode=0o700)
    stranger = OpenPgpCipher(keys.gpg, [trusted(keys, "operator")], tmp_path / "home")
    with pytest.raises(Stop) as caught:
        list(stranger.decrypt([_message(cipher_of(keys))], 1000))
    assert (caught.value.code.name, caught.value.detail) == ("STOP_DRILL_REFUSED", "no_key")


def test_without_gpg_there_is_no_backup(keys: Keys) -> None:
    """Row 17. Without it a host without gpg would answer with a traceback."""
    absent = OpenPgpCipher(Gpg(None), [trusted(keys, "operator")], keys.home)
    with pytest.raises(Stop) as caught:
        _message(absent)
    assert caught.value.detail == "gpg_failed"


def _reencrypted(folder: Path, keys: Keys) -> None:
    """The attacker has the public keys, and so makes a backup that decrypts well; also the manifest is made anew."""
    message = b"".join(cipher_of(keys).encrypt([CANARY]))
    _put(folder / UNIT_FILE, message)


def _reencrypted_with_manifest(folder: Path, keys: Keys) -> None:
    _reencrypted(folder, keys)
    body = (folder / "manifest.json").read_bytes()
    _put(folder / "manifest.json", body.replace(b'"row_count":', b'"row_count":1', 1))


def _put(path: Path, data: bytes) -> None:
    path.chmod(0o600)
    path.write_bytes(data)
    path.chmod(0o400)


SWAPS = {
    "re-encrypted by an attacker": (_reencrypted, {"digest", "truncated"}),
    "re-encrypted with a manifest to match": (_reencrypted_with_manifest, {"digest", "manifest"}),
}


@pytest.mark.parametrize("name", SWAPS)
def test_a_backup_that_an_attacker_made_is_not_restored(office: Office, keys: Keys, name: str) -> None:
    """Row 32. Without it whoever has the public keys could write rows through a restore."""
    attack, details = SWAPS[name]
    vault = vault_of(office, keys)
    kept = outcome_of(complete(office, vault, RandomIds().run_id()), "backup_enact")
    before = office.rows("SELECT u::text FROM library.information_unit AS u ORDER BY id")
    attack(office.workspace / "backups" / str(kept["backup_id"]), keys)

    stop = stop_of(restore(office, vault, str(kept["backup_id"])))

    assert stop.code == "STOP_BACKUP_REFUSED"
    assert stop.detail in details
    assert office.rows("SELECT u::text FROM library.information_unit AS u ORDER BY id") == before


def test_a_backup_swapped_with_another_runs_is_not_restored(office: Office, keys: Keys) -> None:
    """Row 32. Without it the rows of one run could be restored as another's."""
    vault = vault_of(office, keys)
    office.add_text("OTHER-1", "Điều 1. Một.\nĐiều 2. Hai.\n")
    mine = outcome_of(complete(office, vault, RandomIds().run_id()), "backup_enact")
    theirs = outcome_of(complete(office, vault, RandomIds().run_id(), "OTHER-1"), "backup_enact")
    folder = office.workspace / "backups"
    for file in (folder / str(theirs["backup_id"])).iterdir():
        _put(folder / str(mine["backup_id"]) / file.name, file.read_bytes())

    stop = stop_of(restore(office, vault, str(mine["backup_id"])))
    assert (stop.code, stop.detail) == ("STOP_BACKUP_REFUSED", "other_run")


class _FullDisk(BackupVault):
    """A vault on whose disk a file has only so much room; the limit of the process stands in for the disk."""

    room = 0

    @contextmanager
    def draft(self, run_id: str, phase: str) -> Iterator[Draft]:
        """Begin a backup on the full disk."""
        before = resource.getrlimit(resource.RLIMIT_FSIZE)
        resource.setrlimit(resource.RLIMIT_FSIZE, (self.room, before[1]))
        try:
            with super().draft(run_id, phase) as draft:
                yield draft
        finally:
            resource.setrlimit(resource.RLIMIT_FSIZE, before)


@pytest.mark.parametrize("room", [0, 2000], ids=["for nothing", "for the streams, not for the manifest"])
def test_a_disk_that_fills_up_leaves_no_backup_and_no_rows(office: Office, keys: Keys, room: int) -> None:
    """Row 34. Without it a run could go on with half a backup."""
    vault = _FullDisk(office.workspace / "backups", cipher_of(keys), HOST)
    vault.room = room
    run_id = RandomIds().run_id()
    records = office.perform(Mode.LIVE, run_id, vault=vault)
    office.approve(records)

    stop = stop_of(office.perform(Mode.LIVE, run_id, vault=vault))

    assert (stop.code, stop.exit, stop.detail) == ("STOP_BACKUP_REFUSED", 40, "disk_EFBIG")
    assert office.rows("SELECT count(*) FROM library.information_unit") == [(0,)]
    assert vault.listing() == Listing((), ())


def test_no_plain_text_is_left_anywhere(office: Office, keys: Keys) -> None:
    """Rows 33, 44. Without it a backup's text would lie in a file that nobody thinks of."""
    canary = "hoàng yến trong mỏ than 5f1c"
    office.add_text("CANARY-1", f"Điều 1. {canary}.\nĐiều 2. Hai.\n")
    vault = vault_of(office, keys)
    since = max(path.stat().st_mtime for path in [office.workspace])
    kept = outcome_of(complete(office, vault, RandomIds().run_id(), "CANARY-1"), "backup_enact")
    folder = office.workspace / "backups" / str(kept["backup_id"])
    part = vault.manifest(str(kept["backup_id"]), str(kept["manifest_sha256"])).table("library.information_unit").part
    assert canary.encode() in b"".join(vault.read(str(kept["backup_id"]), UNIT_FILE, part))
    _put(folder / UNIT_FILE, (folder / UNIT_FILE).read_bytes()[:-5])
    stop_of(restore(office, vault, str(kept["backup_id"]), document_id="CANARY-1"))

    assert _files_with(canary.encode(), office.workspace, since) == [office.workspace / "documents" / "CANARY-1.1.txt"]
    assert _files_with(canary.encode(), Path("/tmp"), since, but=office.workspace) == []
    assert list(Path("/tmp").glob("cutter-*/recipients.gpg")) == []


def _files_with(canary: bytes, folder: Path, since: float, but: Path | None = None) -> list[Path]:
    found = subprocess.run(
        ["grep", "-rlaF", "--devices=skip", "--exclude-dir=bash_jobs*", canary.decode(), str(folder)],
        capture_output=True, text=True, check=False,
    ).stdout.splitlines()  # fmt: skip
    paths = [Path(line) for line in found]
    return [p for p in paths if p.stat().st_mtime >= since and not (but and p.is_relative_to(but))]


def _bytes(data: bytes) -> Iterator[bytes]:
    yield data


def test_what_decrypts_well_and_is_not_what_was_kept_is_refused(keys: Keys, tmp_path: Path) -> None:
    """Row 32. Without it the plain bytes would count for what the file's digest alone says."""
    vault = BackupVault(tmp_path / "backups", cipher_of(keys), HOST)
    with vault.draft(RandomIds().run_id(), "backup") as draft:
        part = draft.keep(UNIT_FILE, _bytes(CANARY))
        other = StoredPart(canon.sha256(b"x" * len(CANARY)), part.plain_size, part.cipher_sha256, part.cipher_size)
        with pytest.raises(Stop) as caught:
            list(draft.read(UNIT_FILE, other))
    assert caught.value.detail == "digest"
