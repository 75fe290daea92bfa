"""The reviewer's page: the same bytes for the same case, nothing foreign carried out, nothing bad passed as good.

`CUTTER_UPDATE_GOLDEN=1 pytest tests/unit/report/test_review.py` writes the golden pages anew for review.
"""

import dataclasses
import hashlib
import json
import os
import re
import subprocess
import sys
from html.parser import HTMLParser
from pathlib import Path

import msgspec
import pytest

from cutter import cutting
from cutter.approval.request import ESCALATION
from cutter.cutting.compare import ChangeKind
from cutter.evidence import NO_PREVIOUS, Span, Status, Story, Volatile
from cutter.evidence import Sidecar as SidecarOf
from cutter.model import (
    Gate,
    GatePhase,
    Input,
    Inputs,
    InputValue,
    Limits,
    Literal,
    Mode,
    Named,
    OperationPhase,
    OutcomeReference,
    Pipeline,
    RoleQuorum,
)
from cutter.plan import Plan, PlannedOutcome, SurveyedFact
from cutter.report.review import AskedSurvey, ReviewCase, ReviewedDocument, Signer, file_name, make_page
from cutter.report.review.comparing import words_changed
from cutter.report.review.document import drawn
from cutter.report.review.markup import source, text
from cutter.report.review.tree import MOST_UNITS, TEXT_BUDGET
from cutter.report.review.verdicts import State, lacking, verdicts
from tests.golden.screens.cases import INPUTS, PIPELINE
from tests.support.profiles import VIETNAMESE_LAW
from tests.support.records import DIGEST, RUN_ID

ROOT = Path(__file__).parents[3]
GOLDEN = ROOT / "tests" / "golden" / "screens"

OLD_TEXT = """LUẬT
VỀ SỔ SÁCH

Chương I
QUY ĐỊNH CHUNG

Điều 1. Phạm vi điều chỉnh
Luật này quy định về sổ sách.

Điều 2. Giải thích từ ngữ
1. Sổ là tập giấy đóng lại.
2. Người giữ sổ là người được giao sổ.

Điều 3. Nguyên tắc
Sổ phải được giữ cẩn thận.
"""

NEW_TEXT = """LUẬT
VỀ SỔ SÁCH

Chương I
QUY ĐỊNH CHUNG

Điều 1. Phạm vi điều chỉnh
Luật này quy định về sổ sách và hồ sơ điện tử của cơ quan.

Điều 2. Giải thích từ ngữ
1. Sổ là tập giấy đóng lại hoặc tệp được niêm phong.
2. Người giữ sổ là người được giao sổ, có trách nhiệm:
a) giữ sổ ở nơi an toàn;
b) ghi ngay khi có việc.
Người giữ sổ chịu trách nhiệm trước pháp luật.

Điều 5 của Luật này được áp dụng từ ngày công bố.

Điều 4. Hiệu lực
Luật có hiệu lực từ ngày 01 tháng 7 năm 2026. Người nào viết “sổ cái thì phải ghi rõ.
"""

SIGNERS = (
    Signer("cuong.vo", "Võ Mạnh Cường", ("content",)),
    Signer("dung.ho", "Hồ Thị Dung", ("form", "content")),
    Signer("binh.le", "Lê Thanh Bình", ("sovereign",)),
)
QUORUM = (RoleQuorum("content", 1), RoleQuorum("form", 1), RoleQuorum("sovereign", 1))
ASKED = (
    AskedSurvey("survey", "rows_without_a_cut", {"units": 0}, {"units": 0}, DIGEST),
    AskedSurvey("survey", "version_known_at_most_once", {"versions": "at_most:1"}, {"versions": 1}, DIGEST),
    AskedSurvey("survey", "fingerprint:library", {"objects": 31}, {"objects": 31}, DIGEST),
)


