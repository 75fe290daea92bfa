"""A finding of the doctor, and how a check is carried out: for so long, and without ever raising.

Source: issue 6, part 6.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from enum import Enum
from threading import Thread

from cutter.messages import Message
from cutter.report.next_steps import command
from cutter.stops import Stop


class State(Enum):
    """How it is: well; to be looked at, and cutter works; something does not work."""

    OK = "ok"
    WARN = "warn"
    FAIL = "fail"


@dataclass(frozen=True, slots=True)
class Phrase:
    """A fact as a message: its English text, with names in braces, and what stands for them."""

    text: Message
    values: tuple[tuple[str, object], ...] = ()

    def __str__(self) -> str:
        """The fact in English, as programs read it."""
        return self.text.format(**dict(self.values)) if self.values else str(self.text)


@dataclass(frozen=True, slots=True)
class Finding:
    """One line of the doctor's: what was looked at, how it is, the fact, and the command that mends it (or empty)."""

    name: str
    state: State
    fact: Phrase
    fix: str = ""


@dataclass(frozen=True, slots=True)
class Check:
    """Something to look at: its name, and what looks and tells one or several findings."""

    name: str
    look: Callable[[], Iterable[Finding]]


def fact(text: Message, /, **values: object) -> Phrase:
    """A fact with what stands for the names in it; it is translated when it is shown."""
    return Phrase(text, tuple(values.items()))


def perform(check: Check, seconds: float) -> tuple[Finding, ...]:
    """What a check finds. After the time is over it counts as failed, with what it had found until then."""
    found: list[Finding] = []
    worker = Thread(target=_look, args=(check, found), name=f"doctor {check.name}", daemon=True)
    worker.start()
    worker.join(seconds)
    told = tuple(found)
    if worker.is_alive():
        return (
            *told,
            Finding(check.name, State.FAIL, fact(Message("no answer within {seconds} s"), seconds=f"{seconds:g}")),
        )
    return told


def of_stop(name: str, stop: Stop, state: State = State.FAIL, fix: str = "") -> Finding:
    """A refusal as a finding: its code, case and place; the fix explains it where nothing better is known."""
    parts = (stop.code.name, stop.detail, stop.where, stop.found and f"found {stop.found}")
    told = fact(Message("{stop}"), stop=" · ".join(part for part in parts if part))
    return Finding(name, state, told, fix or command("explain", stop.code.name))


def _look(check: Check, found: list[Finding]) -> None:
    try:
        for finding in check.look():
            found.append(finding)
    except Stop as stop:
        found.append(of_stop(check.name, stop))
    except Exception as error:  # noqa: BLE001  a check that fails is a finding, and its message may hold values
        kind = type(error).__name__
        found.append(Finding(check.name, State.FAIL, fact(Message("could not be looked at: {kind}"), kind=kind)))
