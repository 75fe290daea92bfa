"""The bytes of a source text by their sha256: from the workspace, else from the library. Not an operation."""

from cutter import canon
from cutter.contracts import SurveySession, Texts
from cutter.resources import statement
from cutter.stops import Stop, StopCode


def read_source(texts: Texts, session: SurveySession, text_sha256: str) -> bytes:
    """The bytes with this digest, re-hashed.

    Raises:
        Stop: STOP_SOURCE_MISSING when neither has them, STOP_SOURCE_CHANGED when they were altered.
    """
    rows = session.rows(statement("operations/library/sql/source_text.sql"), {"text_sha256": text_sha256})
    data = bytes(rows[0][0]) if rows else texts.read(text_sha256)
    if canon.sha256(data) != text_sha256:
        raise Stop(StopCode.STOP_SOURCE_CHANGED)
    return data
