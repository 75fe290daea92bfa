"""A graph for a terminal: the phases in order, each with what flows into it, who decides, what guards it.

Rules kept here: ids are never cut; lines break between names and are at most as wide as asked, unless one name is
wider; without lines drawn (for screen readers and terminals without the letters) the text is the same.

Source: command-line.md §1 row 14, §3 rows 7–10.
"""

from collections.abc import Iterator, Sequence

from cutter.messages import _
from cutter.report.graph import Graph, PhaseNode
from cutter.report.graph_words import kind_word, quorum_phrase, span, status_word, subject, tables
from cutter.report.lines import digest_phrase
from cutter.report.visible import visible, width

_SHORT_ID = 8  # hex digits of a run id on screens


def tree_lines(graph: Graph, *, columns: int, drawn: bool) -> Iterator[str]:
    """The graph as lines.

    Args:
        graph: what is shown.
        columns: cells of the terminal.
        drawn: whether lines are drawn beside the phases.
    """
    run = _("run {run}", run=graph.run_id[:_SHORT_ID]) if graph.run_id else ""
    head = [visible(word) for word in graph.title.shown.split()]
    yield from wrapped(f"{graph.pipeline}  ", head, " ", columns)
    yield " · ".join(part for part in (run, f"sha256 {digest_phrase(graph.sha256)}") if part)
    wide = len(str(len(graph.phases)))
    for node in graph.phases:
        last = node is graph.phases[-1]
        joint = ("◆ " if node.gate else "└ " if last else "├ ") if drawn else "* " if node.gate else "  "
        rail = "│ " if drawn and not last else "  "
        yield from wrapped(f"{joint}{node.index:>{wide}} ", _head(node), " · ", columns, f"{rail}{' ' * (wide + 3)}")
        for name, parts in _details(node):
            yield from wrapped(f"{rail}{' ' * (wide + 3)}{name} ", parts, ", ", columns, f"{rail}{' ' * (wide + 5)}")


def wrapped(first: str, parts: Sequence[str], between: str, columns: int, later: str = "") -> Iterator[str]:
    """Parts in lines of at most so many cells; a line breaks only between two of them."""
    margin = later or " " * width(first)
    line, begun = first, False
    for place, part in enumerate(parts):
        piece = part if place == len(parts) - 1 else f"{part}{between}"
        if begun and width(f"{line}{piece}".rstrip()) > columns:
            yield line.rstrip()
            line = margin
        line, begun = f"{line}{piece}", True
    yield line.rstrip()


def _head(node: PhaseNode) -> list[str]:
    stands = status_word(node.status) if node.status else ""
    return [visible(part) for part in (node.phase, stands, kind_word(node.kind), subject(node)) if part]


def _details(node: PhaseNode) -> Iterator[tuple[str, Sequence[str]]]:
    if node.gate is not None:
        sign = _("to sign within {span}", span=span(node.gate.approve_within_s))
        use = _("to be used within {span}", span=span(node.gate.execute_within_s))
        yield _("needs"), (visible(quorum_phrase(node.gate)), sign, use)
    if node.inputs:
        yield _("from the inputs:"), node.inputs
    for need in node.needs:
        yield _("from {phase}:", phase=need.phase), need.fields
    if node.governs:
        yield _("writes"), tables(node)
    if node.guard is not None:
        yield _("once by {guard}:", guard=node.guard.guard), [visible(part) for part in node.guard.key]
    if node.operation and node.before + node.after:
        yield _("asks"), (_("{before} before and {after} after its effect", before=node.before, after=node.after),)
