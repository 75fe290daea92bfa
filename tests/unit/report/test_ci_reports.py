"""Reports for continuous integration: whatever a run was about, they say it and nothing else, and they can be read."""

import re
from pathlib import PurePosixPath
from typing import Any
from xml.etree import ElementTree

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st
from markdown_it import MarkdownIt

from cutter.messages import use_language
from cutter.report.ci.github import SHOWN, annotation_lines
from cutter.report.ci.junit import junit_xml
from cutter.report.ci.markdown import markdown_report
from cutter.report.human import result_lines
from cutter.report.result import PhaseLine, Result, WouldStopNote
from tests.golden.screens.cases import RESULTS

ROOT = PurePosixPath("/office")
GOOD = RESULTS["rehearsal"]
# What Jenkins' `junit-10.xsd` allows of what is written here: attributes, the needed ones first, and children.
ELEMENTS: dict[str, tuple[set[str], set[str], set[str]]] = {
    "testsuites": (set(), {"name", "time", "tests", "failures", "errors"}, {"testsuite"}),
    "testsuite": (
        {"name", "tests", "failures", "errors"},
        {"time", "skipped"},
        {"properties", "testcase", "system-out"},
    ),
    "properties": (set(), set(), {"property"}),
    "property": ({"name", "value"}, set(), set()),
    "testcase": ({"name"}, {"classname", "time"}, {"skipped", "error", "failure"}),
    "skipped": (set(), {"type", "message"}, set()),
    "failure": (set(), {"type", "message"}, set()),
    "error": (set(), {"type", "message"}, set()),
    "system-out": (set(), set(), set()),
}
HOSTILE = (
    "::error file=x::owned",
    "\n::set-env name=PATH::/tmp",
    "%0A::stop-commands::x",
    "a,b:c%",
    "##[error]owned",
    "]]>",
    "</system-out><failure message='x'/>",
    "&amp;&#10;",
    "| a | b |",
    "```\n# owned\n```",
    "`````",
    "~~~",
    "<script>alert(1)</script><!--",
    "[a](javascript:alert(1)) ![b](http://x/y.png) @everyone",
    "\x00\x1b[2J\r\u0085\u2028\u202e\u200b",
    "\ud800 \ufffe \uffff \U0010ffff",
    "Điều khoản".encode().decode(),
)


def about(text: str) -> Result:
    """A result that has a foreign text wherever one can stand."""
    phase = PhaseLine(1, text, text, "would_stop", text, 0, {"units": text})
    stopped = PhaseLine(2, text, text, "stopped", "", 0, {})
    return msgspec.structs.replace(
        RESULTS["nearest_document"],
        pipeline=text,
        subject=text,
        document_id=text,
        found=text,
        needed=text,
        where=f"{text}:3:1",
        detail=text,
        suggestions=(text,),
        plan_digest=text,
        database=text,
        run_id=text,
        phases=(phase, stopped),
        would_stop=(WouldStopNote(text, "STOP_BACKUP_REFUSED", text, 40),),
    )


def parsed(result: Result) -> ElementTree.Element:
    """The report, as a program reads it."""
    return ElementTree.fromstring(junit_xml(result).encode())


def check_schema(element: ElementTree.Element) -> None:
    """The element and those below it are as the schema allows."""
    needed, allowed, children = ELEMENTS[element.tag]
    assert needed <= set(element.attrib) <= needed | allowed
    assert {child.tag for child in element} <= children
    for child in element:
        check_schema(child)


@pytest.mark.parametrize("name", RESULTS)
def test_junit_is_as_jenkins_and_others_read_it(name: str) -> None:
    """A report that a build server cannot read makes the build look as if nothing had been tested."""
    result = RESULTS[name]
    suites = parsed(result)
    check_schema(suites)
    cases = suites.findall("testsuite/testcase")
    told = {tag: sum(case.find(tag) is not None for case in cases) for tag in ("failure", "error", "skipped")}

    suite = suites.find("testsuite")
    assert suite is not None
    assert int(suite.attrib["tests"]) == len(cases) >= len(result.phases)
    assert (int(suite.attrib["failures"]), int(suite.attrib["errors"])) == (told["failure"], told["error"])
    assert int(suite.attrib["skipped"]) == told["skipped"]
    bad = result.exit_code not in (0, 10) or any(phase.status in ("stopped", "unfinished") for phase in result.phases)
    assert bool(told["failure"] + told["error"]) == bad


