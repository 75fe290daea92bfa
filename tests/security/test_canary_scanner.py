"""The scanner of canaries, tested by planting: each form on each surface must be found, and an empty one must fail."""

import base64
import bz2
import codecs
import gzip
import hashlib
import io
import json
import os
import quopri
import unicodedata
import urllib.parse
import zlib
from collections.abc import Callable, Iterator
from email.header import Header
from pathlib import Path

import psycopg
import pytest

from cutter.postgres.embedded import SUPERUSER, Cluster
from tests.plugins.postgres import Database
from tests.support.canaries import Canary, EmptySurfaceError, Findings, Scanner, Surface, rows, store_plainly
from tests.support.servers import Server, own_server

VALUES = {
    "a name": "Nguyễn Văn Ánh",
    "an address": "an.nguyen+x@example.org",
    "a telephone number": "+84 912-345-678",
    "a date of birth": "1980-03-12/vn",
}
NOISE = b"\x00\x8f7\xff"


def packed(value: str) -> bytes:
    """A gzip member without a time."""
    out = io.BytesIO()
    with gzip.GzipFile(fileobj=out, mode="wb", mtime=0) as member:
        member.write(f"<{value}>".encode() * 3)
    return out.getvalue()


def spongy(value: str) -> str:
    """Every second letter upper."""
    return "".join(sign.upper() if place % 2 else sign.lower() for place, sign in enumerate(value))


def escaped(value: str, form: str) -> bytes:
    """Every byte by its number."""
    return "".join(form % byte for byte in value.encode()).encode()


def behind(shift: int) -> Callable[[str], bytes]:
    """base32 with this many bytes before the value."""
    return lambda value: base64.b32encode(b"n" * shift + value.encode() + b"n")


def digesting(name: str, said: Callable[[str], bytes]) -> Callable[[str], bytes]:
    """A digest of what is said of a value, in hexadecimal."""
    return lambda value: hashlib.new(name, said(value)).hexdigest().encode()


