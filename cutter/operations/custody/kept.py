"""What a backup of a document holds, and how it is read from a snapshot. Not an operation.

The tables stand in the order in which they are written back. The records (change sets, markers) are kept too: without
them a restored document could be neither cut again nor enacted.
"""

from cutter.contracts import Bind, SnapshotSession, SurveySession
from cutter.resources import statement

UNITS = "library.information_unit"
REGIONS = "library.unit_region"
TABLES = (
    "library.source_document",
    "library.source_version",
    "cutter_governance.change_set",
    UNITS,
    REGIONS,
    "cutter_governance.phase_marker",
)


def selection(table: str) -> str:
    """The rows of a table that belong to the document `prefix`, with all their columns."""
    return sql(table.rpartition(".")[2])


def sql(name: str) -> str:
    """A statement of this folder."""
    return statement(f"operations/custody/sql/{name}.sql")


def digest_of(session: SurveySession | SnapshotSession, table: str, document_id: str) -> tuple[int, str]:
    """How many rows of a table belong to the document, and their digest, in any order."""
    bind: Bind = {"table": table, "prefix": document_id}
    count, digest = session.rows(sql("rows_digest"), bind)[0]
    return int(count), str(digest)
