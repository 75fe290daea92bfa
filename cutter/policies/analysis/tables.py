"""Tables of policies' tests that cannot lie.

Rules kept here: without tables or rows it fails; so does a row that names what is not selected, says what cannot be
said, or expects nothing; every rule that is tested must have decided a row that holds. A row pins decision, rule and
reason, and the action where it says one.

Source: issue 7, "policies test"; policies.md §3.6.
"""

from collections.abc import Collection, Iterable, Iterator
from enum import Enum

import msgspec

from cutter.policies.analysis.regions import Witness
from cutter.policies.analysis.selections import fields_of_type, type_of
from cutter.policies.analysis.witnesses import holds, smallest, trigger_of
from cutter.policies.domain import Domain, Field, FieldValue, Truth, Value, Whole, Words
from cutter.policies.index import Index
from cutter.policies.outcome import Outcome
from cutter.policies.policy import Action, Selection, Verdict

FORMAT = "cutter.policy-tests/1"


class Expected(msgspec.Struct, frozen=True):
    """What a row expects; `rule` is `POLICY/RULE`, empty where none decides.

    `do` pins the action, written as `action_text` writes it (empty text: no action); None does not look at it.
    An empty reason is a row without an expectation.
    """

    decision: Verdict | None
    rule: str
    reason: str
    do: str | None = None


class Row(msgspec.Struct, frozen=True):
    """One row: a trigger with the answers of its views among its fields, and what is expected.

    A field that is neither in `fields`, `given` nor `outside` is missing.

    Attributes:
        trigger_type, as_of: of the trigger.
        fields: finite fields and columns of views with their values, sorted by name.
        given: times and references that are there.
        outside: fields whose value is outside the domain.
        expect: what must be decided.
    """

    trigger_type: str
    as_of: str
    fields: tuple[FieldValue, ...]
    given: tuple[str, ...]
    outside: tuple[str, ...]
    expect: Expected


class Table(msgspec.Struct, frozen=True):
    """The rows of one file, for these versions of policies (id, version)."""

    name: str
    policies: tuple[tuple[str, str], ...]
    rows: tuple[Row, ...]


class Fault(Enum):
    """Why tables fail. The values stand in records."""

    NO_TABLES = "no_tables"
    NO_ROWS = "no_rows"
    UNKNOWN_POLICY = "unknown_policy"
    OTHER_VERSION = "other_version"
    UNKNOWN_TRIGGER = "unknown_trigger"
    UNKNOWN_COLUMN = "unknown_column"
    WRONG_VALUE = "wrong_value"
    NO_EXPECTATION = "no_expectation"
    UNKNOWN_RULE = "unknown_rule"
    OTHER_DECISION = "other_decision"
    OTHER_RULE = "other_rule"
    OTHER_REASON = "other_reason"
    OTHER_ACTION = "other_action"
    NEVER_WITNESSED = "never_witnessed"


class Failure(msgspec.Struct, frozen=True):
    """One failure; `row` counts from 1, 0 is the table as a whole; `name` is the policy, field or `POLICY/RULE`."""

    table: str
    row: int
    fault: Fault
    name: str = ""
    expected: str = ""
    found: str = ""


class TableResults(msgspec.Struct, frozen=True):
    """What came of all tables."""

    tables: int
    rows: int
    passed_rows: int
    rules: int
    witnessed_rules: int
    failures: tuple[Failure, ...]

    @property
    def passed(self) -> bool:
        """Whether every row holds and every rule is witnessed; zero rows are a failure."""
        return not self.failures


def action_text(action: Action | None) -> str:
    """An action in one line: `comm.send_message@1 result-ready@1.0 to recipient (ward=ward)`; empty for none."""
    if action is None:
        return ""
    slots = ", ".join(f"{slot.name}={slot.field}" for slot in action.slots)
    return f"{action.operation} {action.template}@{action.template_version} to {action.recipient} ({slots})"


def run_tables(
    selection: Selection, tables: tuple[Table, ...], policies: Collection[str] | None = None
) -> TableResults:
    """Run every row of every table.

    Args:
        selection: what `selection.yaml` names.
        tables: all tables together; a rule counts as witnessed when a row that holds was decided by it.
        policies: ids of those whose rules have to be witnessed; None: all.
    """
    run = _Run(selection)
    failures = [] if tables else [Failure("", 0, Fault.NO_TABLES)]
    passed = 0
    for table in tables:
        failures += run.of_table(table)
        for number, row in enumerate(table.rows, 1):
            found = [_placed(failure, table.name, number) for failure in run.of_row(table, row)]
            failures += found
            passed += not found
    tested = [p for p in selection.policies if not p.withdrawn and (policies is None or p.id in policies)]
    rules = [(p.id, rule.id) for p in tested for rule in p.rules]
    missing = [name for name in rules if name not in run.witnessed]
    failures += [Failure("", 0, Fault.NEVER_WITNESSED, rule_text(*name)) for name in missing]
    rows = sum(len(table.rows) for table in tables)
    return TableResults(len(tables), rows, passed, len(rules), len(rules) - len(missing), tuple(failures))


