"""What may be concluded from the ledger's rows beside what is known of it: every finding has its word and place."""

from collections.abc import Callable, Sequence

import msgspec
import pytest

from cutter import chain
from cutter.approval.trust import RunnerKey
from cutter.checkpoints import (
    Checkpoint,
    Claim,
    Followed,
    LedgerRow,
    Place,
    StoredHead,
    Use,
    check_anchored,
    check_claims,
    check_head,
    check_origin,
    check_uses,
    follow,
    read_checkpoint,
    signer_of,
)
from cutter.stops import Stop, StopCode
from tests.support.records import OPENED, REHEARSAL, RUN_ID, number

LOG = "6b1f0c1e-0000-4000-8000-000000000000"
BEGUN = StoredHead("demo", LOG, "7300000000000000001", 16384, 0, "")
AT = "2026-11-21T10:00:00Z"


def rows() -> list[LedgerRow]:
    """The rows of a log with one run."""
    links = chain.link(number(REHEARSAL), chain.Head(0, BEGUN.genesis), "demo", "operator")
    return [(link.seq, RUN_ID, link.prev_sha256, link.body, link.sha256) for link in links]


SIZE = len(REHEARSAL)
HEAD = msgspec.structs.replace(BEGUN, size=SIZE, sha256=rows()[-1][4])


def claim(size: int, sha256: str, log_id: str = LOG) -> Claim:
    """What a file knows."""
    return Claim(Place.WORKSPACE, "file", log_id, size, sha256)


def refused(judge: Callable[[], object]) -> Stop:
    """The stop of a judgement."""
    with pytest.raises(Stop) as caught:
        judge()
    assert caught.value.code is StopCode.STOP_LEDGER_BROKEN
    return caught.value


def test_a_sound_log_is_followed_to_its_head() -> None:
    """Without it every refusal below could be a false alarm."""
    found = follow(rows(), HEAD, {3})

    assert (found.size, found.sha256) == (HEAD.size, HEAD.sha256)
    assert found.hashes == {0: BEGUN.genesis, 3: rows()[2][4]}
    check_head(HEAD, found)
    check_claims([claim(3, rows()[2][4]), claim(0, BEGUN.genesis)], HEAD, found)


def test_a_log_without_events_begins_with_its_genesis() -> None:
    """Without it the first checkpoint of an office could not be compared."""
    found = follow([], BEGUN, ())

    assert (found.size, found.sha256) == (0, BEGUN.genesis)


def _row(place: int, **changes: object) -> Callable[[list[LedgerRow]], Sequence[LedgerRow]]:
    names = ("seq", "run_id", "prev", "body", "sha256")

    def change(all_: list[LedgerRow]) -> Sequence[LedgerRow]:
        row = dict(zip(names, all_[place], strict=True)) | changes
        return [*all_[:place], tuple(row[name] for name in names), *all_[place + 1 :]]  # type: ignore[list-item]

    return change


CHANGED: dict[str, tuple[Callable[[list[LedgerRow]], Sequence[LedgerRow]], str]] = {
    "one left out": (lambda all_: [*all_[:4], *all_[5:]], "gap_at_5"),
    "the first left out": (lambda all_: all_[1:], "gap_at_1"),
    "one twice": (lambda all_: [*all_[:5], all_[4], *all_[5:]], "gap_at_6"),
    "two swapped": (lambda all_: [*all_[:3], all_[4], all_[3], *all_[5:]], "gap_at_4"),
    "a body": (_row(4, body=b"{}"), "altered_at_5"),
    "a hash": (_row(4, sha256="a" * 64), "altered_at_5"),
    "the hash before": (_row(4, prev="a" * 64), "altered_at_5"),
    "the run beside the body": (_row(4, run_id="another"), "altered_at_5"),
    "the first hash before": (_row(0, prev="a" * 64), "altered_at_1"),
}


@pytest.mark.parametrize("name", CHANGED)
def test_a_change_is_found_with_its_place(name: str) -> None:
    """Without it a tampered ledger would be believed."""
    change, detail = CHANGED[name]

    assert refused(lambda: follow(change(rows()), HEAD, ())).detail == detail


def test_a_body_that_tells_nothing_is_unreadable() -> None:
    """Without it rows that were hashed right could hold what no verifier reads."""
    row = (1, RUN_ID, BEGUN.genesis, b"[]", chain.row_sha256(BEGUN.genesis, 1, b"[]"))

    assert refused(lambda: follow([row], HEAD, ())).detail == "unreadable_at_1"


OTHERS = {"tenant": "another", "log_id": RUN_ID, "system_identifier": "1", "database_oid": 1}


@pytest.mark.parametrize("name", OTHERS)
def test_the_genesis_binds_the_log(name: str) -> None:
    """Without it the rows of another tenant or database could be shown as this one's."""
    other = msgspec.structs.replace(HEAD, **{name: OTHERS[name]})

    assert refused(lambda: follow(rows(), other, ())).detail == "altered_at_1"


