"""Canaries, and the scanner that looks for them in whatever a run left behind.

A canary is a value that must not travel. The scanner knows every form in which a program could have written it: other
normal forms and cases, escapes, transfer encodings, digests; it looks into what is compressed or encoded itself, and at
the names of files. Nothing to read is a failure: a scan that looked at nothing would prove anything.

What it does not see: what is encrypted, keyed or salted, what PostgreSQL compressed (`store_plainly` keeps it from
that), a value that was cut into pieces, and anything shorter than six bytes.

Source: policies.md §4.
"""

import base64
import binascii
import hashlib
import json
import re
import stat
import unicodedata
import zlib
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import TypeAlias

import psycopg
from psycopg import sql

SHORTEST = 6  # bytes; what is shorter is found anywhere
_DIGITS = 7
_MANY = 2000  # needles
_CUT_OFF = 1 << 16  # bytes of a member with an error
_AROUND = 256  # bytes around an escape in which a value may go on
_STANDARD, _OF_URLS = bytes.maketrans(b"-_", b"+/"), bytes.maketrans(b"+/", b"-_")
_BETWEEN = b"\0\n\0"
_DEPTH = 5  # how often encoded things are opened that lie in one another
_MEMBER_LIMIT = 64 << 20  # bytes of one compressed member
# A byte before a run may look like a sign of it, so each is read from each of its first places.
_HEX_RUN = re.compile(rb"[0-9a-f]{32,}|[0-9A-F]{32,}")
_BASE64_RUN = re.compile(rb"[A-Za-z0-9+/]{24,}={0,2}|[A-Za-z0-9_-]{24,}={0,2}")
_LINE_BREAK = re.compile(rb"=?\r?\n[ \t]?|\\n")
_ESCAPES = (  # one after another, since a sign of one kind may be a plain sign beside another's
    re.compile(rb"%([0-9A-Fa-f]{2})"),
    re.compile(rb"=([0-9A-Fa-f]{2})"),
    # JSON, with one backslash or, inside other JSON, several; literals of Python and others; octal numbers
    re.compile(rb"\\+[xX]([0-9A-Fa-f]{2})|\\+([0-3][0-7]{2})|\\+(/)|((?:\\+[uU][0-9A-Fa-f]{4})+)"),
)
_UNIT = re.compile(rb"\\+[uU]")
_ZLIB = re.compile(rb"\x78[\x01\x5e\x9c\xda]")
_GZIP = b"\x1f\x8b\x08"
_ZEROS = re.compile(rb"\0{64,}")
_DIGESTS = ("md5", "sha1", "sha256")

Encode: TypeAlias = Callable[[bytes], bytes]
Piece: TypeAlias = tuple[str, bytes]
Surface: TypeAlias = Path | bytes | Iterable[Piece]
"""A folder with all below it, a file, bytes, or named pieces such as the rows of a database."""


class EmptySurfaceError(AssertionError):
    """A surface held nothing: what it was to prove is not proved."""


@dataclass(frozen=True)
class Needle:
    """One form of a canary; `folded`: upper and lower case are the same in it."""

    encoding: str
    data: bytes
    folded: bool


@dataclass(frozen=True)
class Canary:
    """A value that must not travel, of at least six bytes."""

    value: str

    def __post_init__(self) -> None:
        if len(self.value.encode()) < SHORTEST:
            raise ValueError("a canary this short would be found anywhere")

    @cached_property
    def needles(self) -> tuple[Needle, ...]:
        """Every form that is looked for, each once."""
        found: dict[tuple[bytes, bool], Needle] = {}
        for needle in _needles(self.value):
            data = _folded(needle.data) if needle.folded else needle.data
            if len(data) >= SHORTEST:
                found.setdefault((data, needle.folded), Needle(needle.encoding, data, needle.folded))
        return tuple(found.values())


@dataclass(frozen=True)
class Finding:
    """A canary that travelled: where it lies, and in which form."""

    canary: str
    encoding: str
    place: str


