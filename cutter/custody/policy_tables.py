"""The tables of tests of a policies folder: `tests/*.yaml` (`cutter.policy-tests/1`).

Rules kept here: a row states all of its trigger, by names and values of domains; times and references are there or not,
and say nothing; a row whose `expect` is empty is read, so that it can be refused as one; every row has its place.

A table:

    format: cutter.policy-tests/1
    policies: {result-ready: "1.0"}
    trigger: lab.result_ready           # of every row that does not name its own
    as_of: "2026-03-01T00:00:00Z"       # likewise
    given: [patient, ward]              # likewise: the times and references that are there
    rows:
      - fields: {consent: false, severity: 2, recent.under_limit: true}
        outside: []                     # fields whose value is outside their domain
        expect: {decision: deny, rule: result-ready/no-consent, reason: NO_CONSENT, do: ""}

Source: issue 7 (parts); policies.md §3.6.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Literal

import msgspec

from cutter.custody.configuration import Configuration, read_configuration
from cutter.custody.policy_files import AnyField, FieldName, Id, Reason, Scalar, Time, TypeName, Version
from cutter.policies.analysis.tables import FORMAT, Expected, Row, Table
from cutter.policies.domain import FieldValue, Value
from cutter.policies.policy import Selection, Verdict

Decision = Literal["deny", "escalate", "allow"]
RuleName = Annotated[str, msgspec.Meta(pattern=r"^([a-z][a-z0-9-]{1,40}/[a-z][a-z0-9-]{1,40})?\Z")]
_most = msgspec.Meta(max_length=10_000)


class ExpectKeys(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What a row expects; `rule` is empty where none decides, `do` where nothing is to be done."""

    decision: Decision | None = None
    rule: RuleName = ""
    reason: Reason | Literal[""] = ""
    do: str | None = None


class RowKeys(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One row."""

    expect: ExpectKeys
    fields: dict[AnyField, Scalar] = {}
    trigger: TypeName | None = None
    as_of: Time | None = None
    given: tuple[FieldName, ...] | None = None
    outside: tuple[AnyField, ...] = ()


class TableFile(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A table of tests."""

    format: str
    policies: dict[Id, Version]
    rows: Annotated[tuple[RowKeys, ...], _most]
    trigger: TypeName = ""
    as_of: Time | Literal[""] = ""
    given: tuple[FieldName, ...] = ()


@dataclass(frozen=True, slots=True)
class LoadedTable:
    """A table with the places of its rows, the first of which stands for the table itself."""

    table: Table
    places: tuple[str, ...]


def read_table(path: Path, name: str) -> LoadedTable:
    """A table of tests, called `name` in what is told of it.

    Raises:
        FileNotFoundError: there is no such file.
        Stop: STOP_CONFIG_INVALID with the place, STOP_PATH_UNSAFE, STOP_DISK.
    """
    file = read_configuration(path, FORMAT, TableFile)
    rows = tuple(_row(file, f"$.rows[{at}]", keys) for at, keys in enumerate(file.value.rows))
    places = (str(file.places["$"]), *(str(file.places[f"$.rows[{at}]"]) for at in range(len(rows))))
    return LoadedTable(Table(name, tuple(sorted(file.value.policies.items())), rows), places)


def _row(file: Configuration[TableFile], path: str, keys: RowKeys) -> Row:
    """A row, with what the table says of every row."""
    trigger_type, as_of = keys.trigger or file.value.trigger, keys.as_of or file.value.as_of
    for name, said in (("trigger", trigger_type), ("as_of", as_of)):
        if not said:
            raise file.refuse("missing_key", path, name)
    given = file.value.given if keys.given is None else keys.given
    expect = keys.expect
    return Row(
        trigger_type=trigger_type,
        as_of=as_of,
        fields=tuple(FieldValue(name, keys.fields[name]) for name in sorted(keys.fields)),
        given=tuple(sorted(given)),
        outside=tuple(sorted(keys.outside)),
        expect=Expected(Verdict(expect.decision) if expect.decision else None, expect.rule, expect.reason, expect.do),
    )


def written_table(rows: Sequence[Row], selection: Selection) -> str:
    """Rows as a file has them, of the policies for their types; what each expects is left empty, for people to say."""
    types = {row.trigger_type for row in rows}
    policies = [policy for policy in selection.policies if not types.isdisjoint(policy.triggers)]
    lines = [f"format: {FORMAT}", "policies:" if policies else "policies: {}"]
    lines += [f'  {policy.id}: "{policy.version}"' for policy in policies]
    lines.append("rows:" if rows else "rows: []")
    for row in rows:
        fields = ", ".join(f"{item.name}: {_scalar(item.value)}" for item in row.fields)
        lines += [f"  - trigger: {row.trigger_type}", f'    as_of: "{row.as_of}"', f"    fields: {{{fields}}}"]
        lines.append(f"    given: [{', '.join(row.given)}]")
        lines += [f"    outside: [{', '.join(row.outside)}]"] if row.outside else []
        lines.append("    expect: {}")
    return "".join(f"{line}\n" for line in lines)


def _scalar(value: Value) -> str:
    """A value as YAML has it; a word in quotes, because some words are no words there."""
    return (
        ("false", "true")[value] if isinstance(value, bool) else str(value) if isinstance(value, int) else f'"{value}"'
    )
