"""The vault: whole or not at all, private, never over another backup; and what tells a backup from something else."""

import os
import resource
from collections.abc import Iterator
from pathlib import Path

import pytest

from cutter import canon
from cutter.contracts import SnapshotFacts, StoredPart
from cutter.custody.manifest import Manifest, Table, read_manifest, split_id
from cutter.custody.vault import BackupVault
from cutter.stops import Stop, StopCode
from tests.support.backups import HOST, NoCipher, ReversingCipher

RUN = "11111111-1111-4111-8111-111111111111"
OTHER = "22222222-2222-4222-8222-222222222222"
FILE = "library.information_unit.copy.gpg"
FACTS = SnapshotFacts("1", "00000001", "0_1", "18.1", {"TimeZone": "UTC"})
CANARY = b"canary in the coal mine "


def vault_at(folder: Path) -> BackupVault:
    """A vault whose cipher needs no gpg."""
    return BackupVault(folder / "backups", ReversingCipher(), HOST)


def manifest_of(backup_id: str, part: StoredPart, file: str = FILE) -> Manifest:
    """A manifest of one table."""
    run, phase = split_id(backup_id)
    table = Table(1, "library.information_unit", file, (), ("id",), 1, "0" * 64, part)
    return Manifest(
        backup_id=backup_id, run_id=run, phase=phase, plan_sha256="", document_id="DOC-1",
        taken_at="2026-01-01T00:00:00Z", snapshot=FACTS, tables=(table,), recipients=("0" * 40,), tool="reversing",
    )  # fmt: skip


def keep(vault: BackupVault, run: str = RUN, phase: str = "backup", data: bytes = CANARY) -> tuple[str, str]:
    """Keep one table: the backup's id and its manifest's digest."""
    with vault.draft(run, phase) as draft:
        manifest = manifest_of(draft.backup_id, draft.keep(FILE, [data]))
        draft.finish(manifest.body)
    return draft.backup_id, canon.sha256(manifest.body)


def refusal(caught: pytest.ExceptionInfo[Stop]) -> tuple[str, int, str]:
    """A stop's code, exit status and detail."""
    return caught.value.code.name, int(caught.value.code.exit), caught.value.detail


def test_what_was_kept_is_read_back(tmp_path: Path) -> None:
    """Without it a backup could not be restored."""
    vault = vault_at(tmp_path)
    backup_id, sha256 = keep(vault)
    vault.check(backup_id, sha256)
    part = vault.manifest(backup_id, sha256).tables[0].part
    assert b"".join(vault.read(backup_id, FILE, part)) == CANARY


def test_a_number_is_used_once(tmp_path: Path) -> None:
    """Without it a second backup of a phase would replace the first."""
    vault = vault_at(tmp_path)
    assert [keep(vault)[0] for _ in range(3)] == [f"{RUN}/backup.{number}" for number in (1, 2, 3)]
    assert keep(vault, phase="backup_enact")[0] == f"{RUN}/backup_enact.1"
    assert vault.listing().backups == (*(f"{RUN}/backup.{n}" for n in (1, 2, 3)), f"{RUN}/backup_enact.1")


def test_a_backup_that_fails_leaves_nothing(tmp_path: Path) -> None:
    """Without it half a backup could be taken for one."""
    vault = vault_at(tmp_path)

    def broken() -> Iterator[bytes]:
        yield CANARY
        raise Stop(StopCode.STOP_DATABASE_UNREACHABLE)

    with pytest.raises(Stop), vault.draft(RUN, "backup") as draft:
        draft.keep(FILE, broken())
    assert list((tmp_path / "backups" / RUN).iterdir()) == []


def test_an_unfinished_draft_is_nobodys_backup(tmp_path: Path) -> None:
    """Without it a backup could be found before its drill."""
    vault = vault_at(tmp_path)
    with vault.draft(RUN, "backup") as draft:
        draft.keep(FILE, [CANARY])
        assert vault.find(draft.backup_id) is None
        assert vault.listing().backups == ()
    assert vault.listing().orphans == ()


def test_no_name_of_a_draft_is_written_twice(tmp_path: Path) -> None:
    """Without it a table could replace another, or a file that somebody put there be written over (O_EXCL)."""
    vault = vault_at(tmp_path)
    with pytest.raises(Stop) as caught, vault.draft(RUN, "backup") as draft:
        draft.keep(FILE, [b"1"])
        draft.keep(FILE, [b"2"])
    assert refusal(caught) == ("STOP_BACKUP_REFUSED", 40, "exists")


def test_files_are_private_whatever_the_umask(tmp_path: Path) -> None:
    """Row 34. Without it a careless umask would open the backups to everybody."""
    before = os.umask(0)
    try:
        backup_id, _ = keep(vault_at(tmp_path))
    finally:
        os.umask(before)
    folder = tmp_path / "backups" / backup_id
    modes = {path.name: path.stat().st_mode & 0o777 for path in (folder.parent.parent, folder.parent, folder)}
    assert set(modes.values()) == {0o700}
    assert {path.stat().st_mode & 0o777 for path in folder.iterdir()} == {0o400}