def test_a_phase_that_was_not_done_is_not_told_as_passed() -> None:
    """A green case for a gate that nobody signed would say that people had decided."""
    passed = [case.attrib["name"] for case in parsed(GOOD).iter("testcase") if not len(case)]

    assert passed == [f"{phase.index:02} {phase.phase}" for phase in GOOD.phases if phase.status == "ok"]


@pytest.mark.parametrize("text", HOSTILE, ids=ascii)
def test_nothing_of_foreign_origin_is_xml(text: str) -> None:
    """A title could close an element and claim another outcome."""
    suites = parsed(about(text))

    check_schema(suites)
    assert [len(case) for case in suites.iter("testcase")] == [1, 1]
    assert sorted(child.tag for case in suites.iter("testcase") for child in case) == ["failure", "skipped"]


@pytest.mark.parametrize("text", HOSTILE, ids=ascii)
def test_nothing_of_foreign_origin_is_a_command_of_the_workflow(text: str) -> None:
    """Workflow commands set variables and hide output; a document's title must not give one."""
    lines = list(annotation_lines(about(text), ROOT, ROOT))

    assert len(lines) == 2
    for line in lines:
        command = re.fullmatch(r"::(error|warning) ((?:[a-zA-Z]+=[^,:]*,?)+)::([ -~\u00a0-\U0010ffff]*)", line)
        assert command is not None
        assert line.splitlines() == [line]
        assert {pair.partition("=")[0] for pair in command[2].split(",")} <= {"file", "line", "col", "title"}
        assert not re.search(r"%(?!25|0A|0D|3A|2C)", command[2] + command[3])


@pytest.mark.parametrize("text", HOSTILE, ids=ascii)
def test_nothing_of_foreign_origin_is_markdown(text: str) -> None:
    """A summary is a page of the office's own forge: a picture, a script or a false heading must not come into it."""
    check_markdown(markdown_report(about(text)))


@given(st.text(max_size=200))
def test_no_text_at_all_is_markup(text: str) -> None:
    """The table above has the known ways; this looks for others."""
    result = about(text)

    check_markdown(markdown_report(result, limit=4000, whole=text))
    assert [len(case) for case in parsed(result).iter("testcase")] == [1, 1]
    assert all(len(line.splitlines()) == 1 for line in annotation_lines(result, ROOT, ROOT))


def check_markdown(text: str) -> None:
    """Only a heading, a list of ids, and fenced blocks; plain sentences between them are cutter's own."""
    tokens = MarkdownIt("commonmark", {"html": True}).enable("table").parse(text)
    blocks = [token.type for token in tokens if token.level == 0 and not token.type.endswith("_close")]
    inline = {child.type for token in tokens for child in token.children or ()}

    assert blocks[:2] == ["heading_open", "bullet_list_open"]
    assert set(blocks[2:]) <= {"fence", "paragraph_open"}
    assert blocks.count("paragraph_open") <= 1
    assert inline <= {"text", "code_inline", "softbreak"}


@pytest.mark.parametrize("name", RESULTS)
def test_markdown_begins_with_code_and_digest(name: str) -> None:
    """Who looks at a list of builds reads two lines; they have to be the ones that can be compared."""
    result = RESULTS[name]
    lines = [line for line in markdown_report(result).splitlines() if line]
    facts = lines[1:3] if result.stop_code else lines[1:2]

    assert lines[0] == f"### cutter: `{result.stop_code or result.status.value}`"
    assert facts[-1] == f"- plan digest: {f'`{result.plan_digest}`' if result.plan_digest else 'none'}"
    assert not result.stop_code or facts[0] == f"- stop code: `{result.stop_code}`"
    assert all(str(line) in markdown_report(result) for line in result_lines(result))


