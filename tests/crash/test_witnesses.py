"""Two evaluators that share no code agree on a hundred thousand pairs of a selection and a trigger."""

import os
import random
import secrets
from collections import Counter

import pytest

from tests.support.agreement import compared
from tests.support.policy_pairs import pairs

SELECTIONS, EACH = 10_000, 10
# What a rule may decide, and every reason that no rule gives on a trigger that is well formed.
EVERYTHING = (
    *("deny", "escalate", "allow"),
    *("NO_MATCH", "NO_POLICY", "NOT_EFFECTIVE", "WITHDRAWN", "NOT_SELECTED", "MISSING_FIELD", "OUTSIDE_DOMAIN"),
    *("CONFLICT", "PACE_EXCEEDED", "UNKNOWN_TRIGGER"),
)


@pytest.mark.crash
def test_the_evaluator_and_the_naive_one_agree() -> None:
    """Without it the tables of the evaluator could decide something else than the rules in words, in rare cases only.

    The seed is new every time, and printed; `CUTTER_SEED` sets it.
    """
    seed = int(os.environ.get("CUTTER_SEED") or secrets.randbits(32))
    print(f"seed {seed}: {SELECTIONS * EACH} pairs")
    met: Counter[str] = Counter()
    for number, pair in enumerate(pairs(random.Random(seed), SELECTIONS, EACH)):
        found = compared(pair)
        assert not found.differs, f"seed {seed}, pair {number}: {found}"
        by_rule = found.naive.reason.startswith("REASON_")
        met[found.naive.verdict if by_rule else found.naive.reason] += 1
    print(dict(met))
    assert min(met[word] for word in EVERYTHING) >= 100