def test_a_full_disk_is_refused_and_nothing_is_left(tmp_path: Path) -> None:
    """Row 34. Without it a backup that does not fit would be claimed, or a traceback be the answer."""
    vault = vault_at(tmp_path)
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (1000, hard))  # EFBIG as ENOSPC: Python ignores the signal
    try:
        with pytest.raises(Stop) as caught:
            keep(vault, data=CANARY * 1000)
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))
    assert refusal(caught) == ("STOP_BACKUP_REFUSED", 40, "disk_EFBIG")
    assert list((tmp_path / "backups" / RUN).iterdir()) == []


def _link(folder: Path) -> None:
    (folder / "elsewhere").mkdir(mode=0o700)
    (folder / "backups").symlink_to(folder / "elsewhere")


def _linked_run(folder: Path) -> None:
    (folder / "elsewhere").mkdir(mode=0o700)
    (folder / "backups").mkdir(mode=0o700)
    (folder / "backups" / RUN).symlink_to(folder / "elsewhere")


def _open_to_others(folder: Path) -> None:
    (folder / "backups").mkdir()
    (folder / "backups").chmod(0o755)


def _file(folder: Path) -> None:
    (folder / "backups").write_bytes(b"")


PLACES = {
    "a link": (_link, "link_or_folder"),
    "a link for a run": (_linked_run, "link_or_folder"),
    "open to others": (_open_to_others, "open_to_others"),
    "a file": (_file, "link_or_folder"),
}


@pytest.mark.parametrize("name", PLACES)
def test_a_folder_that_is_not_private_is_refused(tmp_path: Path, name: str) -> None:
    """Rows 21, 34. Without it a backup could be led away by a link, or lie where others read and exchange it."""
    make, detail = PLACES[name]
    make(tmp_path)
    with pytest.raises(Stop) as caught:
        keep(vault_at(tmp_path))
    assert refusal(caught) == ("STOP_BACKUP_REFUSED", 40, detail)
    assert not (tmp_path / "elsewhere").exists() or list((tmp_path / "elsewhere").iterdir()) == []


def _in_the_way(draft: Path) -> None:
    (draft / "manifest.json").mkdir()


def _for_a_stream(draft: Path) -> None:
    (draft / FILE).symlink_to(draft / "nowhere")


def _exchanged(draft: Path) -> None:
    draft.rename(draft.with_name("aside"))
    draft.symlink_to(draft.with_name("aside"))


MEANWHILE = {
    "a link for a stream": (_for_a_stream, "exists"),
    "a folder for the manifest": (_in_the_way, "exists"),
    "a link for the draft": (_exchanged, "link_or_folder"),
    "no draft any more": (Path.rmdir, "missing"),
}


@pytest.mark.parametrize("name", MEANWHILE)
def test_what_comes_into_the_way_of_a_draft_refuses_the_backup(tmp_path: Path, name: str) -> None:
    """Row 21. Without it an operator would be told of a path or of a disk, and not that no backup was made."""
    make, detail = MEANWHILE[name]
    vault = vault_at(tmp_path)
    with pytest.raises(Stop) as caught, vault.draft(RUN, "backup") as draft:
        make(next((tmp_path / "backups" / RUN).iterdir()))
        draft.finish(manifest_of(draft.backup_id, draft.keep(FILE, [CANARY])).body)
    assert refusal(caught) == ("STOP_BACKUP_REFUSED", 40, detail)
    assert vault.listing().backups == ()


def test_an_unsafe_path_of_a_key_is_told_as_such(tmp_path: Path) -> None:
    """Without it a key's folder that others can read would look like a fault of the backups' folder."""

    def unsafe() -> Iterator[bytes]:
        yield CANARY
        raise Stop(StopCode.STOP_PATH_UNSAFE, detail="open_to_others", where=str(tmp_path / "gnupg"))

    with pytest.raises(Stop) as caught, vault_at(tmp_path).draft(RUN, "backup") as draft:
        draft.keep(FILE, unsafe())
    assert refusal(caught) == ("STOP_PATH_UNSAFE", 78, "open_to_others")


@pytest.mark.skipif(os.geteuid() != 0, reason="a folder of another user takes root to make")
def test_a_folder_that_cannot_be_written_is_told_beforehand(tmp_path: Path) -> None:
    """Row 34. Without it a rehearsal would call a live run possible that is not."""
    tmp_path.chmod(0o755)
    for folder in list(tmp_path.parents)[:-2]:
        folder.chmod(folder.stat().st_mode | 0o011)
    (tmp_path / "backups").mkdir(mode=0o755)
    child = os.fork()
    if not child:
        os.setgid(65534)
        os.setuid(65534)
        found = [stop.detail for stop in vault_at(tmp_path).refusals(0)]
        os._exit(0 if found == ["folder"] else 1)
    assert os.waitpid(child, 0)[1] == 0