@pytest.mark.parametrize("limit", [1500, 3000, 60_000])
def test_a_summary_is_cut_by_lines_and_says_so(limit: int) -> None:
    """GitHub drops a summary that is too long, whole; one that is cut silently would look complete."""
    phases = tuple(PhaseLine(n, f"phase_{n}_điều", "sql.count@1", "ok", "", 0, {"row_count": n}) for n in range(3000))
    long = msgspec.structs.replace(GOOD, phases=phases)
    text = markdown_report(long, limit=limit, whole="cutter runs show 0f8fad5b")
    shown = re.findall(r"^ +[0-9]+ phase_[0-9]+_điều +ok +[0-9,]+ rows?$", text, re.MULTILINE)
    told = re.search(r"^([0-9,]+) lines are left out here", text, re.MULTILINE)

    assert len(text.encode()) <= limit
    assert f"`{long.plan_digest}`" in text
    assert told is not None
    total = len(result_lines(long)) - len(long.next)
    shown_lines = text.count("\n", text.index("```text"), text.index("\n…\n")) if "\n…\n" in text else 0
    assert int(told[1].replace(",", "")) == (total - shown_lines if shown_lines else len(result_lines(long)))
    assert shown or limit == 1500
    assert "cutter runs show 0f8fad5b" in text.partition("left out here")[2]


def test_a_short_summary_is_whole() -> None:
    """A note that something is missing where nothing is would make every report doubtful."""
    assert markdown_report(GOOD, limit=60_000, whole="x") == markdown_report(GOOD)


PLACES: dict[str, tuple[str, Any]] = {
    "below the repository": ("pipelines/check.yaml:3:7", ("office/pipelines/check.yaml", "3", "7")),
    "absolute": ("/repo/office/cutter.yaml:1:1", ("office/cutter.yaml", "1", "1")),
    "beside the folder": ("../check.yaml:3:7", ("check.yaml", "3", "7")),
    "elsewhere": ("/etc/cutter.yaml:1:1", ("/etc/cutter.yaml", "1", "1")),
    "with a colon": ("a:b.yaml:1:1", ("office/a%3Ab.yaml", "1", "1")),
    "no place": ("CI", None),
    "a port": ("db.example.org:5432", None),
}


@pytest.mark.parametrize("name", PLACES)
def test_an_annotation_stands_at_its_line(name: str) -> None:
    """GitHub shows an annotation beside the line only when the path is the repository's."""
    where, place = PLACES[name]
    result = msgspec.structs.replace(RESULTS["hostile_text"], where=where)
    line = next(annotation_lines(result, PurePosixPath("/repo/office"), PurePosixPath("/repo")))
    found = re.match(r"::error file=([^,]*),line=([^,]*),col=([^,]*),title=", line)

    assert (found.groups() if found else None) == place
    assert "title=STOP_CONFIG_INVALID (exit 78)::" in line


def test_at_most_ten_of_a_kind() -> None:
    """GitHub shows ten and drops the others without a word."""
    notes = tuple(WouldStopNote(f"phase_{n}", "STOP_BACKUP_REFUSED", "", 40) for n in range(25))
    lines = list(annotation_lines(msgspec.structs.replace(GOOD, would_stop=notes), ROOT, ROOT))
    warnings = [line for line in lines if line.startswith("::warning")]

    assert len(warnings) == SHOWN
    assert "and 16 more" in warnings[-1]
    assert lines[-1].startswith("::notice title=cutter::REHEARSAL")


def test_two_reports_of_one_result_are_the_same() -> None:
    """A report that changes by itself cannot be compared between builds."""
    slower = msgspec.structs.replace(GOOD, duration_ms=77)
    for make in (junit_xml, markdown_report):
        assert make(GOOD) == make(GOOD)
        assert _timeless(make(slower)) == _timeless(make(GOOD))


def _timeless(text: str) -> str:
    return re.sub(r'time="[0-9.]+"|[0-9.]+ m?s', "", text)


def test_codes_are_not_translated() -> None:
    """Programs look for codes and states in a report, whatever language its reader has."""
    english = [(case.attrib, [child.attrib for child in case]) for case in parsed(GOOD).iter("testcase")]
    use_language("vi")
    vietnamese = [(case.attrib, [child.attrib for child in case]) for case in parsed(GOOD).iter("testcase")]

    assert vietnamese == english
