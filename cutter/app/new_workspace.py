"""Making a workspace to begin with: a pipeline, a document, pins, `cutter.yaml` and a CI file, in a person's language.

Rules kept here: a new folder appears as a whole or not at all; in a folder that exists nothing is written over, what is
there has to be what would be made, byte for byte, and a repeat makes what is missing; version control's own folder and
cutter's state may be there.

Source: issue 6, part 5.
"""

import os
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path, PurePosixPath

import msgspec

from cutter.custody.documents import read_index
from cutter.custody.files import create_exclusive, names_in, new_folder, read_plain, remove_plain, shared_folder
from cutter.resources import shared
from cutter.settings import FILE
from cutter.stops import Stop, StopCode

TEMPLATES = "examples/workspace"  # a folder a language
PINS = "fingerprints"
_LARGEST_FILE = 1024 * 1024  # bytes
_MODE = 0o644  # for version control
_LEFT_ALONE = frozenset({".git", ".cutter"})

Files = Mapping[PurePosixPath, bytes]


class NewWorkspace(msgspec.Struct, frozen=True, kw_only=True):
    """A workspace that was made, or was there already (`cutter.new-workspace/1`).

    `made` are the files that were written, paths in the folder; `present` those that were there as they are made.
    """

    format: str = "cutter.new-workspace/1"
    folder: str
    language: str
    pipelines: tuple[str, ...]
    documents: tuple[str, ...]
    made: tuple[str, ...]
    present: tuple[str, ...]


def make_workspace(folder: Path, language: str) -> NewWorkspace:
    """Make a workspace.

    Args:
        folder: where; it is made, or is empty, or has nothing else in it than what would be made.
        language: of its text and comments, one of those that there are templates for.

    Raises:
        Stop: STOP_INVALID_INPUT (detail `not_empty`, `found` being the first file in the way), STOP_PATH_UNSAFE (a link
            stands there), STOP_DISK.
    """
    workspace = folder.absolute()
    files = _template(language)
    if os.path.lexists(workspace):
        present = _present(workspace, files)
        _complete(workspace, {path: data for path, data in files.items() if path not in present})
    else:
        present = frozenset()
        shared_folder(workspace.parent)
        with new_folder(workspace) as beside:
            _write(beside, files)
    return NewWorkspace(
        folder=str(workspace),
        language=language,
        pipelines=tuple(path.stem for path in files if path.parent.name == "pipelines"),
        documents=tuple(document.id for document in read_index(workspace / "documents").documents),
        made=tuple(str(path) for path in files if path not in present),
        present=tuple(str(path) for path in files if path in present),
    )


def _template(language: str) -> Files:
    """What a workspace is made of. The file that makes a folder one comes last."""
    source = shared(TEMPLATES) / language
    files = {path: _read(source / path) for path in _paths(source, PurePosixPath())}
    files |= {PurePosixPath(PINS, name): _read(shared(PINS) / name) for name in names_in(shared(PINS))}
    return dict(sorted(files.items(), key=lambda item: (item[0].name == FILE, item[0])))


def _paths(folder: Path, below: PurePosixPath) -> Iterator[PurePosixPath]:
    for name in names_in(folder / below):
        if (folder / below / name).is_dir():
            yield from _paths(folder, below / name)
        else:
            yield below / name


def _read(path: Path) -> bytes:
    return read_plain(path, _LARGEST_FILE, shared=True)


def _present(workspace: Path, files: Files) -> frozenset[PurePosixPath]:
    """The files that are there; stops at the first thing that is none of them."""
    folders = {parent for path in files for parent in path.parents}
    present: set[PurePosixPath] = set()
    left = [PurePosixPath()]
    while left:
        below = left.pop()
        for name in names_in(workspace / below):
            path = below / name
            if path in folders:
                left.append(path)
            elif path in files and _read(workspace / path) == files[path]:
                present.add(path)
            elif str(path) not in _LEFT_ALONE:
                raise _in_the_way(workspace, path)
    return frozenset(present)


def _in_the_way(workspace: Path, path: PurePosixPath) -> Stop:
    needed = "a new or empty folder"
    return Stop(StopCode.STOP_INVALID_INPUT, "not_empty", where=str(workspace), found=str(path), needed=needed)


def _write(workspace: Path, files: Files) -> None:
    for path, data in files.items():
        shared_folder(workspace / path.parent)
        create_exclusive(workspace / path, data, _MODE)


def _complete(workspace: Path, files: Files) -> None:
    """Write what is missing; when that is interrupted, take it back."""
    made: list[Path] = []
    try:
        for path, data in files.items():
            missing = [workspace / parent for parent in path.parents if not (workspace / parent).is_dir()]
            made += reversed(missing)
            shared_folder(workspace / path.parent)
            create_exclusive(workspace / path, data, _MODE)
            made.append(workspace / path)
    except FileExistsError:
        _take_back(made)
        raise _in_the_way(workspace, path) from None
    except BaseException:
        _take_back(made)
        raise


def _take_back(made: Sequence[Path]) -> None:
    for path in reversed(made):
        if path.is_dir():
            path.rmdir()
        else:
            remove_plain(path)