@dataclass(frozen=True)
class Findings:
    """What a scan found, and how much it read: files (or rows, or screens) and bytes, of each surface."""

    found: tuple[Finding, ...]
    read: Mapping[str, tuple[int, int]] = field(default_factory=dict)

    @property
    def files(self) -> int:
        """How many files, rows and screens were read."""
        return sum(files for files, _size in self.read.values())

    @property
    def size(self) -> int:
        """How many bytes were read."""
        return sum(size for _files, size in self.read.values())

    def places(self) -> list[str]:
        """The places with something in them, each once."""
        return sorted({finding.place for finding in self.found})

    def check(self) -> None:
        """Fail where anything was found. Raises AssertionError with the places and forms, not with the values."""
        assert not self.found, sorted({f"{item.place}: {item.encoding}" for item in self.found})


class Scanner:
    """Looks for canaries."""

    def __init__(self, canaries: Iterable[Canary]) -> None:
        self._needles = [(canary.value, needle) for canary in canaries for needle in canary.needles]
        if not self._needles:
            raise ValueError("a scan for nothing finds nothing")
        self._heads: dict[bytes, list[tuple[str, Needle]]] = {}
        for value, needle in self._needles:
            self._heads.setdefault(needle.data[:SHORTEST], []).append((value, needle))
        self._begins = frozenset(self._heads)

    def scan(self, surfaces: Mapping[str, Surface]) -> Findings:
        """Look for every canary in every form on each surface, and print how much was read.

        Raises:
            EmptySurfaceError: there is no surface, or one without any byte.
        """
        if not surfaces:
            raise EmptySurfaceError("no surface")
        found: list[Finding] = []
        read: dict[str, tuple[int, int]] = {}
        seen: dict[bytes, tuple[Finding, ...]] = {}
        for surface, content in surfaces.items():
            files = size = 0
            for place, data in pieces(surface, content):
                files, size = files + 1, size + len(data)
                found += self._found(place, data, seen)
            if not size:
                raise EmptySurfaceError(surface)
            read[surface] = (files, size)
            print(f"{surface}: {files} files, {size} bytes read")
        findings = Findings(tuple(found), read)
        print(f"scanned: {findings.files} files, {findings.size} bytes, {len(self._needles)} forms")
        return findings

    def _found(self, place: str, data: bytes, seen: dict[bytes, tuple[Finding, ...]]) -> Iterator[Finding]:
        """What one piece holds, its name too; what is the same as before is not searched again."""
        digest = hashlib.sha256(data).digest()
        if digest not in seen:
            seen[digest] = tuple(
                Finding(value, needle.encoding + inside, "")
                for inside, body in opened(data)
                for value, needle in self._in(body)
            )
        yield from (Finding(item.canary, item.encoding, place) for item in seen[digest])
        name = place.encode("utf-8", "surrogateescape")
        for inside, text in opened(name):
            yield from (
                Finding(value, f"{needle.encoding}{inside}, in the name", place) for value, needle in self._in(text)
            )

    def _in(self, data: bytes) -> Iterator[tuple[str, Needle]]:
        folded = _folded(data)
        for value, needle in self._likely(data, folded):
            if needle.data in (folded if needle.folded else data):
                yield value, needle

    def _likely(self, data: bytes, folded: bytes) -> Iterable[tuple[str, Needle]]:
        """The needles whose first bytes stand there at all, where that is quicker than to look for each."""
        if len(self._needles) < min(2 * len(data), _MANY):
            return self._needles
        heads = self._begins.intersection(_runs(data)) | self._begins.intersection(_runs(folded))
        return [needle for head in heads for needle in self._heads[head]]


def pieces(surface: str, content: Surface) -> Iterator[Piece]:
    """The files, rows or bytes of a surface, each with its place. Of a link its target's name is what is read."""
    if isinstance(content, bytes):
        yield surface, content
    elif not isinstance(content, Path):
        yield from ((f"{surface}: {name}", data) for name, data in content)
    elif content.is_dir():
        for path in sorted(content.rglob("*")):
            mode = path.lstat().st_mode
            if stat.S_ISREG(mode):
                yield f"{surface}: {path.relative_to(content)}", path.read_bytes()
            elif stat.S_ISLNK(mode):
                yield f"{surface}: {path.relative_to(content)}", str(path.readlink()).encode()
            else:
                yield f"{surface}: {path.relative_to(content)}", b""  # the name of a folder or socket
    else:
        yield surface, content.read_bytes()


