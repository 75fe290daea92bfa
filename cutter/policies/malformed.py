"""What is wrong with the text of a trigger that is no strict JSON: which case it is, and where.

Rules kept here: nothing of the text is told, only a word of ours and numbers; it is looked at in steps that a depth or
a length cannot exhaust, and only once the strict reader has refused it.

Source: RFC 8259; issue 7, rule 6.
"""

import json
import re
from enum import Enum
from typing import Any

import msgspec

DEEPEST = 8
"""Objects and lists that may stand in each other."""

_SIGN = re.compile(r'"(?:[^"\\]|\\.)*"|NaN|-?Infinity|[{}\[\],]', re.DOTALL)


class Case(Enum):
    """Why a text is no trigger. The values stand in records."""

    TOO_LARGE = "too_large"
    NOT_UTF8 = "not_utf8"
    BYTE_ORDER_MARK = "byte_order_mark"
    NOT_JSON = "not_json"
    DUPLICATE_KEY = "duplicate_key"
    NOT_A_NUMBER = "not_a_number"
    LONE_SURROGATE = "lone_surrogate"
    TOO_DEEP = "too_deep"
    NOT_AN_OBJECT = "not_an_object"
    MISSING_KEY = "missing_key"
    WRONG_FORMAT = "wrong_format"
    NOT_CANONICAL = "not_canonical"


class Malformed(msgspec.Struct, frozen=True):
    """What is wrong, and where: line and column from 1, in characters; 0 where there is no place."""

    case: Case
    line: int = 0
    column: int = 0


def diagnose(data: bytes, largest: int) -> Malformed:
    """What is wrong with bytes that the strict reader of triggers has refused.

    Args:
        data: the bytes.
        largest: how many of them there may be.
    """
    if len(data) > largest:
        return Malformed(Case.TOO_LARGE)
    try:
        text = data.decode("utf-8")
    except UnicodeDecodeError as error:
        return _at(data[: error.start].decode("utf-8"), Case.NOT_UTF8, error.start)
    if text.startswith("\ufeff"):
        return Malformed(Case.BYTE_ORDER_MARK, 1, 1)
    end = _end_of_json(text)
    found = _unfit(text[:end])
    if found is not None:
        return _at(text, *found)
    return _at(text, Case.NOT_JSON, end) if end is not None else Malformed(Case.NOT_AN_OBJECT, 1, 1)


def _at(text: str, case: Case, place: int) -> Malformed:
    before = text[:place]
    return Malformed(case, before.count("\n") + 1, len(before) - before.rfind("\n"))


def _end_of_json(text: str) -> int | None:
    """Where a text is no JSON any more; None where it is, or is too deep to tell."""
    try:
        json.loads(text, parse_int=len)
    except json.JSONDecodeError as error:
        return error.pos
    except RecursionError:
        return None
    return None


def _unfit(text: str) -> tuple[Case, int] | None:
    """The first place at which JSON says what a strict reader refuses."""
    keys: list[set[str] | None] = []  # of each object that is open the keys that were read; None of a list
    before = ""
    for match in _SIGN.finditer(text):
        sign, place = match[0], match.start()
        if sign in "{[":
            keys.append(set() if sign == "{" else None)
            if len(keys) > DEEPEST:
                return Case.TOO_DEEP, place
        elif sign in "}]":
            del keys[-1:]
        elif sign[0] == '"':
            case = _of_text(sign, keys[-1] if keys and before in "{," else None)
            if case is not None:
                return case, place
        elif sign != ",":
            return Case.NOT_A_NUMBER, place
        before = sign
    return None


def _of_text(sign: str, keys: set[str] | None) -> Case | None:
    """What is wrong with a text; with `keys` it is a key beside these."""
    try:
        said: Any = json.loads(sign)
        said.encode("utf-8")
    except UnicodeEncodeError:
        return Case.LONE_SURROGATE
    except ValueError:
        return Case.NOT_JSON
    if keys is None:
        return None
    if said in keys:
        return Case.DUPLICATE_KEY
    keys.add(said)
    return None