def plan_of(new: cutting.Cut, data: bytes) -> Plan:
    """The plan that a run would freeze of a cut."""
    discovered = {"text_sha256": hashlib.sha256(data).hexdigest(), "text_size": len(data)}
    planned = {
        "row_count": len(new.units),
        "counts": [list(pair) for pair in cutting.counts(new)],
        "manifest_sha256": cutting.manifest_sha256(new),
    }
    return Plan(
        pipeline="cut",
        pipeline_sha256=DIGEST,
        operations=("documents.discover@1", "library.plan_cut@1"),
        inputs=INPUTS,
        outcomes=(
            PlannedOutcome("discover", "documents.discover@1", discovered),
            PlannedOutcome("plan", "library.plan_cut@1", planned),
        ),
        surveys=tuple(SurveyedFact(asked.phase, asked.survey, asked.facts_sha256) for asked in ASKED),
    )


def sidecar(phase: str, index: int, **outcome: object) -> SidecarOf:
    """What a phase left behind."""
    return SidecarOf(
        run_id=RUN_ID,
        story=Story("cut", DIGEST, "", ""),
        prompt="",
        phase=phase,
        index=index,
        operation="",
        status=Status.OK,
        surveys=(),
        idempotency=None,
        gate="",
        outcome=dict(outcome) or None,
        would_stop=(),
        verified=None,
        stopped=None,
        events=Span(1, 2),
        kb_document=None,
        previous=NO_PREVIOUS,
        sha256=DIGEST,
        volatile=Volatile("2026-11-21T09:09:58.000000Z", "2026-11-21T09:09:59.000000Z"),
    )


def document_of(data: bytes, old: bytes | None = None, *, title: str = "Luật về sổ sách") -> ReviewedDocument:
    """A document with its cut and that of the version before."""
    before = cutting.cut(old, "VN-DEMO-1", VIETNAMESE_LAW) if old is not None else None
    made = cutting.cut(data, "VN-DEMO-1", VIETNAMESE_LAW)
    return ReviewedDocument("VN-DEMO-1", title, "vi", "2026", data, made, before, "2019" if before else "")


def case_of(document: ReviewedDocument) -> ReviewCase:
    """The first gate of a live cut of a document."""
    phase = PIPELINE.phases[3]
    assert isinstance(phase, GatePhase)
    return ReviewCase(
        pipeline=PIPELINE,
        plan=plan_of(document.cut, document.text),
        run_id=RUN_ID,
        mode=Mode.LIVE,
        gate=msgspec.structs.replace(phase.gate, quorum=QUORUM),
        gate_index=4,
        requester="an.tran",
        target_label="icx-prod",
        issued_at="2026-11-21T09:10:00Z",
        approve_by="2026-11-24T09:10:00Z",
        execute_by="2026-11-25T09:10:00Z",
        covers=("custody.backup@1", "library.cut_leg_a@1", "library.cut_leg_b@1", "library.verify_cut@1"),
        row_count=len(document.cut.units),
        asked=ASKED,
        phases=(sidecar("discover", 1, version_string="2026"), sidecar("survey", 2), sidecar("plan", 3, doubts=3)),
        signers=SIGNERS,
        document=document,
    )


STATEMENT = "UPDATE library.notes\nSET body = 'a < b & c'\nWHERE id = %(id)s"


def statement_case() -> ReviewCase:
    """The gate of a pipeline that runs a statement and cuts no document."""
    gate = Gate("GATE_NOTES_AUTHORIZATION", "signed", (RoleQuorum("sovereign", 1),), 72 * 3600, 24 * 3600)
    execute = OperationPhase(
        "mend",
        "sql.execute",
        1,
        (Named("sql", Literal(STATEMENT)), Named("id", OutcomeReference("find", "id")), Named("rows", Literal(3))),
        None,
        (),
        (),
    )
    pipeline = Pipeline(
        id="mend_notes",
        title_en="Mend the notes",
        title_vi="Sửa ghi chú",
        phrases=(),
        inputs=(Input("day", "string", False, None, None, (), None, True, "The day"),),
        lock=(),
        limits=Limits(900, 3600),
        phases=(GatePhase("authorize", gate), execute),
        source=b"{}",
        sha256=DIGEST,
    )
    whole = case_of(NEW_DOCUMENT)
    plan = msgspec.structs.replace(
        whole.plan, pipeline="mend_notes", outcomes=(), inputs=Inputs((InputValue("day", "1"),))
    )
    return dataclasses.replace(
        whole,
        pipeline=pipeline,
        plan=plan,
        gate=gate,
        gate_index=1,
        covers=("sql.execute@1",),
        row_count=3,
        document=None,
    )