def rows(conninfo: str) -> Iterator[Piece]:
    """Every row of every table that is not PostgreSQL's own, as text; the conninfo is a superuser's."""
    with psycopg.connect(conninfo) as connection:
        tables = connection.execute(
            "SELECT schemaname, tablename FROM pg_tables"
            " WHERE schemaname NOT IN ('pg_catalog', 'information_schema') ORDER BY 1, 2"
        ).fetchall()
        for schema, table in tables:
            query = sql.SQL("SELECT t::text FROM {} AS t").format(sql.Identifier(schema, table))
            for number, (row,) in enumerate(connection.execute(query), 1):
                yield f"{schema}.{table} {number}", row.encode()


def store_plainly(conninfo: str) -> None:
    """Let PostgreSQL compress no value of cutter's tables from now on, so that its files can be read, dead rows too."""
    with psycopg.connect(conninfo) as connection:
        columns = connection.execute(
            "SELECT n.nspname, c.relname, a.attname FROM pg_attribute AS a JOIN pg_class AS c ON c.oid = a.attrelid"
            " JOIN pg_namespace AS n ON n.oid = c.relnamespace WHERE c.relkind = 'r' AND a.attnum > 0"
            " AND NOT a.attisdropped AND a.attstorage IN ('x', 'm')"
            " AND n.nspname NOT IN ('pg_catalog', 'information_schema', 'pg_toast')"
        ).fetchall()
        for schema, table, column in columns:
            connection.execute(
                sql.SQL("ALTER TABLE {} ALTER COLUMN {} SET STORAGE EXTERNAL").format(
                    sql.Identifier(schema, table), sql.Identifier(column)
                )
            )


def opened(data: bytes, depth: int = _DEPTH) -> Iterator[Piece]:
    """The bytes, and what is compressed or encoded in them, each with how it was opened; runs of zeros shortened."""
    data = _ZEROS.sub(bytes(32), data)
    joined = _LINE_BREAK.sub(b"", data)
    yield "", data
    if joined != data:
        yield ", broken over lines", joined
    if depth:
        for inside, body in _members(data, joined):
            yield from ((f", in {inside}{further}", deeper) for further, deeper in opened(body, depth - 1))


def _runs(data: bytes) -> Iterator[bytes]:
    """Every six bytes that stand together."""
    return map(data.__getitem__, map(slice, range(len(data)), range(SHORTEST, len(data) + SHORTEST)))


def _members(data: bytes, joined: bytes) -> Iterator[Piece]:
    """What is compressed or encoded in bytes; `joined` are the same without breaks of lines."""
    start = -1
    while (start := data.find(_GZIP, start + 1)) >= 0:
        yield from _inflated("gzip", data[start:], zlib.MAX_WBITS | 16)
    for match in _ZLIB.finditer(data):
        yield from _inflated("zlib", data[match.start() :], zlib.MAX_WBITS)
    for kind, decoded in (
        ("hex", (_hex(run[shift:]) for run in _HEX_RUN.findall(joined) for shift in range(2))),
        ("base64", (_base64(run[shift:]) for run in _BASE64_RUN.findall(joined) for shift in range(4))),
        *(("escapes", _unescaped(escapes, text)) for text in {data, joined} for escapes in _ESCAPES),
    ):
        if body := _BETWEEN.join(decoded):
            yield kind, body


