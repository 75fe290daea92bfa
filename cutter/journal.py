"""The journal: the events of one run as they happen.

Rules kept here: an event is applied to the run's state first, so that an impossible one never enters; then it waits for
the transaction that keeps it; then it is told. What a transaction rolled back is forgotten.

Source: DESIGN §4.
"""

from collections.abc import Sequence

from cutter.contracts import Clock, Notify
from cutter.events import AnyEvent, Record, Started
from cutter.run import RunState, fold, fold_kept


class Journal:
    """The events of one run as they happen: applied first, then buffered for the ledger, then told."""

    def __init__(self, run_id: str, history: Sequence[Record], clock: Clock, notify: Notify) -> None:
        self.run_id = run_id
        self.records = list(history)
        self.state: RunState = fold_kept(history)
        self._clock = clock
        self._notify = notify
        self._kept = len(self.records)

    def note(self, phase: str, event: AnyEvent) -> None:
        """Apply an event (an impossible one raises RuntimeError), buffer it, tell it."""
        at = self._clock.now().strftime("%Y-%m-%dT%H:%M:%S.%fZ")
        record = Record(self.state.number + 1, self.run_id, phase, at, event)
        self.state = self.state.apply(record)
        self.records.append(record)
        self._notify(record)

    @property
    def pending(self) -> Sequence[Record]:
        """The events that no transaction has kept yet."""
        return self.records[self._kept :]

    def keep(self) -> None:
        """The transaction with the pending events was committed (or kept in the rehearsal)."""
        self._kept = len(self.records)

    def rewind(self, length: int) -> None:
        """Forget the events after the first `length`: their transaction was rolled back."""
        self.records = self.records[:length]
        self.state = fold(self.records)

    def of_phase(self, phase: str) -> Sequence[Record]:
        """The events of the last attempt at a phase."""
        start = max(i for i, r in enumerate(self.records) if r.phase == phase and isinstance(r.event, Started))
        return [record for record in self.records[start:] if record.phase == phase]