NEW_DOCUMENT = document_of(NEW_TEXT.encode(), OLD_TEXT.encode())
CUT = case_of(NEW_DOCUMENT)
CASES = {
    "review": CUT,
    "review_rehearsal": dataclasses.replace(CUT, mode=Mode.DRYRUN, issued_at="", approve_by="", execute_by=""),
    "review_statement": statement_case(),
}


class Page(HTMLParser):
    """A page as a strict reader sees it: its tags balanced, its words, its attributes."""

    VOID = frozenset({"meta", "input", "br"})

    def __init__(self, page: bytes) -> None:
        super().__init__(convert_charrefs=True)
        self.open: list[str] = []
        self.tags: list[str] = []
        self.attributes: list[tuple[str, str, str]] = []
        self.ids: list[str] = []
        self.languages: list[str] = []
        self.words = ""
        self.feed(page.decode())
        self.close()
        assert self.open == []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        self.attributes += [(tag, name, value or "") for name, value in attrs]
        self.ids += [value or "" for name, value in attrs if name == "id"]
        self.languages += [value or "" for name, value in attrs if name == "lang"]
        if tag not in self.VOID:
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        if self.open[-1:] != ["style"]:
            self.words += data


@pytest.mark.parametrize("name", CASES)
def test_a_page_is_the_golden_one(name: str) -> None:
    """What people sign by changes only when somebody looked at the change."""
    path = GOLDEN / f"{name}.html"
    page = make_page(CASES[name])
    if os.environ.get("CUTTER_UPDATE_GOLDEN"):
        path.write_bytes(page)
    assert path.read_bytes() == page


def test_every_golden_page_is_compared() -> None:
    """A golden page that no case makes any more would look like a promise."""
    assert {path.stem for path in GOLDEN.glob("review*.html")} == set(CASES)


def test_the_same_case_gives_the_same_bytes_in_another_process() -> None:
    """Without it the digest in the request would hold on one machine only, for one seed of Python's hashes."""
    program = (
        "import hashlib; from cutter.report.review import make_page; from tests.unit.report.test_review import CASES;"
        "print(*(hashlib.sha256(make_page(case)).hexdigest() for case in CASES.values()))"
    )
    told = [
        subprocess.run(
            [sys.executable, "-c", program],
            cwd=ROOT,
            env={**os.environ, "PYTHONHASHSEED": seed, "TZ": zone, "LC_ALL": "C"},
            capture_output=True,
            text=True,
            check=True,
        ).stdout
        for seed, zone in (("0", "Asia/Ho_Chi_Minh"), ("1", "America/New_York"))
    ]
    assert told[0] == told[1]
    assert told[0].split() == [hashlib.sha256(make_page(case)).hexdigest() for case in CASES.values()]


@pytest.mark.parametrize("name", CASES)
def test_a_page_is_well_formed_and_carries_nothing_that_runs(name: str) -> None:
    """Without it a page could fetch, run or submit something, or show its parts out of place."""
    page = Page(make_page(CASES[name]))
    assert not {"script", "img", "iframe", "object", "embed", "link", "form", "base", "svg"} & set(page.tags)
    assert [a for a in page.attributes if a[1].startswith("on") or a[1] in ("src", "action", "style")] == []
    assert all(value.startswith("#") for _, attribute, value in page.attributes if attribute == "href")
    assert len(page.ids) == len(set(page.ids))
    assert {"en", "vi"} <= set(page.languages)
    assert page.tags.count("h1") == 1
    policy = "default-src 'none'; style-src 'unsafe-inline'"
    assert ("meta", "content", policy) in page.attributes


