"""The folders of runs: sidecars, events and the result, as files in `.cutter/runs/RUN/`.

Rules kept here: every file is written atomically, readable by its owner only; a run id becomes a path only after it was
checked to be a UUID; a file that is read back must be plain and unshared. What the files must say is decided elsewhere
(`evidence`), by folding the events again.

Source: DESIGN §8; approvals-and-evidence §7 rows 20–22.
"""

import re
from collections.abc import Sequence
from pathlib import Path

from cutter.custody.files import check_private, names_in, private_folder, read_plain, remove_plain, write_atomic
from cutter.stops import Stop, StopCode

EVENTS = "events.jsonl"
INDEX = "index.json"
RESULT = "result.json"
START = "start.json"
FILE_LIMIT = 64 * 1024 * 1024  # bytes; a run of thousands of events stays far below

PREFIX = re.compile(r"[0-9a-f-]{1,36}")  # how the id of a run can begin
_RUN_ID = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}")


class RunFolders:
    """The run folders of a workspace (`contracts.Sidecars`)."""

    def __init__(self, state: Path) -> None:
        self._state = state
        self._runs = state / "runs"

    def folder(self, run_id: str) -> Path:
        """Where a run's files are. Raises STOP_RUN_NOT_FOUND when this is no run id."""
        if not _RUN_ID.fullmatch(run_id):
            raise Stop(StopCode.STOP_RUN_NOT_FOUND)
        return self._runs / run_id

    def write(self, run_id: str, name: str, body: bytes) -> None:
        """Write one file of a run."""
        folder = private_folder(self.folder(run_id), self._state.parent)
        write_atomic(folder / name, body)

    def read(self, run_id: str, name: str) -> bytes | None:
        """One file of a run, or None when it is not there."""
        folder = self.folder(run_id)
        try:
            check_private(folder, self._state.parent)
            return read_plain(folder / name, FILE_LIMIT)
        except FileNotFoundError:
            return None

    def names(self, run_id: str) -> Sequence[str]:
        """The files of a run, but those that a killed writer left half-made under a hidden name."""
        return tuple(name for name in names_in(self.folder(run_id)) if not name.startswith("."))

    def remove(self, run_id: str, name: str) -> None:
        """Remove one file of a run, if it is there."""
        remove_plain(self.folder(run_id) / name)

    def run_ids(self) -> Sequence[str]:
        """The runs that have a folder here. Raises STOP_PATH_UNSAFE, STOP_DISK."""
        return tuple(name for name in names_in(self._runs) if _RUN_ID.fullmatch(name))

    def find(self, prefix: str) -> str:
        """The run whose id begins with `prefix`.

        Raises:
            Stop: STOP_RUN_NOT_FOUND, detail `ambiguous` with the ids when there are several.
        """
        found = sorted(run_id for run_id in self.run_ids() if prefix and run_id.startswith(prefix))
        if len(found) == 1:
            return found[0]
        raise Stop(StopCode.STOP_RUN_NOT_FOUND, detail="ambiguous" if found else "", suggestions=tuple(found[:5]))
