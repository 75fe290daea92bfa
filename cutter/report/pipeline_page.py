"""A pipeline as a person wants to know it (`cutter.pipeline-shown/1`): how it is asked for, what it takes and does.

Source: issue 6, part 4; DESIGN §5.
"""

from collections.abc import Iterator, Sequence

import msgspec

from cutter.messages import _
from cutter.model import Input, Limits, Pipeline
from cutter.report.graph import Graph, PhaseNode, Title, written
from cutter.report.graph_tree import wrapped
from cutter.report.graph_words import kind_word, quorum_phrase, span, subject
from cutter.report.lines import next_lines, pad, table_lines
from cutter.report.next_steps import command
from cutter.report.result import NextStep
from cutter.report.visible import visible, width

_MARGIN = "  "


class ShownPipeline(msgspec.Struct, frozen=True, kw_only=True):
    """A pipeline and where its file is. `lock` and the phases are told as in a graph; limits are in seconds."""

    format: str = "cutter.pipeline-shown/1"
    pipeline: str
    title: Title
    path: str
    sha256: str
    phrases: tuple[str, ...]
    inputs: tuple[Input, ...]
    lock: tuple[str, ...]
    limits: Limits
    phases: tuple[PhaseNode, ...]
    next: tuple[NextStep, ...]


def shown_pipeline(pipeline: Pipeline, graph: Graph, path: str, asked: str) -> ShownPipeline:
    """A pipeline to show; `asked` is the name or file that it was asked for by."""
    steps = (
        NextStep("graph", command("pipelines", "graph", asked)),
        NextStep("help", command("orchestrate", asked, "--help")),
    )
    return ShownPipeline(
        pipeline=pipeline.id,
        title=graph.title,
        path=path,
        sha256=pipeline.sha256,
        phrases=pipeline.phrases,
        inputs=pipeline.inputs,
        lock=tuple(written(part) for part in pipeline.lock),
        limits=pipeline.limits,
        phases=graph.phases,
        next=steps,
    )


def page_lines(shown: ShownPipeline, *, columns: int) -> Iterator[str]:
    """The page; nothing of an id, a path, a pattern or a digest is cut."""
    yield f"{shown.pipeline}  {visible(shown.title.shown)}"
    yield from _named(_facts(shown))
    if shown.inputs:
        yield _("Inputs")
    for item in shown.inputs:
        yield from _input(item, columns)
    yield _("Phases")
    wide = len(str(len(shown.phases)))
    rows = [(f"{node.index:>{wide}}", node.phase, kind_word(node.kind), subject(node)) for node in shown.phases]
    yield from (f"{_MARGIN}{line}" for line in table_lines(rows, aligned=True))
    if any(node.gate for node in shown.phases):
        yield _("Who signs")
    for node in shown.phases:
        yield from _gate(node, columns)
    yield from next_lines(shown.next)


def _facts(shown: ShownPipeline) -> Iterator[tuple[str, str]]:
    yield _("file"), shown.path
    yield "sha256", shown.sha256
    for phrase in shown.phrases:
        yield _("say"), phrase
    yield _("lock"), " · ".join(shown.lock)
    phase, run = span(shown.limits.phase), span(shown.limits.run)
    yield _("limits"), _("{phase} a phase (a note), {run} a run (a stop)", phase=phase, run=run)


def _named(rows: Iterator[tuple[str, str]]) -> Iterator[str]:
    """Lines of a name and a value, aligned; a name that is the one above stands once."""
    known = list(rows)
    wide = max(width(name) for name, _value in known)
    before = ""
    for name, value in known:
        yield f"{_MARGIN}{pad('' if name == before else name, wide)}  {visible(value)}"
        before = name


def _input(item: Input, columns: int) -> Iterator[str]:
    always = item.required and item.default is None
    traits = [_("needed") if always else _("may be left out"), *([_("by place")] if item.positional else [])]
    yield from wrapped(f"{_MARGIN}{item.name}  ", traits, ", ", columns)
    facts: Sequence[tuple[str, str]] = (
        (_("pattern"), item.pattern or ""),
        (_("one of"), ", ".join(item.enum)),
        (_("form"), item.format or ""),
        (_("else"), item.default or ""),
    )
    for name, value in facts:
        if value:
            yield f"{_MARGIN * 3}{name}  {visible(value)}"
    yield from wrapped(_MARGIN * 3, [visible(word) for word in item.help.split()], " ", columns) if item.help else ()


def _gate(node: PhaseNode, columns: int) -> Iterator[str]:
    if node.gate is None:
        return
    sign = _("to sign within {span}", span=span(node.gate.approve_within_s))
    use = _("to be used within {span}", span=span(node.gate.execute_within_s))
    yield f"{_MARGIN}{node.gate.id}"
    yield from wrapped(_MARGIN * 3, (visible(quorum_phrase(node.gate)), sign, use), ", ", columns)
