"""What a pipeline is, after it was read and checked: frozen values, no positions, no YAML.

Rules kept here: a value of these types is complete (references are typed, durations are seconds, codes are members of
`StopCode`); nothing here can be changed after it was built, because its digest is what people sign.

Source: DESIGN §5.
"""

from enum import Enum
from typing import TypeAlias

import msgspec

from cutter.stops import StopCode

Scalar: TypeAlias = str | int | bool | None


class Mode(Enum):
    """Whether a run rehearses in a transaction that never commits, or writes."""

    DRYRUN = "dryrun"
    LIVE = "live"


class InputReference(msgspec.Struct, frozen=True, tag_field="kind", tag="input"):
    """`${{ inputs.NAME }}`."""

    name: str


class OutcomeReference(msgspec.Struct, frozen=True, tag_field="kind", tag="outcome"):
    """`${{ phases.PHASE.FIELD }}`: a field of the outcome of an earlier phase."""

    phase: str
    field: str


class Literal(msgspec.Struct, frozen=True, tag_field="kind", tag="literal"):
    """A value that stands in the file."""

    value: Scalar


Binding: TypeAlias = Literal | InputReference | OutcomeReference


class Named(msgspec.Struct, frozen=True):
    """A name with what it is bound to: a parameter of an operation, a bind variable of a survey."""

    name: str
    binding: Binding


class Equals(msgspec.Struct, frozen=True, tag_field="kind", tag="equals"):
    """The answer is this value."""

    value: Binding


class AtLeast(msgspec.Struct, frozen=True, tag_field="kind", tag="at_least"):
    """The answer is an integer not below this one."""

    value: int


class AtMost(msgspec.Struct, frozen=True, tag_field="kind", tag="at_most"):
    """The answer is an integer not above this one."""

    value: int


class OneOf(msgspec.Struct, frozen=True, tag_field="kind", tag="one_of"):
    """The answer is one of these values."""

    values: tuple[Scalar, ...]


class Matches(msgspec.Struct, frozen=True, tag_field="kind", tag="matches"):
    """The answer is text that the regular expression matches as a whole."""

    pattern: str


Expectation: TypeAlias = Equals | AtLeast | AtMost | OneOf | Matches


class ExpectedColumn(msgspec.Struct, frozen=True):
    """One column of a survey's single row, with what is expected of it."""

    column: str
    expectation: Expectation


class Survey(msgspec.Struct, frozen=True):
    """A read-only question to the live database with an expected answer of one row."""

    name: str
    sql: str
    bind: tuple[Named, ...]
    expect: tuple[ExpectedColumn, ...]
    stop: StopCode


class FingerprintCheck(msgspec.Struct, frozen=True):
    """The objects that a named fingerprint covers are as they were pinned."""

    name: str
    stop: StopCode


Question: TypeAlias = Survey | FingerprintCheck


class RoleQuorum(msgspec.Struct, frozen=True):
    """How many distinct persons of a role must sign."""

    role: str
    persons: int


class Starter(Enum):
    """Who starts runs of a pipeline: people, or a policy on a trigger."""

    PERSON = "person"
    POLICY = "policy"


class Gate(msgspec.Struct, frozen=True):
    """A point where people decide. Durations are in seconds.

    `kind` is `signed`, where people let the run go on, or `decision`, where a policy asks them whether it may.
    """

    id: str
    kind: str
    quorum: tuple[RoleQuorum, ...]
    approve_within: int
    execute_within: int


class Idempotency(msgspec.Struct, frozen=True):
    """The marker of a phase: the guard's name and the key's parts, in order."""

    guard: str
    key: tuple[Binding, ...]


class OperationPhase(msgspec.Struct, frozen=True):
    """A phase that uses an operation, such as `library.cut_leg_a@1`.

    `bind` are the variables of the statement among its parameters, where the operation takes one; `when` is a boolean
    outcome without which the phase is skipped.
    """

    id: str
    operation: str
    version: int
    params: tuple[Named, ...]
    idempotency: Idempotency | None
    preflight: tuple[Question, ...]
    ensure: tuple[Survey, ...]
    bind: tuple[Named, ...] = ()
    when: OutcomeReference | None = None

    @property
    def uses(self) -> str:
        """The operation as the file writes it."""
        return f"{self.operation}@{self.version}"


class GatePhase(msgspec.Struct, frozen=True):
    """A phase that waits for people; `when` is a boolean outcome without which it is skipped."""

    id: str
    gate: Gate
    when: OutcomeReference | None = None


class SurveyPhase(msgspec.Struct, frozen=True):
    """A phase that only asks the database."""

    id: str
    preflight: tuple[Question, ...]


Phase: TypeAlias = OperationPhase | GatePhase | SurveyPhase


class Input(msgspec.Struct, frozen=True):
    """An input that the caller may give. `type` is `string` (the only one until a pipeline needs another)."""

    name: str
    type: str
    required: bool
    default: str | None
    pattern: str | None
    enum: tuple[str, ...]
    format: str | None
    positional: bool
    help: str


class Limits(msgspec.Struct, frozen=True):
    """Seconds of active time: of a phase (soft: an event) and of a run (hard: a stop)."""

    phase: int
    run: int


class Pipeline(msgspec.Struct, frozen=True):
    """A checked pipeline. `source` is the canonical JSON of the file's tree, `sha256` its digest."""

    id: str
    title_en: str
    title_vi: str
    phrases: tuple[str, ...]
    inputs: tuple[Input, ...]
    lock: tuple[Binding, ...]
    limits: Limits
    phases: tuple[Phase, ...]
    source: bytes
    sha256: str
    started_by: Starter = Starter.PERSON

    def before_first_gate(self) -> tuple[Phase, ...]:
        """The phases whose outcomes the plan freezes: all of them when there is no gate."""
        for index, phase in enumerate(self.phases):
            if isinstance(phase, GatePhase):
                return self.phases[:index]
        return self.phases


class InputValue(msgspec.Struct, frozen=True):
    """The value of one input in one run."""

    name: str
    value: str | None


class Inputs(msgspec.Struct, frozen=True):
    """What the caller gave, checked against the pipeline's declarations, defaults filled in."""

    values: tuple[InputValue, ...]

    def get(self, name: str) -> str | None:
        """The value of a declared input."""
        for item in self.values:
            if item.name == name:
                return item.value
        raise KeyError(name)
