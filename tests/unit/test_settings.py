"""Settings come from `cutter.yaml`; the environment may not choose a database."""

import unicodedata
from pathlib import Path

import pytest

from cutter.cutting.stamps import StampLevel
from cutter.settings import REFUSED_VARIABLES, Roles, Service, load_settings
from cutter.stops import Exit, Stop, StopCode


def _workspace(folder: Path, text: str) -> Path:
    (folder / "cutter.yaml").write_text(f"format: cutter.workspace/1\n{text}\n", encoding="utf-8")
    return folder


@pytest.mark.parametrize("name", REFUSED_VARIABLES)
@pytest.mark.parametrize("value", ["hunter2", ""], ids=["set", "empty"])
def test_an_ambient_connection_is_refused_by_name(tmp_path: Path, name: str, value: str) -> None:
    """Without it a forgotten variable would send a run to another database, or its password into a message."""
    with pytest.raises(Stop) as caught:
        load_settings(tmp_path, {name: value})
    stop = caught.value
    assert (stop.code, stop.where, stop.code.exit) == (StopCode.STOP_REFUSED_INPUT, name, Exit.STOPPED)
    assert "hunter2" not in repr(vars(stop)) + str(stop)


def test_variables_that_only_name_files_are_allowed(tmp_path: Path) -> None:
    """Without it a service and its password file could not be kept outside the home folder."""
    environ = {"PGSERVICEFILE": "/etc/service.conf", "PGPASSFILE": "/etc/pass", "PGAPPNAME": "x"}
    assert load_settings(tmp_path, environ).database == "embedded"


def test_the_nearest_folder_with_a_file_is_the_workspace(tmp_path: Path) -> None:
    """Without it a command in a subfolder would work on another workspace, or make a second one."""
    _workspace(tmp_path, "database: {service: outer}")
    inner = tmp_path / "a" / "b"
    inner.mkdir(parents=True)
    settings = load_settings(inner, {})
    assert (settings.workspace, settings.database) == (tmp_path, Service("outer"))
    _workspace(tmp_path / "a", "database: embedded")
    settings = load_settings(inner, {})
    assert (settings.workspace, settings.database) == (tmp_path / "a", "embedded")
    assert settings.documents == tmp_path / "a" / "documents"
    assert settings.state == tmp_path / "a" / ".cutter"


def test_roles_and_actor_have_their_defaults(tmp_path: Path) -> None:
    """Without it a workspace that says nothing would use roles that the schema does not have."""
    settings = load_settings(_workspace(tmp_path, "database: embedded\nroles: {writer: directus}"), {})
    assert settings.roles == Roles(survey="cutter_survey", writer="directus", appender="cutter_appender")
    assert settings.actor == "sovereign@unknown"
    assert load_settings(tmp_path, {"LARK_AGENT": "agent@lark"}).actor == "agent@lark"


@pytest.mark.parametrize(
    ("text", "environ", "refused"),
    [
        ("database: embedded", {}, False),
        ("database: embedded", {"CI": "true"}, True),
        ("database: embedded\nci: {live: refused}", {"CI": "1"}, True),
        ("database: embedded\nci: {live: allowed}", {"CI": "1"}, False),
        ("database: embedded", {"CI": ""}, False),
    ],
)
def test_live_runs_in_continuous_integration_must_be_allowed(
    tmp_path: Path, text: str, environ: dict[str, str], refused: bool
) -> None:
    """Without it a pipeline of a build server could write to the governed tables by mistake."""
    assert load_settings(_workspace(tmp_path, text), environ).live_refused is refused


@pytest.mark.parametrize(
    ("text", "detail", "place"),
    [
        ("database: postgresql://u:hunter2@h/d", "wrong_value", "2:1"),
        ("database: {service: 'host=h password=hunter2'}", "wrong_value", "2:12"),
        ("database: {dsn: hunter2}", "unknown_key", "2:12"),
        ("database: embedded\npassword: hunter2", "unknown_key", "3:1"),
        ("database: embedded\nroles: {owner: x}", "unknown_key", "3:9"),
        ("database: embedded\nroles: {survey: 'x; DROP'}", "wrong_value", "3:9"),
        ("database: embedded\nci: {live: yes}", "wrong_value", "3:6"),
        ("roles: {}", "missing_key", "1:1"),
    ],
)
def test_a_mistake_in_the_file_is_shown_at_its_place(tmp_path: Path, text: str, detail: str, place: str) -> None:
    """Without it a mistyped setting would be ignored, and the run would go where nobody meant it to."""
    with pytest.raises(Stop) as caught:
        load_settings(_workspace(tmp_path, text), {})
    stop = caught.value
    assert (stop.code, stop.detail, stop.code.exit) == (StopCode.STOP_CONFIG_INVALID, detail, Exit.CONFIGURATION)
    assert stop.where == f"{tmp_path / 'cutter.yaml'}:{place}"
    assert "hunter2" not in repr(vars(stop))


STAMPS: dict[str, tuple[str, set[StampLevel]]] = {
    "nothing said": ("", set()),
    "none": ("documents: {allow_stamps: []}", set()),
    "one": ("documents: {allow_stamps: [MẬT]}", {StampLevel.MAT}),
    "decomposed": (f"documents: {{allow_stamps: ['{unicodedata.normalize('NFD', 'TỐI MẬT')}']}}", {StampLevel.TOI_MAT}),
    "all": ("documents:\n  allow_stamps: [MẬT, TỐI MẬT, TUYỆT MẬT]", set(StampLevel)),
}


@pytest.mark.parametrize(("text", "allowed"), STAMPS.values(), ids=STAMPS)
def test_stamps_are_allowed_by_name(tmp_path: Path, text: str, allowed: set[StampLevel]) -> None:
    """Without it a workspace could not hold stamped documents, or would hold them without having said so."""
    assert load_settings(_workspace(tmp_path, f"database: embedded\n{text}"), {}).allowed_stamps == allowed


@pytest.mark.parametrize("word", ["mật", "SECRET", "MAT", "true", '""'])
def test_an_unknown_stamp_is_refused_at_its_place(tmp_path: Path, word: str) -> None:
    """Without it a slip would allow nothing, or something else, in silence."""
    workspace = _workspace(tmp_path, f"database: embedded\ndocuments: {{allow_stamps: [{word}]}}")
    with pytest.raises(Stop) as caught:
        load_settings(workspace, {})
    assert (caught.value.code, caught.value.where) == (
        StopCode.STOP_CONFIG_INVALID,
        f"{workspace / 'cutter.yaml'}:3:28",
    )
