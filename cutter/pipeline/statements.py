"""Statements that a pipeline file hands to an operation: one question, or one call of a function of the user's own.

Rules kept here: a statement stands in the file as it is run, and so in the pipeline's digest; values are bound, never
written into it; a call names its function with its schema, and never one of cutter's or of the server's.

An operation takes a statement when a field of its parameters is a `Question` or a `Call`; the variables come under
`bind` of the phase, in the field of that name.

Source: DESIGN §5; issue 4, part 9.
"""

import re
from collections.abc import Mapping
from enum import Enum
from typing import Annotated, Any, TypeAlias, get_args

import msgspec

from cutter.fingerprints import SCHEMAS
from cutter.model import Scalar

BIND = "bind"  # the field of parameters that takes the variables


class Kind(Enum):
    """What a statement may do."""

    QUESTION = "question"
    CALL = "call"


Question: TypeAlias = Annotated[str, msgspec.Meta(extra={"statement": "question"})]
Call: TypeAlias = Annotated[str, msgspec.Meta(extra={"statement": "call"})]
Variables: TypeAlias = Mapping[str, Scalar]

_NAME = "[a-z_][a-z0-9_]{0,62}"
_VALUE = r"%\([A-Za-z_][A-Za-z0-9_]*\)s(?:::[a-z][a-z0-9_]*(?: [a-z]+)*(?:\[\])?)?"
_CALL = re.compile(
    rf"\s*SELECT\s+(?P<schema>{_NAME})\.(?P<function>{_NAME})\(\s*(?:{_VALUE}(?:\s*,\s*{_VALUE})*)?\s*\)"
    rf"(?:\s+AS\s+{_NAME})?\s*",
    re.IGNORECASE,
)


class CalledFunction(msgspec.Struct, frozen=True):
    """The function that a statement calls."""

    schema: str
    name: str


def parse_call(statement: str) -> CalledFunction | None:
    """The function that a statement calls; None when it is not one call of a function of the user's own."""
    match = _CALL.fullmatch(statement)
    if match is None:
        return None
    called = CalledFunction(match["schema"], match["function"])
    folded = called.schema == called.schema.lower() and called.name == called.name.lower()
    own = any(called.schema in schemas for schemas in SCHEMAS.values())
    foreign = called.schema.startswith("pg_") or called.schema == "information_schema"
    return called if folded and not own and not foreign else None


def statement_fields(params: type[msgspec.Struct]) -> Mapping[str, Kind]:
    """The fields of an operation's parameters that are statements of the file."""
    kinds = {item.name: _kind(item.type) for item in msgspec.structs.fields(params)}
    return {name: kind for name, kind in kinds.items() if kind is not None}


def _kind(annotation: Any) -> Kind | None:
    for meta in get_args(annotation):
        if isinstance(meta, msgspec.Meta) and meta.extra and "statement" in meta.extra:
            return Kind(meta.extra["statement"])
    return None
