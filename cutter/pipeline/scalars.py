"""What a plain scalar of YAML 1.2 means, and which plain scalars are refused because readers disagree about them.

Rules kept here: `true`, `false`, `null`, `~` and decimal integers are what they look like; what any YAML (1.1 or 1.2)
reads as another number, a date or a time must be quoted to be text; everything else is text, `no` and `on` too.

Source: YAML 1.2.2 §10.3 (core schema); YAML 1.1 types int, float, timestamp.
"""

import re
from enum import Enum

from cutter import canon
from cutter.model import Scalar

_WORDS: dict[str, Scalar] = {
    "": None,
    "~": None,
    **dict.fromkeys(("null", "Null", "NULL")),
    **dict.fromkeys(("true", "True", "TRUE"), True),
    **dict.fromkeys(("false", "False", "FALSE"), False),
}
_INTEGER = re.compile(r"0|-?[1-9][0-9]*")
# Octal, hexadecimal, binary, sexagesimal, floats, dates, times, digits with separators: all are made of these.
_NUMBER_LIKE = re.compile(r"[-+]?\.?[0-9][0-9a-fA-FxXoObB_.:,+\-tTzZ ]*|[-+]?\.(?:inf|Inf|INF|nan|NaN|NAN)|=")
_DIGITS = len(str(canon.LARGEST_INTEGER))


class Refusal(Enum):
    """Why a plain scalar is refused."""

    UNQUOTED = "unquoted"
    LARGE_INTEGER = "large_integer"


def read_plain(text: str) -> Scalar | Refusal:
    """The value of a plain scalar."""
    if text in _WORDS:
        return _WORDS[text]
    if text[0] not in "0123456789+-.=":
        return text
    if _INTEGER.fullmatch(text):
        if len(text) > _DIGITS + 1 or abs(int(text)) > canon.LARGEST_INTEGER:
            return Refusal.LARGE_INTEGER
        return int(text)
    return Refusal.UNQUOTED if _NUMBER_LIKE.fullmatch(text) else text
