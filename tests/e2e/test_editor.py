"""Writing a pipeline in an editor: the language server that editors start for YAML reads the shipped schema."""

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.support.foreign_readers import ROOT, LanguageServer, language_server, needs_node

pytestmark = needs_node

CUT = (ROOT / "pipelines" / "cut.yaml").read_text(encoding="utf-8")


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A workspace in which the first line of a shipped pipeline finds the schema."""
    folder = tmp_path_factory.mktemp("workspace")
    (folder / "pipelines").mkdir()
    shutil.copytree(ROOT / "schemas" / "pipeline", folder / "schemas" / "pipeline")
    return folder


@pytest.fixture(scope="module")
def editor(folder: Path) -> Iterator[LanguageServer]:
    """An editor's language server in it."""
    with language_server(folder) as server:
        yield server


def _place(text: str, words: str) -> tuple[int, int]:
    """Where words stand, counted from 0."""
    before = text[: text.index(words)]
    return before.count("\n"), len(before) - before.rfind("\n") - 1


@pytest.mark.parametrize("name", sorted(path.name for path in (ROOT / "pipelines").glob("*.yaml")))
def test_a_shipped_pipeline_is_good(editor: LanguageServer, folder: Path, name: str) -> None:
    """Without it an editor would mark what cutter itself ships, and its marks would be believed no more."""
    text = (ROOT / "pipelines" / name).read_text(encoding="utf-8")

    assert editor.open(folder / "pipelines" / name, text) == []


@pytest.mark.parametrize(
    ("right", "wrong", "said"),
    [
        pytest.param("\ntitle:", "\ntitel:", "titel", id="a key that is not one"),
        pytest.param("kind: signed", "kind: spoken", "signed", id="a word that is not one"),
        pytest.param("approve_within: PT72H", "approve_within: 3 days", "match", id="a duration in words"),
        pytest.param("quorum: {sovereign: 1}", "quorum: {sovereign: one}", "integer", id="a number in words"),
    ],
)
def test_a_mistake_is_marked_where_it_stands(
    editor: LanguageServer, folder: Path, right: str, wrong: str, said: str
) -> None:
    """Without it an author would learn of a mistake only when the run is refused."""
    text = CUT.replace(right, wrong, 1)
    word = wrong.split(":")[-1].strip(" {}") or wrong.strip("\n:")
    line, _ = _place(text, wrong.strip("\n"))
    marks = editor.open(folder / "pipelines" / f"{word.replace(' ', '-')}.yaml", text)

    assert any(mark["range"]["start"]["line"] == line and said in mark["message"] for mark in marks)
    assert len(marks) <= 2  # a misspelt key is also a missing one


def test_keys_are_offered(editor: LanguageServer, folder: Path) -> None:
    """Without it an author would write keys from memory."""
    path = folder / "pipelines" / "offered.yaml"
    text = CUT.replace("      kind: signed\n", "      \n", 1)
    editor.open(path, text)
    line, _ = _place(text, "      \n")

    assert "kind" in editor.complete(path, line, 6)


def test_words_are_offered(editor: LanguageServer, folder: Path) -> None:
    """Without it the closed sets of the format would have to be looked up."""
    path = folder / "pipelines" / "words.yaml"
    text = CUT.replace("      kind: signed\n", "      kind: \n", 1)
    editor.open(path, text)
    line, column = _place(text, "kind: \n")

    assert "signed" in editor.complete(path, line, column + len("kind: "))


def test_a_key_is_explained(editor: LanguageServer, folder: Path) -> None:
    """Without it the schema's words for a mapping would reach nobody."""
    path = folder / "pipelines" / "explained.yaml"
    editor.open(path, CUT)

    assert "effect of a phase unique" in editor.hover(path, *_place(CUT, "idempotency:"))
