"""Triggers that are taken the program's own way: `cutter trigger`, people with keys who sign, `orchestrate resume`."""

from collections.abc import Callable
from dataclasses import dataclass

from cutter.app.ending import abort_run
from cutter.app.triggers import take_trigger
from cutter.contracts import Notify
from cutter.events import Record
from cutter.model import Mode
from cutter.report.result import Result
from tests.support.live import LiveOffice
from tests.support.notify import Clinic
from tests.support.runs import ignore

SIGNERS = {
    "GATE_POLICY_DECISION": "sovereign",
    "GATE_NOTIFY_AUTHORIZATION": "content",
    "GATE_FAILURE_ESCALATION": "content",
}


def once(kind: type, do: Callable[[], None], phase: str = "send") -> Callable[[Record], None]:
    """A `Notify` that does something at the first event of this kind in a phase."""
    left = [do]

    def hear(record: Record) -> None:
        if record.phase == phase and isinstance(record.event, kind) and left:
            left.pop()()

    return hear


def interrupt() -> None:
    """The program is told to end."""
    raise KeyboardInterrupt


@dataclass(frozen=True)
class LiveClinic:
    """A clinic that goes live."""

    live: LiveOffice
    clinic: Clinic

    def trigger(self, data: bytes, mode: Mode = Mode.LIVE, notify: Notify = ignore, *, resend: bool = False) -> Result:
        """`cutter trigger`."""
        return take_trigger(self.live.settings, data, mode, "test@somewhere", notify, resend=resend)

    def sign(self, result: Result) -> None:
        """Let whom the gate asks say yes."""
        assert result.exit_code == 10, result
        self.live.sign(result.approval_kb_id, SIGNERS[result.gate or ""])

    def refuse(self, result: Result) -> None:
        """Let whom the gate asks say no."""
        assert result.exit_code == 10, result
        self.live.reject(result.approval_kb_id, SIGNERS[result.gate or ""])

    def resume(self, result: Result) -> Result:
        """`cutter orchestrate resume`."""
        return self.live.resume(result.approval_kb_id)

    def abort(self, result: Result) -> None:
        """`cutter runs abort`."""
        abort_run(self.live.settings, result.run_id, "not wanted")

    def complete(self, data: bytes, *, resend: bool = False) -> Result:
        """A trigger to its end, signed wherever it waits."""
        result = self.trigger(data, resend=resend)
        while result.exit_code == 10:
            self.sign(result)
            result = self.resume(result)
        return result

    @property
    def runs(self) -> int:
        """How many runs the ledger knows: one that was killed before its first event did nothing."""
        return int(self.live.office.rows("SELECT count(DISTINCT run_id) FROM cutter_governance.ledger_event")[0][0])
