"""What cutter draws and reports is read by the programs that it is for: mermaid, graphviz, readers of SARIF."""

import json
import re
from xml.etree import ElementTree

import pytest
from jsonschema import Draft4Validator

from cutter.pipeline.diagnostics import Code, Diagnostic
from cutter.report.graph_dot import dot_lines
from cutter.report.graph_mermaid import mermaid_lines
from cutter.report.lint.findings import LintedFile, finding, problems_of
from cutter.report.machine import encode
from cutter.report.sarif import sarif_log
from cutter.report.visible import visible
from tests.e2e.conftest import ROOT, Workspace
from tests.support.foreign_readers import needs_node, read_with, sarif_schema
from tests.support.graphs import HOSTILE, expected_edges, graph_of

pytestmark = needs_node

SVG = "{http://www.w3.org/2000/svg}"

SHIPPED = sorted((ROOT / "pipelines").glob("*.yaml"))
GRAPHS = [graph_of(path.read_text(encoding="utf-8")) for path in SHIPPED] + [graph_of(title=t) for t in HOSTILE]


def test_mermaid_reads_exactly_what_is_meant() -> None:
    """Without it a title could add phases, links or directives to a page of a code host, or break its drawing."""
    answers = read_with("read_mermaid.mjs", ["\n".join(mermaid_lines(graph)) for graph in GRAPHS])

    for graph, answer in zip(GRAPHS, answers, strict=True):
        assert "error" not in answer, answer
        assert (answer["type"], answer["config"]) == ("flowchart-v2", {})
        assert [name for name, _ in answer["nodes"]] == [f"phase{node.index}" for node in graph.phases]
        assert [shown["text"].split("\n")[0].split(" ")[:2] for _, shown in answer["nodes"]] == [
            [str(node.index), node.phase] for node in graph.phases
        ]
        assert all(shown["elements"] == 0 for _, shown in [*answer["nodes"], *answer["groups"]])
        ((name, title),) = answer["groups"]
        assert (name, title["text"]) == ("pipeline", visible(f"{graph.pipeline} · {graph.title.shown}"))
        assert [tuple(edge) for edge in answer["edges"]] == expected_edges(graph)


def test_mermaid_of_a_hostile_text_that_is_not_escaped_is_not_the_same() -> None:
    """Without it the reader above could be one that finds nothing in anything."""
    bare = f'flowchart TB\n  phase1["{HOSTILE[1]}"]'
    (answer,) = read_with("read_mermaid.mjs", [bare])

    assert "error" in answer or [name for name, _ in answer["nodes"]] != ["phase1"]


def _drawn(svg: str, kind: str) -> list[tuple[str, list[str]]]:
    """What graphviz drew of a kind (`node`, `edge`, `graph`): its name, and the lines of its label."""
    groups = [group for group in ElementTree.fromstring(svg).iter(f"{SVG}g") if group.get("class") == kind]
    texts = [[text.text or "" for text in group.findall(f"{SVG}text")] for group in groups]
    return [(group.findtext(f"{SVG}title") or "", lines) for group, lines in zip(groups, texts, strict=True)]


def test_graphviz_reads_exactly_what_is_meant() -> None:
    """Without it a title could add nodes or attributes (links among them) to a drawing, or break it."""
    answers = read_with("read_dot.mjs", ["\n".join(dot_lines(graph)) for graph in GRAPHS])

    for graph, answer in zip(GRAPHS, answers, strict=True):
        assert "error" not in answer, answer
        svg = answer["svg"]
        nodes = [(name, lines[0].split(" ")[:2]) for name, lines in _drawn(svg, "node")]
        assert sorted(nodes) == sorted((f"phase{n.index}", [str(n.index), n.phase]) for n in graph.phases)
        ((_, title),) = _drawn(svg, "graph")
        # Where two spaces follow one another, graphviz writes one that is kept.
        assert [line.replace("\xa0", " ") for line in title] == [visible(f"{graph.pipeline} · {graph.title.shown}")]
        edges = [(name, "".join(lines)) for name, lines in _drawn(svg, "edge")]
        assert sorted(edges) == sorted((f"{tail}->{head}", label) for tail, head, label in expected_edges(graph))
        assert "<a " not in svg


def test_graphviz_of_a_hostile_text_that_is_not_escaped_is_not_the_same() -> None:
    """Without it the reader above could be one that finds nothing in anything."""
    (answer,) = read_with("read_dot.mjs", [f'digraph x {{ phase1 [label="{HOSTILE[7]}"]; }}'])

    assert "error" in answer or [name for name, _ in _drawn(answer["svg"], "node")] != ["phase1"]


def _validator() -> Draft4Validator:
    return Draft4Validator(sarif_schema())


def test_a_report_of_every_mistake_is_sarif(fresh: Workspace) -> None:
    """Without it a code host would refuse the upload, and a pull request with a bad pipeline would look good."""
    files = sorted((ROOT / "tests" / "golden" / "pipelines").glob("bad-*.yaml"))
    answer = fresh.cutter("pipelines", "lint", "--format", "sarif", *map(str, files))
    log = answer.document

    _validator().validate(log)
    assert answer.status == 78
    assert len(log["runs"][0]["artifacts"]) == len(files)
    expected = re.compile(r"^# expected: (P\d{3}) [a-z-]+ (\d+):(\d+)$", re.MULTILINE)
    told = [found for path in files for found in expected.findall(path.read_text(encoding="utf-8"))]
    places = [result["locations"][0]["physicalLocation"]["region"] for result in log["runs"][0]["results"]]
    codes = [result["ruleId"] for result in log["runs"][0]["results"]]
    assert told == [(c, str(p["startLine"]), str(p["startColumn"])) for c, p in zip(codes, places, strict=True)]


@pytest.mark.parametrize("path", ["a b%c:d.yaml", "/elsewhere/«Điều».yaml", "../up.yaml", 'x","uri":"y.yaml'])
def test_a_hostile_path_is_a_uri(path: str) -> None:
    """Without it a file's name could make the whole report unreadable."""
    item = Diagnostic(file=path, line=1, column=1, code=Code.TAB, path="", message="a [link](javascript:x) \x1b")
    problems = tuple(problems_of(LintedFile(path, (finding(item, "\t"),), "")))
    document = json.loads(encode(sarif_log(problems, (path,), 78)))

    _validator().validate(document)
    uri = document["runs"][0]["artifacts"][0]["location"]["uri"]
    assert re.fullmatch(r"(file://)?[A-Za-z0-9._/%~-]+", uri)


def test_a_report_of_doubts_is_sarif(fresh: Workspace) -> None:
    """Without it a code host would refuse the doubts of a text."""
    (fresh.folder / "a b.txt").write_text("Điều 1. Một\nĐiều 2. Hai\nĐiều 5. Năm\nĐiều 2. Lại hai\n", encoding="utf-8")
    log = fresh.cutter("documents", "cut", "a b.txt", "--format", "sarif").document

    _validator().validate(log)
    assert {result["ruleId"] for result in log["runs"][0]["results"]} == {"gap", "repeated"}
    assert log["runs"][0]["artifacts"] == [{"location": {"uri": "a%20b.txt"}}]


def test_a_report_of_nothing_is_sarif(fresh: Workspace) -> None:
    """Without it the report of a repository without mistakes would be refused."""
    answer = fresh.cutter("pipelines", "lint", "--format", "sarif")

    _validator().validate(answer.document)
    assert (answer.status, answer.document["runs"][0]["results"]) == (0, [])
