"""The page on restoring by hand is followed word by word, with gpg, psql and sha256sum alone."""

import re
import subprocess
from pathlib import Path

import pytest

from cutter.app.system import RandomIds
from cutter.events import Facts
from tests.plugins.keys import Keys
from tests.support.backups import complete, vault_of
from tests.support.runs import DEMO, REPOSITORY, Office, completed, outcome_of

PAGE = REPOSITORY / "docs" / "restoring-by-hand.md"
ENACT = "GATE_LIFECYCLE_ENACT_AUTHORIZATION"
CONTENT = (
    "SELECT (SELECT string_agg(u::text, '|' ORDER BY u.id) FROM library.information_unit AS u),"
    " (SELECT string_agg(r::text, '|' ORDER BY r.unit_id, r.region_index) FROM library.unit_region AS r)"
)


def _follow(office: Office, keys: Keys, kept: Facts) -> subprocess.CompletedProcess[str]:
    """Run the blocks of the page in one shell."""
    blocks = re.findall(r"^```sh\n(.*?)^```$", PAGE.read_text(encoding="utf-8"), re.DOTALL | re.MULTILINE)
    assert len(blocks) == 5
    environment = {
        "PATH": f"{office.database.server.binaries}:/usr/bin:/bin",
        "BACKUP": str(office.workspace / "backups" / str(kept["backup_id"])),
        "MANIFEST_SHA256": str(kept["manifest_sha256"]),
        "DATABASE": office.database.url("postgres"),
        "DOCUMENT": DEMO,
        "TENANT": "demo",
        "GNUPGHOME": str(keys.home),
    }
    with keys.gpg.agents(keys.home):
        return subprocess.run(
            ["bash", "-euo", "pipefail", "-c", "\n".join(blocks)],
            env=environment, capture_output=True, text=True, timeout=100, check=False,
        )  # fmt: skip


@pytest.fixture
def cut(office: Office, keys: Keys) -> tuple[Facts, Facts, list[tuple[object, ...]]]:
    """The outcomes of both backups of a run that ended well, and the content before it enacted."""
    seen: list[tuple[object, ...]] = []

    def look(gate: str) -> None:
        if gate == ENACT:
            seen.extend(office.rows(CONTENT))

    records = complete(office, vault_of(office, keys), RandomIds().run_id(), before=look)
    return outcome_of(records, "backup"), outcome_of(records, "backup_enact"), seen


def test_the_page_undoes_an_enactment(
    office: Office, keys: Keys, cut: tuple[Facts, Facts, list[tuple[object, ...]]]
) -> None:
    """Without it a backup could be worth nothing on the day on which cutter is not there."""
    done = _follow(office, keys, cut[1])

    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.count(": OK\n") == 1 + 6 + 2
    assert office.rows(CONTENT) == cut[2]
    assert office.rows("SELECT status FROM cutter_governance.change_set") == [("draft",)]


def test_the_page_restores_a_first_cut_to_absence_and_it_is_cut_again(
    office: Office, keys: Keys, cut: tuple[Facts, Facts, list[tuple[object, ...]]]
) -> None:
    """Without it a document that was restored by hand could not go on with cutter."""
    done = _follow(office, keys, cut[0])

    assert (done.returncode, done.stderr) == (0, "")
    assert office.rows("SELECT count(*) FROM library.information_unit") == [(0,)]
    assert completed(complete(office, vault_of(office, keys), RandomIds().run_id()))


def _another_manifest(folder: Path) -> None:
    _put(folder / "manifest.json", (folder / "manifest.json").read_bytes() + b"\n")


def _another_file(folder: Path) -> None:
    _put(folder / "library.unit_region.copy.gpg", b"other")


def _put(path: Path, data: bytes) -> None:
    path.chmod(0o600)
    path.write_bytes(data)


CHANGED = {"manifest": _another_manifest, "file": _another_file}


@pytest.mark.parametrize("name", CHANGED)
def test_the_page_stops_at_a_backup_that_changed(
    office: Office, keys: Keys, cut: tuple[Facts, Facts, list[tuple[object, ...]]], name: str
) -> None:
    """Without it whoever follows the page would write an attacker's rows."""
    before = office.rows(CONTENT)
    CHANGED[name](office.workspace / "backups" / str(cut[1]["backup_id"]))

    done = _follow(office, keys, cut[1])

    assert done.returncode != 0
    assert "FAILED" in done.stdout
    assert office.rows(CONTENT) == before
