"""The atomic writer and the plain reader against links, other owners, full disks and half-written files."""

import errno
import os
import stat
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from cutter.custody import files
from cutter.stops import Stop, StopCode

LIMIT = 1000
_LINK = os.link


def _mode(path: Path) -> int:
    return stat.S_IMODE(path.lstat().st_mode)


@pytest.mark.parametrize("umask", [0o000, 0o022, 0o777], ids=oct)
def test_a_file_is_private_whatever_the_umask(tmp_path: Path, umask: int) -> None:
    """Without it a loose umask would let others read what cutter keeps, and a tight one would lock cutter out."""
    before = os.umask(umask)
    try:
        files.write_atomic(tmp_path / "a", b"x")
        files.create_exclusive(tmp_path / "b", b"x")
    finally:
        os.umask(before)
    assert (_mode(tmp_path / "a"), _mode(tmp_path / "b")) == (0o600, 0o600)


def test_a_file_is_replaced_as_a_whole_and_nothing_is_left_beside_it(tmp_path: Path) -> None:
    """Without it a shorter second version would keep the tail of the first, or temporary files would pile up."""
    path = tmp_path / "a"
    files.write_atomic(path, b"long first version")
    files.write_atomic(path, b"second")
    assert path.read_bytes() == b"second"
    assert [entry.name for entry in tmp_path.iterdir()] == ["a"]


def test_a_new_file_never_replaces_another(tmp_path: Path) -> None:
    """Without it registering a text would overwrite somebody's file of the same name."""
    path = tmp_path / "a"
    path.write_bytes(b"theirs")
    with pytest.raises(FileExistsError):
        files.create_exclusive(path, b"ours")
    assert path.read_bytes() == b"theirs"
    assert [entry.name for entry in tmp_path.iterdir()] == ["a"]


