"""Tables of policies' tests that cannot lie."""

from enum import Enum

import msgspec

from cutter.policies.domain import FieldValue
from cutter.policies.policy import Selection, Verdict

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


def run_tables(selection: Selection, tables: tuple[Table, ...]) -> TableResults:
    """Run every row of every table."""
    raise NotImplementedError
