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
from cutter.cutting.doubts import DoubtCode
from cutter.cutting.profile import DOCUMENT, FORMAT, Level, Profile
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
            the file), `unknown_level`, `duplicate_level`, `no_heading` (a level that says nothing of its headings),
            `unknown_doubt`, `bad_expression`, `unknown_profile` (extended, and none that cutter ships).
    """
    configuration, profile = _read(data, name)
    if profile.id != profile_id:
        raise configuration.refuse("other_name", "$.id", found=profile.id)
    ids = [DOCUMENT]
    for place, level in enumerate(profile.levels):
        _check_level(configuration, f"$.levels[{place}]", level, ids)
        ids.append(level.id)
    for place, level in enumerate(profile.levels):
        unknown = set(level.within) - set(ids)
        if unknown:
            raise configuration.refuse("unknown_level", f"$.levels[{place}].within", found=min(unknown))
    if unknown := set(profile.stops) - {code.value for code in DoubtCode}:
        raise configuration.refuse("unknown_doubt", "$.stops", found=min(unknown))
    for place, evidence in enumerate(profile.evidence):
        _check_expression(configuration, f"$.evidence[{place}].lines", evidence.lines)
    for place, line in enumerate(profile.closing.lines if profile.closing else ()):
        _check_expression(configuration, f"$.closing.lines[{place}]", line)
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


def _check_level(configuration: Configuration[Profile], path: str, level: Level, ids: list[str]) -> None:
    if level.id in ids:
        raise configuration.refuse("duplicate_level", f"{path}.id", found=level.id)
    if not (level.words or level.words_after or level.numbers or level.hashes or level.underline):
        raise configuration.refuse("no_heading", path)
    if not level.numbers and not level.unnumbered:
        raise configuration.refuse("no_heading", f"{path}.numbers")
    if level.behind:
        _check_expression(configuration, f"{path}.behind", level.behind)


def _check_expression(configuration: Configuration[Profile], path: str, expression: str) -> None:
    try:
        re.compile(expression)
    except re.error:
        raise configuration.refuse("bad_expression", path) from None


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
