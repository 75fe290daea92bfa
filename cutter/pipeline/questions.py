"""Questions in a pipeline file: surveys (one SELECT with its variables and what is expected), and fingerprint checks.

Rules kept here: no reference stands in SQL; the variables of the SQL are exactly those of `bind`; an expectation is a
value, a reference, or one of four comparisons: there is no expression language.

Source: DESIGN §5 (`expect`).
"""

import re
from collections.abc import Callable
from typing import TypeVar

from cutter.fingerprints import SCHEMAS
from cutter.model import (
    AtLeast,
    AtMost,
    Equals,
    Expectation,
    ExpectedColumn,
    FingerprintCheck,
    Literal,
    Matches,
    Named,
    OneOf,
    Question,
    Survey,
)
from cutter.pipeline.diagnostics import Code
from cutter.pipeline.document import Entry, Mapping, Node, Scalar
from cutter.pipeline.format import PHASE_ID, ExpectationKeys, FingerprintKeys, SurveyKeys
from cutter.pipeline.scope import Scope, read_binding
from cutter.pipeline.statements import Kind, parse_call
from cutter.pipeline.walk import is_pattern, join
from cutter.stops import StopCode

Q = TypeVar("Q", bound=Survey | FingerprintCheck)

_VARIABLE = re.compile(r"%\(([A-Za-z_][A-Za-z0-9_]*)\)s")
_LARGEST = 2**53 - 1
# The wall is the read-only transaction that it is asked in; this finds mistakes early.
_QUESTION = re.compile(r"\s*(?:SELECT|WITH)\b", re.IGNORECASE)


def read_surveys(scope: Scope, node: Node, path: str) -> tuple[Survey, ...]:
    """A list of surveys; those with mistakes are left out."""
    return _read_all(scope, node, path, _read_survey)


def read_preflight(scope: Scope, node: Node, path: str) -> tuple[Question, ...]:
    """A list of surveys and fingerprint checks; those with mistakes are left out."""
    return _read_all(scope, node, path, _read_question)


def _read_all(scope: Scope, node: Node, path: str, read: Callable[[Scope, Node, str], Q | None]) -> tuple[Q, ...]:
    questions = []
    names: set[str] = set()
    for number, item in enumerate(scope.walk.some(node, path)):
        question = read(scope, item, f"{path}[{number}]")
        if question is None:
            continue
        what = "survey" if isinstance(question, Survey) else "fingerprint"
        if f"{what} {question.name}" in names:
            message = f"the {what} `{question.name}` stands there already"
            scope.walk.note(Code.DUPLICATE_ID, item.place, f"{path}[{number}]", message)
        names.add(f"{what} {question.name}")
        questions.append(question)
    return tuple(questions)


def _read_question(scope: Scope, node: Node, path: str) -> Question | None:
    if not (isinstance(node, Mapping) and "fingerprint" in node.entries):
        return _read_survey(scope, node, path)
    keys = scope.walk.keyed(node, path, FingerprintKeys)
    name = scope.walk.word(keys["fingerprint"].node, join(path, "fingerprint"), tuple(SCHEMAS))
    stop = _read_stop(scope, keys["stop"].node, join(path, "stop")) if "stop" in keys else None
    return FingerprintCheck(name, stop) if name is not None and stop is not None else None


def _read_survey(scope: Scope, node: Node, path: str) -> Survey | None:
    walk = scope.walk
    keys = walk.keyed(node, path, SurveyKeys)
    name = walk.text(keys["survey"].node, join(path, "survey"), PHASE_ID) if "survey" in keys else None
    sql = walk.text(keys["sql"].node, join(path, "sql")) if "sql" in keys else None
    bind = read_bind(scope, keys, path)
    if sql is not None and _check_question(scope, keys["sql"].node, sql, join(path, "sql")):
        _check_variables(scope, keys["sql"].node, sql, _bound_names(keys), join(path, "sql"))
    expect = _read_expect(scope, keys["expect"].node, join(path, "expect")) if "expect" in keys else ()
    stop = _read_stop(scope, keys["stop"].node, join(path, "stop")) if "stop" in keys else None
    if name is None or sql is None or stop is None:
        return None
    return Survey(name, sql, bind, expect, stop)


def read_statement(scope: Scope, node: Node, kind: Kind, keys: dict[str, Entry], path: str) -> Literal | None:
    """A statement that a phase hands to its operation; its variables are those under `bind` of the phase."""
    sql = scope.walk.text(node, path)
    if sql is None:
        return None
    check = _check_call if kind is Kind.CALL else _check_question
    if check(scope, node, sql, path):
        _check_variables(scope, node, sql, _bound_names(keys), path)
    return Literal(sql)


