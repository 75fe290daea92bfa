"""The folder `policies/` of a workspace: trigger types, every version of policies, views and templates, the selection.

Rules kept here: what stands in a folder counts, whatever its file is called; two files never hold one version of one
id; a mistake in any file stops the loading at its place, selected or not; no link is followed; nothing is cached.
The order of files, keys and rules changes no byte and no digest of what is loaded.

Source: issue 7 (parts), rules 2 and 8.
"""

import re
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from functools import lru_cache, partial
from pathlib import Path
from typing import Any, Protocol, TypeVar

import msgspec

from cutter import canon
from cutter.custody import policy_parts, policy_rules
from cutter.custody.accepted import nearest
from cutter.custody.configuration import Configuration, parse_configuration
from cutter.custody.files import names_in, read_plain
from cutter.custody.policy_files import PolicyFile, SelectionFile, TemplateFile, TriggersFile, ViewFile
from cutter.policies.domain import TriggerTypes
from cutter.policies.policy import Policy, Selection, Template, View
from cutter.stops import Stop, StopCode

_LARGEST = 256 * 1024  # bytes of one file
_MOST_FILES = 4096
_MOST_PARSED = 512  # files whose last bytes are known with what they say
_SUFFIX = ".yaml"
_ID = re.compile("[a-z][a-z0-9_-]{0,40}")

SELECTION = "selection.yaml"
"""What selects, in a folder of policies."""

_File = TypeVar("_File", bound=msgspec.Struct)
_Part = TypeVar("_Part", Policy, View, Template)


class Directory(Protocol):
    """Which references exist."""

    def known(self, references: Sequence[str]) -> frozenset[str]:
        """Those of these references that exist. Raises STOP_CONFIG_INVALID, STOP_PATH_UNSAFE."""
        ...

    def reaches(self, reference: str) -> bool:
        """Whether a reference has an address. Raises as `known`."""
        ...


class Commitments(Protocol):
    """Keyed digests of references and words."""

    def commitment(self, purpose: str, *parts: str) -> str:
        """HMAC-SHA-256 (64 hex digits) under this workspace's key, different for each purpose."""
        ...


class AllVersions(msgspec.Struct, frozen=True):
    """Everything in the folder, selected or not, by id and version."""

    triggers: TriggerTypes
    policies: tuple[Policy, ...]
    views: tuple[View, ...]
    templates: tuple[Template, ...]
    selected: SelectionFile


class WorkspacePolicies:
    """The policies of a workspace, with its directory and its key (`contracts.policies.Policies`).

    Args:
        folder: the workspace's `policies/`.
        directory: which references exist.
        commitments: keyed digests.
    """

    def __init__(self, folder: Path, directory: Directory, commitments: Commitments) -> None:
        self._folder = folder
        self._directory = directory
        self._commitments = commitments

    def select(self) -> Selection:
        """What `selection.yaml` names, read anew. Stops as `load_selection`."""
        return load_selection(self._folder)

    def knows(self, references: Sequence[str]) -> frozenset[str]:
        """Those of these references that the directory knows."""
        return self._directory.known(references)

    def reaches(self, reference: str) -> bool:
        """Whether the directory has an address for a reference."""
        return self._directory.reaches(reference)

    def commitment(self, purpose: str, *parts: str) -> str:
        """The keyed digest of references and words."""
        return self._commitments.commitment(purpose, *parts)


def load_selection(folder: Path, selection: str = SELECTION) -> Selection:
    """What `selection.yaml`, or another file in its place, names.

    Args:
        folder: the workspace's `policies/`.
        selection: the name of the file.

    Raises:
        Stop: STOP_CONFIG_INVALID with the place (details of `load_all`), STOP_PATH_UNSAFE, STOP_DISK.
    """
    every = load_all(folder, selection)
    policies = _selected(every.policies, every.selected.policies)
    views = _selected(every.views, every.selected.views)
    templates = _selected(every.templates, every.selected.templates)
    digests = [[[part.id, part.version, part.sha256] for part in kind] for kind in (policies, views, templates)]
    sha256 = canon.digest([canon.digest(every.triggers), *digests])
    return Selection(every.triggers, policies, views, templates, sha256)


def load_all(folder: Path, selection: str = SELECTION) -> AllVersions:
    """Every version of everything, checked.

    Args:
        folder: the workspace's `policies/`.
        selection: the name of the file that selects.

    Raises:
        Stop: STOP_CONFIG_INVALID with the place; details besides those of every configuration and of `policy_parts`
            and `policy_rules`: `file_missing`, `too_many`, `duplicate_version`, `unknown_version` (the selection names
            it), `unknown_view`, `unknown_field` (a view binds it). STOP_PATH_UNSAFE, STOP_DISK.
    """
    mistakes: list[Stop] = []
    every = _load(folder, selection, mistakes)
    if every is None:
        raise mistakes[0]
    return every


def find_mistakes(folder: Path, selection: str = SELECTION) -> tuple[Stop, ...]:
    """The first mistake of each file, in the order in which files are read; none where `load_all` loads.

    What files say of each other is looked at only where those before have no mistake.

    Args:
        folder: the workspace's `policies/`.
        selection: the name of the file that selects.

    Raises:
        Stop: STOP_PATH_UNSAFE, STOP_DISK.
    """
    mistakes: list[Stop] = []
    _load(folder, selection, mistakes)
    return tuple(mistakes)


