"""A workspace whose people have keys, with its server, and live runs there that are signed at every gate."""

import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from benchmarks.texts import law
from cutter.app.approvals import find_desk, present, sign_approval
from cutter.app.compose import reach_database
from cutter.app.documents import add_document
from cutter.app.initiation import make_live_demo
from cutter.app.orchestration import orchestrate
from cutter.app.pipelines import load_pipeline
from cutter.events import Record
from cutter.model import Mode
from cutter.postgres import embedded
from cutter.report.result import Result
from cutter.settings import Settings, load_settings
from cutter.stops import Exit


@contextmanager
def live_demo() -> Iterator[Settings]:
    """A workspace with its server running; both are gone afterwards."""
    folder = Path(tempfile.mkdtemp())
    workspace = folder / "office"
    make_live_demo(workspace)
    settings = load_settings(workspace, {"XDG_STATE_HOME": str(folder / "state")})
    cluster = embedded.locate(workspace)
    try:
        reach_database(settings)
        yield settings
    finally:
        embedded.stop(cluster)
        shutil.rmtree(cluster.home, ignore_errors=True)
        shutil.rmtree(folder, ignore_errors=True)


def add_law(settings: Settings, units: int) -> str:
    """Register a text of about this many units; its id."""
    document_id = f"BENCH-{units}"
    path = settings.workspace / f"{document_id}.txt"
    path.write_text(law(units), encoding="utf-8")
    add_document(settings, path, document_id, None, None, "enacted")
    return document_id


def cut_live(settings: Settings, document_id: str) -> Result:
    """The live line: begin, or go on."""
    pipeline = load_pipeline(settings, "cut")
    given = {item.name: document_id if item.name == "document_id" else None for item in pipeline.inputs}
    return orchestrate(settings, pipeline, "cut", given, Mode.LIVE, "bench@here", ignore)


def sign(settings: Settings, run_id: str) -> None:
    """Let the sovereign sign what the run waits for."""
    desk = find_desk(settings, "sovereign", Path("/nowhere"))
    sign_approval(present(settings, run_id, desk, None))


def complete(settings: Settings, document_id: str) -> Result:
    """A live run to its end."""
    result = cut_live(settings, document_id)
    while result.exit_code == Exit.WAITING:
        sign(settings, result.run_id)
        result = cut_live(settings, document_id)
    if result.exit_code != Exit.DONE:
        raise SystemExit(f"{result.stop_code} {result.detail}")
    return result


def ignore(record: Record) -> None:
    """Nobody listens."""