def test_links_lead_somewhere() -> None:
    """Without it the table of contents of the changes would point at nothing."""
    page = Page(make_page(CUT))
    links = [value[1:] for _, attribute, value in page.attributes if attribute == "href"]
    assert links
    assert set(links) <= set(page.ids)


HOSTILE = {
    "end of title": "</title><script>alert(1)</script>",
    "end of style": "</style></head><body onload=alert(1)>",
    "attribute": '" onmouseover="alert(1)',
    "comment": "<!-- --!> <![CDATA[ ]]>",
    "entity": "&lt;script&gt; &amp;#x41; &#0;",
    "bidi": "Điều\u202e1\u2066 abc \u200f",
    "controls": "a\x1b[2J\x07\x00b\x7f\x85",
    "separators": "a\u2028b\u2029c",
    "tags and zero widths": "a\U000e0041\u200b\ufeffb",
    "lone surrogate": "a\ud800b",
    "decomposed": "Đie\u0302\u0300u",
    "one long line": "dài " * 262_144,
}


@pytest.mark.parametrize("foreign", HOSTILE.values(), ids=HOSTILE)
def test_hostile_text_stays_text(foreign: str) -> None:
    """Without it a title, a name or a law could close a tag, run a script, or turn the order of letters round."""
    hidden = "\x00\ud800"  # no source text holds these
    body = "".join(sign for sign in foreign if sign not in hidden)
    written = f"Điều 1. {body[:300]}\n1. {body}\n2. khác\n".replace("\x85", "")
    document = dataclasses.replace(document_of(written.encode(), OLD_TEXT.encode()), title=foreign)
    signer = Signer("x.y", foreign, ("content", "form", "sovereign"))
    fact = AskedSurvey("survey", "odd", {"a": foreign}, {"a": foreign}, DIGEST)
    case = dataclasses.replace(
        case_of(document), signers=(signer,), target_label=foreign, requester=foreign, asked=(fact,)
    )
    page = make_page(case)
    found = Page(page)
    assert not {"script", "b onload"} & set(found.tags)
    assert found.tags.count("body") == found.tags.count("style") == found.tags.count("title") == 1
    assert [a for a in found.attributes if a[1].startswith("on")] == []
    assert not re.search(
        "[\x00-\x09\x0b-\x1f\x7f-\x9f\u200b-\u200f\u2028-\u202e\u2066-\u2069\ufeff\U000e0041]", page.decode()
    )
    assert len(page) < 20_000_000


def test_an_escape_is_told_from_the_same_letters() -> None:
    """Without it a law could pretend that a mark was shown where there is none."""
    assert text("\u202e") == '<b class="unseen">\\u202e</b>'
    assert text("\\u202e") == "\\u202e"
    assert text("a\nb") == 'a<b class="unseen">\\x0a</b>b'
    assert source("a\r\nb\nc\rd") == 'a\nb\nc<b class="unseen">\\x0d</b>d'


def test_letters_are_shown_composed() -> None:
    """Without it decomposed Vietnamese would show its tones beside its letters in many fonts."""
    assert text("Đie\u0302\u0300u") == "Điều"


def states(case: ReviewCase) -> dict[str, State]:
    """The verdicts of a case by name."""
    return {verdict.name: verdict.state for verdict in verdicts(case)}


def test_a_good_case_has_eight_verdicts() -> None:
    """Without it a check could vanish from the page and nobody would miss it."""
    declared = tuple(cutting.counts(NEW_DOCUMENT.cut))
    case = dataclasses.replace(CUT, document=dataclasses.replace(NEW_DOCUMENT, declared=declared))
    assert states(case) == {
        "rebuilt": State.GOOD,
        "counts": State.GOOD,
        "addresses": State.GOOD,
        "numbering": State.DOUBTFUL,
        "surveys": State.GOOD,
        "backup": State.LATER,
        "touched": State.GOOD,
        "signers": State.LATER,
    }


