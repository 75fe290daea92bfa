"""`cutter documents show ID CITATION|cite|verify-quote`: a unit as people cite it, and what is quoted from it."""

from pathlib import Path

import pytest

from tests.support.workspaces import Bench, bench_in

PROFILE = """format: cutter.profile/1
id: own.rules
title: {en: Rules}
language: en
levels:
  - {id: part, type: PART, rank: container, within: [document], words: [PART], numbers: [decimal], run: within, pad: 2}
  - id: chapter
    type: CH
    rank: container
    within: [part]
    words: [CHAPTER]
    numbers: [decimal]
    pad: 2
  - id: article
    type: ART
    rank: basic
    within: [chapter]
    words: [Article]
    numbers: [decimal]
    run: through
    pad: 2
    title: line
  - {id: paragraph, type: CL, rank: sub, within: [article], numbers: [decimal], closes: .}
citations:
  en:
    order: outer_first
    join: ', '
    stuck: [CL]
    parts: {PART: 'Part {n}', CH: 'Chapter {n}', ART: 'Article {n}', CL: '({n})'}
references:
  singular: {CL: [paragraph]}
  plural: {ART: [Articles]}
  conjunctions: [and]
  this_before: [this]
"""
RULES = """PART 1
CHAPTER 1
Article 1. Scope
1. These rules bind the office; see Article 2(1).
2. “Day” means a working day.
CHAPTER 2
Article 2. Time
1. A request is answered within five days.
2. Article 9 does not apply.
PART 2
CHAPTER 1
Article 3. End
They end.
"""


