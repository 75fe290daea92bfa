"""Cuts of the two documents that a new workspace gets, against their index and against naive counts.

`ICX-CONST` is a constitution in Vietnamese, `ICX-RULES` are rules in English. A naive count looks at the first
characters of each line alone, after the passages that the document quotes were taken out, so that it shares no
code with the cutter.
"""

import hashlib
import re
import unicodedata
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from ruamel.yaml import YAML

from cutter.custody.profiles import shipped_profile
from cutter.cutting import Cut, DoubtCode, Unit, counts, cut, reassemble

DOCUMENTS = Path(__file__).resolve().parents[3] / "documents"

PROFILES = {"ICX-CONST": "vi.law", "ICX-RULES": "en.rules"}

# By document: what is taken out before the count, and the beginning of a line of each TYPE.
NAIVE: dict[str, tuple[str, dict[str, str]]] = {
    "ICX-CONST": (
        r"“Điều 12.*?”\.\n|\nPHỤ LỤC\n.*",
        {
            "CH": r"Chương [IVX]+$",
            "SEC": r"Mục \d+\. ",
            "ART": r"Điều \d+\. ",
            "CL": r"\d+\. ",
            "PT": r"[a-zđ]\) ",
        },
    ),
    "ICX-RULES": (
        r"^“.*?”\.\n",
        {
            "PART": r"PART [IVX]+$",
            "CH": r"CHAPTER [IVX]+$",
            "SEC": r"Section \d+\. ",
            "ART": r"Article \d+[a-z]?\. ",
            "CL": r"\d+[a-z]?\. ",
            "PT": r"\([a-hj]\) |(?<=written;\n)\(i\) ",
            "SPT": r"(?<!written;\n)\([iv]+\) ",
            "SCH": r"SCHEDULE \d$",
        },
    ),
}


@cache
def index() -> dict[str, dict[str, Any]]:
    """The documents of the index by their id."""
    read = YAML(typ="safe").load((DOCUMENTS / "index.yaml").read_text(encoding="utf-8"))
    return {document["id"]: document for document in read["documents"]}


@cache
def source_of(document_id: str) -> bytes:
    """The bytes of the newest version of a document."""
    name: str = index()[document_id]["versions"][-1]["file"]
    return (DOCUMENTS / name).read_bytes()


@cache
def cut_of(document_id: str) -> Cut:
    """A document, cut with its profile."""
    return cut(source_of(document_id), document_id, shipped_profile(PROFILES[document_id]))


def unit_at(document_id: str, address: str) -> Unit:
    """The unit of a document at an address without the document's id."""
    return next(unit for unit in cut_of(document_id).units if unit.address == f"{document_id}/{address}")


def test_every_document_of_the_index_is_tested_here() -> None:
    """Without it a document could be added to the demo that no test ever cuts."""
    assert set(index()) == set(PROFILES) == set(NAIVE)


@pytest.mark.parametrize("document_id", PROFILES)
def test_a_demo_document_has_the_digest_of_its_index(document_id: str) -> None:
    """Without it a slip in a demo text would pass, and `documents add` would refuse it in every new workspace."""
    version = index()[document_id]["versions"][-1]

    assert hashlib.sha256(source_of(document_id)).hexdigest() == version["sha256"]


@pytest.mark.parametrize("document_id", PROFILES)
def test_a_demo_document_has_the_counts_of_its_index(document_id: str) -> None:
    """Without it the demo would show counts that its own index contradicts."""
    assert dict(counts(cut_of(document_id))) == index()[document_id]["counts"]


@pytest.mark.parametrize("document_id", PROFILES)
def test_the_counts_of_a_demo_document_agree_with_a_naive_count(document_id: str) -> None:
    """Without it index and cut could be wrong together."""
    quoted, patterns = NAIVE[document_id]
    text = unicodedata.normalize("NFC", source_of(document_id).decode()).replace("\u00d0", "Đ")
    body = re.sub(quoted, "", text, flags=re.DOTALL | re.MULTILINE)
    found = dict(counts(cut_of(document_id)))

    naive = {type_: len(re.findall(f"^(?:{start})", body, re.MULTILINE)) for type_, start in patterns.items()}
    assert {type_: found.get(type_, 0) for type_ in patterns} == naive