def holding_rows(selection: Selection, tables: Iterable[Table]) -> list[Row]:
    """The rows that hold."""
    run = _Run(selection)
    return [row for table in tables for row in table.rows if not run.of_row(table, row)]


def rule_text(policy: str, rule: str) -> str:
    """A rule as rows name it: `POLICY/RULE`; empty for none."""
    return f"{policy}/{rule}" if policy else ""


def witness_of_row(row: Row, fields: Iterable[Field]) -> Witness:
    """The trigger of a row; `fields` are all of its type."""
    said = {item.name for item in row.fields} | set(row.given) | set(row.outside)
    missing = tuple(sorted(field.name for field in fields if field.name not in said))
    return Witness(row.trigger_type, row.as_of, row.fields, missing, row.outside)


def _placed(failure: Failure, table: str, row: int) -> Failure:
    return msgspec.structs.replace(failure, table=table, row=row)


class _Run:
    """What rows are held against, and which rules decided one that holds."""

    def __init__(self, selection: Selection) -> None:
        self._selection = selection
        self._index = Index(selection)
        self._versions = {policy.id: policy.version for policy in selection.policies}
        self._rules = {
            rule_text(policy.id, rule.id): policy.id for policy in selection.policies for rule in policy.rules
        }
        self.witnessed: set[tuple[str, str]] = set()

    def of_table(self, table: Table) -> Iterator[Failure]:
        """What is wrong with a table as a whole."""
        if not table.rows:
            yield Failure(table.name, 0, Fault.NO_ROWS)
        if not table.policies:
            yield Failure(table.name, 0, Fault.UNKNOWN_POLICY)
        for policy, version in table.policies:
            selected = self._versions.get(policy)
            if selected is None:
                yield Failure(table.name, 0, Fault.UNKNOWN_POLICY, policy)
            elif selected != version:
                yield Failure(table.name, 0, Fault.OTHER_VERSION, policy, version, selected)

    def of_row(self, table: Table, row: Row) -> list[Failure]:
        """What is wrong with a row; a row that is no question is not asked."""
        mistakes = [*self._columns(row), *self._expectation(table, row)]
        if mistakes:
            return mistakes
        fields = fields_of_type(self._selection, row.trigger_type)
        trigger, answers = trigger_of(self._selection, witness_of_row(row, fields))
        outcome = self._index.verdict(trigger, answers)
        failures = list(differences(row.expect, outcome))
        if not failures:
            self.witnessed.add((outcome.policy, outcome.rule))
        return failures

    def _columns(self, row: Row) -> Iterator[Failure]:
        if type_of(self._selection, row.trigger_type) is None:
            yield Failure("", 0, Fault.UNKNOWN_TRIGGER, row.trigger_type)
            return
        domains = {field.name: field.domain for field in fields_of_type(self._selection, row.trigger_type)}
        names = [item.name for item in row.fields] + [*row.given, *row.outside]
        for name in names:
            if name not in domains:
                yield Failure("", 0, Fault.UNKNOWN_COLUMN, name)
            elif names.count(name) > 1:
                yield Failure("", 0, Fault.WRONG_VALUE, name)
        for item in row.fields:
            if item.name in domains and not _is_value(domains[item.name], item.value):
                yield Failure("", 0, Fault.WRONG_VALUE, item.name)
        for name in row.given:
            if name in domains and smallest(domains[name]) is not None:
                yield Failure("", 0, Fault.WRONG_VALUE, name)
        for name in row.outside:
            if name in domains and not isinstance(domains[name], Words | Whole):
                yield Failure("", 0, Fault.WRONG_VALUE, name)

    def _expectation(self, table: Table, row: Row) -> Iterator[Failure]:
        expect = row.expect
        if expect.decision is None or not expect.reason:
            yield Failure("", 0, Fault.NO_EXPECTATION)
        elif expect.rule and expect.rule not in self._rules:
            yield Failure("", 0, Fault.UNKNOWN_RULE, expect.rule)
        elif expect.rule and self._rules[expect.rule] not in dict(table.policies):
            yield Failure("", 0, Fault.UNKNOWN_POLICY, self._rules[expect.rule])


def differences(expect: Expected, outcome: Outcome) -> Iterator[Failure]:
    """In what an outcome is not what a row expects."""
    decision = expect.decision.value if expect.decision is not None else ""
    told = [
        (Fault.OTHER_DECISION, decision, outcome.verdict.value),
        (Fault.OTHER_RULE, expect.rule, rule_text(outcome.policy, outcome.rule)),
        (Fault.OTHER_REASON, expect.reason, outcome.reason),
    ]
    if expect.do is not None:
        told.append((Fault.OTHER_ACTION, expect.do, action_text(outcome.action)))
    for fault, expected, found in told:
        if expected != found:
            yield Failure("", 0, fault, "", expected, found)


def _is_value(domain: Domain, value: Value) -> bool:
    """Whether a value is one of a finite domain, of exactly its type."""
    kinds: dict[type, type] = {Words: str, Whole: int, Truth: bool}
    return type(value) is kinds.get(type(domain)) and holds(domain, value)
