"""`documents.discover@1`: which text a document id means."""

from collections.abc import Sequence

import pytest

from cutter import canon
from cutter.app.system import RandomIds
from cutter.events import Record
from cutter.model import Mode
from cutter.operations.documents.discover import version_id
from tests.support.runs import DEMO, Office, outcome_of, stop_of

LAW = "LUẬT\nĐiều 1. Phạm vi\n1. Một.\n2. Hai.\nĐiều 2. Hiệu lực\nLuật này có hiệu lực.\n"


def discover(office: Office, document_id: str, scope: str = "enacted_only") -> Sequence[Record]:
    """The events of a rehearsal of the document."""
    return office.perform(Mode.DRYRUN, RandomIds().run_id(), document_id, scope=scope)


def test_the_outcome_names_the_version_by_its_bytes(office: Office) -> None:
    """Without it the plan would move when the file is renamed, or stay when its bytes change."""
    office.add_text("A-1", LAW)

    outcome = outcome_of(discover(office, "A-1"), "discover")

    sha256 = canon.sha256(LAW.encode())
    assert (sha256, len(LAW.encode())) == (outcome["text_sha256"], outcome["text_size"])
    assert version_id("demo", "A-1", sha256) == outcome["source_version_id"]


def test_an_unknown_id_comes_with_the_nearest(office: Office) -> None:
    """Without it a mistyped id would leave the user to guess."""
    stop = stop_of(discover(office, DEMO[:-1]))

    assert (stop.code, stop.exit) == ("STOP_DOCUMENT_UNKNOWN", 20)
    assert DEMO in stop.suggestions


@pytest.mark.parametrize(
    ("scope", "expected"), [("enacted_only", "2020"), ("all", "2024")], ids=["in force only", "drafts too"]
)
def test_the_newest_version_that_the_scope_allows(office: Office, scope: str, expected: str) -> None:
    """Without it a draft would be cut as if it were in force."""
    office.add_version(
        "A-1", {"2019": (LAW, "enacted"), "2020": (LAW + "x\n", "enacted"), "2024": (LAW + "y\n", "draft")}
    )

    assert expected == outcome_of(discover(office, "A-1", scope), "discover")["version_string"]


def test_drafts_alone_are_not_in_force(office: Office) -> None:
    """Without it `enacted_only` would be a wish."""
    office.add_text("A-1", LAW, status="draft")

    assert stop_of(discover(office, "A-1")).code == "STOP_NO_VERSION_IN_FORCE"


def test_registering_the_text_does_not_move_the_plan(office: Office) -> None:
    """Without it an approval would die when leg A registers the very text that was approved."""
    before = outcome_of(discover(office, DEMO), "discover")
    office.complete(RandomIds().run_id())
    office.alter("DELETE FROM cutter_governance.phase_marker")
    (office.workspace / "documents" / "index.yaml").unlink()

    assert before == outcome_of(discover(office, DEMO), "discover")


@pytest.mark.parametrize("change", ["altered", "missing"])
def test_bytes_that_are_not_the_registered_ones(office: Office, change: str) -> None:
    """Without it a file that was edited after it was registered would be cut under the old digest."""
    office.add_text("A-1", LAW)
    file = office.workspace / "documents" / "A-1.1.txt"
    if change == "altered":
        file.write_text(LAW.replace("Một", "Mot"))
    else:
        file.unlink()

    code = stop_of(discover(office, "A-1")).code

    assert ("STOP_SOURCE_CHANGED" if change == "altered" else "STOP_SOURCE_MISSING") == code
