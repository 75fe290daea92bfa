"""What a cut is not sure of: places for a person to look at, never text of the document."""

from enum import Enum
from typing import NamedTuple

from cutter.stops import Stop, StopCode

# Doubts of one text: more than people can look at, and a text of nothing else would fill the memory with them.
MOST_DOUBTS = 500_000


class DoubtCode(Enum):
    """The closed set of doubts (cutting.md §2)."""

    GAP = "gap"  # numbers are missing in a run: the heading was taken, or refused
    REPEATED = "repeated"  # a number that the run already had: the line stays text
    UNBALANCED_QUOTE = "unbalanced_quote"  # a quotation mark without its partner: no zone was made
    HEADING_REFUSED = "heading_refused"  # a line like a heading, but prose follows or no unit may hold it
    AMBIGUOUS_TAIL = "ambiguous_tail"  # text after the last point: given to the point, may belong to its clause
    UNRESOLVED_REFERENCE = "unresolved_reference"  # it cites a unit of this document that is not there, or not alone
    MIXED_NORMAL_FORMS = "mixed_normal_forms"  # composed and decomposed letters in one text


class Doubt(NamedTuple):
    """One doubt.

    Args:
        code: which kind.
        line: line number, from 1.
        column: character in the source line, from 1.
        detail: a word: the TYPE and number in question, what was done, or a count.
    """

    code: DoubtCode
    line: int
    column: int
    detail: str


def add_doubt(doubts: list[Doubt], doubt: Doubt) -> None:
    """Keep a doubt.

    Raises:
        Stop: STOP_TEXT_DOUBTFUL, detail `limit_N_doubts`.
    """
    if len(doubts) >= MOST_DOUBTS:
        where = f"{doubt.line}:{doubt.column}"
        raise Stop(StopCode.STOP_TEXT_DOUBTFUL, f"limit_{MOST_DOUBTS}_doubts", where=where)
    doubts.append(doubt)
