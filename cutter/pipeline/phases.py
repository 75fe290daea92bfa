"""The phases of a pipeline file: operations, gates and surveys, each checked where it stands.

Rules kept here: only reading phases stand before the first gate; a governed write has a gate before it, idempotency and
an undo, and where that is a backup, the backup stands between the gate and the write; idempotency keys are made of
inputs and of outcomes that stand before the first gate.

Source: DESIGN §4, §5.
"""

from collections.abc import Sequence

from cutter.approval.request import ESCALATION
from cutter.model import (
    Binding,
    Gate,
    GatePhase,
    Idempotency,
    Named,
    OperationPhase,
    OutcomeReference,
    Phase,
    RoleQuorum,
    Starter,
    SurveyPhase,
)
from cutter.operation import Operation, ReadOperation, TargetOperation, Undo
from cutter.pipeline.conditions import DECISION, check_decided, check_starter, read_when
from cutter.pipeline.diagnostics import Code
from cutter.pipeline.document import Entry, Mapping, Node, Place, Scalar
from cutter.pipeline.format import (
    GATE_ID,
    GUARD,
    KINDS,
    PHASE_ID,
    USES,
    GateKeys,
    IdempotencyKeys,
    PhaseKeys,
)
from cutter.pipeline.questions import read_bind, read_preflight, read_statement, read_surveys
from cutter.pipeline.scope import ANY_SCALAR, Scope, field_types, read_binding, refuse_absent
from cutter.pipeline.statements import BIND, statement_fields
from cutter.pipeline.walk import Walk, join

LARGEST_QUORUM = 99  # persons of one role
BACKUPS = frozenset({"custody.backup", "custody.backup_rows"})  # operations that keep what the next ones may touch
# Which keys each kind of phase may have.
_KEYS = {
    "operation": ("id", "uses", "when", "with", "bind", "idempotency", "preflight", "ensure"),
    "gate": ("id", "when", "gate"),
    "survey": ("id", "preflight"),
}


def read_phases(scope: Scope, node: Node) -> tuple[Phase, ...]:
    """All phases, in order; those with mistakes are left out, and the mistakes noted."""
    items = scope.walk.some(node, "phases")
    scope.later = frozenset(name for item in items if (name := _peek(item)))
    phases = []
    guards: dict[str, int] = {}  # ids that are given once a pipeline: guards and gates
    for number, item in enumerate(items):
        phase = _read_phase(scope, item, f"phases[{number}]", guards)
        if phase is not None:
            phases.append(phase)
    return tuple(phases)


def _peek(node: Node) -> str | None:
    if isinstance(node, Mapping) and "id" in node.entries:
        name = node.entries["id"].node
        if isinstance(name, Scalar) and isinstance(name.value, str):
            return name.value
    return None


def _read_phase(scope: Scope, node: Node, path: str, guards: dict[str, int]) -> Phase | None:
    walk = scope.walk
    keys = walk.keyed(node, path, PhaseKeys)
    name = walk.text(keys["id"].node, join(path, "id"), PHASE_ID) if "id" in keys else None
    if name is not None and name in scope.operations:
        walk.note(
            Code.DUPLICATE_ID, keys["id"].node.place, join(path, "id"), f"the phase `{name}` stands there already"
        )
    kind = "operation" if "uses" in keys else "gate" if "gate" in keys else "survey"
    for key, entry in keys.items():
        if key not in _KEYS[kind]:
            message = f"a phase with {_article(kind)} has no `{key}`"
            walk.note(Code.UNKNOWN_KEY, entry.place, join(path, key), message, needed=", ".join(_KEYS[kind]))
    if kind == "survey" and "preflight" not in keys and isinstance(node, Mapping):
        walk.note(Code.MISSING_KEY, node.place, path, "a phase has `uses`, `gate` or `preflight`", needed="uses")
    phase: Phase | None
    operation: Operation | None = None
    scope.when = None
    scope.when = read_when(scope, keys, path) if kind != "survey" else None
    if kind != "operation" and name is not None:
        scope.without_outcome.add(name)
    if kind == "gate":
        phase = _gate_phase(scope, keys, path, name, guards)
    elif kind == "survey":
        asked = read_preflight(scope, keys["preflight"].node, join(path, "preflight")) if "preflight" in keys else ()
        phase = SurveyPhase(name, asked) if name is not None else None
    else:
        operation = _find_operation(scope, keys["uses"].node, join(path, "uses"))
        phase = _operation_phase(scope, keys, path, name, operation, guards)
    if name is not None:
        scope.operations[name] = operation
        if scope.when is not None:
            scope.depends[name] = scope.when
    return phase


