"""Pipelines with titles that try to be more than a title, for every drawing of a graph."""

from cutter.operations import CATALOGUE
from cutter.pipeline import Refused, build, load
from cutter.report.graph import Graph, pipeline_graph
from tests.support.foreign_readers import ROOT

CUT = (ROOT / "pipelines" / "cut.yaml").read_text(encoding="utf-8")

HOSTILE = (
    'a "quoted" title"]; click phase1 "javascript:alert(1)"',
    'a"]\n  evil["x"]\n  phase1 --> evil',
    '%%{init: {"securityLevel": "loose", "theme": "dark"}}%%',
    "<img src=x onerror=alert(1)><script>alert(1)</script>",
    "#quot;] evil[#quot; &quot;] &#34;] &lt;b&gt;",
    "`**markdown** [link](javascript:alert(1))`",
    "end",
    'ends in a backslash \\"]; evil [label="x"]; //\\',
    "\\N \\G \\l \\r \\n {a|b} <b>x</b>",
    "\x1b[2J\u202eover\u2066 \u2028 \r\n zero\u200bwidth",
    "--- \n title: x\n--- %% comment; semicolon; $math$ $$x$$ @{ shape: rect }",
    "ﬂ°quot¶ß ﬂ°°60¶ß",
    "fa:fa-skull :::class ~~~ |pipe| {{curly}} ((round)) [/slant/]",
    "Cắt văn bản nguồn — «Điều» 漢字 🙂 Die\u0323\u0302u",
)


def graph_of(text: str = CUT, title: str = "") -> Graph:
    """The graph of a pipeline's text; with another title in both languages where one is given."""
    document = load(text.encode(), "sample.yaml")
    assert not isinstance(document, Refused)
    pipeline = build(document, CATALOGUE)
    assert not isinstance(pipeline, Refused)
    graph = pipeline_graph(pipeline, CATALOGUE)
    if not title:
        return graph
    known = {name: getattr(graph, name) for name in graph.__struct_fields__}
    return Graph(**{**known, "title": type(graph.title)(title, title)})


def expected_edges(graph: Graph) -> list[tuple[str, str, str]]:
    """The arrows that a drawing must have: the order, then what flows, with the names of what flows."""
    order = [(f"phase{n}", f"phase{n + 1}", "") for n in range(1, len(graph.phases))]
    places = {node.phase: node.index for node in graph.phases}
    flows = [
        (f"phase{places[need.phase]}", f"phase{node.index}", ", ".join(need.fields))
        for node in graph.phases
        for need in node.needs
    ]
    return order + flows