def test_too_little_room_is_told_beforehand(tmp_path: Path) -> None:
    """Row 34. Without it a rehearsal would call a live run possible that is not."""
    assert [stop.detail for stop in vault_at(tmp_path).refusals(1 << 60)] == ["no_space"]
    assert list(vault_at(tmp_path).refusals(1000)) == []
    assert list(tmp_path.iterdir()) == []


def test_without_recipients_no_backup_is_kept(tmp_path: Path) -> None:
    """Without it a backup could be written unencrypted, or be claimed without being kept."""
    taken = []

    def chunks() -> Iterator[bytes]:
        taken.append(1)
        yield CANARY

    vault = BackupVault(tmp_path / "backups", NoCipher(), HOST)
    assert list(vault.recipients()) == []
    with pytest.raises(Stop) as caught, vault.draft(RUN, "backup") as draft:
        draft.keep(FILE, chunks())
    assert refusal(caught) == ("STOP_BACKUP_REFUSED", 40, "no_recipients")
    assert taken == []
    assert vault.listing().backups == ()


def test_a_backup_of_another_run_is_told_as_such(tmp_path: Path) -> None:
    """Row 32. Without it one run's backup could stand for another's."""
    vault = vault_at(tmp_path)
    mine, sha256 = keep(vault)
    theirs, _ = keep(vault, OTHER)
    _replace(tmp_path / "backups" / mine, tmp_path / "backups" / theirs)
    with pytest.raises(Stop) as caught:
        vault.check(mine, sha256)
    assert refusal(caught) == ("STOP_BACKUP_REFUSED", 40, "other_run")


def test_an_older_backup_of_the_same_phase_is_refused(tmp_path: Path) -> None:
    """Row 32. Without it rows of an earlier attempt would be restored."""
    vault = vault_at(tmp_path)
    old, _ = keep(vault, data=b"old")
    new, sha256 = keep(vault, data=b"new")
    _replace(tmp_path / "backups" / new, tmp_path / "backups" / old)
    with pytest.raises(Stop) as caught:
        vault.check(new, sha256)
    assert refusal(caught) == ("STOP_BACKUP_REFUSED", 40, "other_run")


def _replace(target: Path, source: Path) -> None:
    for file in source.iterdir():
        (target / file.name).unlink()
        (target / file.name).write_bytes(file.read_bytes())
        (target / file.name).chmod(0o400)


PART = StoredPart("0" * 64, 1, "1" * 64, 2)
GOOD = manifest_of(f"{RUN}/backup.1", PART)
MANIFESTS = {
    "not JSON": (b"x", "manifest"),
    "not canonical": (GOOD.body + b"\n", "manifest"),
    "unknown key": (GOOD.body.replace(b'{"backup_id"', b'{"a":1,"backup_id"'), "manifest"),
    "format of the future": (GOOD.body.replace(b"cutter.backup/1", b"cutter.backup/2"), "manifest"),
    "deep": (b"[" * 100_000, "manifest"),
    "a file elsewhere": (manifest_of(GOOD.backup_id, PART, "../../x.copy.gpg").body, "manifest"),
    "of another run": (manifest_of(f"{OTHER}/backup.1", PART).body, "other_run"),
    "of another number": (manifest_of(f"{RUN}/backup.2", PART).body, "other_run"),
}


@pytest.mark.parametrize("name", MANIFESTS)
def test_a_manifest_is_canonical_or_refused(name: str) -> None:
    """Rows 12, 32. Without it a manifest could name files elsewhere, or say what nobody looked at."""
    body, detail = MANIFESTS[name]
    with pytest.raises(Stop) as caught:
        read_manifest(body, GOOD.backup_id)
    assert refusal(caught) == ("STOP_BACKUP_REFUSED", 40, detail)


IDS = ["", "..", f"{RUN}/..", f"../{RUN}/backup.1", f"/{RUN}/backup.1", f"{RUN}/backup", f"{RUN}/backup.0",
       f"{RUN}/backup.1/x", f"{RUN}\\backup.1", f"{RUN.upper()}/Backup.1",
       f"{RUN}/backup.1\n", f"{RUN}/backup.1\0"]  # fmt: skip


@pytest.mark.parametrize("backup_id", IDS)
def test_what_is_no_id_becomes_no_path(tmp_path: Path, backup_id: str) -> None:
    """Row 22. Without it an id could lead out of the folder of backups."""
    vault = vault_at(tmp_path)
    for ask in (vault.find, lambda name: list(vault.read(name, FILE, PART))):
        with pytest.raises(Stop) as caught:
            ask(backup_id)
        assert caught.value.code is StopCode.STOP_BACKUP_UNKNOWN
