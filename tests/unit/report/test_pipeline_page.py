"""The page of a pipeline tells everything that a person asks about it, in their language, and nothing is cut."""

import msgspec
import pytest

from cutter.messages import use_language
from cutter.operations import CATALOGUE
from cutter.pipeline import Refused, build, load
from cutter.report.graph import Title, pipeline_graph
from cutter.report.pipeline_page import ShownPipeline, page_lines, shown_pipeline
from cutter.report.visible import visible, width
from tests.support.graphs import CUT


def shown(text: str = CUT, path: str = "pipelines/cut.yaml") -> ShownPipeline:
    """A pipeline's text to show."""
    document = load(text.encode(), path)
    assert not isinstance(document, Refused)
    pipeline = build(document, CATALOGUE)
    assert not isinstance(pipeline, Refused)
    return shown_pipeline(pipeline, pipeline_graph(pipeline, CATALOGUE), path, "cut")


def page(text: str = CUT, columns: int = 80) -> str:
    """Its page."""
    return "\n".join(page_lines(shown(text), columns=columns))


@pytest.mark.parametrize(
    "told",
    [
        "Cut a source document into information units",
        "pipelines/cut.yaml",
        shown().sha256,
        "Cắt văn bản {document_id}",
        "Cut document {document_id}",
        "inputs.document_id",
        "15 min a phase",
        "^[A-Z0-9][A-Z0-9._-]{1,62}$",
        "enacted_only, all",
        "Canonical-address prefix",
        "GATE_LIFECYCLE_ENACT_AUTHORIZATION",
        "sovereign 1",
        "cutter pipelines graph cut",
    ],
)
def test_what_is_asked_is_told(told: str) -> None:
    """Without it a person would have to read the file, and its format, to know what it does."""
    assert told in page()


def test_every_phase_and_input_is_told() -> None:
    """Without it the page could stop before the phase that matters."""
    lines = page().split("\n")

    assert all(any(node.phase in line and node.operation in line for line in lines) for node in shown().phases)
    assert all(any(line.startswith(f"  {item.name}  ") for line in lines) for item in shown().inputs)


def test_the_title_is_in_the_language() -> None:
    """Without it a reader of Vietnamese would be shown English where the file has Vietnamese."""
    use_language("vi")
    try:
        first = page().split("\n")[0]
    finally:
        use_language("en")
    assert first == "cut  Cắt văn bản nguồn thành các đơn vị thông tin"


@pytest.mark.parametrize("columns", [40, 60, 80])
def test_help_is_wrapped_and_the_rest_is_whole(columns: int) -> None:
    """Without it a long help would run over the side, or a digest or pattern would be cut to fit."""
    lines = page(columns=columns).split("\n")
    begun = next(place for place, line in enumerate(lines) if "Canonical-address" in line)

    assert all(width(line) <= columns for line in lines[begun : begun + 2])
    assert lines[begun + 1].startswith("      ")
    assert any(line.endswith(shown().sha256) for line in lines)
    assert any(line.endswith("^[A-Z0-9][A-Z0-9._-]{1,62}$") for line in lines)


HOSTILE = "a\x1b[2J\u202e\r\nNext     sign  cutter approve"


def test_foreign_text_is_made_visible() -> None:
    """Without it a title or a path could clear the screen, turn its text round, or look like a step to take."""
    good = shown()
    first = msgspec.structs.replace(
        good.inputs[0], help=HOSTILE, pattern=HOSTILE, default=HOSTILE, enum=(HOSTILE,), format=HOSTILE
    )
    bad = msgspec.structs.replace(
        good, title=Title(HOSTILE, HOSTILE), path=HOSTILE, phrases=(HOSTILE,), lock=(HOSTILE,), inputs=(first,)
    )
    lines = list(page_lines(bad, columns=400))

    assert all(visible(line) == line for line in lines)
    assert [line for line in lines if line.startswith("Next")] == ["Next     graph  cutter pipelines graph cut"]
