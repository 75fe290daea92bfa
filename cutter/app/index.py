"""What completion and the first screen know of a workspace: names of documents, pipelines, profiles, backups, runs.

Rules kept here:

- No index of its own that could be out of date: names are read where they stand, with no parser of YAML or JSON and no
  database, because this runs at every press of TAB. What a line does not say plainly is left out.
- A name is told only when it has the form that cutter gives such names, so that none needs a quote in a shell.
- It looks at plain files of a bounded size, at the newest runs only, and never fails: what cannot be read is not there.
- A run is told as this host's folder knows it. Who needs the truth asks `cutter runs list`.

Source: issue 6, part 6; command-line.md §1 row 15.
"""

import os
import re
import stat
from collections.abc import Iterator
from typing import NamedTuple

from cutter.resources import shared

RUNS_LOOKED_AT = 200
_LARGEST = 1 << 20  # bytes of a file
_WORKSPACE_FILE = "cutter.yaml"

# Runs of spaces are bounded, so that no file can make a search slow.
_DOCUMENT = re.compile(
    r"^[ ]{0,40}-[ ]{0,9}\{?[ ]{0,9}id:[ ]{0,9}[\"']?([A-Z0-9][A-Z0-9._-]{1,62})[\"']?[ ]{0,40}(?:[,}#].*)?$",
    re.MULTILINE,
)
_NAME = re.compile(r"[a-z][a-z0-9._-]{0,62}")
_GATE = re.compile(r"^[ ]{0,40}(?:gate:[ ]{0,9}\{)?[ ]{0,9}id:[ ]{0,9}[\"']?(GATE_[A-Z][A-Z_]{1,57})\b", re.MULTILINE)
_INPUTS = re.compile(r"^inputs:[ ]{0,40}(?:#.*)?\n((?:[ ]+.*\n|\n|#.*\n)+)", re.MULTILINE)
_INPUT = re.compile(r"^  ([a-z][a-z0-9_]{0,62}):", re.MULTILINE)
_RUN_ID = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}")
_BACKUP = re.compile(r"[a-z][a-z0-9_]{0,62}\.[0-9]{1,6}")

# The first lines of `result.json`, which is written with two spaces, and of `start.json`, which is canonical JSON.
_FIELD = re.compile(r'^  "(pipeline|mode|status|document_id|approval_kb_id)": "([A-Za-z0-9._/-]{1,200})"', re.MULTILINE)
_STARTED_LIVE = re.compile(r'"mode":"live"')
_STARTED_DOCUMENT = re.compile(r'"name":"document_id","value":"([A-Z0-9][A-Z0-9._-]{1,62})"')
_STARTED_PIPELINE = re.compile(r'"story":\{[^{}]*"pipeline":"([a-z][a-z0-9._-]{0,62})"')

UNFINISHED = "unfinished"
_OPEN = ("waiting", UNFINISHED)


class KnownRun(NamedTuple):
    """A run of the workspace's folder; fields that its files do not say are empty."""

    run_id: str
    pipeline: str
    mode: str
    status: str
    document_id: str
    approval_kb_id: str

    @property
    def is_open(self) -> bool:
        """Whether a person can still do something about it: it is live, and waits or was interrupted."""
        return self.mode == "live" and self.status in _OPEN


def find_workspace(folder: str) -> str | None:
    """The nearest folder with `cutter.yaml`, from this one upwards; None where there is none."""
    here = os.path.abspath(folder)  # noqa: PTH100  this module loads as little as it can
    while True:
        if os.path.lexists(os.path.join(here, _WORKSPACE_FILE)):  # noqa: PTH118
            return here
        above = os.path.dirname(here)  # noqa: PTH120
        if above == here:
            return None
        here = above


def document_ids(workspace: str) -> tuple[str, ...]:
    """The documents of the index, in its order."""
    return tuple(dict.fromkeys(_DOCUMENT.findall(_text(f"{workspace}/documents/index.yaml"))))


def pipeline_ids(workspace: str) -> tuple[str, ...]:
    """The pipelines of the workspace and those that cutter ships."""
    return _stems(f"{workspace}/pipelines", str(shared("pipelines")))


