"""What a run does to the rows, in words: what it asks for, what it did, what its units are counted as.

Rules kept here: a run that deletes is never told to write; units that nobody cut are not told as cut; an operation
that is not listed writes rows.

Source: command-line.md §2 (M2, M5).
"""

from collections.abc import Iterator, Sequence

from cutter.messages import Countable, Message, _, counted
from cutter.model import Mode
from cutter.policies.policy import CREATE_NOTIFICATION, SEND_MESSAGE
from cutter.report.lines import block, count_phrase
from cutter.report.next_steps import is_unknown_effect
from cutter.report.result import Result, RunEffect

VOID, RESTORE, ENACT = "library.void", "custody.restore", "library.enact"

# What an operation is asked to do to how many rows.
_ASKED = {
    VOID: Countable("delete up to {count} draft"),
    RESTORE: Countable("delete and write, from a backup, up to {count} row"),
    ENACT: Countable("put in force up to {count} draft"),
    "library.cut_leg_a": Countable("write up to {count} row"),
    "sql.execute": Countable("write up to {count} row"),
}
# What a run that a policy started asks for: its one write, or whether there is to be any.
_ONE_WRITE = {
    SEND_MESSAGE: Message("send one message"),
    CREATE_NOTIFICATION: Message("make one notification"),
}
_CHANGES_ROWS = Countable("change up to {count} row")
_WRITES_ROWS = Countable("write up to {count} row")


def asked_change(covers: Sequence[str], row_count: int, failure: str = "") -> str:
    """What the operations that a request covers may do to how many rows: `delete up to 321 drafts`.

    Args:
        covers: the operations; none: what is asked is only whether the run goes on.
        row_count: the rows.
        failure: after which failure people decide, as `STOP_CODE phase`; empty for none.
    """
    names = [cover.partition("@")[0] for cover in covers]
    if SEND_MESSAGE in covers and is_unknown_effect(failure):
        return _("count one message as sent")
    written = [_ONE_WRITE[cover] for cover in covers if cover in _ONE_WRITE]
    if written:
        return _(written[0])
    if not names:
        return _("go on to the next gate")
    ways = {_ASKED[name] for name in names if name in _ASKED} or {_WRITES_ROWS}
    return counted(row_count, ways.pop() if len(ways) == 1 else _CHANGES_ROWS)


def left_open() -> str:
    """What people are asked at a gate behind which nothing runs before others have authorized it."""
    return _("decide what the policies left open")


def is_of_rows(covers: Sequence[str]) -> bool:
    """Whether what a request covers is rows of a database; else it is a message, a notification, or a decision."""
    return bool(covers) and not any(cover in _ONE_WRITE for cover in covers)


def change_word(result: Result) -> str:
    """The word before what was done: what deletes or puts back has not written."""
    done = {phase.operation.partition("@")[0] for phase in result.phases if phase.written}
    return _("Changed") if done & {VOID, RESTORE} else _("Written")


def count_lines(result: Result) -> Iterator[str]:
    """The units by TYPE, under the word of what happened to them."""
    if result.counts:
        told = (phase.facts.get("language") for phase in result.phases)
        language = next((each for each in told if isinstance(each, str)), "vi")
        yield block(_count_word(result), count_phrase(result.counts, language))


def _count_word(result: Result) -> str:
    if any(phase.operation.partition("@")[0] == VOID for phase in result.phases):
        return _("Voided") if result.effect in (RunEffect.COMMITTED, RunEffect.REHEARSED) else _("Drafts")
    cut = result.mode is Mode.DRYRUN or any(phase.written for phase in result.phases)
    return _("Cut") if cut else _("Planned")
