"""Rule 6: what runs leave behind is attacked with a dictionary of people's data; no digest may give any of it back.

The attacker is tried first: bare digests are planted as programs leave them, and all must be recovered.
"""

import base64
import gzip
import hashlib
import hmac
import json
from collections.abc import Callable
from pathlib import Path

import msgspec
import psycopg
import pytest

from cutter import canon
from tests.plugins.postgres import Database
from tests.support.canaries import EmptySurfaceError, Surface, rows
from tests.support.digests import PLAIN, attack, births, dictionary, frames_of, people, phones
from tests.support.live import LiveOffice

BIRTH, PHONE, MAIL = "1980-03-12", "+84912345678", "jane.doe@example.org"
TRIGGER = {
    "format": "cutter.trigger/1",
    "id": "TRG-0001-00",
    "fields": {"born": BIRTH, "severity": 3, "wards": ["north", MAIL]},
}


def sha256(data: str | bytes) -> str:
    """A bare digest."""
    return hashlib.sha256(data if isinstance(data, bytes) else data.encode()).hexdigest()


PLANTED: dict[str, Callable[[], bytes]] = {
    "a date of birth": lambda: sha256(BIRTH).encode(),
    "as people write it": lambda: sha256("12/3/1980").encode(),
    "a telephone number": lambda: sha256(PHONE).encode(),
    "an address": lambda: sha256(MAIL).encode(),
    "a patient's number": lambda: sha256("patient-0001985").encode(),
    "upper case": lambda: sha256(BIRTH).upper().encode(),
    "SHA-1": lambda: hashlib.sha1(BIRTH.encode(), usedforsecurity=False).hexdigest().encode(),
    "MD5": lambda: hashlib.md5(BIRTH.encode(), usedforsecurity=False).hexdigest().encode(),
    "cut to 16 signs": lambda: f"run/{sha256(BIRTH)[:16]}".encode(),
    "with a prefix": lambda: f"sha256:{sha256(BIRTH)}".encode(),
    "in a Message-ID": lambda: f"<{sha256(BIRTH)}@example.org>".encode(),
    "of its JSON": lambda: sha256(json.dumps(BIRTH)).encode(),
    "of its line": lambda: sha256(f"{BIRTH}\n").encode(),
    "of a whole document": lambda: canon.digest(TRIGGER).encode(),
    "two behind one another": lambda: (sha256("nothing") + sha256(BIRTH)).encode(),
    "in JSON": lambda: json.dumps({"inputs_sha256": sha256(BIRTH)}).encode(),
    "base64": lambda: b"sha256-" + base64.b64encode(bytes.fromhex(sha256(BIRTH))).rstrip(b"="),
    "in gzip": lambda: gzip.compress(f"digest {sha256(BIRTH)}".encode()),
    "in an envelope": lambda: base64.b64encode(json.dumps({"subject": {"sha256": sha256(BIRTH)}}).encode()),
    "in hex": lambda: json.dumps({"sha256": sha256(BIRTH)}).encode().hex().encode(),
}


@pytest.fixture(scope="module")
def words() -> tuple[str, ...]:
    """The dictionary."""
    found = dictionary()
    assert len(found) > 200_000
    return found


@pytest.mark.parametrize("name", PLANTED)
def test_a_bare_digest_is_recovered(tmp_path: Path, name: str) -> None:
    """Without it «nothing was recovered» would only say that the attacker is weak."""
    (tmp_path / "left").write_bytes(b"\x00 " + PLANTED[name]() + b" \xff")
    small = (*births(1980, 1980), *phones(), *people())
    frames = (*PLAIN, *frames_of(TRIGGER | {"fields": {**TRIGGER["fields"], "born": "?"}}))  # type: ignore[dict-item]

    found = attack({"folder": tmp_path}, small, frames)

    assert len({item.value for item in found.recovered}) == 1
    with pytest.raises(AssertionError) as caught:
        found.check()
    assert found.recovered[0].value not in str(caught.value)


def test_digests_in_names_and_rows_are_attacked(tmp_path: Path, database: Database) -> None:
    """Without it a file that is named by a digest, or a column of bytes, would be out of the attacker's reach."""
    (tmp_path / sha256(BIRTH)).write_bytes(b"nothing")
    with psycopg.connect(database.superuser) as connection:
        connection.execute("CREATE TABLE public.left_behind (body bytea, document jsonb)")
        values = (json.dumps({"a": sha256(PHONE)}).encode(), json.dumps({"b": sha256(MAIL)}))
        connection.execute("INSERT INTO public.left_behind VALUES (%s, %s)", values)

    found = attack({"folder": tmp_path, "rows": rows(database.superuser)}, [BIRTH, PHONE, MAIL])

    assert {item.value for item in found.recovered} == {BIRTH, PHONE, MAIL}


def test_a_keyed_commitment_is_not_recovered(words: tuple[str, ...]) -> None:
    """Without it the attacker would find something in everything, or keyed commitments would be worth nothing."""
    keyed = hmac.digest(b"a key of this workspace's own", BIRTH.encode(), "sha256").hex()
    assert not attack({"left": keyed.encode()}, words).recovered


def test_no_digest_is_no_proof() -> None:
    """Without it an attack on the wrong folder would pass."""
    with pytest.raises(EmptySurfaceError):
        attack({"left": b"no digest in here, only words and the number 1234567890"}, [BIRTH])


def test_every_string_of_a_document_can_be_the_unknown() -> None:
    """Without it a date in a list, or deep in a document, would not be tried there."""
    frames = frames_of(TRIGGER)
    assert len(frames) == 5
    filled = {frame.before + frame.filled(MAIL) + frame.after for frame in frames}
    deep = msgspec.json.decode(msgspec.json.encode(TRIGGER))
    deep["fields"]["wards"][0] = MAIL
    assert canon.encode(deep) in filled


def test_a_run_of_the_cut_gives_nothing_back(live: LiveOffice, words: tuple[str, ...]) -> None:
    """Without it an actor, an input or a title of a run could lie in evidence as a digest that anybody reads."""
    assert live.complete().exit_code == 0
    found = attack(left_behind(live), words)
    assert found.digests > 100
    found.check()


def left_behind(live: LiveOffice) -> dict[str, Surface]:
    """What an office's runs left: the workspace's state, and every row of the database."""
    return {"state": live.settings.state, "rows": rows(live.database.superuser)}
