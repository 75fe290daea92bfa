"""The pins of fingerprints: files that say what a database's objects have to be (`cutter.fingerprints/1`).

Rules kept here: one file a fingerprint and major version of the server, kept in version control; the workspace's own
file wins over the shipped one; an object whose parts do not have the digest that stands beside them is refused.

Source: DESIGN §3 (`fingerprints/`), §4, §8.
"""

import json
from collections.abc import Sequence
from pathlib import Path

import msgspec

from cutter.contracts import Fingerprint, FingerprintedObject, Part
from cutter.custody.configuration import LARGEST_FILE, read_configuration
from cutter.custody.files import read_plain, shared_folder, write_atomic
from cutter.stops import StopCode

FORMAT = "cutter.fingerprints/1"


class PinnedObject(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One object: its kind, the digest over its parts, and the parts as people read them."""

    kind: str
    sha256: str
    parts: dict[str, str]


class PinFile(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A file of pins."""

    format: str
    name: str
    server_major: int
    objects: dict[str, PinnedObject]


class PinFiles:
    """The pins in some folders; the first folder that has a file wins, and is where a new one is written."""

    def __init__(self, folders: Sequence[Path]) -> None:
        self._folders = tuple(folders)
        self._matched: tuple[bytes, Fingerprint] | None = None

    def find(self, found: Fingerprint) -> Fingerprint | None:
        """The pin for the name and server of a fingerprint, or None.

        A file that is the exact rendering of what was found needs no reading: it is its pin. A run asks several
        times, mostly about the same.

        Raises:
            Stop: STOP_CONFIG_INVALID (detail `wrong_value`: another name, version or digest than it says), STOP_DISK.
        """
        for folder in self._folders:
            path = folder / file_name(found.name, found.server_major)
            try:
                data = read_plain(path, LARGEST_FILE, shared=True, too_large=StopCode.STOP_CONFIG_INVALID)
            except FileNotFoundError:
                continue
            if (data, found) == self._matched:
                return found
            if data != render(found):
                return _read(path, found.name, found.server_major)
            self._matched = data, found
            return found
        return None

    def write(self, fingerprint: Fingerprint) -> Path:
        """Pin a fingerprint in the first folder, replacing the file as a whole. Raises STOP_PATH_UNSAFE, STOP_DISK."""
        path = shared_folder(self._folders[0]) / file_name(fingerprint.name, fingerprint.server_major)
        write_atomic(path, render(fingerprint), mode=0o644)
        return path


def file_name(name: str, server_major: int) -> str:
    """The file of a pin."""
    return f"{name}.{server_major}.yaml"


def render(fingerprint: Fingerprint) -> bytes:
    """The file's bytes: keys and values in quotes (a JSON string is one of YAML), so that no reader takes them else."""
    lines = [
        "# Made by `cutter fingerprints pin`.",
        f"format: {FORMAT}",
        f"name: {_quote(fingerprint.name)}",
        f"server_major: {fingerprint.server_major}",
        "objects:",
    ]
    for item in fingerprint.objects:
        lines += [
            f"  {_quote(item.name)}:",
            f"    kind: {item.kind}",
            f"    sha256: {_quote(item.sha256)}",
            "    parts:",
        ]
        lines += [f"      {_quote(part.name)}: {_quote(part.value)}" for part in item.parts]
    return ("\n".join(lines) + "\n").encode()


def _quote(text: str) -> str:
    return json.dumps(text, ensure_ascii=False)


def _read(path: Path, name: str, server_major: int) -> Fingerprint:
    file = read_configuration(path, FORMAT, PinFile)
    pinned = file.value
    if pinned.name != name:
        raise file.refuse("wrong_value", "$.name")
    if pinned.server_major != server_major:
        raise file.refuse("wrong_value", "$.server_major")
    objects = []
    for title, item in pinned.objects.items():
        made = FingerprintedObject(title, item.kind, tuple(Part(part, value) for part, value in item.parts.items()))
        if made.sha256 != item.sha256:
            raise file.refuse("wrong_value", f"$.objects.{title}.sha256")
        objects.append(made)
    return Fingerprint(name, server_major, tuple(objects))
