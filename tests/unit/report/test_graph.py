"""What a graph says of a pipeline, and that no text of one can be more than a text in its drawings.

That mermaid and graphviz read the drawings so is tested with both (`tests/e2e/test_foreign_readers.py`); the grammars
here are narrower than theirs.
"""

import html
import re

import pytest

from cutter.report.graph import Kind, Need, PhaseNode
from cutter.report.graph_dot import dot_lines
from cutter.report.graph_mermaid import mermaid_lines
from cutter.report.graph_tree import tree_lines
from cutter.report.visible import visible, width
from tests.support.foreign_readers import ROOT
from tests.support.graphs import HOSTILE, expected_edges, graph_of

CUT = graph_of()
SHIPPED = {path.stem: graph_of(path.read_text(encoding="utf-8")) for path in (ROOT / "pipelines").glob("*.yaml")}


def phase(name: str) -> PhaseNode:
    """A phase of the shipped cut."""
    return next(node for node in CUT.phases if node.phase == name)


@pytest.mark.parametrize(
    ("name", "kind", "governs"),
    [
        ("discover", Kind.READ, ()),
        ("survey", Kind.READ, ()),
        ("authorize_cut", Kind.GATE, ()),
        ("backup", Kind.EXTERNAL, ()),
        ("cut_leg_b", Kind.WRITE, ("library.unit_region", "library.information_unit")),
        ("report", Kind.WRITE, ()),
    ],
)
def test_a_phase_says_what_it_does(name: str, kind: Kind, governs: tuple[str, ...]) -> None:
    """Without it a reader could take a phase that writes for one that only looks."""
    assert (phase(name).kind, phase(name).governs) == (kind, governs)


def test_what_flows_is_what_the_file_refers_to() -> None:
    """Without it somebody would change a phase without knowing which later ones live on it."""
    node = phase("cut_leg_b")

    assert node.inputs == ("document_id",)
    assert {need.phase: set(need.fields) for need in node.needs} == {
        "discover": {"source_version_id", "text_sha256", "text_size"},
        "plan": {"manifest_sha256", "profile", "row_count"},
        "cut_leg_a": {"change_set_id"},
    }
    assert [need.phase for need in node.needs] == ["discover", "plan", "cut_leg_a"]
    assert phase("survey").needs == (Need("discover", ("source_version_id", "text_sha256")),)


def test_what_a_phase_asks_of_itself_is_no_flow() -> None:
    """Without it a phase would be drawn as waiting for itself."""
    assert all(need.phase != node.phase for graph in SHIPPED.values() for node in graph.phases for need in node.needs)


def test_gates_and_guards_are_told() -> None:
    """Without it nobody would see from the graph who decides, and what makes a write happen once."""
    gate, guard = phase("authorize_cut").gate, phase("cut_leg_a").guard

    assert gate is not None
    assert (gate.id, [(r.role, r.persons) for r in gate.quorum]) == ("GATE_CUT_AUTHORIZATION", [("sovereign", 1)])
    assert (gate.approve_within_s, gate.execute_within_s) == (72 * 3600, 24 * 3600)
    assert guard is not None
    assert (guard.guard, guard.key) == ("G-CUT-ONCE", ("inputs.document_id", "discover.source_version_id"))
    assert (phase("cut_leg_a").before, phase("cut_leg_a").after) == (2, 1)


@pytest.mark.parametrize("drawn", [True, False])
@pytest.mark.parametrize("columns", [60, 80, 100])
@pytest.mark.parametrize("name", SHIPPED)
def test_the_tree_fits(name: str, columns: int, drawn: bool) -> None:
    """Without it lines would break in the middle of names on a narrow terminal."""
    lines = list(tree_lines(SHIPPED[name], columns=columns, drawn=drawn))

    assert max(map(width, lines)) <= columns
    text = re.sub(r"\s+", " ", " ".join(line.lstrip("│├└◆* ") for line in lines))
    for node in SHIPPED[name].phases:
        assert node.phase in text
        assert all(field in text for need in node.needs for field in need.fields)


@pytest.mark.parametrize("columns", [1, 20, 40])
def test_nothing_is_cut_where_it_does_not_fit(columns: int) -> None:
    """Without it an id would be shortened on a small terminal, and copied so."""
    narrow, wide = ("\n".join(tree_lines(CUT, columns=n, drawn=False)) for n in (columns, 400))

    assert narrow.split() == wide.split()


