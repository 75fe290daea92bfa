"""A pipeline as a graph (`cutter.graph/1`): its phases in order, what each is, and what it needs from which.

Rules kept here: pure; what flows is read from the references of the file and nothing else; the phases of a run are
those of the pipeline that it was started with.

Source: DESIGN §5; issue 6, part 4.
"""

from collections.abc import Iterator, Mapping, Sequence
from enum import Enum
from typing import assert_never

import msgspec

from cutter.messages import language
from cutter.model import (
    Binding,
    Gate,
    GatePhase,
    Idempotency,
    InputReference,
    Literal,
    OperationPhase,
    OutcomeReference,
    Phase,
    Pipeline,
    RoleQuorum,
    SurveyPhase,
)
from cutter.operation import Catalogue, ExternalOperation, ReadOperation, TargetOperation


class Kind(Enum):
    """What a phase does: reads the database, writes to it, has an effect outside it, or waits for people."""

    READ = "read"
    WRITE = "write"
    EXTERNAL = "external"
    GATE = "gate"


class Title(msgspec.Struct, frozen=True):
    """The title in both languages."""

    en: str
    vi: str

    @property
    def shown(self) -> str:
        """The title in the language of the process."""
        return self.vi if language() == "vi" else self.en


class Need(msgspec.Struct, frozen=True):
    """What a phase takes from the outcome of an earlier one."""

    phase: str
    fields: tuple[str, ...]


class GateNode(msgspec.Struct, frozen=True):
    """Who decides: distinct persons by role; how long they have, and how long their yes can be used, in seconds."""

    id: str
    kind: str
    quorum: tuple[RoleQuorum, ...]
    approve_within_s: int
    execute_within_s: int


class Guard(msgspec.Struct, frozen=True):
    """What makes the effect of a phase happen once: the guard, and what its key is made of."""

    guard: str
    key: tuple[str, ...]


class PhaseNode(msgspec.Struct, frozen=True, kw_only=True):
    """One phase.

    `governs` are the governed tables that it writes, `*` any; `inputs` and `needs` what flows into it; `before` and
    `after` how many questions it asks before and after its effect; `status` how it stands in a run, empty without one.
    """

    index: int
    phase: str
    kind: Kind
    operation: str
    governs: tuple[str, ...]
    inputs: tuple[str, ...]
    needs: tuple[Need, ...]
    before: int
    after: int
    gate: GateNode | None
    guard: Guard | None
    status: str


class Graph(msgspec.Struct, frozen=True, kw_only=True):
    """A pipeline, or a run of it (`run_id`)."""

    format: str = "cutter.graph/1"
    pipeline: str
    title: Title
    sha256: str
    run_id: str
    phases: tuple[PhaseNode, ...]


def pipeline_graph(
    pipeline: Pipeline, catalogue: Catalogue, *, run_id: str = "", statuses: Mapping[str, str] | None = None
) -> Graph:
    """The graph of a pipeline.

    Args:
        pipeline: what is shown.
        catalogue: knows what the operations do.
        run_id: of the run that is shown; empty for none.
        statuses: of that run, by phase.
    """
    known = statuses or {}
    order = [phase.id for phase in pipeline.phases]
    nodes = (_node(n, phase, order, catalogue, known) for n, phase in enumerate(pipeline.phases, start=1))
    title = Title(pipeline.title_en, pipeline.title_vi)
    return Graph(pipeline=pipeline.id, title=title, sha256=pipeline.sha256, run_id=run_id, phases=tuple(nodes))


def written(binding: Binding) -> str:
    """A binding as short as it can be told: `inputs.NAME`, `PHASE.FIELD`, or the value."""
    match binding:
        case InputReference(name=name):
            return f"inputs.{name}"
        case OutcomeReference(phase=phase, field=field):
            return f"{phase}.{field}"
        case Literal(value=value):
            return msgspec.json.encode(value).decode()
        case _ as never:
            assert_never(never)


def _node(
    index: int, phase: Phase, order: Sequence[str], catalogue: Catalogue, statuses: Mapping[str, str]
) -> PhaseNode:
    references = tuple(_references(phase))
    operation = phase.uses if isinstance(phase, OperationPhase) else ""
    kind, governs = _effect(phase, catalogue)
    return PhaseNode(
        index=index,
        phase=phase.id,
        kind=kind,
        operation=operation,
        governs=governs,
        inputs=tuple(dict.fromkeys(r.name for r in references if isinstance(r, InputReference))),
        needs=_needs([r for r in references if isinstance(r, OutcomeReference) and r.phase != phase.id], order),
        before=0 if isinstance(phase, GatePhase) else len(phase.preflight),
        after=len(phase.ensure) if isinstance(phase, OperationPhase) else 0,
        gate=_gate(phase.gate) if isinstance(phase, GatePhase) else None,
        guard=_guard(phase.idempotency) if isinstance(phase, OperationPhase) and phase.idempotency else None,
        status=statuses.get(phase.id, ""),
    )


def _effect(phase: Phase, catalogue: Catalogue) -> tuple[Kind, tuple[str, ...]]:
    match phase:
        case GatePhase():
            return Kind.GATE, ()
        case SurveyPhase():
            return Kind.READ, ()
        case OperationPhase():
            match catalogue.find(phase.operation, phase.version):
                case TargetOperation(governs=governs):
                    return Kind.WRITE, governs
                case ExternalOperation():
                    return Kind.EXTERNAL, ()
                case ReadOperation() | None:  # a pipeline that was built has no unknown operation
                    return Kind.READ, ()
                case _ as never:
                    assert_never(never)
        case _ as never:
            assert_never(never)


def _references(value: object) -> Iterator[InputReference | OutcomeReference]:
    """Every reference that stands in a value of the model, in the order of the file."""
    match value:
        case InputReference() | OutcomeReference():
            yield value
        case msgspec.Struct():
            for name in value.__struct_fields__:
                yield from _references(getattr(value, name))
        case tuple():
            for item in value:
                yield from _references(item)


def _needs(references: Sequence[OutcomeReference], order: Sequence[str]) -> tuple[Need, ...]:
    """By earlier phase, in the order of the phases; what a phase asks of its own outcome flows from nowhere."""
    fields: dict[str, dict[str, None]] = {}
    for reference in references:
        fields.setdefault(reference.phase, {})[reference.field] = None
    return tuple(Need(name, tuple(fields[name])) for name in sorted(fields, key=order.index))


def _gate(gate: Gate) -> GateNode:
    return GateNode(gate.id, gate.kind, gate.quorum, gate.approve_within, gate.execute_within)


def _guard(idempotency: Idempotency) -> Guard:
    return Guard(idempotency.guard, tuple(written(part) for part in idempotency.key))
