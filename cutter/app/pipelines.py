"""Pipelines of the workspace and those that cutter ships: finding, checking, listing. No database."""

from pathlib import Path
from typing import TYPE_CHECKING

import msgspec

from cutter import app
from cutter.custody.files import read_plain
from cutter.model import GatePhase, Pipeline
from cutter.operations import CATALOGUE
from cutter.pipeline import Code, Diagnostic, Document, Refused, build, load
from cutter.pipeline.document import Mapping
from cutter.report.graph import Graph, pipeline_graph
from cutter.report.pipeline_page import ShownPipeline, shown_pipeline
from cutter.resources import shared
from cutter.settings import Settings
from cutter.stops import Stop, StopCode

if TYPE_CHECKING:
    from cutter.app.graphs import RunPhases

FILE_LIMIT = 1024 * 1024  # bytes; the loader has a smaller limit of its own and names it


class ListedPipeline(msgspec.Struct, frozen=True):
    """One pipeline in a list; an invalid one has no title."""

    id: str
    title_en: str
    title_vi: str
    phases: int
    gates: int
    path: str
    valid: bool


class Linted(msgspec.Struct, frozen=True):
    """A pipeline file with what is wrong in it (nothing, when it is good) and its digest (then)."""

    path: str
    text: str
    diagnostics: tuple[Diagnostic, ...]
    sha256: str


def load_pipeline(settings: Settings, name_or_path: str) -> Pipeline:
    """A pipeline by id or file.

    Raises:
        Stop: STOP_PIPELINE_UNKNOWN with the nearest ids; STOP_PIPELINE_INVALID, its place being the first mistake.
    """
    path = find_pipeline(settings, name_or_path)
    found = _build(settings, path, _read(path))
    if isinstance(found, Refused):
        first = found.diagnostics[0]
        raise Stop(
            StopCode.STOP_PIPELINE_INVALID,
            detail=f"mistakes_{len(found.diagnostics)}",
            where=f"{first.file}:{first.line}:{first.column}",
        )
    return found


def find_pipeline(settings: Settings, name_or_path: str) -> Path:
    """The file of a pipeline: a path that is given, else `pipelines/NAME.yaml` of the workspace, else a shipped one."""
    given = Path(name_or_path)
    if given.suffix in (".yaml", ".yml") or "/" in name_or_path:
        return given
    for folder in _folders(settings):
        path = folder / f"{name_or_path}.yaml"
        if path.is_file():
            return path
    raise Stop(StopCode.STOP_PIPELINE_UNKNOWN, suggestions=tuple(sorted({p.stem for p in _files(settings)})))


def list_pipelines(settings: Settings) -> tuple[ListedPipeline, ...]:
    """Every pipeline that can be named, by id."""
    return tuple(_listed(path, found) for path, found in _named(settings))


def good_pipelines(settings: Settings) -> tuple[Pipeline, ...]:
    """Every pipeline that can be named and has no mistake, by id."""
    return tuple(found for _, found in _named(settings) if isinstance(found, Pipeline))


def lint_pipeline(settings: Settings, name_or_path: str) -> Linted:
    """Everything that is wrong in a pipeline file, at its place."""
    path = find_pipeline(settings, name_or_path)
    data = _read(path)
    found = _build(settings, path, data)
    text = data.decode("utf-8", "backslashreplace")
    if isinstance(found, Refused):
        return Linted(str(path), text, found.diagnostics, "")
    return Linted(str(path), text, (), found.sha256)


def graph_pipeline(settings: Settings, name_or_path: str) -> Graph:
    """A pipeline as a graph. Raises what `load_pipeline` raises."""
    return pipeline_graph(load_pipeline(settings, name_or_path), CATALOGUE)


def graph_run(settings: Settings, prefix: str, name_or_path: str | None) -> Graph:
    """A run as a graph: the pipeline that it was started with, and how each phase stands.

    Args:
        settings: of the workspace.
        prefix: the run's id, or a beginning that no other has.
        name_or_path: the pipeline that the run should be of; None for any.

    Raises:
        Stop: STOP_INVALID_INPUT (detail `other_pipeline`); what finding the run and the pipeline raises.
    """
    run: RunPhases = app.run_phases(settings, prefix)
    named = run.pipeline.id if name_or_path is None else load_pipeline(settings, name_or_path).id
    if named != run.pipeline.id:
        found, needed = f"a run of {run.pipeline.id}", f"a run of {named}"
        raise Stop(StopCode.STOP_INVALID_INPUT, "other_pipeline", where="--run", found=found, needed=needed)
    return pipeline_graph(run.pipeline, CATALOGUE, run_id=run.run_id, statuses=run.statuses)


def show_pipeline(settings: Settings, name_or_path: str) -> ShownPipeline:
    """A pipeline with everything that a person wants to know of it. Raises what `load_pipeline` raises."""
    found = load_pipeline(settings, name_or_path)
    path = str(find_pipeline(settings, name_or_path))
    return shown_pipeline(found, pipeline_graph(found, CATALOGUE), path, name_or_path)


def _build(settings: Settings, path: Path, data: bytes) -> Pipeline | Refused:
    document = load(data, str(path))
    if isinstance(document, Refused):
        return document
    found = build(document, CATALOGUE)
    named = path.parent.resolve() in {folder.resolve() for folder in _folders(settings)}
    if isinstance(found, Refused) or found.id == path.stem or not named:
        return found
    return Refused((_misnamed(document, path, found.id),))


def _misnamed(document: Document, path: Path, found: str) -> Diagnostic:
    """Where pipelines are found by name, the name of the file is the id: screens suggest commands with it."""
    place = document.root.entries["id"].node.place if isinstance(document.root, Mapping) else document.root.place
    return Diagnostic(
        file=str(path),
        line=place.line,
        column=place.column,
        length=place.length,
        code=Code.WRONG_VALUE,
        path="id",
        message="the id is not the name of the file",
        found=found,
        needed=path.stem,
    )


def _named(settings: Settings) -> list[tuple[Path, Pipeline | Refused | None]]:
    """Every file that a name leads to, by name, with what stands in it; the workspace's come before shipped ones."""
    files = {path.stem: path for path in reversed(_files(settings))}
    return [(files[name], _buildable(settings, files[name])) for name in sorted(files)]


def _listed(path: Path, found: Pipeline | Refused | None) -> ListedPipeline:
    if not isinstance(found, Pipeline):
        return ListedPipeline(path.stem, "", "", 0, 0, str(path), valid=False)
    gates = sum(1 for phase in found.phases if isinstance(phase, GatePhase))
    return ListedPipeline(found.id, found.title_en, found.title_vi, len(found.phases), gates, str(path), valid=True)


def _buildable(settings: Settings, path: Path) -> Pipeline | Refused | None:
    """For a list: what stands under a pipeline's name and cannot be read does not hide the others."""
    try:
        return _build(settings, path, _read(path))
    except Stop:
        return None


def _read(path: Path) -> bytes:
    try:
        return read_plain(path, FILE_LIMIT, shared=True, too_large=StopCode.STOP_PIPELINE_INVALID)
    except FileNotFoundError:
        raise Stop(StopCode.STOP_PIPELINE_UNKNOWN, where=str(path)) from None


def _folders(settings: Settings) -> tuple[Path, ...]:
    return (settings.workspace / "pipelines", shared("pipelines"))


def _files(settings: Settings) -> list[Path]:
    return [path for folder in _folders(settings) for path in sorted(folder.glob("*.yaml"))]
