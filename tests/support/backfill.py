"""The example of a back-fill on a test database: its own migration is applied, its pipeline run."""

from collections.abc import Sequence

from cutter.app.system import RandomIds
from cutter.events import Record
from cutter.model import Mode, Pipeline
from tests.support.runs import REPOSITORY, Office

EXAMPLE = REPOSITORY / "examples" / "backfill"
PROVINCE = "HN"
CUSTOMERS = 1000
FILLED = "SELECT count(*) FROM app.customer WHERE region IS NOT NULL"


def install(office: Office) -> Pipeline:
    """Apply the example's migration; its pipeline."""
    office.alter((EXAMPLE / "migration.sql").read_text(encoding="utf-8"))
    return office.pipeline(str(EXAMPLE / "pipelines" / "backfill.yaml"))


def altered(office: Office, *changes: tuple[str, str]) -> Pipeline:
    """The example's pipeline with texts exchanged, as a user's own file."""
    text = (EXAMPLE / "pipelines" / "backfill.yaml").read_text(encoding="utf-8")
    for old, new in changes:
        assert old in text
        text = text.replace(old, new, 1)
    folder = office.workspace / "pipelines"
    folder.mkdir(exist_ok=True)
    (folder / "backfill.yaml").write_text(text, encoding="utf-8")
    return office.pipeline("backfill")


def fill(office: Office, pipeline: Pipeline, mode: Mode, province: str = PROVINCE) -> Sequence[Record]:
    """One back-fill from its first phase to its last, in one mode."""
    run_id, given = RandomIds().run_id(), {"province": province}
    if mode is Mode.DRYRUN:
        return office.perform(mode, run_id, pipeline=pipeline, given=given)
    return office.complete(run_id, pipeline=pipeline, given=given)
