"""Files that are written piece by piece: whole under their name, or not there at all."""

from pathlib import Path

import pytest

from cutter.custody.files import creating
from cutter.stops import Stop, StopCode


def test_a_file_appears_when_it_is_whole(tmp_path: Path) -> None:
    """Without it a program could read half an export."""
    path = tmp_path / "export"
    with creating(path, 0o644) as file:
        file.write(b"a" * 100_000)
        assert not path.exists()
        file.write(b"b")

    assert path.read_bytes() == b"a" * 100_000 + b"b"
    assert path.stat().st_mode & 0o777 == 0o644
    assert [each.name for each in tmp_path.iterdir()] == ["export"]


def test_what_is_interrupted_leaves_nothing(tmp_path: Path) -> None:
    """Without it a stop in the middle would leave a file that looks like a result."""
    with pytest.raises(Stop), creating(tmp_path / "export") as file:
        file.write(b"a")
        raise Stop(StopCode.STOP_TEXT_NOT_XML)

    assert not list(tmp_path.iterdir())


def test_an_existing_name_is_never_taken(tmp_path: Path) -> None:
    """Without it an export could be written over a file, or through a link to one."""
    path, link = tmp_path / "export", tmp_path / "link"
    path.write_bytes(b"kept")
    link.symlink_to(tmp_path / "elsewhere")
    for taken in (path, link):
        with pytest.raises(FileExistsError), creating(taken):
            pytest.fail("the work must not begin")

    assert path.read_bytes() == b"kept"
    assert not (tmp_path / "elsewhere").exists()


def test_a_name_that_is_taken_meanwhile_is_left_alone(tmp_path: Path) -> None:
    """Without it two exports at once could overwrite each other."""
    path = tmp_path / "export"
    with pytest.raises(FileExistsError), creating(path) as file:
        file.write(b"late")
        path.write_bytes(b"first")

    assert path.read_bytes() == b"first"
    assert [each.name for each in tmp_path.iterdir()] == ["export"]
