"""The shipped cut as it is drawn and shown, byte for byte. `CUTTER_UPDATE_GOLDEN=1` writes them anew for review."""

import os
from collections.abc import Callable, Iterable
from pathlib import Path

import pytest

from cutter.operations import CATALOGUE
from cutter.pipeline import Refused, build, load
from cutter.report.graph import Graph, pipeline_graph
from cutter.report.graph_dot import dot_lines
from cutter.report.graph_mermaid import mermaid_lines
from cutter.report.graph_tree import tree_lines
from cutter.report.pipeline_page import page_lines, shown_pipeline
from tests.support.graphs import CUT, graph_of

HERE = Path(__file__).parent


def _page(columns: int) -> Iterable[str]:
    document = load(CUT.encode(), "pipelines/cut.yaml")
    assert not isinstance(document, Refused)
    pipeline = build(document, CATALOGUE)
    assert not isinstance(pipeline, Refused)
    shown = shown_pipeline(pipeline, pipeline_graph(pipeline, CATALOGUE), "pipelines/cut.yaml", "cut")
    return page_lines(shown, columns=columns)


def _of_run() -> Graph:
    """The cut where it waits at its first gate."""
    statuses = ["ok", "ok", "ok", "waiting", *["not_reached"] * 8]
    graph = graph_of()
    named = {node.phase: status for node, status in zip(graph.phases, statuses, strict=True)}
    document = load(CUT.encode(), "cut.yaml")
    assert not isinstance(document, Refused)
    pipeline = build(document, CATALOGUE)
    assert not isinstance(pipeline, Refused)
    return pipeline_graph(pipeline, CATALOGUE, run_id="0f8fad5b-d9cb-469f-a165-70867728950e", statuses=named)


DRAWINGS: dict[str, Callable[[], Iterable[str]]] = {
    "tree-60": lambda: tree_lines(graph_of(), columns=60, drawn=True),
    "tree-plain": lambda: tree_lines(graph_of(), columns=80, drawn=False),
    "tree-run": lambda: tree_lines(_of_run(), columns=80, drawn=True),
    "mermaid": lambda: mermaid_lines(graph_of()),
    "dot": lambda: dot_lines(_of_run()),
    "page-60": lambda: _page(60),
    "page-80": lambda: _page(80),
}


@pytest.mark.parametrize("name", DRAWINGS)
def test_a_drawing(name: str) -> None:
    """Without it a drawing could change without anybody having looked at it."""
    text = "".join(f"{line}\n" for line in DRAWINGS[name]())
    path = HERE / f"{name}.txt"
    if os.environ.get("CUTTER_UPDATE_GOLDEN"):
        path.write_text(text, encoding="utf-8")
    assert path.read_text(encoding="utf-8") == text


def test_every_golden_file_is_compared() -> None:
    """A golden file that nothing makes would look like a promise."""
    assert {path.stem for path in HERE.glob("*.txt")} == set(DRAWINGS)