@pytest.mark.parametrize("document_id", PROFILES)
def test_a_demo_document_is_tiled_without_loss(document_id: str) -> None:
    """Without it a byte of the demo could be lost, or two units could have one name."""
    made = cut_of(document_id)

    assert reassemble(source_of(document_id), [region for unit in made.units for region in unit.regions]) == (
        source_of(document_id)
    )
    for column in ("address", "short_address", "address_ascii", "sort_key"):
        assert len({getattr(unit, column) for unit in made.units}) == len(made.units), column


@pytest.mark.parametrize("document_id", PROFILES)
def test_a_demo_document_is_plain_text(document_id: str) -> None:
    """Without it an editor could leave line ends, blanks or signs in a demo text that differ between systems."""
    source = source_of(document_id)

    assert b"\r" not in source
    assert not source.startswith(b"\xef\xbb\xbf")
    assert source[-2:-1] != b"\n"
    assert source.endswith(b"\n")


def test_the_constitution_is_real_in_shape() -> None:
    """Without it the demo could lose the hard cases that it is there to show."""
    made = cut_of("ICX-CONST")
    headings = [unit.body.split("\n")[0] for unit in made.units if unit.type in ("ART", "CH")]

    assert sum(line != unicodedata.normalize("NFC", line) for line in headings) == 4
    assert sum(line.startswith("\u00d0") for line in headings) == 1
    assert {unit.number_raw for unit in made.units if unit.type == "PT"} >= set("abcdđeghikl")
    assert "\nMục đích của việc cắt" in source_of("ICX-CONST").decode()


def test_articles_and_clauses_of_the_rules_stand_in_the_order_of_their_numbers() -> None:
    """Without it an article lost and a quoted one taken could cancel out, and inserted numbers could be re-numbered."""
    articles = [unit.number_raw for unit in cut_of("ICX-RULES").units if unit.type == "ART"]
    clauses = [
        unit.number_raw
        for unit in cut_of("ICX-RULES").units
        if unit.type == "CL" and unit.short_address.startswith("ICX-RULES/ART-08/")
    ]

    assert articles == [*map(str, range(1, 8)), "7a", *map(str, range(8, 33))]
    assert clauses == ["1", "2", "2a", "3"]


@pytest.mark.parametrize(
    ("address", "short_address", "begins"),
    [
        pytest.param("PRE-1", "PRE-1", "PREAMBLE\n", id="preamble"),
        pytest.param("PART-02/CH-01/ART-07a", "ART-07a", "Article 7a. ", id="inserted-article"),
        pytest.param("PART-02/CH-01/ART-06/CL-2/PT-c/SPT-iii", "ART-06/CL-2/PT-c/SPT-iii", "(iii) the", id="roman"),
        pytest.param("PART-02/CH-02/SEC-01/ART-11/CL-2/PT-i", "ART-11/CL-2/PT-i", "(i) the checks that", id="letter-i"),
        pytest.param("PART-02/CH-02/SEC-01/ART-11/CL-2/PT-j", "ART-11/CL-2/PT-j", "(j) the way", id="after-letter-i"),
        pytest.param("PART-02/CH-02/SEC-03", "PART-02/CH-02/SEC-03", "Section 3. Interruption", id="section-3"),
        pytest.param("PART-02/CH-02/SEC-03/ART-16/PT-a", "ART-16/PT-a", "(a) leave", id="points-of-an-article"),
        pytest.param("PART-03/CH-01/SEC-01", "PART-03/CH-01/SEC-01", "Section 1. Signing", id="chapter-1-again"),
        pytest.param("PART-05/ART-30/CL-1/QS-1", "ART-30/CL-1/QS-1", "“Article 12. ", id="quoted-article"),
        pytest.param("PART-05/ART-30/CL-1/TAIL-1", "ART-30/CL-1/TAIL-1", "This paragraph does", id="after-a-quotation"),
        pytest.param("PART-05/ART-30/CL-2/QS-1", "ART-30/CL-2/QS-1", "“3a. A reader", id="quoted-paragraph"),
        pytest.param("SIG-1", "SIG-1", "These Rules were adopted", id="closing-block"),
        pytest.param("SCH-01", "SCH-01", "SCHEDULE 1\nREGISTERS", id="table"),
        pytest.param("SCH-02/CL-2/PT-b", "SCH-02/CL-2/PT-b", "(b) the quotation is exact except", id="in-a-schedule"),
    ],
)
def test_the_hard_cases_of_the_rules_have_their_addresses(address: str, short_address: str, begins: str) -> None:
    """Without it the totals could be right while a unit hangs under the wrong parent."""
    unit = unit_at("ICX-RULES", address)

    assert unit.body.startswith(begins)
    assert unit.short_address == f"ICX-RULES/{short_address}"