def test_a_new_file_has_no_other_name_before_its_own(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Without it a process that is killed there would leave a file with two names, which every reader then refuses."""
    seen: list[list[str]] = []

    def link(*given: Any, **more: Any) -> None:
        seen.append([entry.name for entry in tmp_path.iterdir()])
        _LINK(*given, **more)

    monkeypatch.setattr(os, "link", link)
    files.create_exclusive(tmp_path / "a", b"x")
    with files.creating(tmp_path / "b") as file:
        file.write(b"y")

    assert seen == [[], ["a"]]
    assert files.read_plain(tmp_path / "a", LIMIT) + files.read_plain(tmp_path / "b", LIMIT) == b"xy"


def test_a_file_system_without_nameless_files_gets_a_whole_file_too(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Without it nothing could be kept on a network's file system, or a half-written file would be left there."""
    monkeypatch.setattr(os, "O_TMPFILE", 0)
    files.create_exclusive(tmp_path / "a", b"x")
    with pytest.raises(FileExistsError):
        files.create_exclusive(tmp_path / "a", b"other")

    assert files.read_plain(tmp_path / "a", LIMIT) == b"x"
    assert [entry.name for entry in tmp_path.iterdir()] == ["a"]


def test_a_link_in_the_place_of_a_file_is_replaced_and_not_followed(tmp_path: Path) -> None:
    """Without it whoever puts a link into a run's folder could have cutter overwrite a file elsewhere."""
    victim = tmp_path / "victim"
    victim.write_bytes(b"precious")
    (tmp_path / "sidecar").symlink_to(victim)
    files.write_atomic(tmp_path / "sidecar", b"new")
    assert victim.read_bytes() == b"precious"
    assert not (tmp_path / "sidecar").is_symlink()


def _file(path: Path) -> None:
    path.write_bytes(b"x")
    path.chmod(0o600)


def _symbolic_link(path: Path) -> None:
    _file(path.with_name("target"))
    path.symlink_to(path.with_name("target"))


def _dangling_link(path: Path) -> None:
    path.symlink_to(path.with_name("nowhere"))


def _hard_link(path: Path) -> None:
    _file(path.with_name("target"))
    path.hardlink_to(path.with_name("target"))


def _fifo(path: Path) -> None:
    os.mkfifo(path, 0o600)


def _folder(path: Path) -> None:
    path.mkdir(mode=0o700)


def _group_writable(path: Path) -> None:
    _file(path)
    path.chmod(0o620)


def _other_owner(path: Path) -> None:
    if os.geteuid() != 0:
        pytest.skip("only root can give a file away")
    _file(path)
    os.chown(path, 12345, 12345)


def _too_large(path: Path) -> None:
    path.write_bytes(b"x" * (LIMIT + 1))
    path.chmod(0o600)


FILE_CASES = [
    # what stands there, refused as, also refused when shared
    (_symbolic_link, "link_or_folder", True),
    (_dangling_link, "link_or_folder", True),
    (_fifo, "not_plain", True),
    (_folder, "not_plain", True),
    (_too_large, f"limit_{LIMIT}_bytes", True),
    (_hard_link, "hard_link", False),
    (_group_writable, "writable_by_others", False),
    (_other_owner, "other_owner", False),
]


@pytest.mark.parametrize(("make", "detail", "always"), FILE_CASES, ids=[case[0].__name__[1:] for case in FILE_CASES])
def test_what_is_not_a_plain_file_of_our_own_is_refused(
    tmp_path: Path, make: Callable[[Path], None], detail: str, always: bool
) -> None:
    """Without it a run's evidence could be read from a file that somebody else controls, or a FIFO would hang it."""
    path = tmp_path / "file"
    make(path)
    with pytest.raises(Stop) as caught:
        files.read_plain(path, LIMIT)
    assert (caught.value.code, caught.value.detail) == (StopCode.STOP_PATH_UNSAFE, detail)
    assert caught.value.where == str(path)
    if always:
        with pytest.raises(Stop):
            files.read_plain(path, LIMIT, shared=True)
    else:
        assert files.read_plain(path, LIMIT, shared=True) == b"x"


def test_a_file_of_exactly_the_limit_is_read(tmp_path: Path) -> None:
    """Without it the limit could be off by one, and a text of the stated size would be refused."""
    files.write_atomic(tmp_path / "a", b"x" * LIMIT)
    assert len(files.read_plain(tmp_path / "a", LIMIT)) == LIMIT


def test_a_linked_folder_is_refused(tmp_path: Path) -> None:
    """Without it a link in the place of a run's folder would move its evidence somewhere else."""
    (tmp_path / "real").mkdir()
    _file(tmp_path / "real" / "a")
    (tmp_path / "run").symlink_to("real")
    for act in (
        lambda: files.read_plain(tmp_path / "run" / "a", LIMIT),
        lambda: files.write_atomic(tmp_path / "run" / "a", b"y"),
        lambda: files.private_folder(tmp_path / "run"),
    ):
        with pytest.raises(Stop) as caught:
            act()
        assert (caught.value.code, caught.value.detail) == (StopCode.STOP_PATH_UNSAFE, "link_or_folder")
    assert (tmp_path / "real" / "a").read_bytes() == b"x"


def test_missing_folders_are_made_private(tmp_path: Path) -> None:
    """Without it folders above a run's own could be made readable by everybody."""
    made = files.private_folder(tmp_path / "state" / "runs" / "one")
    assert [_mode(folder) for folder in (made, made.parent, made.parent.parent)] == [0o700] * 3
    assert files.private_folder(made) == made


def _open_to_group(path: Path) -> None:
    path.mkdir()
    path.chmod(0o750)


def _other_owners_folder(path: Path) -> None:
    if os.geteuid() != 0:
        pytest.skip("only root can give a folder away")
    path.mkdir(mode=0o700)
    os.chown(path, 12345, 12345)


@pytest.mark.parametrize(
    ("make", "detail"),
    [
        (_file, "link_or_folder"),
        (_fifo, "link_or_folder"),
        (_open_to_group, "open_to_others"),
        (_other_owners_folder, "other_owner"),
    ],
)
@pytest.mark.parametrize("below", ["", "runs/one"], ids=["the folder itself", "a folder above it"])
def test_a_folder_that_others_can_enter_is_refused(
    tmp_path: Path, make: Callable[[Path], None], detail: str, below: str
) -> None:
    """Without it others could read, swap or delete evidence in an existing folder that was taken over."""
    make(tmp_path / "state")
    with pytest.raises(Stop) as caught:
        files.private_folder(tmp_path / "state" / below, base=tmp_path)
    assert (caught.value.code, caught.value.detail) == (StopCode.STOP_PATH_UNSAFE, detail)
    assert caught.value.where == str(tmp_path / "state")


@pytest.mark.parametrize("number", [errno.ENOSPC, errno.EROFS, errno.EACCES], ids=errno.errorcode.__getitem__)
def test_a_disk_that_refuses_leaves_the_old_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, number: int) -> None:
    """Without it a full disk would end in a traceback, a half-written file, or a lost old one."""
    path = tmp_path / "a"
    files.write_atomic(path, b"old")

    def refuse(_descriptor: int) -> None:
        raise OSError(number, os.strerror(number))

    monkeypatch.setattr(os, "fsync", refuse)
    with pytest.raises(Stop) as caught:
        files.write_atomic(path, b"new")
    assert (caught.value.code, caught.value.detail) == (StopCode.STOP_DISK, errno.errorcode[number])
    assert path.read_bytes() == b"old"
    assert [entry.name for entry in tmp_path.iterdir()] == ["a"]


def test_a_missing_file_is_for_the_caller_to_judge(tmp_path: Path) -> None:
    """Without it a workspace without an index could not be told from a broken disk."""
    with pytest.raises(FileNotFoundError):
        files.read_plain(tmp_path / "nothing", LIMIT)


def test_names_in_a_folder(tmp_path: Path) -> None:
    """Without it a list of runs would end with a fault where a file stands in the folder's place."""
    (tmp_path / "b").touch()
    (tmp_path / "a").touch()

    assert files.names_in(tmp_path) == ("a", "b")
    assert files.names_in(tmp_path / "none") == ()
    with pytest.raises(Stop) as caught:
        files.names_in(tmp_path / "a")
    assert caught.value.code is StopCode.STOP_PATH_UNSAFE


def test_open_permissions_are_answered_with_those_that_are_needed(tmp_path: Path) -> None:
    """«Put a plain folder there» helps nobody whose folder is plain and open."""
    folder = tmp_path / "open"
    folder.mkdir()
    folder.chmod(0o755)
    with pytest.raises(Stop) as caught:
        files.private_folder(folder)
    assert (caught.value.found, caught.value.needed) == ("0755", "permissions 0700")
