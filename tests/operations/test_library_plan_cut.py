"""`library.plan_cut@1`: what the cut will be, frozen by digest."""

import pytest

from cutter import cutting
from cutter.app.system import RandomIds
from tests.support.profiles import VIETNAMESE_LAW
from tests.support.runs import DEMO, REPOSITORY, Office, outcome_of, stop_of


def test_the_plan_is_that_of_the_bytes(office: Office) -> None:
    """Without it the digests that people sign could be those of something else."""
    made = cutting.cut((REPOSITORY / "documents" / f"{DEMO}.txt").read_bytes(), DEMO, VIETNAMESE_LAW)

    outcome = outcome_of(office.rehearse(RandomIds().run_id()), "plan")

    assert cutting.manifest_sha256(made) == outcome["manifest_sha256"]
    assert cutting.writer_sha256(made) == outcome["writer_sha256"]
    assert cutting.expected_after_sha256(made) == outcome["expected_after_sha256"]
    assert len(made.units) == outcome["row_count"] == sum(n for _, n in outcome["counts"])


TEXTS = {
    "no kind": ("Một đoạn văn.\nKhông có điều nào.\n", "STOP_PROFILE_UNKNOWN"),
    "no structure": ("Chữ.\n“Điều 1. Tên”\nĐiều 1 của Luật này.\n", "STOP_TEXT_WITHOUT_STRUCTURE"),
    "white space": (" \n\t\n", "STOP_TEXT_EMPTY"),
}


@pytest.mark.parametrize("name", TEXTS)
def test_a_text_that_cannot_be_cut(office: Office, name: str) -> None:
    """Without it such a text would become an empty plan that somebody might sign."""
    text, code = TEXTS[name]
    office.add_text("A-1", text)

    stop = stop_of(office.rehearse(RandomIds().run_id(), "A-1"))

    assert (code, 20) == (stop.code, stop.exit)
