"""Checkpoints as files: what is never written over, what is found again, and how little a live run has to read."""

from pathlib import Path

import pytest

from cutter.checkpoints import PAYLOAD_TYPE, Checkpoint, Place
from cutter.custody.checkpoints import CheckpointFiles
from cutter.custody.files import private_folder
from cutter.custody.machine_key import load_runner_key, make_runner_key
from cutter.stops import Stop

LOG, OTHER = "6b1f0c1e-0000-4000-8000-000000000000", "0a1f0c1e-0000-4000-8000-000000000000"


@pytest.fixture
def files(tmp_path: Path) -> CheckpointFiles:
    """The files of a workspace and of its user."""
    private_folder(tmp_path / "office" / ".cutter")
    return CheckpointFiles(tmp_path / "office", tmp_path / "office" / ".cutter", private_folder(tmp_path / "state"))


def keep(files: CheckpointFiles, folder: Path, size: int, digit: str, log_id: str = LOG) -> bytes:
    """Keep a signed checkpoint; its envelope."""
    key = folder / "key"
    if not key.exists():
        make_runner_key(key)
    made = Checkpoint(log_id=log_id, size=size, head_sha256=digit * 64, at="2026-11-21T10:00:00Z")
    envelope = load_runner_key(key).sign(made.body, PAYLOAD_TYPE)
    files.keep(made, envelope)
    return envelope


def test_the_first_of_a_length_and_hash_stays(files: CheckpointFiles, tmp_path: Path) -> None:
    """Without it an older witness could be replaced by a newer one."""
    first = keep(files, tmp_path, 7, "a")
    (tmp_path / "key" / "runner.key").unlink()
    (tmp_path / "key").rmdir()
    keep(files, tmp_path, 7, "a")

    assert [found.envelope for found in files.known(LOG)] == [first, first]


def test_a_second_hash_of_a_length_is_kept_beside_the_first(files: CheckpointFiles, tmp_path: Path) -> None:
    """Without it a ledger that goes on after it was set back would have no witness at lengths that it had before."""
    both = {keep(files, tmp_path, 7, digit) for digit in "ab"}

    found = files.known(LOG)
    assert {item.envelope for item in found} == both
    assert {(item.log_id, item.size) for item in found} == {(LOG, 7)}
    assert len(found) == 4


def test_of_each_place_and_log_the_longest_is_enough(files: CheckpointFiles, tmp_path: Path) -> None:
    """Without it every live line would read and verify every checkpoint that was ever taken."""
    for size in (7, 300, 12):
        keep(files, tmp_path, size, "a")
    keep(files, tmp_path, 20, "a", OTHER)
    for path in tmp_path.rglob(f"{LOG}-*7.json"):
        path.unlink()
        path.mkdir()  # what is not read cannot stop anything

    found = {(item.place, item.log_id, item.size) for item in files.longest(LOG)}

    assert found == {(Place.WORKSPACE, LOG, 300), (Place.WORKSPACE, OTHER, 20), (Place.USER, LOG, 300)}
    with pytest.raises(Stop):
        files.known(LOG)
