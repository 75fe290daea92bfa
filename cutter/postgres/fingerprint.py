"""Taking a fingerprint: what a database says of its objects, wide, as the survey role, read-only.

Rules kept here: the answer holds names and definitions, never oids or rows, and is ordered by bytes, so that two
databases with the same objects answer the same on one major version of the server.

Source: DESIGN §4 (Fingerprints).
"""

from collections.abc import Sequence
from itertools import groupby

from cutter.contracts import Fingerprint, FingerprintedObject, Part, SurveySession
from cutter.resources import statement

_SQL = "postgres/sql/fingerprint/"
_KINDS = ("roles", "schemas", "tables", "triggers", "functions")


def take_fingerprint(session: SurveySession, name: str, schemas: Sequence[str]) -> Fingerprint:
    """The fingerprint of the objects of some schemas, and of the roles that own or use these.

    Args:
        session: where it is asked.
        name: what it is called.
        schemas: the schemas.

    Raises:
        Stop: as `SurveySession` does.
    """
    major = session.answer(statement(f"{_SQL}server_major.sql"), {})["major"]
    objects: list[FingerprintedObject] = []
    for kind in _KINDS:
        rows = session.stream(statement(f"{_SQL}{kind}.sql"), {"schemas": list(schemas)})
        for (found, of), parts in groupby(rows, key=lambda row: (row[0], row[1])):
            told = tuple(Part(part, value) for _, _, part, value in parts)
            objects.append(FingerprintedObject(f"{of} {found}", of, told))
    return Fingerprint(name, int(major or 0), tuple(objects))
