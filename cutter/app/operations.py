"""What operations are, told from the catalogue itself, on the command line and in docs/operations.md. No database.

Rules kept here: nothing is written down twice. Types come from the operation's own Structs, meanings from their
docstrings, stops from the docstrings of its functions, and where it is used from the pipelines.

Source: issue 6, part 5; DESIGN §5.
"""

import difflib
import inspect
import re
from collections.abc import Callable, Iterator, Sequence
from typing import Any

import msgspec
from msgspec.inspect import (
    BoolType,
    CollectionType,
    DictType,
    IntType,
    Metadata,
    StrType,
    StructType,
    TupleType,
    Type,
    UnionType,
    VarTupleType,
    type_info,
)

from cutter.app.pipelines import good_pipelines
from cutter.model import OperationPhase
from cutter.operation import ExternalOperation, Operation, ReadOperation, TargetOperation, Undo
from cutter.operations import CATALOGUE
from cutter.settings import Settings
from cutter.stops import Stop, StopCode

READS, WRITES, OUTSIDE = "reads", "writes to the database", "outside the database"
_STOP = re.compile(r"STOP_[A-Z0-9_]+…?")
_AS = re.compile(r"\bas `([A-Za-z_]+)\.([a-z_]+)`")
_CLAUSE = re.compile(r"(?<=[.;:])\s+|,\s+(?=`)")
_IS = re.compile(r"`[a-z0-9_]+` (?:is|are) (?P<what>[^`]+)")
_ATTRIBUTE = re.compile(r"^(?P<name>[a-z_][a-z0-9_]*): (?P<text>.+)$")


class OperationField(msgspec.Struct, frozen=True):
    """One parameter, or one field of an outcome; `meaning` is empty where the docstring says it of all together."""

    name: str
    type: str
    meaning: str


class DescribedOperation(msgspec.Struct, frozen=True, kw_only=True):
    """An operation of the catalogue.

    Attributes:
        name: with its version, as a phase's `uses` has it.
        kind: its effect: reads, writes to the database, or outside the database.
        summary: what it does.
        params_meaning: what its parameters are together.
        params: its parameters.
        outcome_meaning: what its outcome is.
        outcome: the fields that later phases can refer to.
        governs: the governed tables that it writes; `*`: those of a function of the user's own.
        undo: how what it wrote is undone; empty for what writes nothing governed.
        crosses: the other folders of operations whose tables it uses.
        stops: what it may raise by itself; beside these is what every phase may end with.
        pipelines: those that use it.
    """

    name: str
    kind: str
    summary: str
    params_meaning: str
    params: tuple[OperationField, ...]
    outcome_meaning: str
    outcome: tuple[OperationField, ...]
    governs: tuple[str, ...]
    undo: str
    crosses: tuple[str, ...]
    stops: tuple[str, ...]
    pipelines: tuple[str, ...]


def list_operations(settings: Settings) -> tuple[DescribedOperation, ...]:
    """Every operation, by name."""
    users = _users(settings)
    return tuple(_describe(_found(name), users.get(name, ())) for name in CATALOGUE.names())


def show_operation(settings: Settings | None, name: str) -> DescribedOperation:
    """One operation, by name with or without its version (then the newest).

    Args:
        settings: the workspace whose pipelines use it; None where it cannot be read.
        name: such as `library.enact`, or `library.enact@1`.

    Raises:
        Stop: STOP_INVALID_INPUT, detail `operation`, with the nearest names.
    """
    known = CATALOGUE.names()
    fitting = [listed for listed in known if name in (listed, listed.partition("@")[0])]
    if not fitting:
        plain = {listed.partition("@")[0] for listed in known}
        near = difflib.get_close_matches(name, sorted({*known, *plain}), n=3, cutoff=0.5)
        near += [listed for listed in known if name and name in listed and listed not in near]
        raise Stop(StopCode.STOP_INVALID_INPUT, detail="operation", where="NAME", suggestions=tuple(near[:5]))
    newest = max(fitting, key=lambda listed: int(listed.partition("@")[2]))
    return _describe(_found(newest), _users(settings).get(newest, ()))


def translatable_texts() -> Iterator[str]:
    """The words here that people read and no call names: for the catalogues of translations."""
    yield from (READS, WRITES, OUTSIDE, *(undo.value for undo in Undo))
    for name in CATALOGUE.names():
        operation = _found(name)
        fields = (*_fields(operation.params), *_fields(operation.outcome))
        yield from (operation.summary, *(field.type for field in fields))


def _found(listed: str) -> Operation:
    name, _, version = listed.partition("@")
    operation = CATALOGUE.find(name, int(version))
    if operation is None:
        raise RuntimeError("an operation is listed and cannot be found")
    return operation


