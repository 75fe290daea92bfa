"""What completion reads: names in their proper form and nothing else, from whatever stands in the workspace."""

import os
import shutil
import time
from pathlib import Path

import pytest

from cutter.app import index
from cutter.app.documents import list_documents
from cutter.app.pipelines import list_pipelines, load_pipeline
from cutter.custody.sidecar import RunFolders
from cutter.settings import load_settings
from tests.support.live import LiveOffice
from tests.support.runs import DEMO

ROOT = Path(__file__).parents[3]
RUN = "0f8fad5b-d9cb-469f-a165-70867728950e"
OTHER = "1a2b3c4d-d9cb-469f-a165-70867728950e"
HOSTILE = ["$(touch pwned)", "`id`", "a b", "x;id", "-rf", "\x1b[31m", "‮", "a\nb", "'", '"', "..", "*", "~root", "é"]


@pytest.fixture
def workspace(tmp_path: Path) -> Path:
    """A workspace with the demo's documents."""
    shutil.copytree(ROOT / "documents", tmp_path / "documents")
    (tmp_path / "cutter.yaml").write_text("format: cutter.workspace/1\ndatabase: embedded\n", encoding="utf-8")
    return tmp_path


def keep(workspace: Path, run_id: str, *, result: str = "", start: str = "") -> None:
    """Put a run's folder there, with what its files say."""
    folder = workspace / ".cutter" / "runs" / run_id
    folder.mkdir(parents=True)
    for name, text in (("result.json", result), ("start.json", start)):
        if text:
            (folder / name).write_text(text, encoding="utf-8")


def result_of(status: str, mode: str = "live", more: str = "") -> str:
    """The first lines of a result."""
    return (
        f'{{\n  "format": "cutter.result/1",\n  "pipeline": "cut",\n  "mode": "{mode}",\n  "status": "{status}",\n'
        f'  "document_id": "ICX-CONST",\n  "phases": [\n    {{\n      "status": "done",\n      "pipeline": "other"\n'
        f"    }}\n  ]{more}\n}}"
    )


def test_it_agrees_with_what_commands_list(workspace: Path) -> None:
    """Names that are read without a parser must be the names that the parser finds."""
    settings = load_settings(workspace, {})

    assert index.document_ids(str(workspace)) == tuple(item.document_id for item in list_documents(settings))
    pipelines = [item.id for item in list_pipelines(settings)]
    assert index.pipeline_ids(str(workspace)) == tuple(pipelines)
    for name in pipelines:
        declared = tuple(item.name for item in load_pipeline(settings, name).inputs)
        assert index.input_names(str(workspace), name) == declared


LINES = {
    "  - id: AB-1": ("AB-1",),
    '  - id: "AB-1"': ("AB-1",),
    "- {id: AB-1, title: x}": ("AB-1",),
    "  - id: AB-1 # a comment": ("AB-1",),
    "  - id: ab": (),
    "  - id: A": (),
    "    id: AB-1": (),
    "  - id: AB 1": (),
    "# - id: AB-1": (),
    **{f"  - id: {name}": () for name in HOSTILE},
}


@pytest.mark.parametrize("line", LINES)
def test_documents_are_plain_lines(line: str, workspace: Path) -> None:
    """What is offered goes to a shell's command line as it stands."""
    (workspace / "documents" / "index.yaml").write_text(f"documents:\n{line}\n", encoding="utf-8")

    assert index.document_ids(str(workspace)) == LINES[line]


@pytest.mark.parametrize("name", [name for name in HOSTILE if name != ".."])
def test_names_of_files_are_checked(name: str, workspace: Path) -> None:
    """A file's name in a repository of somebody else is as foreign as its text."""
    for folder in ("pipelines", "profiles", ".cutter/runs", f".cutter/backups/{RUN}", ".cutter/backups"):
        (workspace / folder).mkdir(parents=True, exist_ok=True)
        (workspace / folder / name).mkdir()
        (workspace / folder / f"{name}.yaml").mkdir(exist_ok=True)
    known = index.pipeline_ids(str(workspace)) + index.profile_ids(str(workspace)) + index.backup_ids(str(workspace))

    assert not {name, f"{name}.yaml"} & set(known)
    assert index.run_ids(str(workspace)) == ()


RUNS: dict[str, tuple[str, str, tuple[str, str, bool]]] = {
    "waiting": (result_of("waiting"), "", ("waiting", "cut", True)),
    "done": (result_of("done"), "", ("done", "cut", False)),
    "unfinished": (result_of("unfinished"), "", ("unfinished", "cut", True)),
    "a rehearsal that was interrupted": (result_of("unfinished", "dryrun"), "", ("unfinished", "cut", False)),
    "killed": ("", '{"inputs":{},"mode":"live","story":{"pipeline":"cut"}}', ("unfinished", "cut", True)),
    "a killed rehearsal": (
        "",
        '{"inputs":{},"mode":"dryrun","story":{"pipeline":"cut"}}',
        ("unfinished", "cut", False),
    ),
    "nothing": ("", "", ("unfinished", "", False)),
    "no JSON": ("\x00\xff{{{", "", ("unfinished", "", False)),
    "hostile words": (result_of("waiting; $(id)"), "", ("", "cut", False)),
}


