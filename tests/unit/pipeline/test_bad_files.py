"""Every mistake in a pipeline file is found where it stands, all of them at once.

The files are `tests/golden/pipelines/bad-*.yaml`; each says at its end what is expected: code, word, line:column.
"""

import json
import re
import time
from pathlib import Path

import pytest
from jsonschema import Draft202012Validator
from ruamel.yaml import YAML

from cutter.model import Pipeline
from cutter.operations import CATALOGUE
from cutter.pipeline import Code, Diagnostic, Refused, build, load
from cutter.report.lint.findings import LintedFile, finding
from cutter.report.lint.full import full_lines
from tests.architecture.source import ROOT

FILES = Path(__file__).parents[2] / "golden" / "pipelines"
BAD = sorted(FILES.glob("bad-*.yaml"))
GOOD = [FILES / "good.yaml", *sorted(ROOT.glob("pipelines/*.yaml")), *sorted(ROOT.glob("examples/*/pipelines/*.yaml"))]
EXPECTED = re.compile(r"^# expected: (P\d{3}) ([a-z-]+) (\d+):(\d+)$", re.MULTILINE)
CUT = (ROOT / "pipelines" / "cut.yaml").read_text(encoding="utf-8")

# A mistake of form: an editor that has the schema shows it too.
OF_FORM = "\n# the schema refuses it too\n"


def diagnostics(data: bytes, name: str = "sample.yaml") -> tuple[Diagnostic, ...]:
    """What is wrong with a file; nothing for a good one."""
    document = load(data, name)
    found = document if isinstance(document, Refused) else build(document, CATALOGUE)
    return found.diagnostics if isinstance(found, Refused) else ()


@pytest.mark.parametrize("path", BAD, ids=lambda path: path.stem.removeprefix("bad-"))
def test_a_mistake_is_told_at_its_place(path: Path) -> None:
    """Without it a bad file could pass, or its author would look for the mistake in the wrong line."""
    text = path.read_text(encoding="utf-8")
    expected = [(code, word, int(line), int(column)) for code, word, line, column in EXPECTED.findall(text)]
    found = [(d.code.value, d.code.word, d.line, d.column) for d in diagnostics(text.encode())]
    assert found == expected
    assert expected


@pytest.mark.parametrize(
    "path",
    [p for p in BAD if OF_FORM in p.read_text(encoding="utf-8")],
    ids=lambda path: path.stem.removeprefix("bad-"),
)
def test_the_editor_refuses_what_the_loader_refuses(path: Path) -> None:
    """Without it an editor would show a file as good that the loader refuses."""
    schema = json.loads((ROOT / "schemas" / "pipeline" / "1.json").read_text(encoding="utf-8"))
    assert not Draft202012Validator(schema).is_valid(YAML(typ="safe").load(path.read_text(encoding="utf-8")))


@pytest.mark.parametrize("path", GOOD, ids=lambda path: path.name)
def test_a_good_file_is_good_for_both(path: Path) -> None:
    """Without it every bad file could be refused by a loader or schema that refuses everything."""
    schema = json.loads((ROOT / "schemas" / "pipeline" / "1.json").read_text(encoding="utf-8"))
    data = path.read_bytes()
    assert diagnostics(data) == ()
    Draft202012Validator(schema).validate(YAML(typ="safe").load(data))


def test_both_mistakes_of_a_copy_of_cut_are_shown() -> None:
    """Without it an author would mend one mistake only to meet the next one."""
    text = CUT.replace("\ntitle:", "\ntitel:").replace("library.cut_leg_a@1", "library.cut_leg_q@1")
    first, second = diagnostics(text.encode(), "copy.yaml")
    assert (first.code, first.suggestion) == (Code.UNKNOWN_KEY, "title")
    assert second.code is Code.UNKNOWN_OPERATION
    assert second.suggestion in ("library.cut_leg_a@1", "library.cut_leg_b@1")
    findings = tuple(finding(item, text) for item in (first, second))
    shown = list(full_lines(LintedFile("copy.yaml", findings, ""), text))
    for item in (first, second):
        at = shown.index(f"{' ' * len(str(item.line))}--> copy.yaml:{item.line}:{item.column}")
        source, caret = shown[at + 2], shown[at + 3]
        assert source.index("titel" if item is first else "library.cut_leg_q@1") == caret.index("^")


NESTED = b"[" * 3000


@pytest.mark.parametrize(
    ("data", "code"),
    [
        pytest.param(b"", Code.EMPTY, id="empty"),
        pytest.param(b"# only a comment\n", Code.EMPTY, id="comment"),
        pytest.param(b"a: \xff\n", Code.NOT_UTF8, id="not UTF-8"),
        pytest.param("a: b\n".encode("utf-16"), Code.NOT_UTF8, id="UTF-16"),
        pytest.param(b"a: \x00\n", Code.FORBIDDEN_CHARACTER, id="NUL"),
        pytest.param("a: \u202eb\n".encode(), Code.FORBIDDEN_CHARACTER, id="direction turned"),
        pytest.param("\ufeffa: b\n".encode(), Code.FORBIDDEN_CHARACTER, id="byte order mark"),
        pytest.param(b"a: b\rc: d\n", Code.FORBIDDEN_CHARACTER, id="lone carriage return"),
        pytest.param(NESTED, Code.TOO_DEEP, id="deep flow"),
        pytest.param(b"- " * 3000, Code.TOO_DEEP, id="deep blocks"),
        pytest.param(b"{a: " * 3000, Code.TOO_DEEP, id="deep mappings"),
        pytest.param(b"a: " + b"9" * 60000, Code.LARGE_INTEGER, id="huge integer"),
        pytest.param(b"x" * 10_000_000, Code.TOO_LARGE, id="10 MB"),
        pytest.param(b"- a\n" * 16000, Code.TOO_LARGE, id="many values"),
        pytest.param(
            b"a: &a [x]\n" + b"".join(b"b%d: [*a, *a]\n" % n for n in range(2000)), Code.ANCHOR, id="alias bomb"
        ),
    ],
)
def test_a_hostile_file_is_refused_within_a_second(data: bytes, code: Code) -> None:
    """Without it a file could exhaust memory or time, or end in a traceback."""
    began = time.perf_counter()
    found = diagnostics(data)
    assert found[0].code is code
    assert len(found) <= 100
    assert time.perf_counter() - began < 1


def test_every_code_has_a_meaning_and_every_meaning_a_file() -> None:
    """Without it a code could be printed that no page explains, or be declared and never found."""
    assert all(code.meaning for code in Code)
    in_files = {code for path in BAD for code, *_ in EXPECTED.findall(path.read_text(encoding="utf-8"))}
    elsewhere = {Code.NO_UNDO, Code.TOO_LARGE, Code.TOO_DEEP, Code.NOT_UTF8, Code.EMPTY}
    assert {code.value for code in Code} == in_files | {code.value for code in elsewhere}


def test_a_good_pipeline_is_a_pipeline() -> None:
    """Without it the tests above could pass on a loader that never builds anything."""
    document = load(CUT.encode(), "cut.yaml")
    assert not isinstance(document, Refused)
    assert isinstance(build(document, CATALOGUE), Pipeline)