def _hex(run: bytes) -> bytes:
    return binascii.unhexlify(run[: len(run) // 2 * 2])


def _base64(run: bytes) -> bytes:
    text = run.rstrip(b"=").translate(_STANDARD)
    return base64.b64decode(text[: len(text) - (len(text) % 4 == 1)] + b"==")


def _unescaped(escapes: re.Pattern[bytes], data: bytes) -> Iterator[bytes]:
    """What stands around escapes, with what they stand for in their place."""
    start = end = 0
    for match in escapes.finditer(data):
        if match.start() > end + 2 * _AROUND:
            if end:
                yield escapes.sub(_meant, data[start : end + _AROUND])
            start = max(match.start() - _AROUND, 0)
        end = match.end()
    if end:
        yield escapes.sub(_meant, data[start : end + _AROUND])


def _meant(match: re.Match[bytes]) -> bytes:
    """The bytes that an escape stands for."""
    byte, octal, sign, units = (*match.groups(), None, None, None)[:4]
    if units:
        return bytes.fromhex(_UNIT.sub(b"", units).decode()).decode("utf-16-be", "replace").encode()
    return sign or bytes([int(byte, 16) if byte else int(octal or b"", 8)])


def _inflated(kind: str, data: bytes, window: int) -> Iterator[Piece]:
    """What a compressed member holds, as far as it can be read; nothing where none begins here."""
    try:
        body = zlib.decompressobj(window).decompress(data, _MEMBER_LIMIT)
    except zlib.error:
        body = b"".join(_as_far_as_it_goes(data[:_CUT_OFF], window))
    if body:
        yield kind, body


def _as_far_as_it_goes(data: bytes, window: int) -> Iterator[bytes]:
    """What comes out before the error: a member that was cut off, or whose checksum is not there."""
    member = zlib.decompressobj(window)
    with suppress(zlib.error):
        for place in range(len(data)):
            yield member.decompress(data[place : place + 1])


def _folded(data: bytes) -> bytes:
    """Lower case, beyond ASCII too; what is no UTF-8 stays."""
    if data.isascii():
        return data.lower()
    return data.decode("utf-8", "surrogateescape").lower().encode("utf-8", "surrogateescape")


def normal_forms(value: str) -> dict[str, str]:
    """A value as other programs would write it: its normal forms, without accents, letters or digits only."""
    forms = {"as it is": value}
    forms |= {name: unicodedata.normalize(name, value) for name in ("NFC", "NFD", "NFKC", "NFKD")}
    plain = "".join(sign for sign in unicodedata.normalize("NFKD", value) if not unicodedata.combining(sign)).translate(
        str.maketrans("đĐ", "dD")
    )
    forms |= {"without accents": plain, "letters and digits only": "".join(filter(str.isalnum, plain))}
    digits = "".join(filter(str.isdigit, value))
    if len(digits) >= _DIGITS:
        forms["digits only"] = digits
    return forms


def _needles(value: str) -> Iterator[Needle]:
    for form, text in normal_forms(value).items():
        yield from _plain(form, text)
        for case, written in (("", text), (", lower", text.lower()), (", upper", text.upper())):
            yield from _encoded(form + case, written)
            yield from _digests(form + case, written)


def _plain(form: str, text: str) -> Iterator[Needle]:
    """As text: upper and lower case are the same. Forms of URLs and headers write a space as another sign."""
    yield Needle(f"UTF-8, {form}", text.encode(), True)
    yield Needle(f"reversed, {form}", text[::-1].encode(), True)
    for sign in "+_":
        yield Needle(f"UTF-8 with {sign} for spaces, {form}", text.replace(" ", sign).encode(), True)


def _encoded(form: str, text: str) -> Iterator[Needle]:
    """As bytes in a code: each case of the text is another one."""
    for charset in ("utf-8", "utf-16-le", "utf-16-be"):
        data = text.encode(charset)
        name = f"{charset}, {form}"
        if charset != "utf-8":
            yield Needle(name, data, False)
        yield Needle(f"hex, {name}", data.hex().encode(), True)
        for shift in range(3):
            core = _aligned(base64.b64encode, data, shift, 6)
            yield Needle(f"base64, {name}", core, False)
            yield Needle(f"base64 of URLs, {name}", core.translate(_OF_URLS), False)
        for shift in range(5):
            yield Needle(f"base32, {name}", _aligned(base64.b32encode, data, shift, 5), True)


def _aligned(encode: Encode, data: bytes, shift: int, bits: int) -> bytes:
    """The signs that these bytes alone determine, where `shift` bytes stand before them."""
    text = encode(bytes(shift) + data)
    return text[-(-shift * 8 // bits) : (shift + len(data)) * 8 // bits]


def _digests(form: str, text: str) -> Iterator[Needle]:
    said = {"": text.encode(), "a line": f"{text}\n".encode(), "UTF-16": text.encode("utf-16-le")}
    said["JSON"] = json.dumps(text, ensure_ascii=False).encode()
    for how, data in said.items():
        for name in _DIGESTS:
            digest = hashlib.new(name, data, usedforsecurity=False).digest()
            told = f"{name} of {form}{how and f', {how}'}"
            yield Needle(told, digest, False)
            yield Needle(f"{told}, hex", digest.hex().encode(), True)
            for encode in (base64.b64encode, base64.urlsafe_b64encode):
                yield Needle(f"{told}, base64", encode(digest).rstrip(b"="), False)