def _load(folder: Path, selection: str, mistakes: list[Stop]) -> AllVersions | None:
    """Everything; or None, and the first mistake of each file."""
    triggers = chosen = known = None
    with _noted(mistakes):
        named = _read(folder / "triggers.yaml", "cutter.triggers/1", TriggersFile)
        triggers = policy_parts.trigger_types(named)
    views = _folder(folder / "views", "cutter.view/1", ViewFile, policy_parts.view, mistakes)
    templates = _folder(folder / "templates", "cutter.template/1", TemplateFile, policy_parts.template, mistakes)
    with _noted(mistakes):
        chosen = _read(folder / selection, "cutter.selection/1", SelectionFile)
    if triggers is not None and chosen is not None and not mistakes:
        with _noted(mistakes):
            _check_views(named, triggers, views)
            _check_selected(chosen, "views", chosen.value.views, _parts(views))
            _check_selected(chosen, "templates", chosen.value.templates, _parts(templates))
            known = policy_rules.Surroundings(triggers, _in_force(views, chosen.value), _by_version(templates))
    make = None if known is None else partial(policy_rules.policy, known=known)
    policies = _folder(folder / "rules", "cutter.policy/1", PolicyFile, make, mistakes)
    if triggers is None or chosen is None or mistakes:
        return None
    every = AllVersions(triggers, _parts(policies), _parts(views), _parts(templates), chosen.value)
    with _noted(mistakes):
        _check_selected(chosen, "policies", chosen.value.policies, every.policies)
    return None if mistakes else every


@contextmanager
def _noted(mistakes: list[Stop]) -> Iterator[None]:
    """A mistake in a file is noted, and what stands on it is left out."""
    try:
        yield
    except Stop as stop:
        if stop.code is not StopCode.STOP_CONFIG_INVALID:
            raise
        mistakes.append(stop)


def _read(path: Path, form: str, type_: type[_File]) -> Configuration[_File]:
    try:
        data = read_plain(path, _LARGEST, shared=True, too_large=StopCode.STOP_CONFIG_INVALID)
    except FileNotFoundError:
        raise Stop(StopCode.STOP_CONFIG_INVALID, "file_missing", where=str(path)) from None
    return _parse(data, str(path), form, type_)


@lru_cache(maxsize=_MOST_PARSED)
def _parse(data: bytes, name: str, form: str, type_: type[_File]) -> Configuration[_File]:
    """What these very bytes say. The file is read anew each time; bytes that are the same are not parsed again."""
    return parse_configuration(data, name, form, type_)


def _folder(
    folder: Path,
    form: str,
    type_: type[_File],
    make: Callable[[Configuration[_File]], _Part] | None,
    mistakes: list[Stop],
) -> list[tuple[_Part, Configuration[_File]]]:
    """Every part of a folder with its file, by id and version. A mistake of the first file by name is noted first.

    Without `make` the files are only looked at each by itself.
    """
    names = [name for name in names_in(folder) if name.endswith(_SUFFIX)]
    if len(names) > _MOST_FILES:
        mistakes.append(Stop(StopCode.STOP_CONFIG_INVALID, "too_many", found=str(len(names)), where=str(folder)))
        return []
    read: dict[tuple[str, str], tuple[_Part, Configuration[_File]]] = {}
    for name in names:
        with _noted(mistakes):
            file = _read(folder / name, form, type_)
            if make is not None:
                part = make(file)
                if (part.id, part.version) in read:
                    raise file.refuse("duplicate_version", "$.version", f"{part.id}@{part.version}")
                read[part.id, part.version] = part, file
    return sorted(read.values(), key=lambda item: (item[0].id, *_numbers(item[0].version)))


def _numbers(version: str) -> tuple[list[int], str]:
    """By what versions are sorted: 1.9 before 1.10, and 1 before 1.0."""
    return [int(number) for number in version.split(".")], version


def _parts(read: Sequence[tuple[_Part, Any]]) -> tuple[_Part, ...]:
    return tuple(part for part, _ in read)


def _by_version(read: Sequence[tuple[_Part, Any]]) -> dict[tuple[str, str], _Part]:
    return {(part.id, part.version): part for part, _ in read}


def _in_force(views: Sequence[tuple[View, Any]], chosen: SelectionFile) -> tuple[View, ...]:
    """Of a view that is selected that version, of another one every version."""
    return tuple(view for view, _ in views if chosen.views.get(view.id, view.version) == view.version)


def _check_views(
    file: Configuration[TriggersFile], triggers: TriggerTypes, views: Sequence[tuple[View, Configuration[ViewFile]]]
) -> None:
    """Trigger types name views that exist, and these bind fields that the types have."""
    for kind in triggers.types:
        known = {field.name for field in kind.fields} | set(policy_parts.RESERVED)
        for place, name in enumerate(file.value.types[kind.name].views):
            versions = [(view, its_file) for view, its_file in views if view.id == name]
            if not versions:
                near = nearest(name, [view.id for view, _ in views])
                raise file.refuse("unknown_view", f"$.types.{kind.name}.views[{place}]", name, near)
            for view, its_file in versions:
                for slot in view.bind:
                    if slot.field not in known:
                        raise its_file.refuse(
                            "unknown_field", f"$.bind.{slot.name}", slot.field, nearest(slot.field, known)
                        )


def _check_selected(
    chosen: Configuration[SelectionFile], kind: str, versions: dict[str, str], parts: Sequence[Policy | View | Template]
) -> None:
    """The selection names versions that exist."""
    known = {(part.id, part.version) for part in parts}
    for name, version in sorted(versions.items()):
        if (name, version) not in known:
            named = [f"{part.id}@{part.version}" for part in parts if part.id == name]
            every = named or [f"{part.id}@{part.version}" for part in parts]
            found = f"{name}@{version}" if _ID.fullmatch(name) else ""  # a key may be any text
            raise chosen.refuse("unknown_version", f"$.{kind}.{name}", found, nearest(found, every))


def _selected(parts: Sequence[_Part], versions: dict[str, str]) -> tuple[_Part, ...]:
    return tuple(part for part in parts if versions.get(part.id) == part.version)
