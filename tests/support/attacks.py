"""What tests of attacks share: altered pipelines, a server that vanishes, and what the tables hold."""

import time
from collections.abc import Sequence
from contextlib import closing
from pathlib import Path

from cutter.app.orchestration import tell_story
from cutter.app.pipelines import load_pipeline
from cutter.contracts import Fingerprint
from cutter.custody.files import shared_folder
from cutter.custody.pins import PinFiles
from cutter.events import AnyEvent, Record
from cutter.evidence import Story
from cutter.fingerprints import SCHEMAS
from cutter.model import Inputs, InputValue, Mode, Pipeline
from cutter.postgres.fingerprint import take_fingerprint
from cutter.postgres.statements import Roles
from cutter.postgres.transact import Committing
from cutter.resources import shared
from tests.support.runs import DEMO, Office

MODES = [Mode.DRYRUN, Mode.LIVE]
LIBRARY = "library"
FIRST_GATE = "GATE_CUT_AUTHORIZATION"
_TABLES = """
    SELECT schemaname || '.' || tablename FROM pg_tables
    WHERE schemaname IN ('library', 'cutter_governance', 'kb', 'comm') ORDER BY 1
"""


def row_counts(office: Office) -> list[tuple[str, object]]:
    """How many rows every table of cutter's has."""
    return [(name, office.rows(f"SELECT count(*) FROM {name}")[0][0]) for (name,) in office.rows(_TABLES)]


def altered(office: Office, *changes: tuple[str, str]) -> Pipeline:
    """The shipped pipeline with texts exchanged, as a user's own file."""
    text = (shared("pipelines") / "cut.yaml").read_text(encoding="utf-8")
    for old, new in changes:
        assert old in text
        text = text.replace(old, new, 1)
    folder = office.workspace / "pipelines"
    folder.mkdir(exist_ok=True)
    (folder / "cut.yaml").write_text(text, encoding="utf-8")
    return load_pipeline(office.settings, "cut")


def story_of(pipeline: Pipeline, mode: Mode) -> Story:
    """What an office's run of the demo document is told as."""
    inputs = Inputs((InputValue("document_id", DEMO), InputValue("scope", "enacted_only")))
    return tell_story(pipeline, inputs, mode)


def kept_files(folder: Path) -> Sequence[str]:
    """The names of a run's files."""
    return sorted(entry.name for entry in folder.iterdir())


class Terminator:
    """A `Notify` that ends the server's side of a run's connections when it hears an event for the first time."""

    def __init__(self, office: Office, run_id: str, kind: type[AnyEvent], phase: str) -> None:
        self._office, self._kind, self._phase, self._done = office, kind, phase, False
        self._query = (
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
            f" WHERE application_name = 'cutter/{run_id[:8]}' AND datname = current_database()"
        )

    def __call__(self, record: Record) -> None:
        if isinstance(record.event, self._kind) and record.phase == self._phase and not self._done:
            self._done = True
            self._office.rows(self._query)
            while self._office.rows(self._query):
                time.sleep(0.01)


def fingerprint_of(office: Office, name: str = LIBRARY) -> Fingerprint:
    """What the database has now."""
    transactor = Committing(office.database.conninfo("operator"), "cutter/test", Roles())
    with closing(transactor), transactor.survey() as session:
        return take_fingerprint(session, name, SCHEMAS[name])


def pin(office: Office) -> None:
    """Pin the database as it is now in the office's own workspace: what was planted is to be met behind the pin."""
    PinFiles((shared_folder(office.workspace / "fingerprints"),)).write(fingerprint_of(office))
