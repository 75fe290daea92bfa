"""Whether the evaluator and the naive one agree on a pair."""

from typing import NamedTuple

from cutter.policies.index import Index
from tests.support.naive_evaluator import Answer, evaluate
from tests.support.policy_pairs import Pair


class Comparison(NamedTuple):
    """What both decided on a pair."""

    differs: bool
    naive: Answer
    ours: Answer


def compared(pair: Pair) -> Comparison:
    """What both decide, and whether it differs in anything."""
    o = Index(pair.selection).verdict(pair.trigger, pair.answers, pair.used_up)
    ours = Answer(o.verdict.value, o.reason, o.policy, o.policy_version, o.rule, o.action, o.uncertain)
    naive = evaluate(pair.selection, pair.trigger, pair.answers, pair.used_up)
    return Comparison(ours != naive, naive, ours)
