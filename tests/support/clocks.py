"""A clock that a test sets, so that what expires does so at once and nothing else does on a slow machine."""

from datetime import datetime, timedelta

from cutter.app.system import SystemClock


class ShiftedClock(SystemClock):
    """The machine's clock, `ahead` of the real time by as much as the test says (or behind it).

    The database and gpg keep the real time; a live run refuses a host that is more than five minutes apart from it.
    """

    def __init__(self) -> None:
        self.ahead = timedelta()

    def now(self) -> datetime:
        """The time in UTC, as this host believes."""
        return super().now() + self.ahead

    def monotonic(self) -> float:
        """Seconds that pass with the clock: it is set forward only, while a run is on."""
        return super().monotonic() + self.ahead.total_seconds()
