"""The words of a graph that all its drawings share: kinds, statuses, spans of time, who decides.

Rules kept here: words are of the process's language, ids and codes are not; nothing here escapes for a drawing.
"""

from collections.abc import Iterator
from typing import assert_never

from cutter.messages import _, number
from cutter.report.graph import GateNode, Kind, PhaseNode

_HOUR, _MINUTE = 3600, 60  # seconds


def kind_word(kind: Kind) -> str:
    """What a phase does, in a word."""
    match kind:
        case Kind.READ:
            return _("read")
        case Kind.WRITE:
            return _("write")
        case Kind.EXTERNAL:
            return _("external")
        case Kind.GATE:
            return _("gate")
        case _ as never:
            assert_never(never)


def status_word(status: str) -> str:
    """How a phase of a run stands; a status that this cutter does not know is shown as it is."""
    words = {
        "ok": _("ok"),
        "kept": _("kept"),
        "run": _("run"),
        "opened": _("opened"),
        "approved": _("approved"),
        "waiting": _("waiting"),
        "would_wait": _("would wait"),
        "would_stop": _("would stop"),
        "stopped": _("stopped"),
        "skipped": _("skipped"),
        "refused": _("refused"),
        "lapsed": _("lapsed"),
        "unfinished": _("unfinished"),
        "not_reached": _("not reached"),
    }
    return words.get(status, status)


def span(seconds: int) -> str:
    """A span of time in its largest whole unit."""
    if seconds % _HOUR == 0:
        return _("{count} h", count=number(seconds // _HOUR))
    if seconds % _MINUTE == 0:
        return _("{count} min", count=number(seconds // _MINUTE))
    return _("{count} s", count=number(seconds))


def quorum_phrase(gate: GateNode) -> str:
    """How many persons of which role: `content 1 · sovereign 2`."""
    return " · ".join(f"{item.role} {item.persons}" for item in gate.quorum)


def subject(node: PhaseNode) -> str:
    """What a phase is of: its operation, its gate, or its questions."""
    if node.gate is not None:
        return node.gate.id
    if node.operation:
        return node.operation
    return _("1 question") if node.before == 1 else _("{count} questions", count=number(node.before))


def tables(node: PhaseNode) -> tuple[str, ...]:
    """The governed tables that a phase writes, in words where they cannot be named."""
    return tuple(_("any table") if table == "*" else table for table in node.governs)


def node_lines(node: PhaseNode) -> Iterator[str]:
    """What stands in the box of a phase: its name and how it stands, what it does, who decides, its guard."""
    stands = f" · {status_word(node.status)}" if node.status else ""
    yield f"{node.index} {node.phase}{stands}"
    yield f"{kind_word(node.kind)} · {subject(node)}"
    if node.gate is not None:
        yield f"{quorum_phrase(node.gate)} · {span(node.gate.approve_within_s)}"
    if node.guard is not None:
        yield node.guard.guard