@pytest.mark.parametrize(
    ("address", "line"),
    [
        pytest.param("PART-01/ART-03", "Article 4 of the Constitution of the ICX Office is", id="article"),
        pytest.param("PART-02/CH-02/SEC-02/ART-14/CL-2", "Section 3 of these Rules applies", id="section"),
        pytest.param("SCH-01", "2\tLedger\tSecretariat", id="row-of-a-table"),
    ],
)
def test_lines_of_the_rules_that_look_like_headings_stay_text(address: str, line: str) -> None:
    """Without it a sentence that begins with a keyword could open a unit, since its number would fit the run."""
    assert f"\n{line}" in unit_at("ICX-RULES", address).body


def test_headings_and_titles_of_the_rules_are_read() -> None:
    """Without it a title in capitals below its number could be lost, or taken for text."""
    headings = {unit.address.removeprefix("ICX-RULES/"): unit.heading for unit in cut_of("ICX-RULES").units}

    assert headings["PART-04"] == "READERS AND COMPLAINTS"
    assert headings["PART-03/CH-02"] == "KEYS, LEDGER AND REPORT"
    assert headings["PART-03/CH-01/SEC-02"] == "Refusing and withdrawing"
    assert headings["PART-01/ART-04"] == "Language of these Rules"
    assert headings["SCH-02"] == "CONFIRMATION OF A QUOTATION"


def test_text_after_the_last_point_of_the_rules_is_reported() -> None:
    """Without it a reader could not know that a sentence may belong to the paragraph instead of its last point."""
    before = source_of("ICX-RULES").decode().partition("\nEach opening is entered in the ledger")[0]
    reported = {doubt.line for doubt in cut_of("ICX-RULES").doubts if doubt.code is DoubtCode.AMBIGUOUS_TAIL}

    assert before.count("\n") + 2 in reported


def test_no_number_of_the_rules_is_doubtful() -> None:
    """Without it the demo could report a gap or a repetition where the text has none."""
    codes = {doubt.code for doubt in cut_of("ICX-RULES").doubts}

    assert not codes & {DoubtCode.GAP, DoubtCode.REPEATED, DoubtCode.UNBALANCED_QUOTE, DoubtCode.MIXED_NORMAL_FORMS}


def test_the_rules_refer_to_articles_that_are_there() -> None:
    """Without it the demo of cross-references would show mistakes of its own text."""
    text = re.sub(r"\nArticle 30\. .*?\n(?=Article 31\. )", "\n", source_of("ICX-RULES").decode(), flags=re.DOTALL)
    own = re.sub(r"Articles? [^.;]*?(?:of the Constitution of the ICX Office|thereof)", "", text)
    there = set(re.findall(r"^Article (\d+[a-z]?)\. ", source_of("ICX-RULES").decode(), re.MULTILINE))
    cited = {
        number
        for match in re.findall(r"[^\n]\bArticles? (\d+[a-z]?(?:\(\w+\))*(?: and \d+[a-z]?(?:\(\w+\))*)?)", own)
        for number in re.findall(r"(?:^| and )(\d+[a-z]?)", match)
    }

    assert len(cited) >= 10
    assert cited <= there
