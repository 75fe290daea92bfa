"""What the signatures let be written: operations, their parameters, the tables that they govern and how many rows.

Rules kept here: tables are those that an operation declares (`governs`), rows those that the request allows; a
parameter is shown as far as it is known, else where it will come from.

Source: command-line.md §4 (1, 2); DESIGN §4 (operations).
"""

from collections.abc import Sequence
from typing import assert_never

import msgspec

from cutter.model import Binding, InputReference, Literal, OperationPhase, OutcomeReference
from cutter.operation import ExternalOperation, Operation, TargetOperation, Undo
from cutter.operations import CATALOGUE
from cutter.report.review.case import ReviewCase
from cutter.report.review.decision import deed, is_unknown_effect
from cutter.report.review.lines import clipped
from cutter.report.review.markup import Html, code, element, join, paragraph, say, section, table, text
from cutter.report.review.words import DEEDS, QUIET, Words, listed, number

BACKUP = "custody.backup"
LONGEST_VALUE = 20_000  # characters of one parameter: a statement is read whole

# Tables that get one row for each that the request allows; of the others that a cut governs, one row at most.
_ONE_EACH = frozenset({"library.information_unit", "library.unit_region"})
_IN_ALL = frozenset({"custody.restore"})  # operations whose number is of all tables together, deleted and written
_ONE_AT_MOST = frozenset({"library.source_document", "library.source_version"})


def backup_phases(covered: Sequence[OperationPhase]) -> tuple[OperationPhase, ...]:
    """The backups among phases."""
    return tuple(phase for phase in covered if phase.operation == BACKUP)


def rows_per_table(case: ReviewCase) -> tuple[tuple[str, Words], ...]:
    """The governed tables that may be changed, with how many rows."""
    found = (CATALOGUE.find(phase.operation, phase.version) for phase in case.covered())
    tables = dict.fromkeys(table_ for operation in found for table_ in _governed(operation))
    one_each = all(phase.operation not in _IN_ALL for phase in case.covered())
    return tuple((table_, _rows(table_, case.row_count, one_each=one_each)) for table_ in tables)


def unknown_operations(case: ReviewCase) -> tuple[str, ...]:
    """Operations that are covered but not in this cutter's catalogue: what they write cannot be said."""
    return tuple(p.uses for p in case.covered() if CATALOGUE.find(p.operation, p.version) is None)


def only_decides(case: ReviewCase) -> bool:
    """Whether what is written is a decision and nothing else: another decision replaces it."""
    found = [CATALOGUE.find(phase.operation, phase.version) for phase in case.covered()]
    governing = [item for item in found if isinstance(item, TargetOperation) and item.governs]
    return bool(governing) and all(item.undo is Undo.DECISION for item in governing) and None not in found


def deeds(case: ReviewCase) -> Words:
    """What the signatures let happen, in a phrase."""
    if (asked := deed(case)) is not None:
        return asked
    told = [_deed(phase, case.row_count) for phase in case.covered() if phase.operation not in QUIET]
    return listed(told)


def writes_section(case: ReviewCase) -> Html:
    """What will be changed: the operations that are covered, with their parameters."""
    tables = rows_per_table(case)
    limit = number(case.row_count)
    told = paragraph(
        f"The signatures let these operations run, and none behind the next gate; row_count is {limit.en}.",
        f"Chữ ký cho phép các thao tác sau, không thao tác nào sau cổng kế tiếp; row_count là {limit.vi}.",
    )
    if is_unknown_effect(case):
        told = paragraph(
            "A yes runs nothing again: what this phase was to send counts as sent.",
            "Đồng ý không chạy lại gì: thư mà giai đoạn này phải gửi được coi là đã gửi.",
        )
    elif not case.covers and case.decided is not None:
        told = paragraph(
            "A yes lets nothing run: other people have to authorize what would be done.",
            "Đồng ý chưa cho thao tác nào chạy: việc sẽ làm còn phải có người khác cho phép.",
        )
    phases = [_phase(case, phase) for phase in case.covered()]
    heads = (say("table", "bảng"), say("rows", "số dòng"))
    rows = [(code(name), count.html) for name, count in tables]
    touched = table(say("Rows per table", "Số dòng mỗi bảng"), heads, rows) if rows else Html("")
    return section("writes", "What will be changed", "Điều sẽ thay đổi", told, touched, *phases)


def _governed(operation: Operation | None) -> tuple[str, ...]:
    return operation.governs if isinstance(operation, TargetOperation | ExternalOperation) else ()


def _rows(table_: str, row_count: int, *, one_each: bool) -> Words:
    if table_ in _ONE_AT_MOST:
        return Words("at most 1 row", "nhiều nhất 1 dòng")
    told = number(row_count)
    if table_ in _ONE_EACH and one_each:
        return Words(f"{told.en} rows" if row_count != 1 else "1 row", f"{told.vi} dòng")
    return Words(f"at most {told.en} rows" if row_count != 1 else "at most 1 row", f"nhiều nhất {told.vi} dòng")


def _deed(phase: OperationPhase, row_count: int) -> Words:
    words = DEEDS.get(phase.operation)
    if words is None:
        return Words(f"run {phase.uses} in phase {phase.id}", f"chạy {phase.uses} ở giai đoạn {phase.id}")
    told = number(row_count)
    return Words(words.en.format(n=told.en), words.vi.format(n=told.vi))


def _phase(case: ReviewCase, phase: OperationPhase) -> Html:
    operation = CATALOGUE.find(phase.operation, phase.version)
    summary = element("p", text(operation.summary), lang="en") if operation else Html("")
    title = element("h3", code(phase.id), Html(" · "), code(phase.uses))
    heads = (say("parameter", "tham số"), say("value", "giá trị"))
    rows = [(code(param.name), _value(case, param.binding)) for param in (*phase.params, *phase.bind)]
    params = table(say("Parameters", "Tham số"), heads, rows) if rows else Html("")
    return element("article", title, summary, params, class_="phase")


def _value(case: ReviewCase, binding: Binding) -> Html:
    match binding:
        case Literal(value=value):
            return _plain(value)
        case InputReference(name=name):
            return _plain(next((item.value for item in case.plan.inputs.values if item.name == name), None))
        case OutcomeReference(phase=phase, field=field):
            outcome = case.outcome(phase)
            if outcome is None or field not in outcome:
                return join((say("known after phase", "biết sau giai đoạn"), code(phase)), " ")
            return _plain(outcome[field])
        case _ as never:
            assert_never(never)


def _plain(value: object) -> Html:
    told = value if isinstance(value, str) else msgspec.json.encode(value).decode()
    return element("span", clipped(told, LONGEST_VALUE), class_="value")