def _with_cut(change: object) -> ReviewCase:
    made = NEW_DOCUMENT.cut
    units = change(made.units) if callable(change) else ()
    return dataclasses.replace(
        CUT, document=dataclasses.replace(NEW_DOCUMENT, cut=msgspec.structs.replace(made, units=tuple(units)))
    )


def _with_asked(*asked: AskedSurvey) -> ReviewCase:
    return dataclasses.replace(CUT, asked=asked)


BAD: dict[str, tuple[ReviewCase, str, State]] = {
    "a unit is missing": (_with_cut(lambda units: units[:-1]), "rebuilt", State.BAD),
    "units swapped": (_with_cut(lambda units: (units[1], units[0], *units[2:])), "rebuilt", State.BAD),
    "another text than planned": (
        dataclasses.replace(CUT, document=document_of(OLD_TEXT.encode())),
        "rebuilt",
        State.BAD,
    ),
    "an address twice": (
        _with_cut(lambda units: (*units, msgspec.structs.replace(units[-1], start=units[-1].end))),
        "addresses",
        State.BAD,
    ),
    "fewer units than planned": (_with_cut(lambda units: units[:-1]), "counts", State.BAD),
    "other counts than by hand": (
        dataclasses.replace(CUT, document=dataclasses.replace(NEW_DOCUMENT, declared=(("ART", 9),))),
        "counts",
        State.BAD,
    ),
    "the text is not here": (dataclasses.replace(CUT, document=None), "rebuilt", State.BAD),
    "nobody counted": (CUT, "counts", State.DOUBTFUL),
    "no survey": (_with_asked(), "surveys", State.DOUBTFUL),
    "another answer": (
        _with_asked(AskedSurvey("survey", "x", {"units": 0}, {"units": 1}, DIGEST)),
        "surveys",
        State.BAD,
    ),
    "true is not one": (
        _with_asked(AskedSurvey("survey", "x", {"units": 1}, {"units": True}, DIGEST)),
        "surveys",
        State.BAD,
    ),
    "a column is missing": (_with_asked(AskedSurvey("survey", "x", {"units": 0}, {}, DIGEST)), "surveys", State.BAD),
    "more than at most": (
        _with_asked(AskedSurvey("survey", "x", {"n": "at_most:1"}, {"n": 2}, DIGEST)),
        "surveys",
        State.BAD,
    ),
    "not as in the plan": (
        _with_asked(dataclasses.replace(ASKED[0], facts_sha256="b" * 64)),
        "surveys",
        State.BAD,
    ),
    "asked two days ago": (dataclasses.replace(CUT, issued_at="2026-11-23T09:10:00Z"), "surveys", State.DOUBTFUL),
    "age not known": (dataclasses.replace(CUT, phases=()), "surveys", State.DOUBTFUL),
    "no backup before a write": (dataclasses.replace(CUT, gate_index=5), "backup", State.DOUBTFUL),
    "nobody may sign": (dataclasses.replace(CUT, signers=()), "signers", State.BAD),
    "the only sovereign asks": (dataclasses.replace(CUT, requester="binh.le"), "signers", State.BAD),
    "a table is not known": (statement_case(), "touched", State.DOUBTFUL),
    "an unknown operation has no backup": (
        dataclasses.replace(statement_case(), row_count=0),
        "backup",
        State.DOUBTFUL,
    ),
}


@pytest.mark.parametrize(("case", "verdict", "state"), BAD.values(), ids=BAD)
def test_what_is_not_good_is_said(case: ReviewCase, verdict: str, state: State) -> None:
    """Without it a page would call something good that people must look at."""
    assert states(case)[verdict] is state


def test_one_person_with_two_roles_counts_once() -> None:
    """Without it the page would say that enough people can sign where the run would wait for ever."""
    both = (Signer("dung.ho", "Hồ Thị Dung", ("form", "content")), SIGNERS[2])
    assert lacking(dataclasses.replace(CUT, signers=both)) == ("content", "form")
    assert lacking(CUT) == ()


