"""The forms in which mistakes of a pipeline are told: each exact, and none to be broken out of."""

import json
import re
import unicodedata
from pathlib import PurePosixPath
from urllib.parse import unquote

import pytest

from cutter.messages import use_language
from cutter.pipeline.diagnostics import Code, Diagnostic
from cutter.report.lint.findings import Applicability, LintedFile, finding, problems_of
from cutter.report.lint.full import full_lines
from cutter.report.machine import encode
from cutter.report.problems import concise_lines, github_lines, place_of
from cutter.report.sarif import SarifLog, sarif_log

HOSTILE = "a\r\n::error::b%0Ac,d:e \x1b[2J\u202e"


def mistake(**said: object) -> Diagnostic:
    """A diagnostic, as the loader makes it."""
    usual = {"file": "a.yaml", "line": 1, "column": 1, "code": Code.UNKNOWN_KEY, "path": "p", "message": "unknown key"}
    return Diagnostic(**{**usual, **said})  # type: ignore[arg-type]


def linted(text: str, *items: Diagnostic, path: str = "a.yaml") -> LintedFile:
    """A file with these mistakes."""
    return LintedFile(path, tuple(finding(item, text) for item in items), "" if items else "0" * 64)


def full(text: str, *items: Diagnostic) -> list[str]:
    """The lines of the full form."""
    return list(full_lines(linted(text, *items), text))


def log_of(*files: LintedFile) -> SarifLog:
    """The SARIF log of these files."""
    return sarif_log([item for file in files for item in problems_of(file)], [file.path for file in files], 78)


NFD = unicodedata.normalize("NFD", "điều")


@pytest.mark.parametrize(
    ("line", "column", "length", "shown"),
    [
        pytest.param("{phases: 1}", 2, 6, "{phases: 1}\n ^^^^^^", id="ASCII"),
        pytest.param(f"{{{NFD}: 1}}", 2, len(NFD), "{điều: 1}\n ^^^^", id="decomposed, marked"),
        pytest.param(f"{{{NFD}: 1}}", 2 + len(NFD) + 2, 1, "{điều: 1}\n       ^", id="decomposed, before"),
        pytest.param(f"{{{NFD}: 1}}", 5, 1, "{điều: 1}\n   ^", id="from a mark within a letter"),
        pytest.param(f"{{{NFD}: 1}}", 4, 1, "{điều: 1}\n   ^", id="of a letter without its marks"),
        pytest.param("{漢字: 1}", 4, 1, "{漢字: 1}\n     ^", id="wide letters before"),
        pytest.param("{漢字: 1}", 2, 2, "{漢字: 1}\n ^^^^", id="wide letters marked"),
        pytest.param("{\x1b[2J: 1}", 6, 1, "{\\x1b[2J: 1}\n        ^", id="a control"),
        pytest.param("", 1, 1, "\n^", id="an empty line"),
        pytest.param("abc", 4, 1, "abc\n   ^", id="the end of a line"),
    ],
)
def test_the_caret_stands_under_the_mistake(line: str, column: int, length: int, shown: str) -> None:
    """Without it the caret would point beside the mistake in decomposed Vietnamese text, or clear the screen."""
    lines = full(line, mistake(column=column, length=length))

    assert [told.removeprefix("1 | ").removeprefix("  | ") for told in lines[3:5]] == [
        told if told else "1 |" for told in shown.split("\n")
    ]


@pytest.mark.parametrize("at", [0, 1, 57, 100, 400, 795, 799])
def test_a_long_line_is_shown_near_the_mistake(at: int) -> None:
    """Without it a mistake in a line of SQL would be somewhere in ten lines of a terminal."""
    line = "x" * at + "Y" + "x" * (799 - at)
    source, caret = full(line, mistake(column=at + 1))[3:5]

    assert len(source) <= 130
    assert source[caret.index("^")] == "Y"


def test_the_full_form() -> None:
    """Without it a person would not find the place, what was found and needed, and what to do."""
    text = "titel: x\n"
    item = mistake(message="unknown key `titel`", length=5, found="x", needed="title", suggestion="title", path="titel")

    assert full(text, item, mistake(help="Mend it.", path="")) == [
        "error[P101 unknown-key]: unknown key `titel`",
        " --> a.yaml:1:1",
        "  |",
        "1 | titel: x",
        "  | ^^^^^",
        "  = path: titel",
        "  = found: x",
        "  = needed: title",
        "  = help: did you mean `title`? (unsafe: it is the nearest word)",
        "",
        "error[P101 unknown-key]: unknown key",
        " --> a.yaml:1:1",
        "  |",
        "1 | titel: x",
        "  | ^",
        "  = help: Mend it.",
        "",
        "2 mistakes in a.yaml · exit 78",
    ]


def test_a_reader_of_another_language_gets_the_meaning() -> None:
    """Without it a reader of Vietnamese would get nothing but the loader's English."""
    use_language("vi")
    try:
        lines = full("titel: x\n", mistake())
    finally:
        use_language("en")
    assert any(line.startswith("  = ") for line in lines[5:])
    assert len(lines) == len(full("titel: x\n", mistake())) + 1


