"""SIGKILL before and after each step of a send, against every server behaviour, and at random moments; then resumes.

The server kills the sender, or the sender's own journal does; there is no hook for it in the program. "Accepted" has to
mean stored once, "not sent" not stored, and nothing may ever be stored twice.
"""

import os
import random
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.plugins.proofs import Proof
from tests.support.mail_cases import CASES
from tests.support.mail_kills import Senders, hasty, killed_after, killed_and_resumed, moments, senders

KILLS = int(os.environ.get("CUTTER_KILLS", "100"))
pytestmark = [pytest.mark.crash, pytest.mark.timeout(3600)]


@pytest.fixture(scope="module")
def program() -> Iterator[Senders]:
    """What sends."""
    with senders() as running:
        yield running


def test_a_kill_at_every_step_of_every_dialogue(program: Senders, tmp_path: Path, proof: Proof) -> None:
    """Without it a crash between the dot and its record could send a letter twice, or call a sent one unsent."""
    ended: Counter[str] = Counter()
    for row, case in enumerate(map(hasty, CASES.values())):
        for number, moment in enumerate(moments(case)):
            journal = tmp_path / f"{row}-{number}"
            ended[killed_and_resumed(program, case, journal, moment)] += 1
    runs = sum(ended.values())
    unknown = sum(count for how, count in ended.items() if how.endswith("unknown"))
    print(f"{runs} kills against {len(CASES)} servers: {dict(ended)}; unknown {unknown / runs:.0%}")
    assert ended["killed, accepted"] > 0
    assert ended["killed, unknown"] > 0
    proof.kills(f"a send, every step, {len(CASES)} server behaviours", runs, ended)


def test_kills_at_random_moments_of_a_send(program: Senders, tmp_path: Path, proof: Proof) -> None:
    """Without it a moment inside a handshake, a write or an fsync would never be tried."""
    chance = random.Random(20270101)
    names = ("accepts", "cut after the dot, stored", "cut after the dot, lost", "garbage after the dot, stored")
    ended: Counter[str] = Counter()
    for number in range(KILLS):
        case = CASES[chance.choice(names)]
        ended[killed_after(program, case, tmp_path / str(number), chance.uniform(0, 0.05))] += 1
    assert sum(count for how, count in ended.items() if how.startswith("killed")) > KILLS // 4
    proof.kills("a send, random moments", KILLS, ended)
