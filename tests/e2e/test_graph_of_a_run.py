"""The graph of a run: the pipeline that it was started with, and how each phase stands."""

import json
import shutil

import pytest

from tests.e2e.conftest import Answer, Workspace

DEMO = "ICX-CONST"


@pytest.fixture(scope="module")
def run_id(running: Workspace) -> str:
    """A rehearsal of the demo's cut."""
    found: str = running.cutter("orchestrate", "cut", DEMO, "--output", "json").document["run_id"]
    return found


def graph(running: Workspace, *arguments: str) -> Answer:
    """`cutter pipelines graph`."""
    return running.cutter("pipelines", "graph", *arguments)


def test_each_phase_has_its_status(running: Workspace, run_id: str) -> None:
    """Without it the graph of a run would say no more than that of the file."""
    found = graph(running, "cut", "--run", run_id, "--output", "json").document

    assert found["run_id"] == run_id
    assert {node["phase"]: node["status"] for node in found["phases"] if node["kind"] == "gate"} == {
        "authorize_cut": "would_wait",
        "authorize_enact": "would_wait",
    }
    assert {node["status"] for node in found["phases"] if node["kind"] == "read"} == {"ok"}


@pytest.mark.parametrize("form", ["tree", "mermaid", "dot"])
def test_the_status_is_drawn(running: Workspace, run_id: str, form: str) -> None:
    """Without it a person would have to read JSON to see where a run stands."""
    answer = graph(running, "--run", run_id[:8], "--format", form)

    assert answer.status == 0
    assert answer.text.count("would wait") == 2
    assert (f"run {run_id[:8]}" in answer.text) == (form == "tree")


def test_a_run_keeps_its_pipeline(running: Workspace, run_id: str) -> None:
    """Without it a file that was changed since would be drawn with the statuses of another pipeline."""
    before = graph(running, "--run", run_id, "--output", "json").document
    path = running.folder / "pipelines" / "cut.yaml"
    path.parent.mkdir(exist_ok=True)
    shutil.copyfile(json.loads(running.cutter("pipelines", "show", "cut", "--output", "json").out)["path"], path)
    path.write_text(path.read_text(encoding="utf-8").replace("Cut a source", "Split a source"), encoding="utf-8")
    try:
        after = graph(running, "--run", run_id, "--output", "json").document
        changed = graph(running, "cut", "--output", "json").document
    finally:
        path.unlink()

    assert after == before
    assert changed["sha256"] != after["sha256"]


def test_a_run_of_another_pipeline_is_refused(running: Workspace, run_id: str) -> None:
    """Without it one pipeline's name would stand over another's phases."""
    refusal = graph(running, "void", "--run", run_id, "--output", "json").document

    assert (refusal["stop_code"], refusal["detail"]) == ("STOP_INVALID_INPUT", "other_pipeline")
    assert (refusal["found"], refusal["needed"]) == ("a run of cut", "a run of void")


def test_a_run_that_is_not_there(running: Workspace) -> None:
    """Without it a mistyped run would be an internal fault."""
    refusal = graph(running, "--run", "00000000", "--output", "json")

    assert (refusal.document["stop_code"], refusal.status) == ("STOP_RUN_NOT_FOUND", refusal.document["exit_code"])
