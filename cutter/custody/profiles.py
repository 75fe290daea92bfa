"""The profiles of documents: those that cutter ships, and those of the workspace in `profiles/*.yaml`.

Rules kept here: the name of a file is the id of its profile; a workspace cannot put another profile in the place of a
shipped one, because an id stands for the same rules wherever it is written; a profile may extend a shipped one and then
states only what is different; one that contradicts itself is refused with the place of the mistake, before anything is
cut with it.

Source: cutting.md §1, §2; issue 5, part 1.
"""

import re
from functools import cache
from pathlib import Path
from typing import Any

import msgspec

from cutter.custody.configuration import Configuration, parse_configuration
from cutter.custody.files import names_in, read_plain
from cutter.cutting.profile import FORMAT, Profile
from cutter.cutting.soundness import faults_of
from cutter.resources import shared
from cutter.stops import Stop, StopCode

_LARGEST = 64 * 1024
_SUFFIX = ".yaml"
_NAME = re.compile(r"([a-z][a-z0-9_.]{1,40})\.yaml")
_EXTENDS = re.compile(rb"^extends:", re.MULTILINE)


class Profiles:
    """The profiles that a workspace knows."""

    def __init__(self, folder: Path) -> None:
        """Args: the workspace's `profiles/`, which may be missing."""
        self._folder = folder

    def ids(self) -> tuple[str, ...]:
        """All ids, sorted."""
        own = {found[1] for name in names_in(self._folder) if (found := _NAME.fullmatch(name))}
        return tuple(sorted(own | set(_shipped())))

    def named(self, profile_id: str) -> Profile:
        """The profile of an id.

        Raises:
            Stop: STOP_PROFILE_UNKNOWN with the nearest ids; STOP_CONFIG_INVALID with the place of a mistake.
        """
        shipped = _shipped()
        if profile_id in shipped:
            return shipped_profile(profile_id)
        if profile_id not in self.ids():
            raise Stop(StopCode.STOP_PROFILE_UNKNOWN, detail="no_such_profile", suggestions=self.ids())
        path = self._folder / (profile_id + _SUFFIX)
        return parse_profile(read_plain(path, _LARGEST, shared=True), str(path), profile_id)

    def all(self) -> tuple[Profile, ...]:
        """Every profile, by id."""
        return tuple(self.named(profile_id) for profile_id in self.ids())


def shipped_ids() -> tuple[str, ...]:
    """The ids of the profiles that cutter ships."""
    return tuple(_shipped())


@cache
def shipped_profile(profile_id: str) -> Profile:
    """A profile that cutter ships."""
    path = _shipped()[profile_id]
    return parse_profile(path.read_bytes(), str(path), profile_id)


def parse_profile(data: bytes, name: str, profile_id: str) -> Profile:
    """Read a profile and check what its types cannot say.

    Raises:
        Stop: STOP_CONFIG_INVALID; details besides those of every configuration: `other_name` (the id is not that of
            the file), `unknown_profile` (extended, and none that cutter ships), and those of `soundness.faults_of`.
    """
    configuration, profile = _read(data, name)
    if profile.id != profile_id:
        raise configuration.refuse("other_name", "$.id", found=profile.id)
    fault = next(faults_of(profile), None)
    if fault is not None:
        raise configuration.refuse(fault.detail, fault.path, found=fault.found)
    return profile


def _read(data: bytes, name: str) -> tuple[Configuration[Any], Profile]:
    if not _EXTENDS.search(data):
        whole = parse_configuration(data, name, FORMAT, Profile)
        return whole, whole.value
    configuration = parse_configuration(data, name, FORMAT, _extension())
    stated = msgspec.structs.asdict(configuration.value)
    extended = stated.pop("extends")
    if extended not in _shipped():
        raise configuration.refuse("unknown_profile", "$.extends", found=extended)
    given = {key: value for key, value in stated.items() if value is not msgspec.UNSET}
    return configuration, msgspec.structs.replace(shipped_profile(extended), **given)


@cache
def _shipped() -> dict[str, Path]:
    return {path.stem: path for path in sorted(shared("profiles").iterdir()) if _NAME.fullmatch(path.name)}


@cache
def _extension() -> type[msgspec.Struct]:
    """What a profile that extends another may state: whom it extends, and any field of a profile."""
    own = ("format", "id")
    fields = msgspec.structs.fields(Profile)
    stated = [(field.name, field.type) for field in fields if field.name in own]
    optional = [(f.name, f.type | msgspec.UnsetType, msgspec.UNSET) for f in fields if f.name not in own]
    return msgspec.defstruct(
        "Extension", [*stated, ("extends", str), *optional], frozen=True, forbid_unknown_fields=True
    )
