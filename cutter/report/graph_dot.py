"""A graph in the language of graphviz.

Rules kept here: every text is a quoted string, in which quotes and backslashes are escaped, line ends cannot stand, and
`&` begins no entity; no label is one of HTML, and no shape reads marks in its label.

Source: graphviz, "DOT language" (quoted strings), "escString".
"""

from collections.abc import Iterable, Iterator

from cutter.report.graph import Graph, Kind
from cutter.report.graph_words import node_lines
from cutter.report.visible import visible

_LINE_END = r"\n"  # as graphviz reads it in a label
_SHAPES = {Kind.READ: "ellipse", Kind.WRITE: "box", Kind.EXTERNAL: "parallelogram", Kind.GATE: "octagon"}


def dot_lines(graph: Graph) -> Iterator[str]:
    """The graph: solid arrows are the order, dashed ones what flows besides."""
    yield "digraph pipeline {"
    yield f"  label={_label([f'{graph.pipeline} · {graph.title.shown}'])};"
    yield "  labelloc=t;"
    for node in graph.phases:
        yield f"  phase{node.index} [shape={_SHAPES[node.kind]}, label={_label(node_lines(node))}];"
    for node in graph.phases[1:]:
        yield f"  phase{node.index - 1} -> phase{node.index};"
    places = {node.phase: node.index for node in graph.phases}
    for node in graph.phases:
        for need in node.needs:
            label = _label([", ".join(need.fields)])
            yield f"  phase{places[need.phase]} -> phase{node.index} [style=dashed, constraint=false, label={label}];"
    yield "}"


def _label(lines: Iterable[str]) -> str:
    text = _LINE_END.join(_escaped(line) for line in lines)
    return f'"{text}"'


def _escaped(text: str) -> str:
    return visible(text).replace("&", "&amp;").replace("\\", "\\\\").replace('"', '\\"')
