"""A workspace to begin with: whole or not there, never over what exists, good in every language."""

import os
import shutil
import subprocess
import unicodedata
from collections.abc import Callable
from pathlib import Path

import pytest

from cutter.app import new_workspace
from cutter.app.documents import list_documents
from cutter.app.new_workspace import TEMPLATES, make_workspace
from cutter.app.pipelines import load_pipeline
from cutter.custody.files import create_exclusive
from cutter.messages import LANGUAGES
from cutter.model import Pipeline
from cutter.resources import shared
from cutter.settings import FILE, load_settings
from cutter.stops import Stop, StopCode

NAMES = {
    "plain": "office",
    "spaces and quotes": "my 'new' office",
    "decomposed letters": unicodedata.normalize("NFD", "Phòng đọc"),
    "composed letters": unicodedata.normalize("NFC", "Phòng đọc"),
    "folders above it are missing": "a/b/office",
    "looks like an option": "-office",
}
WHERE_NOBODY_MAKES_FILES = Path("/sys")  # as root, too


def tree(folder: Path) -> dict[str, bytes]:
    """Every file below a folder, but those of version control."""
    found = {str(path.relative_to(folder)): path for path in folder.rglob("*") if path.is_file()}
    return {name: path.read_bytes() for name, path in found.items() if not name.startswith(".git/")}


@pytest.mark.parametrize("name", NAMES.values(), ids=NAMES)
def test_a_workspace_appears_whole(tmp_path: Path, name: str) -> None:
    """The first command of a newcomer must work in the folder that they have, however it is called."""
    made = make_workspace(tmp_path / name, "en")

    assert set(made.made) == set(tree(tmp_path / name))
    assert {FILE, ".gitignore", ".github/workflows/cutter.yml", "README.md", "pipelines/check.yaml"} < set(made.made)
    assert made.present == ()
    assert [path.name for path in (tmp_path / name).parent.iterdir()] == [Path(name).name]


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_language_has_one_that_is_good(tmp_path: Path, language: str) -> None:
    """A template is text like any other: a mistake in it would be the first thing that a newcomer sees."""
    made = make_workspace(tmp_path / "office", language)
    settings = load_settings(tmp_path / "office", {})

    assert [load_pipeline(settings, name).id for name in made.pipelines] == ["check"]
    assert [document.document_id for document in list_documents(settings)] == list(made.documents)
    assert not settings.live_refused


def test_the_languages_have_the_same_pipeline(tmp_path: Path) -> None:
    """A translation that changes a limit would be another pipeline; only words for people may differ."""
    pipelines = [_pipeline(tmp_path / language, language) for language in LANGUAGES]

    assert len({str(pipeline.phases) for pipeline in pipelines}) == 1
    assert len({(pipeline.title_en, pipeline.title_vi, frozenset(pipeline.phrases)) for pipeline in pipelines}) == 1
    paths = [{path.relative_to(shared(TEMPLATES) / x).parent for path in _files(x)} for x in LANGUAGES]
    assert paths[0] == paths[1]


def _files(language: str) -> list[Path]:
    return [path for path in (shared(TEMPLATES) / language).rglob("*") if path.is_file()]


def _pipeline(folder: Path, language: str) -> Pipeline:
    made = make_workspace(folder, language)
    return load_pipeline(load_settings(folder, {}), made.pipelines[0])


def test_the_files_are_plain_and_readable_by_others(tmp_path: Path) -> None:
    """They are for version control and for colleagues; a file mode of a private key would be in their way."""
    make_workspace(tmp_path / "office", "en")

    assert {oct(path.stat().st_mode & 0o777) for path in (tmp_path / "office").rglob("*") if path.is_file()} == {
        "0o644"
    }


def test_a_repeat_changes_nothing(tmp_path: Path) -> None:
    """Whoever types it again by mistake, or has a script do so, must not be told that something is wrong."""
    first = make_workspace(tmp_path, "vi")
    (tmp_path / ".cutter").mkdir()
    before = {path: path.stat().st_mtime_ns for path in tmp_path.rglob("*")}
    again = make_workspace(tmp_path, "vi")

    assert (again.made, again.present) == ((), first.made)
    assert {path: path.stat().st_mtime_ns for path in tmp_path.rglob("*")} == before


def test_what_is_missing_is_made_beside_what_is_there(tmp_path: Path) -> None:
    """A kill in the middle of an existing folder leaves whole files; the same command again must finish."""
    whole = make_workspace(tmp_path, "en").made
    (tmp_path / FILE).unlink()
    shutil.rmtree(tmp_path / "documents")
    again = make_workspace(tmp_path, "en")

    assert again.made == tuple(path for path in whole if path.startswith("documents/") or path == FILE)
    assert set(tree(tmp_path)) == set(whole)


def _changed(folder: Path) -> None:
    make_workspace(folder, "en")
    (folder / "pipelines" / "check.yaml").write_text("mine")


def _own_pipeline(folder: Path) -> None:
    make_workspace(folder, "en")
    (folder / "pipelines" / "mine.yaml").write_text("mine")


