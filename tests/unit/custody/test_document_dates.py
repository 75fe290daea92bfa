"""The dates that the index of documents states of a version: real days, in order, and never invented."""

from pathlib import Path

import pytest

from cutter.custody.documents import Index, Registration, read_index, register
from cutter.cutting.record import Anchor, Anchored, DocumentFacts
from cutter.stops import Stop, StopCode

FROM = "effective_from: {date: 2014-01-01, anchor: exact}"
TO = "effective_to: {date: 2020-12-31, anchor: lower_bound}"


def index_with(folder: Path, *lines: str) -> Index:
    """An index of one version that states these lines too."""
    folder.mkdir(exist_ok=True)
    stated = "".join(f"        {line}\n" for line in lines)
    (folder / "index.yaml").write_text(
        "format: cutter.documents/1\n"
        "documents:\n"
        "  - id: AB-RULES\n"
        "    title: {en: Rules, vi: Quy chế}\n"
        "    language: vi\n"
        "    versions:\n"
        '      - version: "1"\n'
        "        file: rules.md\n"
        f"        sha256: {'a' * 64}\n"
        f"        status: draft\n{stated}",
        encoding="utf-8",
    )
    return read_index(folder)


def facts_of(index: Index) -> DocumentFacts:
    """What the records of the only version state."""
    (document,) = index.documents
    return document.facts(document.versions[0])


STATED = {
    "both": ((FROM, TO), Anchored("2014-01-01", Anchor.EXACT), Anchored("2020-12-31", Anchor.LOWER_BOUND)),
    "from": ((FROM,), Anchored("2014-01-01", Anchor.EXACT), Anchored()),
    "to": ((TO,), Anchored(), Anchored("2020-12-31", Anchor.LOWER_BOUND)),
    "none": ((), Anchored(), Anchored()),
    "one day": (
        (FROM, TO.replace("2020-12-31", "2014-01-01")),
        Anchored("2014-01-01", Anchor.EXACT),
        Anchored("2014-01-01", Anchor.LOWER_BOUND),
    ),
}


@pytest.mark.parametrize(("lines", "since", "until"), STATED.values(), ids=STATED)
def test_records_state_the_dates_of_the_index(
    tmp_path: Path, lines: tuple[str, ...], since: Anchored, until: Anchored
) -> None:
    """Without it a unit would carry a date that nobody stated, or lose how sure it is."""
    facts = facts_of(index_with(tmp_path / "documents", *lines))
    assert facts == DocumentFacts("1", "Quy chế", "vi", Anchored("draft", Anchor.EXACT), since, until)


MISTAKES = {
    "no such day": (("effective_from: {date: 2014-02-29, anchor: exact}",), "wrong_value", "11:26"),
    "no such month": (("effective_from: {date: 2014-13-01, anchor: exact}",), "wrong_value", "11:26"),
    "month only": (("effective_from: {date: 2014-01, anchor: exact}",), "wrong_value", "11:26"),
    "with a time": (("effective_from: {date: 2014-01-01T00:00, anchor: exact}",), "wrong_value", "11:26"),
    "a number": (("effective_from: {date: 20140101, anchor: exact}",), "wrong_value", "11:26"),
    "no anchor": (("effective_from: {date: 2014-01-01}",), "missing_key", "11:9"),
    "unknown anchor": (("effective_from: {date: 2014-01-01, anchor: unknown}",), "wrong_value", "11:44"),
    "plain date": (("effective_from: 2014-01-01",), "wrong_value", "11:9"),
    "other key": (("effective_from: {date: 2014-01-01, anchor: exact, to: 1}",), "unknown_key", "11:59"),
    "ends before it begins": ((FROM, TO.replace("2020", "2013")), "ends_before_it_begins", "12:9"),
}


@pytest.mark.parametrize(("lines", "detail", "place"), MISTAKES.values(), ids=MISTAKES)
def test_a_date_that_cannot_be_is_shown_at_its_place(
    tmp_path: Path, lines: tuple[str, ...], detail: str, place: str
) -> None:
    """Without it a slip of the pen in the index would become the date from which a law is said to bind."""
    with pytest.raises(Stop) as caught:
        index_with(tmp_path / "documents", *lines)
    stop = caught.value
    assert (stop.code, stop.detail) == (StopCode.STOP_CONFIG_INVALID, detail)
    assert stop.where.endswith(f"index.yaml:{place}")


def test_dates_stay_when_a_version_is_added(tmp_path: Path) -> None:
    """Without it the registration of a new version would drop the dates of the one before, or invent its own."""
    folder = tmp_path / "documents"
    before = index_with(folder, FROM, TO).documents[0].versions[0]
    source = tmp_path / "new.txt"
    source.write_text("Điều 1. Mới\n", encoding="utf-8")
    register(folder, source, Registration("AB-RULES", "vi", version="2"), lambda _text: None)
    first, second = read_index(folder).documents[0].versions
    assert first == before
    assert (second.effective_from, second.effective_to) == (None, None)