HEADS: dict[str, tuple[int, str, str]] = {
    "rows are missing at the end": (SIZE + 2, "a" * 64, f"truncated_have_{SIZE}_seen_{SIZE + 2}"),
    "rows are not counted": (SIZE - 1, "a" * 64, f"altered_at_{SIZE}"),
    "the last hash is another": (SIZE, "a" * 64, f"altered_at_{SIZE}"),
}


@pytest.mark.parametrize("name", HEADS)
def test_the_head_is_where_the_rows_end(name: str) -> None:
    """Without it the head could say one thing and the rows another."""
    size, sha256, detail = HEADS[name]
    head = msgspec.structs.replace(HEAD, size=size, sha256=sha256)

    assert refused(lambda: check_head(head, follow(rows(), HEAD, ()))).detail == detail


CLAIMS: dict[str, tuple[list[Claim], str]] = {
    "longer than the log": ([claim(99, "a" * 64)], f"truncated_have_{SIZE}_seen_99"),
    "the longest speaks": ([claim(50, "a" * 64), claim(99, "b" * 64)], f"truncated_have_{SIZE}_seen_99"),
    "another hash there": ([claim(3, "a" * 64)], "forked"),
    "another hash at the end": ([claim(SIZE, "a" * 64)], "forked"),
    "another beginning": ([claim(0, "a" * 64)], "forked"),
    "another log": ([claim(3, "a" * 64, RUN_ID)], "rollback"),
}


@pytest.mark.parametrize("name", CLAIMS)
def test_what_was_known_is_part_of_the_log(name: str) -> None:
    """Without it a log that was cut or chained anew would be as good as the one that people saw."""
    claims, detail = CLAIMS[name]
    followed = follow(rows(), HEAD, {item.size for item in claims})

    assert refused(lambda: check_claims(claims, HEAD, followed)).detail == detail


def test_uses_and_events_answer_each_other() -> None:
    """Without it an approval could be used without a trace, or a trace be left without a use."""
    use, other = Use("run", "GATE_A", "a" * 64), Use("run", "GATE_B", "b" * 64)
    check_uses([use, other], [other, use])

    assert refused(lambda: check_uses([use, other], [use])).detail == "use_without_event"
    assert refused(lambda: check_uses([use], [use, other])).where == "run/GATE_B"


ANCHORS: dict[str, tuple[list[Place], int, str | None]] = {
    "nothing": ([], 0, ""),
    "the database alone": ([Place.DATABASE], 0, ""),
    "those who signed": ([Place.DATABASE], 2, "witnessed_2"),
    "the workspace": ([Place.WORKSPACE], 0, None),
    "the user": ([Place.DATABASE, Place.USER], 0, None),
}


@pytest.mark.parametrize("name", ANCHORS)
def test_only_a_copy_elsewhere_anchors(name: str) -> None:
    """Without it whoever owns the database would be its only witness."""
    places, witnesses, found = ANCHORS[name]
    if found is None:
        return check_anchored(places, witnesses)
    stop = refused(lambda: check_anchored(places, witnesses))
    assert (stop.detail, stop.found) == ("unanchored", found)
    return None


@pytest.mark.parametrize("place", [("1", 16384), ("7300000000000000001", 5)], ids=["cluster", "database"])
def test_the_log_is_where_it_was_begun(place: tuple[str, int]) -> None:
    """Without it a copy of the database would go on under the same name."""
    check_origin(HEAD, "7300000000000000001", 16384)

    assert refused(lambda: check_origin(HEAD, *place)).detail == "rollback"


def test_a_checkpoint_is_its_canonical_bytes() -> None:
    """Without it one signature could stand for two texts."""
    made = Checkpoint(log_id=LOG, size=3, head_sha256="a" * 64, at=AT)

    assert read_checkpoint(made.body) == made
    for other in (
        made.body + b"\n",
        made.body.replace(b",", b", "),
        b"{}",
        made.body.replace(b'"size":3', b'"size":-1'),
    ):
        assert read_checkpoint(other) is None


KEY = RunnerKey(key_id="host", public="b" * 64, valid_from="2026-01-01T00:00:00Z", valid_to="2026-12-31T00:00:00Z")
MOMENTS = {"2025-12-31T23:59:59Z": False, "2026-01-01T00:00:00Z": True, AT: True, "2026-12-31T00:00:01Z": False}


@pytest.mark.parametrize("at", MOMENTS)
def test_a_key_signs_while_it_is_valid(at: str) -> None:
    """Without it a key that was taken out of service could vouch for new checkpoints."""
    made = Checkpoint(log_id=LOG, size=3, head_sha256="a" * 64, at=at)

    assert (signer_of(made, KEY.public, [KEY]) is KEY) is MOMENTS[at]
    assert signer_of(made, "c" * 64, [KEY]) is None


def test_gates_that_were_opened_are_told() -> None:
    """Without it uses of approvals could not be compared with events."""
    links = chain.link(number([("", OPENED)]), chain.Head(0, BEGUN.genesis), "demo", "operator")
    found: Followed = follow([(1, RUN_ID, links[0].prev_sha256, links[0].body, links[0].sha256)], HEAD, ())

    assert found.opened == (Use(RUN_ID, OPENED.gate, OPENED.request_sha256),)
