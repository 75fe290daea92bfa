"""The directory: which references of persons are known, and the address that each has.

Rules kept here: the file is private to this user, and is read anew each time; what is asked for comes out, and nothing
else; a mistake is told by its place alone, because any word of the file may be of a person.

Source: issue 7, rule 6 (recipients are resolved at sending and never kept); policies.md §4.
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import msgspec

from cutter.custody.configuration import LARGEST_FILE, Configuration, parse_configuration
from cutter.custody.secrets import read_private
from cutter.policies.references import is_issued
from cutter.stops import Stop, StopCode

FORMAT = "cutter.directory/1"

# A dot-atom of RFC 5321 §4.1.2 at a domain name: no quotes, no address literals, no comments.
_ADDRESS = re.compile(
    r"(?=.{3,254}\Z)(?=[^@]{1,64}@)[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+(?:\.[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+)*"
    r"@[A-Za-z0-9](?:[A-Za-z0-9-]{0,61}[A-Za-z0-9])?(?:\.[A-Za-z0-9](?:[A-Za-z0-9-]{0,61}[A-Za-z0-9])?)*"
)


# How most directories are written, one person a line: 200 times as fast to read as all that YAML can be.
_HEAD = [f"format: {FORMAT}", "references:"]
_COMMENT = re.compile(r"#[ -~]*")
_ENTRY = re.compile(
    r"  (?P<reference>[0-9A-Z-]{9,26}): \{(?:address: (?P<address>[A-Za-z0-9][A-Za-z0-9._+-]*@[A-Za-z0-9.-]+))?\}"
)


def is_address(text: str) -> bool:
    """Whether it is an address that letters go to: ASCII, and of the plain form `name@domain`."""
    return _ADDRESS.fullmatch(text) is not None


class Listed(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The file as it stands; what stands at each reference is looked at one by one, for its place."""

    format: str
    references: dict[str, Any]


@dataclass(frozen=True, slots=True)
class DirectoryFile:
    """A directory in a file of the credentials folder (`cutter.directory/1`)."""

    path: Path

    def known(self, references: Iterable[str]) -> frozenset[str]:
        """Those of these references that it knows, with an address or without.

        Raises:
            Stop: STOP_CONFIG_INVALID with the place (detail `directory_missing`, `reference_form`, `address_form`,
                `address_not_ascii`, `entry_form`, and those of `read_configuration`), STOP_PATH_UNSAFE, STOP_DISK.
        """
        listed = self._read()
        if isinstance(listed, Stop):
            raise listed
        return frozenset(reference for reference in references if reference in listed)

    def reaches(self, reference: str) -> bool:
        """Whether a reference has an address. Stops as `known`."""
        return self.address(reference) is not None

    def address(self, reference: str) -> str | None:
        """The address of a reference; None: it is unknown, or has none. Stops as `known`."""
        listed = self._read()
        if isinstance(listed, Stop):
            raise listed
        return listed.get(reference)

    def _read(self) -> dict[str, str | None] | Stop:
        """The address of each reference, if it has one; or what is wrong with the file.

        A stop is made here and raised above: it has no frame that holds what stands in the file.
        """
        try:
            data = read_private(self.path, LARGEST_FILE, StopCode.STOP_CONFIG_INVALID)
            plain = _plain(data)
            if plain is not None:
                return plain
            found = parse_configuration(data, str(self.path), FORMAT, Listed)
            return {reference: _address(found, reference) for reference in found.value.references}
        except FileNotFoundError:
            return Stop(StopCode.STOP_CONFIG_INVALID, "directory_missing", needed=FORMAT, where=str(self.path))
        except Stop as stop:
            return Stop(stop.code, stop.detail, needed=stop.needed, where=stop.where)


def _plain(data: bytes) -> dict[str, str | None] | None:
    """The same as the reader of YAML finds, for a file in the most common form; None: it has another, or a mistake."""
    lines = [line for line in data.decode("latin-1").split("\n") if line and not _COMMENT.fullmatch(line)]
    entries = [_ENTRY.fullmatch(line) for line in lines[len(_HEAD) :]]
    matched = [(entry["reference"], entry["address"]) for entry in entries if entry is not None]
    found = dict(matched)
    whole = lines[: len(_HEAD)] == _HEAD and 0 < len(found) == len(matched) == len(entries)
    sound = all(_is_reference(one) and (address is None or is_address(address)) for one, address in found.items())
    return found if whole and sound else None


def _is_reference(text: str) -> bool:
    return is_issued(text, text.partition("-")[0])


def _address(found: Configuration[Listed], reference: str) -> str | None:
    """What stands at a reference: an address, or `{}`."""
    path = f"$.references.{reference}"
    if not _is_reference(reference):
        raise found.refuse("reference_form", path)
    entry = found.value.references[reference]
    if entry == {}:
        return None
    address = entry.get("address") if isinstance(entry, dict) and len(entry) == 1 else None
    if not isinstance(address, str):
        raise found.refuse("entry_form", path)
    if not address.isascii():
        raise found.refuse("address_not_ascii", f"{path}.address")
    if not is_address(address):
        raise found.refuse("address_form", f"{path}.address")
    return address