IN_THE_WAY: dict[str, tuple[Callable[[Path], object], str]] = {
    "a file of the user's": (lambda folder: (folder / "mine.txt").write_text("mine"), "mine.txt"),
    "a hidden one": (lambda folder: (folder / ".mine").write_text("mine"), ".mine"),
    "a folder": (lambda folder: (folder / "src").mkdir(), "src"),
    "a README of their own": (lambda folder: (folder / "README.md").write_text("mine"), "README.md"),
    "a workspace that was edited": (_changed, "pipelines/check.yaml"),
    "a workspace that has grown": (_own_pipeline, "pipelines/mine.yaml"),
    "a workspace of another language": (lambda folder: make_workspace(folder, "vi"), "README.md"),
}


@pytest.mark.parametrize("name", IN_THE_WAY)
def test_what_is_there_is_left_alone(tmp_path: Path, name: str) -> None:
    """A command that is typed in the wrong place must not touch anybody's work, not even beside it."""
    prepare, found = IN_THE_WAY[name]
    prepare(tmp_path)
    before = tree(tmp_path)
    with pytest.raises(Stop) as refused:
        make_workspace(tmp_path, "en")

    stop = refused.value
    assert (stop.code, stop.detail, stop.where) == (StopCode.STOP_INVALID_INPUT, "not_empty", str(tmp_path))
    assert stop.found == found
    assert tree(tmp_path) == before


def test_a_git_repository_without_files_becomes_a_workspace(tmp_path: Path) -> None:
    """Who made the repository first, or cloned an empty one, begins in it; git's own files are not ours."""
    subprocess.run(["git", "init", "-q", str(tmp_path)], check=True, timeout=30)
    before = sorted((tmp_path / ".git").rglob("*"))
    made = make_workspace(tmp_path, "en").made
    told = ["git", "-C", str(tmp_path), "status", "--porcelain", "--untracked-files=all"]
    status = subprocess.run(told, check=True, timeout=30, capture_output=True, text=True).stdout

    assert sorted((tmp_path / ".git").rglob("*")) == before
    assert {line.removeprefix("?? ") for line in status.splitlines()} == set(made)


LINKS = {"to a folder": "elsewhere", "to nothing": "nowhere"}


@pytest.mark.parametrize("target", LINKS.values(), ids=LINKS)
def test_a_link_is_not_followed(tmp_path: Path, target: str) -> None:
    """Through a link the files would land in a folder that nobody named."""
    (tmp_path / "elsewhere").mkdir()
    (tmp_path / "office").symlink_to(tmp_path / target)
    with pytest.raises(Stop) as refused:
        make_workspace(tmp_path / "office", "en")

    assert refused.value.code is StopCode.STOP_PATH_UNSAFE
    assert list((tmp_path / "elsewhere").iterdir()) == []
    assert sorted(path.name for path in tmp_path.iterdir()) == ["elsewhere", "office"]


def test_a_file_in_its_place_is_told(tmp_path: Path) -> None:
    """A file of that name would otherwise end in a fault of ours."""
    (tmp_path / "office").write_text("mine")
    with pytest.raises(Stop) as refused:
        make_workspace(tmp_path / "office", "en")

    assert refused.value.code is StopCode.STOP_PATH_UNSAFE
    assert (tmp_path / "office").read_text() == "mine"


def test_a_folder_where_nothing_can_be_made_is_told(tmp_path: Path) -> None:
    """A medium that is read-only is the user's to mend: it has to be named, and is no fault of ours."""
    parent = WHERE_NOBODY_MAKES_FILES
    if os.geteuid():
        parent = tmp_path
        tmp_path.chmod(0o500)
    with pytest.raises(Stop) as refused:
        make_workspace(parent / "office", "en")

    assert (refused.value.code, refused.value.where) == (StopCode.STOP_DISK, str(parent / "office"))
    assert refused.value.detail in ("EACCES", "EPERM", "EROFS")


@pytest.mark.parametrize("existing", [False, True], ids=["a new folder", "an empty folder"])
@pytest.mark.parametrize("last", range(9))
def test_an_interruption_leaves_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, existing: bool, last: int
) -> None:
    """Ctrl-C half way must leave no half workspace, which the next command would take for a whole one."""
    folder = tmp_path / "office"
    if existing:
        folder.mkdir()
    written = 0

    def interrupted(path: Path, data: bytes, mode: int) -> None:
        nonlocal written
        if written == last:
            raise KeyboardInterrupt
        create_exclusive(path, data, mode)
        written += 1

    monkeypatch.setattr(new_workspace, "create_exclusive", interrupted)
    with pytest.raises(KeyboardInterrupt):
        make_workspace(folder, "en")

    assert list(tmp_path.rglob("*")) == ([folder] if existing else [])


def test_somebody_who_is_quicker_keeps_their_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Two who make the same folder at once: the second must not write over what the first has made."""
    folder = tmp_path / "office"

    def slow(path: Path, data: bytes, mode: int) -> None:
        folder.mkdir(exist_ok=True)
        (folder / "theirs.txt").write_text("theirs")
        create_exclusive(path, data, mode)

    monkeypatch.setattr(new_workspace, "create_exclusive", slow)
    with pytest.raises(Stop) as refused:
        make_workspace(folder, "en")

    assert refused.value.code is StopCode.STOP_PATH_UNSAFE
    assert tree(tmp_path) == {"office/theirs.txt": b"theirs"}
