"""Mutants of policies: how much the tables' rows would notice, exactly."""

from enum import Enum

import msgspec

from cutter.policies.analysis.tables import Row, Table
from cutter.policies.policy import Selection


class Fate(Enum):
    """What became of a mutant."""

    KILLED = "killed"
    EQUIVALENT = "equivalent"
    SURVIVED = "survived"


class MutationKind(Enum):
    """What was changed of a rule. The values stand in records."""

    VERDICT = "verdict"
    CONDITION_DROPPED = "condition_dropped"
    BOUND = "bound"
    VALUE_ADDED = "value_added"
    VALUE_REMOVED = "value_removed"
    VALUE_SWAPPED = "value_swapped"
    REASON = "reason"
    ACTION = "action"


class Mutant(msgspec.Struct, frozen=True):
    """One change of one rule: what was changed, of which field, to what (words of the policy's own)."""

    policy: str
    rule: str
    kind: MutationKind
    field: str
    detail: str


class Survivor(msgspec.Struct, frozen=True):
    """A mutant that no row noticed, and the row that would, with its expectation left empty."""

    mutant: Mutant
    row: Row


class MutationScore(msgspec.Struct, frozen=True):
    """The exact score: every mutant is killed, proved equivalent, or survived with the missing row."""

    mutants: int
    killed: int
    equivalent: int
    survivors: tuple[Survivor, ...]

    @property
    def complete(self) -> bool:
        """Whether every mutant that is not equivalent was killed."""
        return not self.survivors


def mutate(selection: Selection, tables: tuple[Table, ...]) -> MutationScore:
    """Score tables whose rows all hold. Raises `TooLarge`."""
    raise NotImplementedError


def generate(selection: Selection) -> tuple[Row, ...]:
    """Rows that kill every mutant that is not equivalent, expectations left empty. Raises `TooLarge`."""
    raise NotImplementedError
