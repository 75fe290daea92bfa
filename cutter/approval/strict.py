"""JSON as strictly as signed documents need it: what two readers could understand differently is refused.

Rules kept here: UTF-8 without a byte order mark, no duplicate keys, no floats, no integer beyond 2^53, at most 16 deep,
exactly the keys of its type, and exactly the canonical bytes (RFC 8785). Hostile input ends in a stop, soon.

Source: approvals-and-evidence §3 (checks 2 and 3), §7 rows 12 and 13.
"""

import codecs
import json
from typing import Any, TypeVar

import msgspec

from cutter import canon
from cutter.stops import Stop, StopCode

LIMIT = 65536  # bytes
_DEEPEST = 16
_DIGITS = len(str(canon.LARGEST_INTEGER)) + 1  # with a sign

_Read = TypeVar("_Read", bound=msgspec.Struct)


def malformed(detail: str, check: int = 2) -> Stop:
    """The stop for a document that is not what cutter writes."""
    return Stop(StopCode.STOP_APPROVAL_MALFORMED, detail=detail, check=check)


def read_as(data: bytes, expected: type[_Read], *, limit: int = LIMIT, canonical_check: int = 3) -> _Read:
    """Read a document of one type.

    Args:
        data: its bytes.
        expected: a struct that refuses unknown fields.
        limit: the most bytes.
        canonical_check: the number of the check that tells bytes that are not canonical, or another format.

    Raises:
        Stop: STOP_APPROVAL_MALFORMED; the detail is `size`, `byte_order_mark`, `not_utf8`, `not_json`,
            `duplicate_key`, `number`, `depth`, `wrong_value`, `unknown_field`, `missing_field`, `format` or
            `not_canonical`.
    """
    plain = _parse(data, limit)
    fields = {field.encode_name: field for field in msgspec.structs.fields(expected)}
    if type(plain) is not dict:
        raise malformed("wrong_value")
    if plain.keys() - fields.keys():
        raise malformed("unknown_field")
    if fields.keys() - plain.keys():
        raise malformed("missing_field")
    if "format" in fields and plain["format"] != fields["format"].default:
        raise malformed("format", canonical_check)
    try:
        value = msgspec.convert(plain, expected)
    except (msgspec.ValidationError, UnicodeError):
        raise malformed("wrong_value") from None
    if not _is_canonical(value, data):
        raise malformed("not_canonical", canonical_check)
    return value


def _parse(data: bytes, limit: int) -> Any:
    """Plain values of a JSON text."""
    if len(data) > limit:
        raise malformed("size")
    if data.startswith(codecs.BOM_UTF8):
        raise malformed("byte_order_mark")
    try:
        text = data.decode("utf-8")
        plain = json.loads(
            text,
            object_pairs_hook=_members,
            parse_float=_refuse_number,
            parse_int=_integer,
            parse_constant=_refuse_number,
        )
    except UnicodeDecodeError:
        raise malformed("not_utf8") from None
    except RecursionError:
        raise malformed("depth") from None
    except ValueError:
        raise malformed("not_json") from None
    _check_depth(plain, _DEEPEST)
    return plain


def _members(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    members = dict(pairs)
    if len(members) != len(pairs):
        raise malformed("duplicate_key")
    return members


def _integer(digits: str) -> int:
    """An integer that RFC 8785 can hold. Long digits are refused before they are computed with."""
    if len(digits) > _DIGITS or abs(int(digits)) > canon.LARGEST_INTEGER:
        raise malformed("number")
    return int(digits)


def _refuse_number(_digits: str) -> Any:
    raise malformed("number")


def _check_depth(value: Any, left: int) -> None:
    children = value.values() if type(value) is dict else value if type(value) is list else ()
    if left == 0 and children:
        raise malformed("depth")
    for child in children:
        _check_depth(child, left - 1)


def _is_canonical(value: msgspec.Struct, data: bytes) -> bool:
    """Whether the value's canonical bytes are these. A lone surrogate has none."""
    try:
        return canon.encode(value) == data
    except ValueError:
        return False
