"""The plan: what approvers sign. Pipeline, inputs and the outcomes of the phases before the first gate, frozen.

Rules kept here: a plan holds no id, time or place of a run, so that the rehearsal's plan and the live run's plan of the
same facts have the same digest.

Source: DESIGN §2, §4.
"""

import msgspec

from cutter import canon
from cutter.events import Facts
from cutter.model import Inputs


class PlannedOutcome(msgspec.Struct, frozen=True):
    """What a phase before the first gate found."""

    phase: str
    operation: str
    outcome: Facts


class SurveyedFact(msgspec.Struct, frozen=True):
    """What a survey before the first gate answered, by digest."""

    phase: str
    survey: str
    facts_sha256: str


class Plan(msgspec.Struct, frozen=True, kw_only=True):
    """The frozen plan."""

    format: str = "cutter.plan/1"
    pipeline: str
    pipeline_sha256: str
    operations: tuple[str, ...]
    inputs: Inputs
    outcomes: tuple[PlannedOutcome, ...]
    surveys: tuple[SurveyedFact, ...]

    @property
    def sha256(self) -> str:
        """The digest that a request names."""
        return canon.digest(self)

    @property
    def survey_sha256(self) -> str:
        """The digest over what the surveys found."""
        return canon.digest(self.surveys)

    @property
    def row_count(self) -> int:
        """How many governed rows may be written: the outcome field `row_count`, 0 when nothing planned has one."""
        found = [planned.outcome["row_count"] for planned in self.outcomes if "row_count" in planned.outcome]
        return int(found[-1]) if found else 0

    @property
    def options(self) -> tuple[str, ...]:
        """What people may answer where something was decided: the outcome field `options`, else nothing."""
        found = [planned.outcome["options"] for planned in self.outcomes if "options" in planned.outcome]
        return tuple(str(option) for option in found[-1]) if found else ()

    @property
    def expected_after_sha256(self) -> str:
        """What the plan says the governed rows will be: the outcome field of this name, else the digest of nothing."""
        field = "expected_after_sha256"
        found = [planned.outcome[field] for planned in self.outcomes if field in planned.outcome]
        return str(found[-1]) if found else canon.digest(())
