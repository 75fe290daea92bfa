"""What lint finds in a set of policies: each finding with its rules, a region and a concrete trigger as witness.

Source: issue 7, "lint"; policies.md §3.2.
"""

from enum import Enum

import msgspec

from cutter.policies.analysis.regions import Region, Witness


class FindingKind(Enum):
    """What is found. The values stand in records."""

    GAP = "gap"
    CONFLICT = "conflict"
    DEAD = "dead"
    REDUNDANT = "redundant"
    UNSATISFIABLE = "unsatisfiable"


class Severity(Enum):
    """Whether lint fails because of it."""

    ERROR = "error"
    WARNING = "warning"


class Finding(msgspec.Struct, frozen=True):
    """One finding.

    Attributes:
        kind, severity, trigger_type: what, how bad, of triggers of which type.
        rules: the rules it is about, as (policy, rule): of a gap none; of a conflict the two, the stronger first; of
            the others the rule itself, then those that decide in its place.
        witness: the smallest trigger that shows it; None of an unsatisfiable rule only, which no trigger matches.
        region: where it is so: around the witness, as far as it reaches in every direction.
        field: of an unsatisfiable rule: the field whose condition no value meets.
    """

    kind: FindingKind
    severity: Severity
    trigger_type: str
    rules: tuple[tuple[str, str], ...]
    witness: Witness | None
    region: Region
    field: str = ""
