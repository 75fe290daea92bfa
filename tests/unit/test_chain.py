"""The chain of events: what can enter it, and that no change to it goes unnoticed."""

from collections.abc import Callable, Sequence

import msgspec
import pytest

from cutter import canon, chain
from cutter.events import Aborted, Surveyed
from cutter.stops import Stop, StopCode
from tests.support.records import REHEARSAL, RUN_ID, acted, number

HEAD = chain.rehearsal_genesis(RUN_ID)


def links() -> tuple[chain.Link, ...]:
    """A chain of one rehearsal."""
    return chain.link(number(REHEARSAL), HEAD, "demo", "operator")


def test_what_was_linked_is_read_back() -> None:
    """Without it a run could not be folded from its own ledger."""
    assert number(REHEARSAL) == chain.read(links(), HEAD)


def test_bodies_are_canonical() -> None:
    """Without it two writers could hash the same event differently."""
    for link in links():
        assert link.body == canon.encode(msgspec.json.decode(link.body))


Links = Sequence[chain.Link]
CHANGES: dict[str, Callable[[Links], Links]] = {
    "a bit of a body": lambda all_: (*all_[:3], _body(all_[3], b"plan", b"plam"), *all_[4:]),
    "a body that is no event": lambda all_: (*all_[:3], msgspec.structs.replace(all_[3], body=b"{}"), *all_[4:]),
    "one left out": lambda all_: (*all_[:3], *all_[4:]),
    "two swapped": lambda all_: (*all_[:3], all_[4], all_[3], *all_[5:]),
    "one twice": lambda all_: (*all_[:3], all_[2], *all_[3:]),
    "the first left out": lambda all_: all_[1:],
    "a hash": lambda all_: (*all_[:3], msgspec.structs.replace(all_[3], sha256="b" * 64), *all_[4:]),
    "body and hash alike": lambda all_: (*all_[:3], _rehashed(all_[3]), *all_[4:]),
}


def _body(link: chain.Link, old: bytes, new: bytes) -> chain.Link:
    return msgspec.structs.replace(link, body=link.body.replace(old, new))


def _rehashed(link: chain.Link) -> chain.Link:
    changed = _body(link, b"plan", b"plam")
    return msgspec.structs.replace(changed, sha256=chain.row_sha256(link.prev_sha256, link.seq, changed.body))


@pytest.mark.parametrize("name", CHANGES)
def test_a_change_is_found_with_its_place(name: str) -> None:
    """Without it a tampered ledger would be believed."""
    with pytest.raises(Stop) as stop:
        chain.read(CHANGES[name](links()), HEAD)

    assert StopCode.STOP_LEDGER_BROKEN is stop.value.code
    assert stop.value.detail.rsplit("_", 1)[1].isdigit()


def test_another_genesis_is_another_chain() -> None:
    """Without it the events of one run could be passed off as those of another."""
    with pytest.raises(Stop):
        chain.read(links(), chain.rehearsal_genesis("0f8fad5b-d9cb-469f-a165-70867728950f"))


def _surveyed(found: object) -> Surveyed:
    return Surveyed(survey="s", expected={}, found={"x": found}, facts_sha256="a", inside=False)


TEXTS = {
    "a sentence": Aborted(reason="because I say so"),
    "a letter of the law": _surveyed("Điều 1"),
    "a row's name with a space": _surveyed("Jane Roe"),
    "a line break": _surveyed("a\nb"),
    "something long": _surveyed("a" * 201),
    "a key": acted("x@1", **{"a key": 1}),
    "a float": _surveyed(0.5),
    "a large integer": _surveyed(2**53),
}


@pytest.mark.parametrize("name", TEXTS)
def test_text_cannot_enter(name: str) -> None:
    """Without it row values, reasons or document text would end in an append-only ledger."""
    record = msgspec.structs.replace(number(REHEARSAL)[0], event=TEXTS[name])

    with pytest.raises(ValueError):
        chain.link([record], HEAD, "demo", "operator")


def test_a_body_is_bounded() -> None:
    """Without it one event could fill the ledger."""
    record = msgspec.structs.replace(number(REHEARSAL)[0], event=_surveyed(["a" * 200] * 50))

    with pytest.raises(ValueError, match="limit"):
        chain.link([record], HEAD, "demo", "operator")
