"""What a command hands back: the lines for a person, the document for a program, and the exit status.

A command builds a view and prints nothing; which of the two forms is shown is decided where it is printed.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import BinaryIO

import msgspec

from cutter.stops import Exit


@dataclass(frozen=True, slots=True)
class Table:
    """Records of the same columns: aligned below their names on a terminal, else one a line with tabs, no names."""

    columns: tuple[str, ...]
    rows: Sequence[Sequence[str]]
    empty: str
    """What is said on a terminal when there are no records."""


@dataclass(frozen=True, slots=True)
class Bytes:
    """An answer in a format of its own, in place of a view: written to stdout as it is, piece by piece."""

    write: Callable[[BinaryIO], None]


@dataclass(frozen=True, slots=True)
class View:
    """One answer in its two forms.

    Attributes:
        document: the JSON form, with a `format`.
        lines: the human form; its first word is coloured when it is a state (`stated`).
        exit: the command's exit status.
        records: of a command that also has `--output jsonl`, what stands on a line each.
    """

    document: msgspec.Struct
    lines: tuple[str, ...] | Table
    exit: int = int(Exit.DONE)
    stated: bool = False
    records: Sequence[msgspec.Struct] = ()