def read_bind(scope: Scope, keys: dict[str, Entry], path: str) -> tuple[Named, ...]:
    """The variables under `bind`, by name."""
    if "bind" not in keys:
        return ()
    where = join(path, "bind")
    named = []
    for name, entry in scope.walk.mapping(keys["bind"].node, where).items():
        binding = read_binding(scope, entry.node, join(where, name))
        if binding is not None:
            named.append(Named(name, binding))
    return tuple(sorted(named, key=lambda item: item.name))


def _bound_names(keys: dict[str, Entry]) -> set[str]:
    node = keys["bind"].node if "bind" in keys else None
    return set(node.entries) if isinstance(node, Mapping) else set()


def _check_question(scope: Scope, node: Node, sql: str, path: str) -> bool:
    if not _QUESTION.match(sql) or ";" in sql:
        message = "a question is one SELECT, without a semicolon"
        scope.walk.note(Code.WRONG_VALUE, node.place, path, message, needed="one SELECT of one row")
        return False
    return not _has_reference(scope, node, sql, path)


def _check_call(scope: Scope, node: Node, sql: str, path: str) -> bool:
    if _has_reference(scope, node, sql, path):
        return False
    if parse_call(sql) is None:
        message = "a statement is one call of a function of your own schema, its arguments bound"
        scope.walk.note(Code.WRONG_VALUE, node.place, path, message, needed="one SELECT of schema.function(%(name)s)")
        return False
    return True


def _has_reference(scope: Scope, node: Node, sql: str, path: str) -> bool:
    if "{{" not in sql:
        return False
    message = "a reference never stands in SQL"
    scope.walk.note(Code.REFERENCE_IN_SQL, node.place, path, message, needed="%(name)s, and the name under `bind`")
    return True


def _check_variables(scope: Scope, node: Node, sql: str, bound: set[str], path: str) -> None:
    used = set(_VARIABLE.findall(sql))
    if used != bound:
        scope.walk.note(
            Code.BIND_MISMATCH,
            node.place,
            path,
            "the variables of the SQL are not those of `bind`",
            found=", ".join(sorted(bound)) or "none",
            needed=", ".join(sorted(used)) or "none",
        )
    elif "%" in _VARIABLE.sub("", sql).replace("%%", ""):
        scope.walk.note(Code.BIND_MISMATCH, node.place, path, "a lone percent sign", needed="%% for a percent sign")


def _read_expect(scope: Scope, node: Node, path: str) -> tuple[ExpectedColumn, ...]:
    entries = scope.walk.mapping(node, path)
    if not entries and isinstance(node, Mapping):
        scope.walk.note(Code.WRONG_VALUE, node.place, path, "a survey expects at least one column")
    columns = []
    for name, entry in entries.items():
        scope.walk.text(Scalar(entry.place, name), join(path, name), PHASE_ID)
        expectation = _read_expectation(scope, entry.node, join(path, name))
        if expectation is not None:
            columns.append(ExpectedColumn(name, expectation))
    return tuple(sorted(columns, key=lambda item: item.column))


def _read_expectation(scope: Scope, node: Node, path: str) -> Expectation | None:
    if isinstance(node, Scalar):
        binding = read_binding(scope, node, path)
        return Equals(binding) if binding is not None else None
    keys = scope.walk.keyed(node, path, ExpectationKeys)
    if len(keys) != 1:
        if isinstance(node, Mapping):
            scope.walk.note(Code.WRONG_VALUE, node.place, path, "exactly one comparison", needed="{at_least: 1}")
        return None
    ((key, entry),) = keys.items()
    where = join(path, key)
    if key in ("at_least", "at_most"):
        bound = scope.walk.integer(entry.node, where, -_LARGEST, _LARGEST)
        return None if bound is None else AtLeast(bound) if key == "at_least" else AtMost(bound)
    if key == "one_of":
        items = [scope.walk.scalar(item, where) for item in scope.walk.some(entry.node, where)]
        for item in items:
            if item is not None and isinstance(item.value, str) and "{{" in item.value:
                message = "`one_of` has written values only"
                scope.walk.note(Code.PARTIAL_REFERENCE, item.place, where, message)
        return OneOf(tuple(item.value for item in items if item is not None))
    pattern = scope.walk.text(entry.node, where)
    if pattern is not None and not is_pattern(pattern):
        scope.walk.note(Code.WRONG_VALUE, entry.node.place, where, "this is not a regular expression")
    return Matches(pattern) if pattern is not None else None


def _read_stop(scope: Scope, node: Node, path: str) -> StopCode | None:
    name = scope.walk.text(node, path)
    if name is None:
        return None
    if name not in StopCode.__members__:
        known = tuple(StopCode.__members__)
        scope.walk.unknown(Code.UNKNOWN_STOP_CODE, node.place, path, "stop code", name, known)
        return None
    return StopCode[name]
