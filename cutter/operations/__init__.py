"""The closed catalogue of operations: what a phase can `use`. A pipeline that names another does not lint.

Rules kept here: an operation is one module that ends in `OPERATION`; none imports or calls another; to add one is to
add its module and its line here.
"""

from collections.abc import Sequence

from cutter.operation import Operation
from cutter.operations.comm import create_notification, send_message
from cutter.operations.custody import backup, backup_rows, find_rollback, plan_restore, recover_ledger, restore
from cutter.operations.documents import discover
from cutter.operations.library import cut_leg_a, cut_leg_b, enact, find_cut, plan_cut, verify_cut, void
from cutter.operations.policy import decide
from cutter.operations.report import publish
from cutter.operations.sql import count, execute

OPERATIONS: tuple[Operation, ...] = (
    backup.OPERATION,
    backup_rows.OPERATION,
    find_rollback.OPERATION,
    plan_restore.OPERATION,
    recover_ledger.OPERATION,
    restore.OPERATION,
    create_notification.OPERATION,
    send_message.OPERATION,
    decide.OPERATION,
    discover.OPERATION,
    cut_leg_a.OPERATION,
    cut_leg_b.OPERATION,
    enact.OPERATION,
    find_cut.OPERATION,
    plan_cut.OPERATION,
    verify_cut.OPERATION,
    void.OPERATION,
    publish.OPERATION,
    count.OPERATION,
    execute.OPERATION,
)


class ClosedCatalogue:
    """The operations by name and version."""

    def find(self, name: str, version: int) -> Operation | None:
        """The operation, or None."""
        return next((found for found in OPERATIONS if (found.name, found.version) == (name, version)), None)

    def names(self) -> Sequence[str]:
        """All operations as `name@version`, sorted."""
        return sorted(f"{found.name}@{found.version}" for found in OPERATIONS)


CATALOGUE = ClosedCatalogue()
