"""What a phase depends on (`when`), and what a pipeline that a policy starts may hold.

Rules kept here: a phase depends on one boolean outcome of an earlier phase, and on no expression; what may be left out
has an outcome only for what is left out with it; a policy's pipeline decides before anything else, in every run, and
writes messages and notifications only; nothing else writes these.

Source: issue 7, rules 1 and 5.
"""

from cutter.model import OutcomeReference, Starter
from cutter.operation import Operation, ReadOperation
from cutter.pipeline.diagnostics import Code
from cutter.pipeline.document import Entry, Place
from cutter.pipeline.scope import Scope, read_binding
from cutter.pipeline.walk import join
from cutter.policies.policy import DECIDE, WRITES

DECISION = "decision"  # the kind of a gate at which a policy asks people


def read_when(scope: Scope, keys: dict[str, Entry], path: str) -> OutcomeReference | None:
    """The outcome that a phase depends on; None: it is always taken."""
    if "when" not in keys:
        return None
    node, where = keys["when"].node, join(path, "when")
    binding = read_binding(scope, node, where, frozenset({bool}))
    if binding is not None and not isinstance(binding, OutcomeReference):
        message = "a phase depends on what an earlier phase found"
        scope.walk.note(Code.TYPE_MISMATCH, node.place, where, message, needed="${{ phases.PHASE.FIELD }}")
        return None
    return binding


def check_starter(scope: Scope, operation: Operation, place: Place, path: str) -> None:
    """Note an operation that has no business in a pipeline that is started so."""
    uses = f"{operation.name}@{operation.version}"
    by_policy = scope.started_by is Starter.POLICY
    if isinstance(operation, ReadOperation) or by_policy == (uses in WRITES):
        return
    message = (
        f"a policy starts this pipeline, so it cannot use `{uses}`"
        if by_policy
        else f"`{uses}` is used in pipelines that a policy starts, and in no others"
    )
    needed = ", ".join(WRITES) if by_policy else "started_by: policy"
    scope.walk.note(Code.NOT_FOR_POLICY, place, join(path, "uses"), message, needed=needed)


def check_decided(scope: Scope, place: Place, path: str) -> None:
    """Note the first gate of a policy's pipeline where nothing was decided before it."""
    always = (operation for name, operation in scope.operations.items() if name not in scope.depends)
    used = {f"{operation.name}@{operation.version}" for operation in always if operation is not None}
    if scope.started_by is Starter.POLICY and DECIDE not in used:
        message = "a policy starts this pipeline, and nothing is decided before its first gate"
        scope.walk.note(Code.NO_DECISION, place, join(path, "gate"), message, needed=DECIDE)