@pytest.fixture
def bench(tmp_path: Path, capfd: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> Bench:
    """A workspace with rules of three articles."""
    found = bench_in(tmp_path, capfd, monkeypatch)
    (tmp_path / "profiles").mkdir()
    found.write("profiles/own.rules.yaml", PROFILE)
    words = ("--document-id", "RULES-1", "--profile", "own.rules", "--title", "House Rules", "--version", "1")
    assert found.documents("add", found.write("rules.txt", RULES), *words).status == 0
    return found


@pytest.mark.parametrize(
    "citation",
    ["Article 2(1)", "RULES-1/ART-02/CL-1", "ART-02/CL-1", "PART-01/CH-02/ART-02/CL-1", "art_2__cl_1",
     "part_1__chp_2__art_2__cl_1", "Article 2(1), House Rules"],
)  # fmt: skip
def test_a_unit_is_found_as_people_cite_it(bench: Bench, citation: str) -> None:
    """Without it people would have to know the program's addresses to look something up."""
    report = bench.documents("show", "RULES-1", citation, "--output", "json").document

    assert report["format"] == "cutter.unit-shown/1"
    assert report["unit"]["address"] == "RULES-1/PART-01/CH-02/ART-02/CL-1"


def test_a_unit_is_shown_whole(bench: Bench) -> None:
    """Without it a lawyer could not see in one place where a provision stands, what cites it, and what it says."""
    said = bench.documents("show", "RULES-1", "Article 2(1)")

    assert (said.status, said.first) == (0, "ENACTED")
    for part in (
        "RULES-1/PART-01/CH-02/ART-02/CL-1 · House Rules · version 1",
        "PART 1 › CHAPTER 2 › Article 2. Time",
        "Cited    Article 2(1)  (en)",
        "RULES-1/ART-02/CL-1  (short address)",
        "part_1__chp_2__art_2__cl_1  (eId)",
        "art_2__cl_1  (eId without containers)",
        "Place    line 8, bytes ",
        "not known: the index of documents states no date",
        "Cited by PART-01/CH-01/ART-01/CL-1  (line 4, column 37)",
        "Doubts   none",
        "  | 1. A request is answered within five days.",
    ):
        assert part in said.out
    assert said.out.splitlines()[-1].strip() == "cite    cutter documents cite RULES-1 ART-02/CL-1"


def test_references_that_lead_nowhere_are_doubts(bench: Bench) -> None:
    """Without it a reference to an article that was repealed would look as good as any."""
    unit = bench.documents("show", "RULES-1", "Article 2").out
    document = bench.documents("show", "RULES-1", "--output", "json").document

    assert "not found: ART-09" in unit
    assert "9:4  unresolved_reference  ART-09" in unit
    assert [(each["code"], each["line"]) for each in document["doubts"]] == [("unresolved_reference", 9)]
    assert bench.documents("cut", "rules.txt", "--profile", "own.rules", "--format", "concise").out.startswith(
        "rules.txt:9:4: unresolved_reference ART-09"
    )


def test_a_citation_of_several_units_names_them_all(bench: Bench) -> None:
    """Without it the program would guess, or leave people with a list that lacks the unit they mean."""
    said = bench.documents("show", "RULES-1", "Chapter 1")

    assert said.status == 2
    assert "ambiguous" in said.out
    assert "cutter documents show RULES-1 PART-01/CH-01" in said.out
    assert "cutter documents show RULES-1 PART-02/CH-01" in said.out


def test_a_unit_is_cited(bench: Bench) -> None:
    """Without it addresses could not be put into a letter."""
    every = bench.documents("cite", "RULES-1", "ART-02/CL-1")
    one = bench.documents("cite", "RULES-1", "art_2", "--style", "en", "--output", "json").document

    assert every.out == "en\tArticle 2(1)\n"
    assert (one["address"], one["citations"]) == ("RULES-1/PART-01/CH-02/ART-02", {"en": "Article 2"})


QUOTES = {
    "exact": ("A request is answered within five days.", 0, "EXACT", "byte for byte"),
    "white space": ("A request\nis  answered", 0, "EQUAL", "in spaces and line breaks"),
    "capitals": ("a Request is answered", 0, "EQUAL", "in capital letters"),
    "a gap": ("A request […] within five days.", 0, "EQUAL", "1 left out by an ellipsis"),
    "another word": ("A request is answered within ten days.", 22, "DIFFERENT", "Quoted   ten days."),
    "from elsewhere": ("These rules bind the office", 22, "DIFFERENT", "Stands   RULES-1/PART-01/CH-01/ART-01/CL-1"),
}


@pytest.mark.parametrize("name", QUOTES)
def test_a_quotation_is_verified(bench: Bench, name: str) -> None:
    """Without it a wrong quotation could pass with status 0, or a right one be refused without saying why."""
    quote, status, state, says = QUOTES[name]
    said = bench.documents("verify-quote", "RULES-1", quote, "--cite", "Article 2(1)")
    report = bench.documents("verify-quote", "RULES-1", "--quote-file", bench.write("q.txt", quote),
                             "--cite", "Article 2(1)", "--output", "json")  # fmt: skip

    assert (said.status, said.first) == (status, state)
    assert says in said.out
    assert (report.status, report.document["exit_code"]) == (status, status)
    assert report.document["verdict"]["standing"] == state.lower()


REFUSED = {
    "an unknown unit": (("show", "RULES-1", "Article 12"), "not_found"),
    "a sentence": (("show", "RULES-1", "what about this?"), "citation_not_understood"),
    "no citation": (("show", "RULES-1", ""), "citation_empty"),
    "another document": (("show", "RULES-1", "LAW-9/ART-01"), "other_document"),
    "an unknown style": (("cite", "RULES-1", "ART-01", "--style", "fr"), "style_unknown"),
    "an empty quotation": (("verify-quote", "RULES-1", " . ", "--cite", "ART-01"), "quote_empty"),
    "no quotation": (("verify-quote", "RULES-1", "--cite", "ART-01"), "quote"),
    "two quotations": (("verify-quote", "RULES-1", "x", "--quote-file", "rules.txt", "--cite", "ART-01"), "quote"),
    "no unit to quote from": (("verify-quote", "RULES-1", "x"), "--cite"),
    "a very long quotation": (("verify-quote", "RULES-1", "x" * 20_001, "--cite", "ART-01"), "quote_longer_than"),
}


@pytest.mark.parametrize("name", REFUSED)
def test_bad_input_is_refused(bench: Bench, name: str) -> None:
    """Without it a typing mistake would end in a traceback, or in the wrong unit."""
    words, says = REFUSED[name]
    said = bench.documents(*words, "--output", "json")

    assert said.status == 2
    assert says in said.out


def test_a_quotation_file_that_is_no_text_is_refused(bench: Bench) -> None:
    """Without it bytes of another file kind would be compared as if they were words."""
    said = bench.documents("verify-quote", "RULES-1", "--cite", "ART-01", "--quote-file", bench.write("q", b"\xff\xfe"))

    assert (said.status, "STOP_TEXT_NOT_UTF8" in said.out) == (20, True)
