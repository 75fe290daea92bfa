"""A graph as a mermaid flowchart, which code hosts draw.

Rules kept here: every text stands in quotes, and every character of it that is neither a letter, a digit, a space nor
one of a few marks is an entity code. So no title can end its label, begin a directive (`%%{`), a link or an element of
HTML, whatever the reader is told of security.

Source: mermaid's documentation, "Flowcharts: entity codes to escape characters", "Directives".
"""

from collections.abc import Iterable, Iterator
from typing import assert_never

from cutter.report.graph import Graph, Kind, PhaseNode
from cutter.report.graph_words import node_lines
from cutter.report.visible import visible

_PLAIN = frozenset(" .,_-@/·")


def mermaid_lines(graph: Graph) -> Iterator[str]:
    """The graph: solid arrows are the order, dotted ones what flows besides."""
    yield "flowchart TB"
    yield f"  subgraph pipeline[{_label([f'{graph.pipeline} · {graph.title.shown}'])}]"
    yield "    direction TB"
    for node in graph.phases:
        yield f"    {_name(node.index)}{_shape(node)}"
    for node in graph.phases[1:]:
        yield f"    {_name(node.index - 1)} --> {_name(node.index)}"
    yield from _flows(graph)
    yield "  end"


def _flows(graph: Graph) -> Iterator[str]:
    places = {node.phase: node.index for node in graph.phases}
    for node in graph.phases:
        for need in node.needs:
            yield f"    {_name(places[need.phase])} -. {_label([', '.join(need.fields)])} .-> {_name(node.index)}"


def _name(index: int) -> str:
    return f"phase{index}"


def _shape(node: PhaseNode) -> str:
    label = _label(node_lines(node))
    match node.kind:
        case Kind.GATE:
            return f"{{{{{label}}}}}"
        case Kind.READ:
            return f"([{label}])"
        case Kind.WRITE:
            return f"[{label}]"
        case Kind.EXTERNAL:
            return f"[/{label}/]"
        case _ as never:
            assert_never(never)


def _label(lines: Iterable[str]) -> str:
    return f'"{"<br/>".join(_escaped(line) for line in lines)}"'


def _escaped(text: str) -> str:
    return "".join(_show(character) for character in visible(text))


def _show(character: str) -> str:
    return character if character.isalnum() or character in _PLAIN else f"#{ord(character)};"