def test_words_and_marks_tell_a_verdict_without_colour() -> None:
    """Without it somebody who sees no colour, or hears the page, could not tell good from bad."""
    words = Page(make_page(dataclasses.replace(CUT, signers=()))).words
    assert "✗fails · không đạt".replace(" · ", " ") in words.replace("\n", "")
    assert "nobody không có ai" in words


def test_changes_are_told_by_address() -> None:
    """Without it people would sign a new version without seeing what became different."""
    words = Page(make_page(case_of(NEW_DOCUMENT))).words
    assert "changed sửa: VN-DEMO-1/CH-01/ART-01" in words
    assert "added thêm: VN-DEMO-1/CH-01/ART-02/CL-2/PT-a" in words
    assert "taken out bỏ: VN-DEMO-1/CH-01/ART-03" in words
    assert "added thêm: VN-DEMO-1/CH-01/ART-04" in words


def test_a_difference_in_blank_lines_alone_is_said() -> None:
    """Without it the page would list a change and show none."""
    document = document_of(OLD_TEXT.replace("giao sổ.\n", "giao sổ.\n\n\n").encode(), OLD_TEXT.encode())
    assert "Only blank lines at its end differ." in Page(make_page(case_of(document))).words


def test_a_unit_that_only_changed_its_address_moved() -> None:
    """Without it a renamed chapter would show every article as taken out and put in."""
    moved = document_of(OLD_TEXT.replace("Chương I\n", "Chương II\n").encode(), OLD_TEXT.encode())
    words = Page(make_page(case_of(moved))).words
    assert "moved dời chỗ: VN-DEMO-1/CH-02/ART-01" in words
    assert "stood at trước ở VN-DEMO-1/CH-01/ART-01" in words


def test_an_article_that_has_another_number_is_one_change() -> None:
    """Without it an article put in before it would show it as taken out and put in, and nobody would compare them."""
    numbered = OLD_TEXT.replace("Điều 3. Nguyên", "Điều 3. Mới\nMột điều mới.\n\nĐiều 4. Nguyên")
    words = Page(make_page(case_of(document_of(numbered.encode(), OLD_TEXT.encode())))).words

    assert "1 added, 0 taken out, 0 changed, 1 moved" in words
    assert "moved dời chỗ: VN-DEMO-1/CH-01/ART-04" in words
    assert "stood at trước ở VN-DEMO-1/CH-01/ART-03" in words
    assert "[taken out bỏ] 3[added thêm] 4. Nguyên tắc" in words


@pytest.mark.parametrize(
    ("old", "new"),
    [
        pytest.param("giữ sổ", "giữ sổ kín", id="put in"),
        pytest.param("a b c d", "a x c", id="taken out and put in"),
        pytest.param("", "mới", id="from nothing"),
        pytest.param("cũ", "", id="to nothing"),
        pytest.param("một " * 3000, "hai " * 3000, id="too long to align"),
        pytest.param("a " * 499, "a b " * 249, id="the same word again and again"),
    ],
)
def test_stretches_give_both_texts_back(old: str, new: str) -> None:
    """Without it the shown difference could leave out a word that changed."""
    found = list(words_changed(old, new))
    assert "".join(s.text for s in found if s.kind is not ChangeKind.ADDED) == old
    assert "".join(s.text for s in found if s.kind is not ChangeKind.REMOVED) == new


def test_units_are_drawn_as_the_page_says() -> None:
    """Without it whoever runs cutter could choose which units reviewers look at."""
    made = NEW_DOCUMENT.cut
    lots = sorted(made.units, key=lambda u: hashlib.sha256(f"{DIGEST}:{u.address}".encode()).hexdigest())
    assert {u.address for u in drawn(made, DIGEST)} == {u.address for u in lots[:10]}
    assert [u.start for u in drawn(made, DIGEST)] == sorted(u.start for u in drawn(made, DIGEST))


