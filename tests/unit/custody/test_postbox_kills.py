"""A few of the kills of `tests/crash/test_sender_kills.py`: against a server that accepts, around the final dot."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.support.mail_cases import CASES
from tests.support.mail_kills import Senders, killed_and_resumed, senders

ENDS = {
    "before connect": "accepted",
    "after RCPT": "accepted",
    "after DATA": "accepted",
    "before the record": "accepted",
    "after the record": "unknown",
    "before dot": "unknown",
    "after dot": "unknown",
    "replied dot": "unknown",
    "before the result": "unknown",
}


@pytest.fixture(scope="module")
def program() -> Iterator[Senders]:
    """What sends."""
    with senders() as running:
        yield running


@pytest.mark.parametrize("moment", ENDS)
def test_a_killed_send_is_resumed_honestly(program: Senders, tmp_path: Path, moment: str) -> None:
    """Without it a crash between the dot and its record could send a letter twice, or call a sent one unsent."""
    ended = killed_and_resumed(program, CASES["accepts"], tmp_path / "journal", moment)

    known = {"killed, " + ENDS[moment]}
    if moment == "replied dot":  # the reply may be read, and recorded, before the signal comes
        known |= {"killed, accepted", "over already, accepted"}
    assert ended in known
