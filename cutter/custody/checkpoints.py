"""Checkpoints as files, in two places outside the database: the workspace, and the user's own folder.

Rules kept here: a file is never written over (an older witness must not be replaced); its name is the log and the
length that it speaks of, so that one that was swapped is seen; what a file says is judged elsewhere.

Source: approvals-and-evidence §4 (Copies outside the database).
"""

import re
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import msgspec

from cutter.checkpoints import Checkpoint, Place
from cutter.custody.files import check_private, create_exclusive, names_in, private_folder, read_plain

_FOLDER = "checkpoints"
_NAME = re.compile(r"(?P<log>[0-9a-f-]{36})-(?P<size>[0-9]{16})\.json")
_LARGEST_FILE = 8192  # bytes


class KeptCheckpoint(msgspec.Struct, frozen=True):
    """An envelope with where it is kept, and the log and length that its place names."""

    place: Place
    source: str
    log_id: str
    size: int
    envelope: bytes


class CheckpointFiles:
    """The checkpoint files of a workspace and of its user."""

    def __init__(self, workspace: Path, state: Path, user_state: Path) -> None:
        self._base = workspace
        self._workspace = state / _FOLDER
        self._user = user_state / _FOLDER

    def keep(self, checkpoint: Checkpoint, envelope: bytes) -> None:
        """Write a checkpoint to both places; where one of its length is kept already, that one stays.

        Raises:
            Stop: STOP_PATH_UNSAFE, STOP_DISK.
        """
        name = f"{checkpoint.log_id}-{checkpoint.size:016d}.json"
        for folder in (
            private_folder(self._workspace, self._base),
            private_folder(self._user / checkpoint.log_id),
        ):
            with suppress(FileExistsError):
                create_exclusive(folder / name, envelope)

    def known(self, log_id: str) -> tuple[KeptCheckpoint, ...]:
        """Every checkpoint of this workspace, and those that the user keeps of this log.

        A workspace has one database: what it keeps of another log is evidence too. Raises STOP_PATH_UNSAFE, STOP_DISK.
        """
        return (*self._read(Place.WORKSPACE, self._workspace), *self._read(Place.USER, self._user / log_id))

    def _read(self, place: Place, folder: Path) -> Iterator[KeptCheckpoint]:
        with suppress(FileNotFoundError):
            check_private(folder, self._base if place is Place.WORKSPACE else folder.parent)
        for name in names_in(folder):
            path = folder / name
            named = _NAME.fullmatch(name)
            if named is not None:
                envelope = read_plain(path, _LARGEST_FILE)
                yield KeptCheckpoint(place, str(path), named["log"], int(named["size"]), envelope)
