"""What is asked and written through: sessions that cannot commit or roll back."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any, Protocol, TypeAlias

from cutter.events import Facts
from cutter.stops import Stop, StopCode

Value: TypeAlias = str | int | bool | bytes | datetime | Sequence[str] | None
Row: TypeAlias = tuple[Any, ...]
Bind: TypeAlias = Mapping[str, Value]


class SurveySession(Protocol):
    """Reads the live database as the survey role; whatever it tries to write is refused by the server."""

    def rows(self, statement: str, bind: Bind, limit: int = 1000) -> Sequence[Row]:
        """All rows of one question, at most `limit` (more: STOP_SURVEY_REFUSED, detail `too_many_rows`)."""
        ...

    def answer(self, statement: str, bind: Bind) -> Facts:
        """The single row of one question by column name (another number of rows: STOP_SURVEY_REFUSED)."""
        ...

    def stream(self, statement: str, bind: Bind) -> Iterator[Row]:
        """The rows of one question, in batches, for questions whose answer grows with the document."""
        ...


class WriteSession(Protocol):
    """Writes as the canonical writer inside the phase's transaction, which somebody else commits."""

    def rows(self, statement: str, bind: Bind) -> Sequence[Row]:
        """Run one statement and return its rows."""
        ...

    def copy(self, table: str, columns: Sequence[str], rows: Iterable[Row]) -> int:
        """Stream rows into a staging table of the session (`pg_temp`); returns their number."""
        ...


def stop_write_failed(sqlstate: str, constraint: str = "") -> Stop:
    """The stop for a refused statement: SQLSTATE and constraint name only, never the server's text."""
    return Stop(StopCode.STOP_WRITE_FAILED, detail=f"{sqlstate}:{constraint}" if constraint else sqlstate)