def test_a_tree_is_the_same_text_without_its_lines() -> None:
    """Without it a screen reader would be told less, or told the lines."""
    drawn, plain = ("\n".join(tree_lines(CUT, columns=80, drawn=d)) for d in (True, False))

    assert re.sub("[│├└◆]", " ", drawn).split() == plain.replace("*", " ").split()
    assert plain.replace("·", " ").isascii()


@pytest.mark.parametrize("title", HOSTILE)
def test_a_hostile_title_stays_in_its_line(title: str) -> None:
    """Without it a title could clear the screen, turn text round, or look like a phase."""
    lines = list(tree_lines(graph_of(title=title), columns=400, drawn=True))

    assert lines[0] == "cut  " + " ".join(visible(word) for word in title.split())
    assert len(lines) == len(list(tree_lines(CUT, columns=400, drawn=True)))
    assert all(visible(line) == line for line in lines)


# What a drawing may hold, line by line; a label holds no quote, no angle bracket but those of <br/>, no bracket.
_LABEL = r'"((?:[^\W]|[ .,@/·-]|#[0-9]+;|<br/>)*)"'
_SHAPES = rf"\(\[{_LABEL}\]\)|\{{\{{{_LABEL}\}}\}}|\[/{_LABEL}/\]|\[{_LABEL}\]"
_MERMAID = re.compile(
    rf"flowchart TB|  subgraph pipeline\[{_LABEL}\]|    direction TB|    phase\d+(?:{_SHAPES})"
    rf"|    phase\d+ --> phase\d+|    phase\d+ -\. {_LABEL} \.-> phase\d+|  end"
)


def _undone(label: str) -> str:
    return re.sub(r"#(\d+);", lambda match: chr(int(match[1])), label)


@pytest.mark.parametrize("title", [*HOSTILE, "".join(map(chr, range(32, 127)))])
def test_mermaid_holds_labels_and_nothing_else(title: str) -> None:
    """Without it a title could add phases, links or directives to a page of a code host."""
    lines = list(mermaid_lines(graph_of(title=title)))

    assert [line for line in lines if not _MERMAID.fullmatch(line)] == []
    match = re.search(_LABEL, lines[1])
    assert match is not None
    assert _undone(match[1]) == visible(f"cut · {title}")
    assert lines[2:] == list(mermaid_lines(CUT))[2:]


_STRING = r'"((?:[^"\\]|\\\\|\\"|\\n)*)"'
_DOT = re.compile(
    rf"digraph pipeline \{{|  label={_STRING};|  labelloc=t;|  phase\d+ \[shape=[a-z]+, label={_STRING}\];"
    rf"|  phase\d+ -> phase\d+(?: \[style=dashed, constraint=false, label={_STRING}\])?;|\}}"
)


@pytest.mark.parametrize("title", [*HOSTILE, "".join(map(chr, range(32, 127)))])
def test_dot_holds_strings_and_nothing_else(title: str) -> None:
    """Without it a title could add nodes, links or images to a drawing."""
    lines = list(dot_lines(graph_of(title=title)))

    assert [line for line in lines if not _DOT.fullmatch(line)] == []
    match = re.fullmatch(rf"  label={_STRING};", lines[1])
    assert match is not None
    assert html.unescape(re.sub(r"\\(.)", r"\1", match[1])) == visible(f"cut · {title}")
    assert lines[2:] == list(dot_lines(CUT))[2:]


@pytest.mark.parametrize("name", SHIPPED)
def test_both_drawings_have_all_arrows(name: str) -> None:
    """Without it a drawing could leave out what flows, and look simpler than the pipeline is."""
    graph = SHIPPED[name]
    mermaid = re.findall(
        rf"^    (phase\d+) (?:-->|-\. {_LABEL} \.->) (phase\d+)$", "\n".join(mermaid_lines(graph)), re.M
    )
    dot = re.findall(rf"^  (phase\d+) -> (phase\d+)(?: \[.*label={_STRING}\])?;$", "\n".join(dot_lines(graph)), re.M)

    assert [(tail, head, label) for tail, label, head in mermaid] == expected_edges(graph)
    assert dot == expected_edges(graph)
