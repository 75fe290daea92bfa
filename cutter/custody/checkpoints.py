"""Checkpoints as files, in two places outside the database: the workspace, and the user's own folder.

Rules kept here: a file is never written over (an older witness must not be replaced); its name is the log and the
length that it speaks of, so that one that was swapped is seen; what a file says is judged elsewhere. After a database
was set back a length can have a second hash: that file has its first digits in its name as well.

Source: approvals-and-evidence §4 (Copies outside the database).
"""

import base64
import re
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import NamedTuple

import msgspec

from cutter.checkpoints import Checkpoint, Place, read_checkpoint
from cutter.custody.files import check_private, create_exclusive, names_in, private_folder, read_plain

_FOLDER = "checkpoints"
_NAME = re.compile(r"(?P<log>[0-9a-f-]{36})-(?P<size>[0-9]{16})(-[0-9a-f]{16})?\.json")
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
        """Write a checkpoint to both places; where the same length with the same hash is kept already, that one stays.

        Raises:
            Stop: STOP_PATH_UNSAFE, STOP_DISK.
        """
        name = f"{checkpoint.log_id}-{checkpoint.size:016d}"
        for folder in (
            private_folder(self._workspace, self._base),
            private_folder(self._user / checkpoint.log_id),
        ):
            try:
                create_exclusive(folder / f"{name}.json", envelope)
            except FileExistsError:
                if not _says(read_plain(folder / f"{name}.json", _LARGEST_FILE), checkpoint):
                    with suppress(FileExistsError):
                        create_exclusive(folder / f"{name}-{checkpoint.head_sha256[:16]}.json", envelope)

    def known(self, log_id: str) -> tuple[KeptCheckpoint, ...]:
        """Every checkpoint of this workspace, and those that the user keeps of this log.

        A workspace has one database: what it keeps of another log is evidence too. Raises STOP_PATH_UNSAFE, STOP_DISK.
        """
        return tuple(self._read(found) for found in self._find(log_id))

    def longest(self, log_id: str) -> tuple[KeptCheckpoint, ...]:
        """Of those, the longest of each place and log: nothing else is read. Raises as `known`."""
        found = sorted(self._find(log_id), key=lambda item: item.size)
        return tuple(self._read(item) for item in {(item.place, item.log_id): item for item in found}.values())

    def _find(self, log_id: str) -> Iterator["_Found"]:
        for place, folder in ((Place.WORKSPACE, self._workspace), (Place.USER, self._user / log_id)):
            with suppress(FileNotFoundError):
                check_private(folder, self._base if place is Place.WORKSPACE else folder.parent)
            for name in names_in(folder):
                named = _NAME.fullmatch(name)
                if named is not None:
                    yield _Found(place, folder / name, named["log"], int(named["size"]))

    def _read(self, found: "_Found") -> KeptCheckpoint:
        envelope = read_plain(found.path, _LARGEST_FILE)
        return KeptCheckpoint(found.place, str(found.path), found.log_id, found.size, envelope)


class _Found(NamedTuple):
    """A checkpoint's file, by its name."""

    place: Place
    path: Path
    log_id: str
    size: int


def _says(envelope: bytes, checkpoint: Checkpoint) -> bool:
    """Whether a file names this hash, whoever signed it: nothing is believed by that."""
    try:
        payload = base64.b64decode(msgspec.json.decode(envelope)["payload"])
        found = read_checkpoint(payload)
    except (msgspec.MsgspecError, KeyError, TypeError, ValueError):
        return False
    return found is not None and found.head_sha256 == checkpoint.head_sha256
