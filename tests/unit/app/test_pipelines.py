"""Finding and listing the pipelines of a workspace."""

from pathlib import Path

import pytest

from cutter.app.pipelines import lint_pipeline, list_pipelines, load_pipeline
from cutter.settings import Settings, load_settings
from cutter.stops import Stop, StopCode
from tests.architecture.source import ROOT

GOOD = (ROOT / "tests" / "golden" / "pipelines" / "good.yaml").read_text(encoding="utf-8")
SHIPPED = {(path.stem, True) for path in (ROOT / "pipelines").glob("*.yaml")}
ID = next(line.partition(": ")[2] for line in GOOD.splitlines() if line.startswith("id: "))


@pytest.fixture
def workspace(tmp_path: Path) -> Settings:
    """A workspace with a pipeline of its own."""
    folder = tmp_path / "pipelines"
    folder.mkdir()
    (folder / f"{ID}.yaml").write_text(GOOD, encoding="utf-8")
    return load_settings(tmp_path, {})


def test_a_pipeline_of_the_workspace_is_found_by_name(workspace: Settings) -> None:
    """Without it an office could run the shipped pipelines only."""
    assert load_pipeline(workspace, ID).id == ID
    assert {(item.id, item.valid) for item in list_pipelines(workspace)} == {*SHIPPED, (ID, True)}


def test_a_file_whose_name_is_not_its_id_does_not_lint(workspace: Settings) -> None:
    """Without it a screen would suggest a command with the id, by which the pipeline is not found."""
    path = workspace.workspace / "pipelines" / "another.yaml"
    path.write_text(GOOD, encoding="utf-8")
    mistake = lint_pipeline(workspace, "another").diagnostics[0]

    assert (mistake.path, mistake.found, mistake.needed, mistake.line) == ("id", ID, "another", 2)
    with pytest.raises(Stop) as caught:
        load_pipeline(workspace, "another")
    assert caught.value.code is StopCode.STOP_PIPELINE_INVALID


def test_a_copy_elsewhere_may_have_any_name(workspace: Settings) -> None:
    """Without it a copy that is checked before it replaces the original could not be linted."""
    copy = workspace.workspace / "draft.yaml"
    copy.write_text(GOOD, encoding="utf-8")

    assert lint_pipeline(workspace, str(copy)).diagnostics == ()


def test_what_cannot_be_read_does_not_hide_the_others(workspace: Settings) -> None:
    """Without it one folder or locked file among the pipelines would take the list of all of them away."""
    (workspace.workspace / "pipelines" / "folder.yaml").mkdir()

    assert {(item.id, item.valid) for item in list_pipelines(workspace)} == {
        *SHIPPED,
        ("folder", False),
        (ID, True),
    }