SAID: dict[str, Callable[[str], bytes]] = {
    "it": lambda value: value.encode(),
    "it in NFD": lambda value: unicodedata.normalize("NFD", value).encode(),
    "it in lower case": lambda value: value.lower().encode(),
    "it in upper case": lambda value: value.upper().encode(),
    "its JSON": lambda value: json.dumps(value, ensure_ascii=False).encode(),
    "its line": lambda value: f"{value}\n".encode(),
}
# How programs write a value down, each by other means than the scanner's own.
FORMS: dict[str, Callable[[str], bytes]] = {
    "UTF-8": lambda value: value.encode(),
    "UTF-16, little": lambda value: value.encode("utf-16-le"),
    "UTF-16, big": lambda value: value.encode("utf-16-be"),
    "NFC": lambda value: unicodedata.normalize("NFC", value).encode(),
    "NFD": lambda value: unicodedata.normalize("NFD", value).encode(),
    "NFD in UTF-16": lambda value: unicodedata.normalize("NFD", value).encode("utf-16-le"),
    "lower case": lambda value: value.lower().encode(),
    "upper case": lambda value: value.upper().encode(),
    "swapped case": lambda value: value.swapcase().encode(),
    "every second letter": lambda value: spongy(value).encode(),
    "upper case in UTF-16": lambda value: value.upper().encode("utf-16-be"),
    "JSON": lambda value: json.dumps({"x": value}).encode(),
    "JSON, upper case escapes": lambda value: json.dumps(value.upper()).upper().replace("\\U", "\\u").encode(),
    "JSON, slash": lambda value: json.dumps(value).replace("/", "\\/").encode(),
    "JSON, all by number": lambda value: "".join(f"\\u{ord(sign):04x}" for sign in value).encode(),
    "JSON in JSON, not escaped": lambda value: json.dumps(
        json.dumps({"x": value}, ensure_ascii=False), ensure_ascii=False
    ).encode(),
    "percent": lambda value: urllib.parse.quote(value, safe="").encode(),
    "percent, a path": lambda value: urllib.parse.quote(value).encode(),
    "percent, a form": lambda value: urllib.parse.urlencode({"x": value}).encode(),
    "percent, lower case": lambda value: urllib.parse.quote(value, safe="").lower().encode(),
    "percent, all": lambda value: escaped(value, "%%%02X"),
    "quoted-printable": lambda value: quopri.encodestring(value.encode()),
    "quoted-printable, broken": lambda value: quopri.encodestring(b"n" * 70 + value.encode()),
    "quoted-printable, all": lambda value: escaped(value, "=%02X"),
    "a header, Q": lambda value: b"=?utf-8?Q?" + quopri.encodestring(value.encode(), header=True) + b"?=",
    "a header, B": lambda value: str(Header(f"to {value}", "utf-8").encode()).encode(),
    "base64": lambda value: base64.b64encode(value.encode()),
    "base64, one before": lambda value: base64.b64encode(b"x" + value.encode() + b"yz"),
    "base64, two before": lambda value: base64.b64encode(b"xy" + value.encode() + b"z"),
    "base64 of URLs": lambda value: base64.urlsafe_b64encode(f"??>{value}?>".encode()),
    "base64, broken": lambda value: base64.encodebytes(b"n" * 50 + value.encode()),
    "base64 of UTF-16": lambda value: base64.b64encode(value.encode("utf-16-le")),
    **{f"base32, {shift} before": behind(shift) for shift in range(5)},
    "base32, lower case": lambda value: base64.b32encode(value.encode()).lower(),
    "hex": lambda value: value.encode().hex().encode(),
    "hex, upper case": lambda value: value.encode().hex().upper().encode(),
    "hex of UTF-16": lambda value: value.encode("utf-16-le").hex().encode(),
    "a literal of Python": lambda value: repr(value.encode()).encode(),
    "a literal of Python, all": lambda value: escaped(value, "\\x%02x"),
    "octal": lambda value: escaped(value, "\\%03o"),
    "reversed": lambda value: value[::-1].encode(),
    "gzip": packed,
    "zlib": lambda value: zlib.compress(f"<{value}>".encode() * 3),
    "zlib, quick": lambda value: zlib.compress(value.encode(), 1),
    "zlib, best": lambda value: zlib.compress(value.encode(), 9),
    "gzip in base64": lambda value: base64.b64encode(packed(value)),
    "JSON in base64 in hex": lambda value: base64.b64encode(json.dumps({"payload": value}).encode()).hex().encode(),
    "a whole envelope": lambda value: json.dumps(
        {"payload": base64.b64encode(json.dumps({"subject": "s" * 40, "name": value}).encode()).decode()}
    ).encode(),
    **{f"{name} of {what}": digesting(name, said) for name in ("md5", "sha1", "sha256") for what, said in SAID.items()},
    "sha256, bytes": lambda value: hashlib.sha256(value.encode()).digest(),
    "sha256, upper case": lambda value: hashlib.sha256(value.encode()).hexdigest().upper().encode(),
    "sha256, base64": lambda value: base64.b64encode(hashlib.sha256(value.encode()).digest()),
}
OF_ONE = {
    "without accents": ("a name", "Nguyen Van Anh"),
    "an account's name": ("a name", "nguyenvananh"),
    "digits only": ("a telephone number", "0084912345678"),
    "digits only, elsewhere": ("a telephone number", "tel:84912345678;"),
    "digits of a date": ("a date of birth", "19800312"),
}


def planted(value: str, form: str) -> bytes:
    """A value in a form, between other bytes."""
    return NOISE + FORMS[form](value) + NOISE


def scanned(value: str, surface: Surface) -> Findings:
    """The scan of one surface for one value."""
    return Scanner([Canary(value)]).scan({"here": surface})


@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize("kind", VALUES)
def test_each_form_is_found_in_bytes_and_in_a_file(tmp_path: Path, kind: str, form: str) -> None:
    """Without it «no canary was found» would only say that the scanner does not know the form it lies there in."""
    value = VALUES[kind]
    folder = tmp_path / "a" / "b"
    folder.mkdir(parents=True)
    (folder / "file").write_bytes(planted(value, form))
    (folder / "other").write_bytes(b"nothing")

    for surface, place in (
        (planted(value, form), "here"),
        (folder / "file", "here"),
        (tmp_path, "here: a/b/file"),
        ([("row 1", b"nothing"), ("row 2", planted(value, form))], "here: row 2"),
    ):
        assert scanned(value, surface).places() == [place]


