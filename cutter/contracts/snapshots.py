"""One unchanging look at the database, for backups: rows as COPY writes them, and stages to restore into."""

from collections.abc import Iterable, Iterator, Sequence
from contextlib import AbstractContextManager
from typing import Protocol

import msgspec

from cutter.contracts.sessions import Bind, Row


class SnapshotTable(msgspec.Struct, frozen=True):
    """A table as the catalogue shows it: qualified name, columns with their types in order, primary key."""

    oid: int
    name: str
    columns: tuple[tuple[str, str], ...]
    primary_key: tuple[str, ...]


class SnapshotFacts(msgspec.Struct, frozen=True):
    """Where and when a snapshot was taken, and the settings that its texts follow."""

    system_identifier: str
    timeline: str
    lsn: str
    server_version: str
    settings: dict[str, str]


class SnapshotSession(Protocol):
    """One unchanging look at the database, read only, with tables of its own to restore into (`stages`)."""

    def facts(self) -> SnapshotFacts:
        """Where and when this is."""
        ...

    def table(self, name: str) -> SnapshotTable:
        """What the catalogue says of a table (`schema.table`). Raises STOP_DRIFT, detail `no_table`."""
        ...

    def rows(self, statement: str, bind: Bind) -> Sequence[Row]:
        """The rows of one question, at most 1000."""
        ...

    def copy_out(self, table: SnapshotTable, statement: str, bind: Bind) -> Iterator[bytes]:
        """Rows of a table in COPY's text form, ordered by primary key; `statement` selects all its columns."""
        ...

    def stage(self, table: SnapshotTable, chunks: Iterable[bytes]) -> int:
        """Fill the stage of a table from COPY's text form; the number of rows."""
        ...

    def differences(self, table: SnapshotTable, statement: str, bind: Bind) -> int:
        """How many rows are in the stage and not in the selection, or the other way round."""
        ...

    def copy_staged(self, table: SnapshotTable) -> Iterator[bytes]:
        """The rows of the stage, as `copy_out` gives them."""
        ...


class TakeSnapshot(Protocol):
    """Opens a snapshot with stages for these tables (`schema.table`)."""

    def __call__(self, tables: Sequence[str], /) -> AbstractContextManager[SnapshotSession]: ...
