"""What contradicts a database, and what a decision settles of it, as tables of checkpoints."""

from collections.abc import Sequence

import msgspec
import pytest

from cutter.approval.recovery import Decision, find_setback, is_settled, set_back
from cutter.checkpoints import Claim, Place, StoredHead
from cutter.contracts import Target

LOG, OTHER = "6b1f0c1e-0000-4000-8000-000000000000", "0a1f0c1e-0000-4000-8000-000000000000"
HERE = ("7300000000000000001", 16384)
HEAD = StoredHead("demo", LOG, *HERE, 250, "b" * 64)
TARGET = Target(*HERE, database="office", server_version="18", ledger_log_id=LOG, schema="0010")
HASHES = {0: HEAD.genesis, 100: "1" * 64, 200: "2" * 64, 240: "3" * 64, 250: "b" * 64}


def kept(size: int, day: int, digit: str = "", log_id: str = LOG, place: Place = Place.WORKSPACE) -> Claim:
    """A checkpoint of a day; without a digit it is the one that the ledger holds."""
    sha256 = digit * 64 if digit else HASHES[size]
    return Claim(place, f"{log_id}-{size}", log_id, size, sha256, f"2026-11-{day:02d}T00:00:00Z")


DECISION = Decision(
    log_id=LOG,
    head_size=250,
    head_sha256="b" * 64,
    system_identifier=HERE[0],
    database_oid=HERE[1],
    known_system_identifier=HERE[0],
    known_database_oid=HERE[1],
    lost_log_id=LOG,
    lost_size=500,
    lost_sha256="f" * 64,
    lost_at="2026-11-05T00:00:00Z",
    agreed_size=200,
    agreed_sha256="2" * 64,
    cause="restore",
)

# Checkpoints; then the length that is lost, the length that both agree on, and the word of the stop.
FOUND: dict[str, tuple[Sequence[Claim], int, int, str]] = {
    "longer than the ledger": ((kept(100, 1), kept(200, 2), kept(500, 5, "f")), 500, 200, "rollback"),
    "the newest of several": ((kept(300, 3, "c"), kept(500, 5, "f"), kept(400, 4, "d")), 500, 0, "rollback"),
    "as long, with another hash": ((kept(200, 2), kept(240, 3, "e")), 240, 200, "forked"),
    "a shorter one that is newer": ((kept(500, 2, "f"), kept(240, 5, "e")), 240, 0, "forked"),
    "of another log": ((kept(200, 2, log_id=OTHER, digit="a"),), 200, 0, "rollback"),
    "what is held and newer than what is lost agrees on nothing": ((kept(200, 9), kept(240, 3, "e")), 240, 0, "forked"),
}


@pytest.mark.parametrize("name", FOUND)
def test_what_is_lost_is_found(name: str) -> None:
    """Without it people would be asked about the wrong checkpoint, and settle too much or too little."""
    claims, lost, agreed, word = FOUND[name]

    found = find_setback(HEAD, TARGET, claims, HASHES, ())

    assert found is not None
    assert (found.lost_size, found.agreed_size, set_back(found).detail) == (lost, agreed, word)
    assert found.agreed_sha256 == HASHES[agreed]


def test_a_database_that_agrees_is_not_set_back() -> None:
    """Without it every live run would be refused."""
    assert find_setback(HEAD, TARGET, [kept(100, 1), kept(200, 2), kept(250, 3)], HASHES, ()) is None
    assert find_setback(HEAD, TARGET, [], HASHES, ()) is None


def test_a_database_that_was_moved_is_found_until_people_say_so() -> None:
    """Without it a clone with other identifiers would pass, or a new cluster never again."""
    elsewhere = msgspec.structs.replace(TARGET, database_oid=5)

    found = find_setback(HEAD, elsewhere, [kept(200, 2)], HASHES, ())

    assert found is not None
    assert (found.lost_log_id, found.agreed_size, set_back(found).where) == ("", 200, "database")
    moved = msgspec.structs.replace(DECISION, database_oid=5)
    assert find_setback(HEAD, elsewhere, [kept(200, 2)], HASHES, [moved]) is None
    assert find_setback(HEAD, TARGET, [kept(200, 2)], HASHES, [moved]) is not None


SETTLED: dict[str, tuple[Claim, bool]] = {
    "the one that people saw": (kept(500, 5, "f"), True),
    "an older one beyond what both agreed on": (kept(300, 3, "c"), True),
    "another host's, of the same time": (kept(240, 5, "e", place=Place.USER), True),
    "one that is newer": (kept(500, 6, "f"), False),
    "one at the length that both agreed on": (kept(200, 2, "e"), False),
    "one below it": (kept(100, 1, "e"), False),
    "one of another log": (kept(500, 5, "f", log_id=OTHER), False),
    "one that the database keeps": (kept(500, 5, "f", place=Place.DATABASE), False),
    "what a request saw": (Claim(Place.REQUEST, "approvals/…", LOG, 500, "f" * 64), False),
}


@pytest.mark.parametrize("name", SETTLED)
def test_a_decision_settles_exactly_what_was_lost(name: str) -> None:
    """Without it a decision would excuse what nobody has seen, or none of what people meant."""
    claim, settled = SETTLED[name]

    assert is_settled(claim, LOG, [DECISION]) is settled


def test_of_a_log_that_was_given_up_every_length_is_settled() -> None:
    """Without it the first checkpoints of a lost log would bar its successor for ever."""
    given_up = msgspec.structs.replace(DECISION, lost_log_id=OTHER)

    assert is_settled(kept(100, 1, "e", log_id=OTHER), LOG, [given_up])
    assert not is_settled(kept(100, 6, "e", log_id=OTHER), LOG, [given_up])