def _users(settings: Settings | None) -> dict[str, tuple[str, ...]]:
    """The pipelines that use each operation; one with mistakes uses none."""
    users: dict[str, tuple[str, ...]] = {}
    for pipeline in good_pipelines(settings) if settings is not None else ():
        for uses in dict.fromkeys(phase.uses for phase in pipeline.phases if isinstance(phase, OperationPhase)):
            users[uses] = (*users.get(uses, ()), pipeline.id)
    return users


def _describe(operation: Operation, pipelines: Sequence[str]) -> DescribedOperation:
    writes = isinstance(operation, TargetOperation)
    return DescribedOperation(
        name=f"{operation.name}@{operation.version}",
        kind=_kind(operation),
        summary=operation.summary,
        params_meaning=_meaning(operation.params),
        params=tuple(_fields(operation.params)),
        outcome_meaning=_meaning(operation.outcome),
        outcome=tuple(_fields(operation.outcome)),
        governs=operation.governs if isinstance(operation, TargetOperation) else (),
        undo=operation.undo.value if isinstance(operation, TargetOperation) else "",
        crosses=operation.crosses,
        stops=tuple(_stops(operation, writes=writes)),
        pipelines=tuple(pipelines),
    )


def _kind(operation: Operation) -> str:
    match operation:
        case ReadOperation():
            return READS
        case TargetOperation():
            return WRITES
        case ExternalOperation():
            return OUTSIDE


def _meaning(struct: type[msgspec.Struct]) -> str:
    """The first paragraph of a docstring."""
    return " ".join((inspect.getdoc(struct) or "").split("\n\n")[0].split())


def _fields(struct: type[msgspec.Struct]) -> Iterator[OperationField]:
    said = dict(_said(struct))
    for field in msgspec.structs.fields(struct):
        yield OperationField(field.name, _type_words(field.type), said.get(field.name, ""))


def _said(struct: type[msgspec.Struct]) -> Iterator[tuple[str, str]]:
    """What the docstrings of a Struct and of those it extends say of each field: an entry, or the clause about it."""
    for base in reversed(struct.__mro__):
        if not issubclass(base, msgspec.Struct) or base is msgspec.Struct:
            continue
        text, _, entries = inspect.cleandoc(base.__doc__ or "").partition("Attributes:")
        for clause in _CLAUSE.split(" ".join(text.split())):
            told = clause.rstrip(".,;:")
            is_ = _IS.fullmatch(told)
            yield from ((name, is_["what"] if is_ else told) for name in re.findall(r"`([a-z0-9_]+)`", clause))
        for entry in re.split(r"\n {4}(?=\S)", entries):
            if found := _ATTRIBUTE.match(" ".join(entry.split())):
                yield found["name"], found["text"]


def _type_words(type_: Any) -> str:
    """A type as a person says it."""
    found: Type = type_info(type_)
    if isinstance(found, Metadata):
        statement = (found.extra or {}).get("statement")
        return f"SQL, one {statement}" if statement else _words_of(found.type)
    return _words_of(found)


def _words_of(found: Type) -> str:
    match found:
        case StrType():
            return "text"
        case IntType():
            return "number"
        case BoolType():
            return "yes or no"
        case DictType(value_type=value) if isinstance(value, UnionType):
            return "values by name"
        case DictType(value_type=value):
            return f"{_words_of(value)} by name"
        case TupleType(item_types=items):
            return f"({', '.join(map(_words_of, items))})"
        case VarTupleType(item_type=item) | CollectionType(item_type=item):
            return f"list of {_words_of(item)}"
        case StructType():
            return "record"
        case UnionType(types=types):
            return " or ".join(dict.fromkeys(_words_of(item) for item in types))
        case _:
            return "value"


def _stops(operation: Operation, *, writes: bool) -> Iterator[str]:
    """The codes that the docstrings of its functions name, in their order; `STOP_TEXT_…` is all that begin so."""
    functions: list[Callable[..., Any]] = [operation.act, operation.verify]
    if isinstance(operation, ExternalOperation):
        functions += [operation.rehearse, operation.settle, *filter(None, [operation.still_holds])]
    named = dict.fromkeys(code for function in functions for code in _named(function))
    own = (StopCode.STOP_POLICY_REFUSED.name,) if writes else ()
    yield from dict.fromkeys((*named, *own, StopCode.STOP_VERIFY_FAILED.name))


def _named(function: Callable[..., Any]) -> Iterator[str]:
    text = inspect.getdoc(function) or ""
    for word in _STOP.findall(text):
        yield from (code.name for code in StopCode if _fits(code.name, word))
    for owner, name in _AS.findall(text):
        other = getattr(inspect.getmodule(function), owner, None)
        if callable(found := getattr(other, name, None)):
            yield from _named(found)


def _fits(code: str, word: str) -> bool:
    return code.startswith(word[:-1]) if word.endswith("…") else code == word