@pytest.mark.parametrize("name", RUNS)
def test_runs_are_told_by_their_files(name: str, workspace: Path) -> None:
    """`cutter` alone names the runs that somebody can still do something about, and no others."""
    result, start, told = RUNS[name]
    keep(workspace, RUN, result=result, start=start)
    (found,) = index.known_runs(str(workspace))

    assert (found.status, found.pipeline, found.is_open) == told


def test_fields_are_those_of_the_run_itself(workspace: Path) -> None:
    """A pipeline's text inside a start, and the phases inside a result, have words of the same names."""
    start = (
        '{"format":"cutter.start/1","inputs":{"values":[{"name":"document_id","value":"ICX-CONST"}]},"mode":"live",'
        '"pipeline":"{\\"mode\\":\\"dryrun\\"}","run_id":"x","story":{"invocation":"i","pipeline":"cut","request":"r"}}'
    )
    keep(workspace, RUN, start=start)
    keep(workspace, OTHER, result=result_of("waiting", more=',\n  "approval_kb_id": "approvals/x/GATE_A/0f"'))
    found = {run.run_id: run for run in index.known_runs(str(workspace))}

    assert (found[RUN].document_id, found[RUN].pipeline, found[RUN].mode) == ("ICX-CONST", "cut", "live")
    assert found[OTHER].approval_kb_id == "approvals/x/GATE_A/0f"


def test_a_real_run_is_told(live: LiveOffice) -> None:
    """The form of the files is other modules': when it changes, open runs must not vanish from the first screen."""
    result = live.cut()
    (waiting,) = index.known_runs(str(live.office.workspace))
    (live.settings.state / "runs" / result.run_id / "result.json").unlink()  # as a killed run leaves its folder
    (killed,) = index.known_runs(str(live.office.workspace))

    assert waiting == (result.run_id, "cut", "live", "waiting", DEMO, result.approval_kb_id)
    assert killed == (result.run_id, "cut", "live", "unfinished", DEMO, "")
    assert waiting.is_open
    assert killed.is_open


def test_the_newest_runs_come_first(workspace: Path) -> None:
    """The run that is looked for is mostly the last one; thousands of old ones must not be opened."""
    for number in range(index.RUNS_LOOKED_AT + 20):
        run_id = f"{number:08x}-d9cb-469f-a165-70867728950e"
        keep(workspace, run_id)
        os.utime(workspace / ".cutter" / "runs" / run_id, (number, number))
    found = index.run_ids(str(workspace))

    assert len(found) == index.RUNS_LOOKED_AT
    assert found[0].startswith(f"{index.RUNS_LOOKED_AT + 19:08x}")
    assert set(found) <= set(RunFolders(workspace / ".cutter").run_ids())


def make_fifo(path: Path) -> None:
    """Something that would be waited for."""
    os.mkfifo(path)


def make_folder(path: Path) -> None:
    """A folder in place of a file."""
    path.mkdir()


def make_large(path: Path) -> None:
    """More than is read."""
    path.write_bytes(b"- id: AB-1\n" * 200_000)


def make_bytes(path: Path) -> None:
    """No text."""
    path.write_bytes(bytes(range(256)) * 100)


def make_slow(path: Path) -> None:
    """What makes a careless pattern take for ever."""
    path.write_bytes((b" " * 100_000 + b"-" + b" " * 100_000 + b"\n") * 3)


@pytest.mark.parametrize("make", [make_fifo, make_folder, make_large, make_bytes, make_slow], ids=lambda f: f.__name__)
def test_strange_files_are_nothing(make: object, workspace: Path) -> None:
    """TAB must come back at once, whatever stands in a folder that somebody just entered."""
    path = workspace / "documents" / "index.yaml"
    path.unlink()
    make(path)  # type: ignore[operator]
    began = time.monotonic()

    assert index.document_ids(str(workspace)) == ()
    assert time.monotonic() - began < 1


def test_a_workspace_is_found_from_below(workspace: Path, tmp_path_factory: pytest.TempPathFactory) -> None:
    """People work in folders of folders; elsewhere there is none."""
    below = workspace / "a" / "b"
    below.mkdir(parents=True)

    assert index.find_workspace(str(below)) == str(workspace)
    assert index.find_workspace(str(tmp_path_factory.mktemp("elsewhere"))) is None


def test_nothing_is_there(tmp_path: Path) -> None:
    """Outside a workspace there are the shipped pipelines and nothing else."""
    empty = str(tmp_path / "not here")

    assert index.document_ids(empty) == index.run_ids(empty) == index.backup_ids(empty) == ()
    assert "cut" in index.pipeline_ids(empty)
    assert index.input_names(empty, "../x") == index.input_names(empty, "nowhere") == ()
