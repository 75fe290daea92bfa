"""What a run does to the rows, in words: what it asks for, what it did, what its units are counted as.

Rules kept here: a run that deletes is never told to write; units that nobody cut are not told as cut; an operation
that is not listed writes rows.

Source: command-line.md §2 (M2, M5).
"""

from collections.abc import Iterator, Sequence

from cutter.model import Mode
from cutter.report.lines import block, count_phrase, counted
from cutter.report.result import Result, RunEffect

VOID, RESTORE, ENACT = "library.void", "custody.restore", "library.enact"

# What an operation is asked to do; the number of rows stands between the two parts.
_ASKED = {
    VOID: ("delete up to", "draft"),
    RESTORE: ("delete and write, from a backup, up to", "row"),
    ENACT: ("put in force up to", "draft"),
    "library.cut_leg_a": ("write up to", "row"),
    "sql.execute": ("write up to", "row"),
}
_CHANGES_ROWS = ("change up to", "row")
_WRITES_ROWS = ("write up to", "row")


def asked_change(covers: Sequence[str], row_count: int) -> str:
    """What the operations that a request covers may do to how many rows: `delete up to 321 drafts`."""
    names = (cover.partition("@")[0] for cover in covers)
    ways = {_ASKED[name] for name in names if name in _ASKED} or {_WRITES_ROWS}
    verb, noun = ways.pop() if len(ways) == 1 else _CHANGES_ROWS
    return f"{verb} {counted(row_count, noun)}"


def change_word(result: Result) -> str:
    """The word before what was done: what deletes or puts back has not written."""
    done = {phase.operation.partition("@")[0] for phase in result.phases if phase.written}
    return "Changed" if done & {VOID, RESTORE} else "Written"


def count_lines(result: Result) -> Iterator[str]:
    """The units by TYPE, under the word of what happened to them."""
    if result.counts:
        yield block(_count_word(result), count_phrase(result.counts))


def _count_word(result: Result) -> str:
    if any(phase.operation.partition("@")[0] == VOID for phase in result.phases):
        return "Voided" if result.effect in (RunEffect.COMMITTED, RunEffect.REHEARSED) else "Drafts"
    cut = result.mode is Mode.DRYRUN or any(phase.written for phase in result.phases)
    return "Cut" if cut else "Planned"