@pytest.mark.parametrize(
    ("written", "suggestion", "applicability"),
    [
        pytest.param("Title", "title", Applicability.SAFE, id="letter case"),
        pytest.param("approve-within", "approve_within", Applicability.SAFE, id="dashes"),
        pytest.param('"Title"', "title", Applicability.SAFE, id="in quotes"),
        pytest.param("titel", "title", Applicability.UNSAFE, id="another word"),
        pytest.param("title_", "title", Applicability.UNSAFE, id="a letter more"),
        pytest.param("${{ inputs.Scope }}", "scope", Applicability.UNSAFE, id="a part of what is marked"),
        pytest.param("titel", "", None, id="nothing is suggested"),
    ],
)
def test_a_suggestion_says_whether_it_is_safe(
    written: str, suggestion: str, applicability: Applicability | None
) -> None:
    """Without it a program could put the nearest word where another was meant."""
    item = mistake(length=len(written), suggestion=suggestion)

    assert finding(item, f"{written}: x\n").applicability is applicability


def test_the_concise_form() -> None:
    """Without it editors and people who know the codes could not jump from line to line."""
    text = "\n\n  x\n"
    items = mistake(line=3, column=3, message="wrong"), mistake(message=HOSTILE)
    lines = list(concise_lines(problems_of(linted(text, *items, path="pipelines/a.yaml"))))

    assert lines[0] == "pipelines/a.yaml:3:3: P101 wrong"
    assert lines[1] == "pipelines/a.yaml:1:1: P101 a\\x0d\\x0a::error::b%0Ac,d:e \\x1b[2J\\u202e"
    assert list(concise_lines(problems_of(linted("x")))) == []


def _read_annotation(line: str) -> tuple[dict[str, str], str]:
    """An annotation as GitHub's runner reads it: the properties up to the second `::`, the escapes undone."""
    match = re.fullmatch(r"::error ([^:]*(?::(?!:)[^:]*)*)::(.*)", line)
    assert match is not None
    pairs = (pair.split("=", 1) for pair in match[1].split(","))
    return {name: unquote(value) for name, value in pairs}, unquote(match[2])


@pytest.mark.parametrize("path", ["a.yaml", "a,line=9::b:100%.yaml", "pipelines/«Điều».yaml", "%0A::error::x.yaml"])
def test_the_form_of_github(path: str) -> None:
    """Without it a file's name or text could begin a command of its own in the log of a workflow."""
    item = mistake(line=3, column=5, length=2, message=HOSTILE, needed="50%", suggestion="a,b")
    (line,) = github_lines(problems_of(linted("\n\n    xy\n", item, path=path)))
    properties, message = _read_annotation(line)

    assert properties == {"file": path, "line": "3", "col": "5", "endColumn": "7", "title": "P101 unknown-key"}
    assert message.split("\n") == [
        "a\\x0d\\x0a::error::b%0Ac,d:e \\x1b[2J\\u202e",
        "needed: 50%",
        "suggestion: a,b",
        "applicability: unsafe",
    ]
    assert "\n" not in line
    assert "\r" not in line
    assert "::" not in line.removeprefix("::error ").partition("::")[0]


def test_sarif_has_what_its_readers_need() -> None:
    """Without it a code host would refuse the report or put a mistake at another place."""
    text = "điều: x\ntitel: x\n"
    item = mistake(line=2, length=5, message="unknown key `titel` [a](b)", needed="title", suggestion="title")
    files = [linted(text, item, path="my pipelines/a.yaml"), linted("x", path="/elsewhere/b.yaml")]
    document = json.loads(encode(log_of(*files)))
    (run,) = document["runs"]
    (result,) = run["results"]
    (location,) = result["locations"]

    assert (document["version"], document["$schema"][:8]) == ("2.1.0", "https://")
    assert run["tool"]["driver"]["name"] == "cutter"
    assert run["columnKind"] == "unicodeCodePoints"
    assert run["tool"]["driver"]["rules"][result["ruleIndex"]]["id"] == result["ruleId"] == "P101"
    assert result["level"] == "error"
    assert result["message"] == {"text": "unknown key `titel` \\[a\\](b); needed: title"}
    assert location["physicalLocation"] == {
        "artifactLocation": {"uri": "my%20pipelines/a.yaml"},
        "region": {"startLine": 2, "startColumn": 1, "endColumn": 6},
    }
    assert location["logicalLocations"] == [{"fullyQualifiedName": "p"}]
    assert result["properties"] == {"needed": "title", "suggestion": "title", "applicability": "unsafe"}
    assert [a["location"]["uri"] for a in run["artifacts"]] == ["my%20pipelines/a.yaml", "file:///elsewhere/b.yaml"]
    assert run["invocations"] == [{"executionSuccessful": True, "exitCode": 78}]
    assert "fixes" not in result


def test_a_mistake_that_moved_is_the_same_one() -> None:
    """Without it every line that is put above a known mistake would make it a new alert."""

    def marks(line: int, message: str) -> str:
        log = log_of(linted("\n" * 9, mistake(line=line, message=message)))
        return log.runs[0].results[0].partial_fingerprints["mistake/v1"]

    assert marks(1, "a") == marks(5, "a") != marks(1, "b")


@pytest.mark.parametrize(
    ("path", "place"),
    [
        ("/repo/a/b.yaml", "a/b.yaml"),
        ("/other/b.yaml", "/other/b.yaml"),
        ("a/b.yaml", "office/a/b.yaml"),
        ("./b", "office/b"),
        ("../b", "b"),
        ("../../b", "/b"),
    ],
)
def test_a_place_is_told_as_in_the_repository(path: str, place: str) -> None:
    """Without it annotations of a workflow would name files of the runner that no pull request has."""
    assert place_of(path, PurePosixPath("/repo/office"), PurePosixPath("/repo")) == place
