"""What a place in a pipeline file can refer to: the inputs, the phases before it, and the types of their outcomes.

Rules kept here: a reference is checked where it stands: declared, earlier, of the type that is due.
"""

from dataclasses import dataclass, field
from types import NoneType
from typing import Any, get_args

import msgspec

from cutter.model import Binding, Input, InputReference, Literal, OutcomeReference, Starter
from cutter.operation import Catalogue, Operation
from cutter.pipeline.diagnostics import Code
from cutter.pipeline.document import Node, Scalar
from cutter.pipeline.references import parse_binding
from cutter.pipeline.walk import Walk

Types = frozenset[Any]
ANY_SCALAR: Types = frozenset({str, int, bool, NoneType})


@dataclass
class Scope:
    """What is known at a place of the file. Phases are added as they are passed."""

    walk: Walk
    inputs: dict[str, Input]
    catalogue: Catalogue
    operations: dict[str, Operation | None] = field(default_factory=dict)
    """The phases so far, each with its operation, if it has one that is known."""
    without_outcome: set[str] = field(default_factory=set)
    """The gates and surveys so far: phases that nothing can be taken from."""
    depends: dict[str, OutcomeReference] = field(default_factory=dict)
    """The phases so far that may be left out, each with what it depends on."""
    when: OutcomeReference | None = None
    """What the phase that is being read depends on."""
    later: frozenset[str] = frozenset()
    """The ids of all phases of the file."""
    before_gate: frozenset[str] | None = None
    """The phases before the first gate, once it was passed."""
    started_by: Starter = Starter.PERSON
    """Who starts the pipeline's runs."""
    gated: bool = False
    """Whether a gate stands before here in every run; one with `when` does not."""
    backed_up: bool = False
    """Whether a backup stands between the last gate and here."""


def types_of(annotation: Any) -> Types:
    """The members of a union, or the one type."""
    return frozenset(get_args(annotation) or {annotation}) if _is_union(annotation) else frozenset({annotation})


def field_types(struct: type[msgspec.Struct]) -> dict[str, Types]:
    """The types of a struct's fields by name."""
    return {item.name: types_of(item.type) for item in msgspec.structs.fields(struct)}


def tell(types: Types) -> str:
    """Types as people read them."""
    names = sorted("null" if kind is NoneType else getattr(kind, "__name__", str(kind)) for kind in types)
    return " or ".join(names)


def refuse_absent(scope: Scope, binding: Binding | None, node: Node, path: str) -> None:
    """Note a reference to an input that may be absent, where a value must be."""
    if isinstance(binding, InputReference):
        declared = scope.inputs[binding.name]
        if not declared.required and declared.default is None:
            message = f"the input `{binding.name}` may be absent"
            scope.walk.note(Code.TYPE_MISMATCH, node.place, path, message, needed="an input that is always given")


def read_binding(scope: Scope, node: Node, path: str, due: Types = ANY_SCALAR) -> Binding | None:
    """A literal or reference of the types that are due; None when something is wrong with it."""
    scalar = scope.walk.scalar(node, path)
    if scalar is None:
        return None
    binding = parse_binding(scalar.value)
    if binding is None:
        scope.walk.note(
            Code.PARTIAL_REFERENCE,
            scalar.place,
            path,
            "a reference is a whole value, never a part of one",
            needed="${{ inputs.NAME }} or ${{ phases.PHASE.FIELD }}",
        )
        return None
    found = _types_found(scope, binding, scalar, path)
    if found is None:
        return None
    if not found <= due:
        scope.walk.note(
            Code.TYPE_MISMATCH, scalar.place, path, "the value has another type", found=tell(found), needed=tell(due)
        )
        return None
    return binding


def _types_found(scope: Scope, binding: Binding, scalar: Scalar, path: str) -> Types | None:
    match binding:
        case Literal(value=value):
            return frozenset({type(value)})
        case InputReference(name=name):
            declared = scope.inputs.get(name)
            if declared is None:
                known = tuple(scope.inputs)
                scope.walk.unknown(Code.UNKNOWN_INPUT, scalar.place, path, "input", name, known)
                return None
            always = declared.required or declared.default is not None
            return frozenset({str}) if always else frozenset({str, NoneType})
        case OutcomeReference(phase=phase, field=name):
            return _outcome_types(scope, phase, name, scalar, path)


def _outcome_types(scope: Scope, phase: str, name: str, scalar: Scalar, path: str) -> Types | None:
    if phase not in scope.operations:
        if phase in scope.later:
            scope.walk.note(
                Code.FORWARD_REFERENCE, scalar.place, path, f"the phase `{phase}` has not run yet at this place"
            )
        else:
            known = tuple(scope.operations)
            scope.walk.unknown(Code.UNKNOWN_PHASE, scalar.place, path, "phase", phase, known)
        return None
    if phase in scope.without_outcome:
        known = tuple(other for other, used in scope.operations.items() if used is not None)
        message = f"the phase `{phase}` uses no operation, so it has no outcome"
        needed = ", ".join(known)
        scope.walk.note(Code.UNKNOWN_PHASE, scalar.place, path, message, needed=needed)
        return None
    operation = scope.operations[phase]
    if operation is None:
        return None  # the phase's own mistake is told at its place
    if phase in scope.depends and scope.depends[phase] != scope.when:
        message = f"the phase `{phase}` may be left out, and then it has no outcome"
        needed = f"a phase without `when`, or the `when` of `{phase}` here too"
        scope.walk.note(Code.TYPE_MISMATCH, scalar.place, path, message, needed=needed)
        return None
    fields = field_types(operation.outcome)
    if name not in fields:
        scope.walk.unknown(Code.UNKNOWN_FIELD, scalar.place, path, f"outcome of `{phase}`", name, tuple(fields))
        return None
    return fields[name]


def _is_union(annotation: Any) -> bool:
    return bool(get_args(annotation)) and getattr(annotation, "__origin__", None) is None