def profile_ids(workspace: str) -> tuple[str, ...]:
    """The profiles of the workspace and those that cutter ships."""
    return _stems(f"{workspace}/profiles", str(shared("profiles")))


def gate_ids(workspace: str) -> tuple[str, ...]:
    """The gates of these pipelines."""
    files = (path for name in pipeline_ids(workspace) for path in _pipeline_files(workspace, name))
    return tuple(sorted({gate for path in files for gate in _GATE.findall(_text(path))}))


def input_names(workspace: str, pipeline: str) -> tuple[str, ...]:
    """The inputs of a pipeline, as far as its file lists them in the plain way."""
    for path in _pipeline_files(workspace, pipeline):
        if block := _INPUTS.search(f"{_text(path)}\n"):
            return tuple(_INPUT.findall(block[1]))
    return ()


def backup_ids(workspace: str) -> tuple[str, ...]:
    """The backups in the workspace's usual folder, as `RUN/PHASE.NUMBER`."""
    runs = (name for name in _names(f"{workspace}/.cutter/backups") if _RUN_ID.fullmatch(name))
    return tuple(
        f"{run}/{name}"
        for run in sorted(runs)
        for name in sorted(_names(f"{workspace}/.cutter/backups/{run}"))
        if _BACKUP.fullmatch(name)
    )


def run_ids(workspace: str) -> tuple[str, ...]:
    """The newest runs that have a folder here, newest first."""
    found = []
    folder = f"{workspace}/.cutter/runs"
    for name in _names(folder):
        if _RUN_ID.fullmatch(name):
            try:
                found.append((os.stat(f"{folder}/{name}", follow_symlinks=False).st_mtime_ns, name))  # noqa: PTH116
            except OSError:
                continue
    return tuple(name for _, name in sorted(found, reverse=True)[:RUNS_LOOKED_AT])


def known_runs(workspace: str) -> Iterator[KnownRun]:
    """The newest runs with what their files say, newest first."""
    for run_id in run_ids(workspace):
        yield _known(f"{workspace}/.cutter/runs/{run_id}", run_id)


def _known(folder: str, run_id: str) -> KnownRun:
    said = dict(reversed(_FIELD.findall(_text(f"{folder}/result.json"))))
    if said:
        names = ("pipeline", "mode", "status", "document_id", "approval_kb_id")
        return KnownRun(run_id, *(said.get(name, "") for name in names))
    started = _text(f"{folder}/start.json")
    document, pipeline = _STARTED_DOCUMENT.search(started), _STARTED_PIPELINE.search(started)
    mode = "live" if _STARTED_LIVE.search(started) else "dryrun" if started else ""
    return KnownRun(run_id, pipeline[1] if pipeline else "", mode, UNFINISHED, document[1] if document else "", "")


def _pipeline_files(workspace: str, pipeline: str) -> Iterator[str]:
    """Where a pipeline of this name can be; the workspace's own comes first."""
    if _NAME.fullmatch(pipeline):
        yield f"{workspace}/pipelines/{pipeline}.yaml"
        yield f"{shared('pipelines')}/{pipeline}.yaml"


def _stems(*folders: str) -> tuple[str, ...]:
    names = (name[:-5] for folder in folders for name in _names(folder) if name.endswith(".yaml"))
    return tuple(sorted({name for name in names if _NAME.fullmatch(name)}))


def _names(folder: str) -> list[str]:
    try:
        return os.listdir(folder)  # noqa: PTH208
    except (OSError, ValueError):
        return []


def _text(path: str) -> str:
    """A plain file's text; empty when it is not one, is too large, or cannot be read. A FIFO is not opened."""
    try:
        found = os.stat(path)  # noqa: PTH116
        if not stat.S_ISREG(found.st_mode) or found.st_size > _LARGEST:
            return ""
        with open(path, "rb") as file:  # noqa: PTH123
            return file.read(_LARGEST).decode("utf-8", "replace")
    except (OSError, ValueError):
        return ""
