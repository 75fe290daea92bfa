"""What a folder of policies says, loaded once for a command, and where its parts stand.

Rules kept here: the workspace's own folder is `policies/`; another one is named by its path, or by a file in it.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from cutter.custody.policies import SELECTION, load_selection
from cutter.custody.policy_places import RULES, TRIGGERS, PolicyPlaces, find_places, policy_files
from cutter.policies.analysis.regions import TooLarge
from cutter.policies.policy import Selection
from cutter.settings import Settings
from cutter.stops import Stop, StopCode

Spot = tuple[str, int, int]


@dataclass(frozen=True, slots=True)
class Folder:
    """A folder of policies, and the file in it that selects."""

    folder: Path
    selection: str = SELECTION


@dataclass(frozen=True)
class Loaded:
    """A selection with the folder that it is from."""

    place: Folder
    selection: Selection

    @property
    def files(self) -> tuple[str, ...]:
        """The files of the selection, as they are told."""
        folder = self.place.folder
        rules = (str(folder / RULES / name) for name in policy_files(folder))
        return (str(folder / TRIGGERS), str(folder / self.place.selection), *rules)

    def place_of(self, rule: tuple[str, str] | None, trigger_type: str) -> Spot:
        """Where a rule (policy and rule) of the selection stands; without one, where the trigger type does."""
        if rule is None:
            found = self._places.types[trigger_type]
        else:
            version = next(policy.version for policy in self.selection.policies if policy.id == rule[0])
            found = self._places.rules[rule[0], version, rule[1]]
        return found.file, found.line, found.column

    def place_of_selected(self, key: str, name: str) -> Spot:
        """Where the selection names a version: under `policies`, `views` or `templates`."""
        found = self._places.selected[key, name]
        return found.file, found.line, found.column

    @cached_property
    def _places(self) -> PolicyPlaces:
        return find_places(self.place.folder, self.place.selection)


def policies_folder(settings: Settings, named: Path | None) -> Folder:
    """The folder of policies that is meant: the workspace's, or a named one, or that of a named selection."""
    if named is None:
        here = settings.workspace / "policies"
        return Folder(here.relative_to(Path.cwd()) if here.is_relative_to(Path.cwd()) else here)
    return Folder(named.parent, named.name) if named.suffix == ".yaml" else Folder(named)


def folder_and_files(named: Sequence[Path], folder: Path | None) -> tuple[Path | None, tuple[Path, ...]]:
    """The folder of policies that is meant (None: the workspace's), and the files that are named besides it.

    Args:
        named: files, or a folder of policies in their place.
        folder: the folder, where it is named by itself.
    """
    if folder is None and len(named) == 1 and named[0].is_dir():
        return named[0], ()
    return folder, tuple(named)


def words_of(folder: Path | None, files: Sequence[Path] = ()) -> tuple[str, ...]:
    """The words of a command that name a folder of policies, and files that are held against it."""
    named = tuple(str(path) for path in files)
    if folder is None:
        return named
    return (*named, "--policies", str(folder)) if named else (str(folder),)


def load(place: Folder) -> Loaded:
    """What a folder selects. Raises STOP_CONFIG_INVALID with the place, STOP_PATH_UNSAFE, STOP_DISK."""
    return Loaded(place, load_selection(place.folder, place.selection))


def too_large(large: TooLarge, place: Folder) -> Stop:
    """STOP_CONFIG_INVALID, detail `too_large`: more would have to be looked at than is looked at."""
    needed, where = f"<= {large.bound}", str(place.folder / TRIGGERS)
    return Stop(StopCode.STOP_CONFIG_INVALID, "too_large", found=large.trigger_type, needed=needed, where=where)