def test_a_statement_is_shown_whole() -> None:
    """Without it people would sign for a statement that they have not read."""
    words = Page(make_page(CASES["review_statement"])).words
    assert STATEMENT in words
    assert "known after phase" in words
    assert "row_count is 3" in words


def test_an_escalation_says_what_it_is() -> None:
    """Without it people would sign to go on after a failure as if nothing had happened."""
    case = dataclasses.replace(CUT, gate=msgspec.structs.replace(CUT.gate, id=ESCALATION), gate_index=7)
    assert [phase.id for phase in case.covered()] == ["cut_leg_b", "verify"]
    assert "AFTER A FAILURE" in Page(make_page(case)).words


def test_the_second_gate_says_what_it_enacts() -> None:
    """Without it the second signature would be asked with the words of the first."""
    gate = PIPELINE.phases[8]
    assert isinstance(gate, GatePhase)
    covers = ("custody.backup@1", "library.enact@1", "report.publish@1")
    case = dataclasses.replace(CUT, gate=gate.gate, gate_index=9, covers=covers)
    words = Page(make_page(case)).words
    assert f"put {case.row_count} draft units in force" in words
    assert f"add {case.row_count} draft units" not in words


def test_the_plan_on_the_page_has_the_plan_s_digest() -> None:
    """Without it nobody could check without cutter that this plan is the one in the request."""
    page = Page(make_page(CUT)).words
    start = page.index('{\n  "format"')
    plan, _ = json.JSONDecoder().raw_decode(page[start:])
    canonical = json.dumps(plan, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    assert hashlib.sha256(canonical.encode()).hexdigest() == CUT.plan.sha256


def test_the_commands_are_there() -> None:
    """Without it a signer would have to know by heart how to sign, or would copy what cannot be run."""
    assert b'class="unseen">\\x0a' not in make_page(CUT)
    words = Page(make_page(CUT)).words
    for line in ("cutter approve 0f8fad5b", "--export request-0f8fad5b.pae", "cutter reject 0f8fad5b --reason"):
        assert line in words
    assert f"sha256sum {file_name('GATE_CUT_AUTHORIZATION')}" in words
    rehearsal = Page(make_page(CASES["review_rehearsal"])).words
    assert "cutter approve" not in rehearsal
    assert "cutter orchestrate cut VN-DEMO-1 --mode live" in rehearsal


def long_law(articles: int, clauses: int, words: int) -> bytes:
    """A law with so many articles, clauses in each, and words in each clause."""
    clause = " ".join(["điều khoản này được giữ nguyên"] * (words // 6)) + "."
    lines = ["LUẬT DÀI", ""]
    for article in range(1, articles + 1):
        lines.append(f"Điều {article}. Quy định số {article}")
        lines += [f"{number}. Khoản {article}.{number} {clause}" for number in range(1, clauses + 1)]
    return "\n".join(lines).encode()


@pytest.mark.parametrize(
    ("articles", "clauses", "words", "most"),
    [
        pytest.param(20, 4, 60, 300_000, id="101 units"),
        pytest.param(400, 4, 60, 2_500_000, id="2001 units"),
        pytest.param(1000, 4, 60, 5_000_000, id="5001 units"),
        pytest.param(1000, 4, 150, 5_000_000, id="5001 long units, beginnings only"),
        pytest.param(3000, 4, 12, 5_000_000, id="15001 units, articles only"),
    ],
)
def test_a_page_stays_small(articles: int, clauses: int, words: int, most: int) -> None:
    """Without it the page of a long law would not open on the phone of whoever has to sign."""
    document = document_of(long_law(articles, clauses, words))
    page = make_page(case_of(document))
    assert len(page) < most
    told = Page(page).words
    whole = len(document.text.decode()) < TEXT_BUDGET
    assert ("by its beginning only" in told) is not whole
    assert ("4 units within" in told) is (len(document.cut.units) > MOST_UNITS)
