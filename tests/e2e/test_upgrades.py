"""`docs/upgrades.md` as tests: an approval waits, and cutter, its pipeline, the schema or a function is another.

A newer cutter is a changed copy of this one, run as a process of its own.
"""

import shutil
import subprocess
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import pytest

from cutter.postgres.migrate import migrations
from tests.plugins.proofs import Proof
from tests.support.commands import LIVE, Answer, approved, command
from tests.support.live import LiveOffice
from tests.support.runs import REPOSITORY

pytestmark = pytest.mark.attacks

SHIPPED = ("cutter", "pipelines", "schemas", "fingerprints", "documents", "profiles")
WRITTEN = "SELECT count(*) FROM library.information_unit"
CHANGED_FUNCTION = "ALTER FUNCTION library.fn_iu_enact(uuid, bigint) SET search_path = pg_catalog"


@dataclass(frozen=True, slots=True)
class Newer:
    """A changed copy of cutter."""

    folder: Path

    def change(self, path: str, before: str, after: str) -> None:
        """Put other words into one of its files."""
        file = self.folder / path
        text = file.read_text(encoding="utf-8")
        assert before in text
        file.write_text(text.replace(before, after), encoding="utf-8")

    def add_migration(self, live: LiveOffice) -> None:
        """Give it one more migration, which the DBA applies by the printed SQL."""
        number = migrations()[-1].number + 1
        path = self.folder / "cutter" / "postgres" / "sql" / "migrations" / f"{number:04}_later.sql"
        path.write_text("COMMENT ON SCHEMA kb IS 'The knowledge base.';\n", encoding="utf-8")
        script = self.run(live, "db", "migrate", "--print").document["sql"]
        psql = [str(live.database.server.binaries / "psql"), "-X", "-q", "-1", "-d", live.database.superuser, "-f", "-"]
        subprocess.run(psql, input=script.encode(), check=True, timeout=60)

    def run(self, live: LiveOffice, *arguments: str) -> Answer:
        """Run it in the office."""
        return command(live, arguments, environ={"PYTHONPATH": str(self.folder)})


@pytest.fixture
def newer(tmp_path: Path) -> Newer:
    """A cutter that is not changed yet."""
    for name in SHIPPED:
        shutil.copytree(REPOSITORY / name, tmp_path / "newer" / name, ignore=shutil.ignore_patterns("__pycache__"))
    return Newer(tmp_path / "newer")


def another_version(newer: Newer, live: LiveOffice) -> None:
    """Another number and another digest of the package, nothing else."""
    newer.change("cutter/__init__.py", '__version__ = "', '__version__ = "9.')


def another_operation(newer: Newer, live: LiveOffice) -> None:
    """An operation of another version, in the code and in the shipped pipeline."""
    newer.change("cutter/operations/library/enact.py", "version=1", "version=2")
    newer.change("pipelines/cut.yaml", "library.enact@1", "library.enact@2")


def another_pipeline(newer: Newer, live: LiveOffice) -> None:
    """The shipped pipeline expects something else."""
    newer.change("pipelines/cut.yaml", "expect: {draft: 1, enacted: 1}", "expect: {draft: 1, enacted: {at_least: 1}}")


def another_schema(newer: Newer, live: LiveOffice) -> None:
    """One more migration, applied."""
    newer.add_migration(live)


def another_function(newer: Newer, live: LiveOffice) -> None:
    """A governed function of the database is another, and nobody pinned it."""
    live.office.alter(CHANGED_FUNCTION)


def another_pin(newer: Newer, live: LiveOffice) -> None:
    """The same, and the office pinned it."""
    live.office.alter(CHANGED_FUNCTION)
    assert newer.run(live, "fingerprints", "pin").status == 0


UPGRADES: dict[str, tuple[Callable[[Newer, LiveOffice], None], int, str | None, str]] = {
    "another version alone": (another_version, 10, None, ""),
    "another operation": (another_operation, 22, "STOP_PLAN_CHANGED", "operation_gone"),
    "another shipped pipeline": (another_pipeline, 22, "STOP_PLAN_CHANGED", "pipeline"),
    "another schema": (another_schema, 11, "STOP_APPROVAL_MISMATCH", "wrong_target"),
    "another function": (another_function, 21, "STOP_FINGERPRINT_DRIFT", "function:library.fn_iu_enact:config"),
    "another function, pinned": (another_pin, 21, "STOP_DRIFT", "moved:fingerprint:library"),
}


@pytest.mark.parametrize("name", UPGRADES)
def test_an_upgrade_while_an_approval_waits(live: LiveOffice, newer: Newer, name: str, proof: Proof) -> None:
    """Without it an approval for what people read could carry what a newer cutter does in its place."""
    change, status, code, detail = UPGRADES[name]
    request = approved(live)
    change(newer, live)

    answer = newer.run(live, "orchestrate", "resume", "--approval-kb-id", request)

    told = (answer.status, answer.document["stop_code"], answer.document["detail"])
    assert told == (status, code, detail)
    assert (live.office.rows(WRITTEN) == [(0,)]) is (status != 10)
    proof("upgrades", name, f"{status} {code or 'goes on'} {detail}".strip())


@pytest.mark.parametrize("name", [name for name, row in UPGRADES.items() if row[1] != 10])
def test_a_run_that_died_of_an_upgrade_is_aborted_and_asked_anew(live: LiveOffice, newer: Newer, name: str) -> None:
    """Without it an upgrade at a bad moment would leave a document that nobody can ever cut."""
    first = live.cut()
    live.sign(first.approval_kb_id, "sovereign")
    UPGRADES[name][0](newer, live)
    if name == "another function":
        assert newer.run(live, "fingerprints", "pin").status == 0
    abort = ("runs", "abort", first.run_id, "--reason", "upgraded")

    # A run of another pipeline is only read by the cutter that has it, and a newer schema only by the newer cutter.
    aborted = newer.run(live, *abort)
    again = newer.run(live, *LIVE)

    assert (aborted.status, again.status) == (0, 10), (aborted, again)
    assert again.document["run_id"] != first.run_id


def test_an_older_cutter_leaves_a_newer_schema_alone(live: LiveOffice, newer: Newer) -> None:
    """Without it a host that was not upgraded would write by rules that no longer hold."""
    newer.add_migration(live)

    answer = command(live, LIVE)

    assert (answer.status, answer.document["stop_code"], answer.document["detail"]) == (78, "STOP_UNMIGRATED", "newer")


def test_a_newer_cutter_never_migrates_by_itself(live: LiveOffice, newer: Newer) -> None:
    """Without it a rehearsal would change a database that the DBA keeps."""
    number = migrations()[-1].number + 1
    path = newer.folder / "cutter" / "postgres" / "sql" / "migrations" / f"{number:04}_later.sql"
    path.write_text("COMMENT ON SCHEMA kb IS 'The knowledge base.';\n", encoding="utf-8")

    answer = newer.run(live, *LIVE)

    assert (answer.status, answer.document["stop_code"]) == (78, "STOP_UNMIGRATED")