@pytest.mark.parametrize("case", OF_ONE)
def test_what_is_left_of_a_value_is_found(case: str) -> None:
    """Without it a name without its accents, or a number without its hyphens, would pass for another value."""
    kind, left = OF_ONE[case]
    assert scanned(VALUES[kind], left.encode()).found


NAMES = {
    "a file": lambda folder, value: (folder / f"x-{value}.txt").write_bytes(b""),
    "a folder": lambda folder, value: (folder / f"x-{value}").mkdir(),
    "the target of a link": lambda folder, value: (folder / "link").symlink_to(f"/nowhere/{value}"),
    "a file, percent": lambda folder, value: (folder / urllib.parse.quote(value, safe="")).write_bytes(b""),
    "a file, hex": lambda folder, value: (folder / value.encode().hex()).write_bytes(b""),
}


@pytest.mark.parametrize("case", NAMES)
def test_names_are_read_too(tmp_path: Path, case: str) -> None:
    """Without it a report that is named after a person would be clean."""
    (tmp_path / "other").write_bytes(b"nothing")
    NAMES[case](tmp_path, VALUES["a name"])
    assert scanned(VALUES["a name"], tmp_path).found


EMPTY: dict[str, Callable[[Path], dict[str, Surface]]] = {
    "an empty folder": lambda folder: {"here": folder},
    "a folder of empty files": lambda folder: {"here": folder, **_touch(folder)},
    "no bytes": lambda _folder: {"here": b""},
    "no rows": lambda _folder: {"here": iter(())},
    "one of two": lambda folder: {"there": b"something", "here": folder},
    "no surface": lambda _folder: {},
}


def _touch(folder: Path) -> dict[str, Surface]:
    (folder / "empty").touch()
    return {}


@pytest.mark.parametrize("case", EMPTY)
def test_to_read_nothing_fails(tmp_path: Path, case: str) -> None:
    """Without it a scan of a wrong path would prove that nothing travels."""
    with pytest.raises(EmptySurfaceError):
        Scanner([Canary("canary-1")]).scan(EMPTY[case](tmp_path))


def test_a_scan_for_nothing_is_refused() -> None:
    """Without it a table of canaries that is empty by mistake would pass every scan."""
    with pytest.raises(ValueError, match="nothing"):
        Scanner([])
    with pytest.raises(ValueError, match="short"):
        Canary("abc")


