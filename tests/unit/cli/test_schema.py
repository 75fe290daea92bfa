"""`cutter schema`: every shipped schema by its name, without a workspace, a database or a network."""

import json
from pathlib import Path

import pytest
from jsonschema import Draft202012Validator

from cutter.app.schemas import list_schemas, read_schema
from cutter.cli.main import run
from cutter.stops import Stop, StopCode
from tests.architecture.source import ROOT

NAMES = sorted({item.name for item in list_schemas()})


@pytest.mark.parametrize("name", NAMES)
def test_a_schema_is_printed_as_it_is(name: str, capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    """Without it what is put beside a pipeline for the editor would not be what cutter was tested with."""
    assert run("cutter", ["schema", name]) == 0
    out = capsys.readouterr().out

    assert out == (ROOT / "schemas" / name / "1.json").read_text(encoding="utf-8")
    Draft202012Validator.check_schema(json.loads(out))


def test_all_are_listed(capsys: pytest.CaptureFixture[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Without it nobody would know which there are; a folder that is no workspace has them too."""
    monkeypatch.chdir(tmp_path)
    assert run("cutter", ["schema"]) == 0
    lines = capsys.readouterr().out.splitlines()

    assert [line.split("\t")[:2] for line in lines] == [[name, f"cutter.{name}/1"] for name in NAMES]
    assert {"pipeline", "result"} <= set(NAMES)
    assert all(Path(line.split("\t")[2]).is_file() for line in lines)


def test_programs_get_one_document(capsys: pytest.CaptureFixture[str]) -> None:
    """Without it a program would have to guess which format the schema is of."""
    assert run("cutter", ["schema", "result", "--output", "json"]) == 0
    said = json.loads(capsys.readouterr().out)

    assert (said["format"], said["listed"]["format"], said["schema"]["title"]) == (
        "cutter.schema/1",
        "cutter.result/1",
        "cutter.result/1",
    )


@pytest.mark.parametrize("name", ["result", "result/1", "cutter.result/1"])
def test_a_schema_has_three_names(name: str) -> None:
    """Without it what stands in a document's `format` could not be looked up as it stands."""
    assert read_schema(name)[0].format == "cutter.result/1"


@pytest.mark.parametrize("name", ["resul", "../pyproject", "result/2", "/etc/passwd", "", "pipeline/../result/1"])
def test_another_name_is_refused(name: str) -> None:
    """Without it a name could lead to any file, or to a traceback."""
    with pytest.raises(Stop) as caught:
        read_schema(name)

    assert (caught.value.code, caught.value.detail) == (StopCode.STOP_INVALID_INPUT, "schema")
    assert "pipeline" in caught.value.needed
