"""An attack on every digest that a run left behind: whatever a dictionary of people's data gives the same digest for.

A bare digest of a date of birth is that date: all of them are tried in a second. So the attacker takes every run of hex
signs (whole digests and cut ones alike) out of files, rows and what is packed in them, and hashes each candidate: as it
is, as JSON, and as the one unknown value of a whole document that is otherwise known.

Source: policies.md §0.5, §3.11.
"""

import base64
import hashlib
import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

import msgspec

from cutter import canon
from tests.support.canaries import EmptySurfaceError, Surface, opened, pieces

ALGORITHMS: tuple[Callable[..., Any], ...] = (hashlib.sha256, hashlib.sha1, hashlib.md5)
LENGTH = 16  # hex signs that are compared: 64 bits do not agree by chance, and ids are often cut to so many
_HEX = re.compile(rb"[0-9a-f]{16,128}")
_BASE64 = re.compile(rb"[A-Za-z0-9+/_-]{22,128}")
_BASE64_LENGTHS = (22, 27, 43)  # of MD5, SHA-1 and SHA-256
_HOLE = "\ue000hole\ue000"


@dataclass(frozen=True)
class Frame:
    """What stands around a candidate where a digest was taken; `quoted`: as a string of JSON."""

    name: str
    before: bytes = b""
    after: bytes = b""
    quoted: bool = False

    def filled(self, value: str) -> bytes:
        """The candidate as it would stand between."""
        return msgspec.json.encode(value) if self.quoted else value.encode()


PLAIN = (Frame("as it is"), Frame("a line", after=b"\n"), Frame("JSON", quoted=True))


@dataclass(frozen=True)
class Recovered:
    """A candidate whose digest lies there."""

    value: str
    frame: str
    algorithm: str


@dataclass(frozen=True)
class Attacked:
    """What an attack recovered; how many digests there were, and how many were computed."""

    recovered: tuple[Recovered, ...]
    digests: int
    tried: int

    def check(self) -> None:
        """Fail where anything was recovered. Raises AssertionError with the frames, not with the values."""
        assert not self.recovered, sorted({f"{item.algorithm}, {item.frame}" for item in self.recovered})


def attack(surfaces: Mapping[str, Surface], candidates: Iterable[str], frames: Iterable[Frame] = PLAIN) -> Attacked:
    """Attack every digest on the surfaces, and print how many there were.

    Raises:
        EmptySurfaceError: there is not one digest, so that nothing would be proved.
    """
    known = digests_in(surfaces)
    if not known:
        raise EmptySurfaceError("no digest")
    words, shapes = tuple(candidates), tuple(frames)
    found = []
    for algorithm in ALGORITHMS:
        for frame in shapes:
            begun = algorithm(frame.before, usedforsecurity=False)
            for word in words:
                state = begun.copy()
                state.update(frame.filled(word) + frame.after)
                if state.hexdigest()[:LENGTH] in known:
                    found.append(Recovered(word, frame.name, state.name))
    tried = len(words) * len(shapes) * len(ALGORITHMS)
    print(f"attacked: {len(known)} digests with {tried} of {len(words)} candidates, {len(found)} recovered")
    return Attacked(tuple(found), len(known), tried)


def digests_in(surfaces: Mapping[str, Surface]) -> frozenset[str]:
    """The beginnings of all that may be digests: runs of hex signs, and base64 of the length of a digest."""
    found: set[str] = set()
    seen: set[bytes] = set()
    for surface, content in surfaces.items():
        for place, data in pieces(surface, content):
            name = place.encode("utf-8", "surrogateescape")
            for _inside, body in (*opened(data), *opened(name)):
                mark = hashlib.sha256(body).digest()
                if mark not in seen:
                    seen.add(mark)
                    found.update(_beginnings(body))
    return frozenset(found)


def _beginnings(body: bytes) -> Iterator[str]:
    for run in _HEX.findall(body.lower()):
        yield from (run[start : start + LENGTH].decode() for start in _starts(len(run)))
    for run in _BASE64.findall(body):
        text = run.translate(bytes.maketrans(b"-_", b"+/"))
        for length in filter(len(text).__ge__, _BASE64_LENGTHS):
            # what stands before it, as in sha256-…, may consist of the same signs
            yield from (base64.b64decode(part + b"==").hex()[:LENGTH] for part in (text[:length], text[-length:]))


def _starts(length: int) -> Iterable[int]:
    """Where a digest may begin in a run: where it does, and where digests would that stand behind one another."""
    return {start for width in (32, 40, 64) for start in range(0, length - LENGTH + 1, width)} | {0}


def frames_of(document: object) -> tuple[Frame, ...]:
    """A document of which one string is unknown, each in its turn: its canonical bytes before and behind it."""
    plain = msgspec.to_builtins(document)
    found = []
    for path, holed in _holed(plain):
        before, _hole, after = canon.encode(holed).partition(msgspec.json.encode(_HOLE))
        found.append(Frame(f"the one unknown of a document, {path}", before, after, quoted=True))
    return tuple(found)


def _holed(value: Any, path: str = "$") -> Iterator[tuple[str, Any]]:
    """The value with one string after another replaced by the hole."""
    if isinstance(value, str):
        yield path, _HOLE
    elif isinstance(value, dict):
        for key, item in value.items():
            yield from ((at, {**value, key: holed}) for at, holed in _holed(item, f"{path}.{key}"))
    elif isinstance(value, list | tuple):
        for place, item in enumerate(value):
            holes = _holed(item, f"{path}[{place}]")
            yield from ((at, [*value[:place], holed, *value[place + 1 :]]) for at, holed in holes)


# Dictionaries


def births(first: int = 1930, last: int = 2010) -> Iterator[str]:
    """Every day of these years, as people and programs write it."""
    day = date(first, 1, 1)
    while day.year <= last:
        yield from (day.strftime(form) for form in _DAYS)
        yield f"{day.day}/{day.month}/{day.year}"
        day += timedelta(days=1)


_DAYS = ("%Y-%m-%d", "%d/%m/%Y", "%d-%m-%Y", "%d.%m.%Y", "%Y%m%d", "%d%m%Y", "%m/%d/%Y")


def phones(prefix: str = "912345", digits: int = 3, country: str = "84") -> Iterator[str]:
    """Every telephone number that begins so, as people and programs write it."""
    for number in range(10**digits):
        local = f"{prefix}{number:0{digits}}"
        yield from (
            f"+{country}{local}",
            f"{country}{local}",
            f"0{local}",
            f"+{country} {local[:3]} {local[3:6]} {local[6:]}",
        )


def people(names: Iterable[str] = ("Nguyễn Văn Án", "Trần Thị Bình", "Jane Doe")) -> Iterator[str]:
    """Names with the addresses and numbers of patients that go with them."""
    for number, name in enumerate(names):
        account = ".".join(name.lower().split())
        yield from (name, name.lower(), name.upper(), f"{account}@example.org", f"{account}{number}@example.com")
    yield from (f"patient-{number:07}" for number in range(2000))


def dictionary(*more: str) -> tuple[str, ...]:
    """All of these, and what else the caller knows to stand in fixtures."""
    return tuple(dict.fromkeys((*births(), *phones(), *people(), *more)))