def test_what_was_read_is_said(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Without it nobody could tell whether a scan read two files or two thousand."""
    (tmp_path / "one").write_bytes(b"x" * 1000)
    (tmp_path / "two").write_bytes(b"x" * 1000)  # the same bytes are read, and counted, again

    findings = Scanner([Canary("canary-1")]).scan({"folder": tmp_path, "screen": b"12345"})

    assert (findings.files, findings.size, findings.read["folder"]) == (3, 2005, (2, 2000))
    assert "folder: 2 files, 2000 bytes read" in capsys.readouterr().out


def test_nothing_is_found_where_nothing_is(tmp_path: Path) -> None:
    """Without it a scanner that finds everything everywhere would pass all tests of planting."""
    (tmp_path / "random").write_bytes(os.urandom(4 << 20))
    (tmp_path / "program").write_bytes(Path(codecs.__file__).read_bytes())
    Scanner(map(Canary, VALUES.values())).scan({"here": tmp_path, "there": zlib.compress(b"abc" * 1000)}).check()


def test_a_finding_does_not_tell_the_value() -> None:
    """Without it the message of a failed test would carry what must not travel into a log."""
    findings = scanned(VALUES["a name"], VALUES["a name"].encode())
    with pytest.raises(AssertionError) as caught:
        findings.check()
    assert VALUES["a name"] not in str(caught.value)


def test_many_needles_find_the_same(tmp_path: Path) -> None:
    """The scanner looks otherwise for many forms, or in little; without it one of both ways could be blind."""
    value = VALUES["a name"]
    crowd = [Canary(value), *(Canary(f"somebody-{number}@example.org") for number in range(40))]
    for form in FORMS:
        (tmp_path / hashlib.sha256(form.encode()).hexdigest()).write_bytes(planted(value, form) + os.urandom(50_000))

    found = Scanner(crowd).scan({"here": tmp_path})

    assert len(found.places()) == len(FORMS)
    assert {finding.canary for finding in found.found} == {value}


def test_what_is_not_seen() -> None:
    """The limits that the module states: without it somebody could trust the scanner with what it cannot see."""
    assert not scanned("canary-1", bz2.compress(b"canary-1")).found
    assert not scanned("canary-1", b"cana\0ry-1").found


# Databases

TEXTS = [form for form in FORMS if b"\0" not in FORMS[form]("canary-00") and FORMS[form]("canary-00").isascii()]


def canaries() -> dict[str, Canary]:
    """A canary of its own for each form."""
    return {form: Canary(f"cánary-{number:02}-{number * 7919:06}") for number, form in enumerate(FORMS)}


@pytest.fixture
def own(server: Cluster) -> Iterator[Server]:
    """A server that is this test's own, which logs every statement."""
    with own_server(server) as made:
        with psycopg.connect(made.conninfo(SUPERUSER), autocommit=True) as connection:
            connection.execute("ALTER SYSTEM SET log_statement = 'all'")
            connection.execute("SELECT pg_reload_conf()")
        yield made


def test_each_form_is_found_in_rows(database: Database) -> None:
    """Without it a value in a bytea, a document or an array of a table would not be seen in a dump."""
    with psycopg.connect(database.superuser) as connection:
        connection.execute("CREATE TABLE public.planted (form text, body bytea, document jsonb, parts text[])")
        for form, canary in canaries().items():
            body = FORMS[form](canary.value)
            text = body.decode() if form in TEXTS else ""
            row = (form, body, json.dumps({"x": text}), [text, "x"])
            connection.execute("INSERT INTO public.planted VALUES (%s, %s, %s, %s)", row)

    found = Scanner(canaries().values()).scan({"rows": rows(database.superuser)})

    values = {finding.canary for finding in found.found if "public.planted" in finding.place}
    assert [form for form, canary in canaries().items() if canary.value not in values] == []


def test_each_form_is_found_in_a_whole_data_directory(own: Server) -> None:
    """Without it rows that were deleted, what stands in the WAL, and statements in the server's log would be unseen."""
    with psycopg.connect(own.conninfo(SUPERUSER), autocommit=True) as connection:
        connection.execute("CREATE TABLE public.planted (body bytea)")
        for form, canary in canaries().items():
            connection.execute("INSERT INTO public.planted VALUES (%b)", (FORMS[form](canary.value),))
        connection.execute("DELETE FROM public.planted")
        connection.execute("CHECKPOINT")
    own.stop()

    found = Scanner(canaries().values()).scan({"data": own.data, "log": own.folder / "log"})

    for where in ("data: base/", "data: pg_wal/", "log"):
        values = {finding.canary for finding in found.found if finding.place.startswith(where)}
        assert [form for form, canary in canaries().items() if canary.value not in values] == [], where


def test_long_values_can_be_kept_from_being_compressed(own: Server) -> None:
    """Without it a word in a long document would lie in PostgreSQL's own compression, where it is not found."""
    word = "canary-in-a-long-document"
    with psycopg.connect(own.conninfo(SUPERUSER), autocommit=True) as connection:
        connection.execute("CREATE TABLE public.long (body text)")
    store_plainly(own.conninfo(SUPERUSER))
    with psycopg.connect(own.conninfo(SUPERUSER), autocommit=True) as connection:
        for count in (100, 3000):
            connection.execute("INSERT INTO public.long SELECT %s || repeat('cana', %s) || %s", ("x", count, word))
        connection.execute("CHECKPOINT")
    own.stop()

    found = scanned(word, own.data)

    assert [place for place in found.places() if place.startswith("here: base/")]