def _article(kind: str) -> str:
    return {"operation": "`uses`", "gate": "`gate`", "survey": "surveys alone"}[kind]


def _gate_phase(
    scope: Scope, keys: dict[str, Entry], path: str, name: str | None, given: dict[str, int]
) -> GatePhase | None:
    gate = _read_gate(scope.walk, keys["gate"].node, join(path, "gate"))
    if gate is not None and gate.id in given:
        message = f"the gate `{gate.id}` stands there already"
        scope.walk.note(Code.DUPLICATE_ID, keys["gate"].node.place, join(path, "gate.id"), message)
    elif gate is not None:
        given[gate.id] = 1
    if gate is not None and gate.kind == DECISION and scope.started_by is not Starter.POLICY:
        message = "a decision is asked for by a policy, and no policy starts this pipeline"
        place = keys["gate"].node.place
        scope.walk.note(Code.NO_DECISION, place, join(path, "gate.kind"), message, needed="started_by: policy")
    if scope.before_gate is None:
        check_decided(scope, keys["gate"].node.place, path)
        scope.before_gate = frozenset(scope.operations)
    scope.gated = scope.gated or scope.when is None
    scope.backed_up = False
    return GatePhase(name, gate, scope.when) if name is not None and gate is not None else None


def _read_gate(walk: Walk, node: Node, path: str) -> Gate | None:
    keys = walk.keyed(node, path, GateKeys)
    name = walk.text(keys["id"].node, join(path, "id"), GATE_ID) if "id" in keys else None
    if name == ESCALATION:
        message = "this gate stands in every pipeline, where a run failed after a governed write"
        walk.note(Code.REFUSED_NAME, keys["id"].node.place, join(path, "id"), message)
    kind = walk.word(keys["kind"].node, join(path, "kind"), KINDS) if "kind" in keys else None
    quorum = _read_quorum(walk, keys["quorum"].node, join(path, "quorum")) if "quorum" in keys else ()
    times = {
        key: walk.seconds(keys[key].node, join(path, key))
        for key in ("approve_within", "execute_within")
        if key in keys
    }
    approve, execute = times.get("approve_within"), times.get("execute_within")
    if name is None or kind is None or not approve or not execute:
        return None
    return Gate(name, kind, quorum, approve, execute)


def _read_quorum(walk: Walk, node: Node, path: str) -> tuple[RoleQuorum, ...]:
    roles = walk.mapping(node, path)
    if not roles and isinstance(node, Mapping):
        walk.note(Code.WRONG_VALUE, node.place, path, "a quorum names at least one role")
    quorum = []
    for role, entry in roles.items():
        walk.text(Scalar(entry.place, role), join(path, role), PHASE_ID)
        persons = walk.integer(entry.node, join(path, role), 1, LARGEST_QUORUM)
        quorum.append(RoleQuorum(role, persons or 1))
    return tuple(sorted(quorum, key=lambda item: item.role))


def _find_operation(scope: Scope, node: Node, path: str) -> Operation | None:
    uses = scope.walk.text(node, path, USES)
    if uses is None:
        return None
    name, version = uses.split("@")
    operation = scope.catalogue.find(name, int(version))
    if operation is None:
        scope.walk.unknown(Code.UNKNOWN_OPERATION, node.place, path, "operation", uses, tuple(scope.catalogue.names()))
    return operation


def _operation_phase(
    scope: Scope,
    keys: dict[str, Entry],
    path: str,
    name: str | None,
    operation: Operation | None,
    guards: dict[str, int],
) -> OperationPhase | None:
    if operation is None:
        return None
    place = keys["uses"].node.place
    scope.backed_up = scope.backed_up or (operation.name in BACKUPS and scope.when is None)
    _check_place(scope, operation, keys, place, path)
    params = _read_params(scope, operation, keys, place, path)
    bind = _read_variables(scope, operation, keys, path)
    idempotency = _read_idempotency(scope, keys, join(path, "idempotency"), guards)
    preflight = read_preflight(scope, keys["preflight"].node, join(path, "preflight")) if "preflight" in keys else ()
    if name is not None:
        scope.operations[name] = operation  # `ensure` may refer to the phase's own outcome
    ensure = read_surveys(scope, keys["ensure"].node, join(path, "ensure")) if "ensure" in keys else ()
    if name is None:
        return None
    return OperationPhase(
        name, operation.name, operation.version, params, idempotency, preflight, ensure, bind, scope.when
    )


def _check_place(scope: Scope, operation: Operation, keys: dict[str, Entry], place: Place, path: str) -> None:
    """Whether this operation may stand here, with these keys."""
    walk = scope.walk
    check_starter(scope, operation, place, path)
    if not scope.gated and not isinstance(operation, ReadOperation):
        walk.note(
            Code.WRITE_BEFORE_GATE,
            place,
            join(path, "uses"),
            f"`{operation.name}` has an effect, and no gate stands before it",
            needed="a phase with `gate` before this one",
        )
    governs = not isinstance(operation, ReadOperation) and bool(operation.governs)
    for key, allowed in (("idempotency", governs), ("ensure", False)):
        if key in keys and not allowed and not isinstance(operation, TargetOperation):
            message = f"`{key}` belongs to an operation that writes to the database"
            walk.note(Code.UNKNOWN_KEY, keys[key].place, join(path, key), message)
    if isinstance(operation, ReadOperation):
        return
    if operation.governs and "idempotency" not in keys:
        walk.note(
            Code.NO_IDEMPOTENCY, place, join(path, "uses"), "a governed write needs idempotency", needed="idempotency"
        )
    if operation.governs and operation.undo is Undo.NONE:
        walk.note(Code.NO_UNDO, place, join(path, "uses"), "this operation governs tables and has no undo")
    if operation.governs and operation.undo is Undo.BACKUP and scope.before_gate is not None and not scope.backed_up:
        message = "no backup stands between the gate and this governed write"
        walk.note(Code.NO_BACKUP, place, join(path, "uses"), message, needed=", ".join(sorted(BACKUPS)))
        scope.backed_up = True  # told once a gate


def _read_params(
    scope: Scope, operation: Operation, keys: dict[str, Entry], place: Place, path: str
) -> tuple[Named, ...]:
    statements = statement_fields(operation.params)
    declared = {name: types for name, types in field_types(operation.params).items() if name != BIND or not statements}
    entry, where = keys.get("with"), join(path, "with")
    given = scope.walk.mapping(entry.node, where) if entry is not None else {}
    params = []
    for name, item in given.items():
        if name not in declared:
            known = tuple(declared)
            scope.walk.unknown(Code.UNKNOWN_PARAMETER, item.place, join(where, name), "parameter", name, known)
            continue
        binding: Binding | None
        if name in statements:
            binding = read_statement(scope, item.node, statements[name], keys, join(where, name))
        else:
            binding = read_binding(scope, item.node, join(where, name), declared[name])
        if binding is not None:
            params.append(Named(name, binding))
    for name in declared:
        if name not in given:
            message = f"`{operation.name}` needs the parameter `{name}`"
            scope.walk.note(
                Code.MISSING_PARAMETER, entry.place if entry is not None else place, where, message, needed=name
            )
    return tuple(sorted(params, key=lambda param: param.name))


def _read_variables(scope: Scope, operation: Operation, keys: dict[str, Entry], path: str) -> tuple[Named, ...]:
    """What stands under `bind`, for an operation that takes a statement."""
    if BIND in keys and not statement_fields(operation.params):
        message = f"`{operation.name}` takes no statement, so it has no variables"
        scope.walk.note(Code.UNKNOWN_KEY, keys[BIND].place, join(path, BIND), message)
        return ()
    return read_bind(scope, keys, path)


def _read_idempotency(scope: Scope, keys: dict[str, Entry], path: str, guards: dict[str, int]) -> Idempotency | None:
    if "idempotency" not in keys:
        return None
    walk = scope.walk
    parts = walk.keyed(keys["idempotency"].node, path, IdempotencyKeys)
    guard = walk.text(parts["guard"].node, join(path, "guard"), GUARD) if "guard" in parts else None
    if guard in guards:
        place = parts["guard"].node.place
        walk.note(Code.DUPLICATE_ID, place, join(path, "guard"), f"the guard `{guard}` stands there already")
    elif guard is not None:
        guards[guard] = 1
    key = _read_key(scope, parts["key"].node, join(path, "key")) if "key" in parts else ()
    return Idempotency(guard, key) if guard is not None else None


def _read_key(scope: Scope, node: Node, path: str) -> tuple[Binding, ...]:
    items: Sequence[Node] = scope.walk.some(node, path)
    key = []
    for number, item in enumerate(items):
        where = f"{path}[{number}]"
        binding = read_binding(scope, item, where, ANY_SCALAR)
        refuse_absent(scope, binding, item, where)
        early = scope.operations.keys() if scope.before_gate is None else scope.before_gate
        if isinstance(binding, OutcomeReference) and binding.phase not in early:
            message = "a key is made of inputs and of outcomes that stand before the first gate"
            scope.walk.note(Code.KEY_AFTER_GATE, item.place, where, message)
        elif binding is not None:
            key.append(binding)
    return tuple(key)
