"""How much a caller can put into what is stored: every field with its closed form and an upper bound of bits.

Rules kept here: nothing of it is typed in but who fills a field; forms are read from the migration that makes the
tables, from the types of the decision's record, and from the regular expressions of the program; domains are those of
the demo's policies. A bound counts the strings that a form admits, each once at least, and so is never too small.
"""

import re
from collections.abc import Iterator
from functools import cache
from math import log2
from re import _constants, _parser  # type: ignore[attr-defined]  # the one way to see what an expression admits
from typing import Any, NamedTuple, assert_never

import msgspec

from cutter.contracts.policies import SendOutcome
from cutter.custody import smtp_line
from cutter.custody.policies import load_selection
from cutter.events import Attempted
from cutter.policies.decision import Decision, Reason
from cutter.policies.domain import Domain, IssuedReference, Moment, TriggerType, Truth, Whole, Words
from cutter.policies.grammar import is_opaque
from cutter.policies.policy import CREATE_NOTIFICATION, Policy, Selection, Verdict
from cutter.policies.references import PAYLOAD, issue
from cutter.policies.tripwire import suspicious
from tests.support.mail_cases import CASES
from tools.mutation import ROOT

_MIGRATION = ROOT / "cutter" / "postgres" / "sql" / "migrations" / "0012_policies_and_messages.sql"
_COLUMN = re.compile(
    r"^    (?P<name>[a-z_]+) (?P<type>text|uuid|integer|timestamptz|jsonb)\b(?P<rest>.*?),?$", re.MULTILINE
)
_FORM = re.compile(r"~ '(?P<form>[^']+)'")
_BETWEEN = re.compile(r"BETWEEN (\d+) AND (\d+)")
_LONGEST = re.compile(r"length\([a-z:]+\) <= (\d+)")
_SLOT_FORMS = re.compile(r"!~ '(\^[^']+\$)'")
_SECONDS = 86400 * 3652059  # of the years 1 to 9999, which the calendar of a time has
_MILLION = 1_000_000

TRIGGER, RULE, PEOPLE, CUTTER = "the trigger", "the rule that decided", "people", "cutter"
_FILLED = {
    "tenant_id": CUTTER,
    "run_id": CUTTER,
    "trigger_id": TRIGGER,
    "attempt": PEOPLE,
    "message_id": CUTTER,
    "policy_id": RULE,
    "policy_version": RULE,
    "rule_id": RULE,
    "template_id": RULE,
    "template_version": RULE,
    "recipient": TRIGGER,
    "slots": TRIGGER,
    "intended_at": CUTTER,
    "created_at": CUTTER,
    "acknowledged_at": PEOPLE,
    "acknowledged_by": PEOPLE,
}
_NAMES = (
    "Nguyễn Văn An", "NGUYENVANAN", "Trần Thị Bích", "Anna Müller", "ANNAMUELLER", "Ольга Иванова", "山田太郎",
    "Maria de la Cruz", "OBRIEN", "Mohammed al-Farsi",
)  # fmt: skip
_NAMELIKE = "NGUYENVANAN"


class _Column(NamedTuple):
    """A column of a table: its closed form in words, and the bits that the form has room for (None: no form)."""

    name: str
    form: str
    bits: float | None


def bits_section() -> Iterator[str]:
    """The fields of messages, notifications and decisions, and what a mail server can put into an attempt."""
    selection = _selection()
    kinds = selection.triggers.types
    yield "## What a caller can put into what is stored"
    yield ""
    yield "A bound is the logarithm, to the base 2, of how many values the form admits. «Form» is what the database or"
    yield "the type of the record would take at all; «caller» is how much of it whoever hands in a trigger can choose."
    yield "Domains are those of the policies of this repository."
    yield ""
    widest = max(kinds, key=_bits_of_trigger)
    payload, fields = f"{_payload_bits():.1f}", f"{_bits_of_fields(widest):.1f}"
    yield f"The whole of a trigger has at most {_bits_of_trigger(widest):.1f} bits (`{widest.name}`): its id {payload},"
    yield f"its time {log2(_SECONDS):.1f}, its type {log2(len(kinds)):.1f}, its fields {fields}, of which {payload} are"
    yield "those of each reference, which the directory has to know. Everything else that is stored of it follows from"
    yield "these, from the office's own files and from what the database answers, so no row and no record holds more of"
    yield "a caller's than that. Of a trigger that is refused the reason is stored, and when it was refused:"
    yield f"{log2(len(Reason)):.1f} bits."
    for table in ("comm.message", "comm.notification"):
        yield from [
            "",
            f"### `{table}`",
            "",
            "| field | closed form | form | filled by | caller |",
            "|---|---|---|---|---|",
        ]
        for column in _columns(table):
            form = f"{column.bits:,.1f}" if column.bits is not None else "–"
            yield f"| `{column.name}` | {column.form} | {form} | {_FILLED[column.name]} | {_caller(column.name)} |"
    yield from ["", "### The decision's record (`cutter.decision/1`)", ""]
    yield from ["| field | closed form | caller |", "|---|---|---|"]
    for field in msgspec.structs.fields(Decision):
        form, bits = _of_decision(field.name, selection)
        yield f"| `{field.name}` | {form} | {bits} |"
    yield from [
        "",
        "### How a send came along (the event `attempted`)",
        "",
        "What the mail server says, not the caller:",
    ]
    yield from ["", "| field | closed form | server |", "|---|---|---|"]
    for field in msgspec.structs.fields(Attempted):
        form, bits_of_server = _of_attempt(field.name)
        yield f"| `{field.name}` | {form} | {bits_of_server:.1f} |"


def outcomes_section() -> Iterator[str]:
    """How many of the tested behaviours of a mail server end in an outcome that nobody knows."""
    after = [case for case in CASES.values() if case.committed]
    unknown = [case for case in after if case.reply.outcome is SendOutcome.UNKNOWN]
    stored = sum(case.stored for case in unknown)
    share = 100 * len(unknown) / len(CASES)
    yield "## How often nobody knows"
    yield ""
    yield f"Of the {len(CASES)} behaviours of a mail server that are tested (`tests/support/mail_cases.py`),"
    yield f"{len(CASES) - len(after)} end before the final dot and are known not to be sent. Of the {len(after)} behind"
    yield f"it {len(unknown)} end as `unknown`, {share:.0f} % of all; in {stored} of these the server had stored the"
    yield "message. The behaviours are bad ones by choice: the share is of this list, not of mail servers."


def names_section() -> Iterator[str]:
    """What the tripwire does not see."""
    seen = [name for name in _NAMES if suspicious(name)]
    reference = issue("PAT", _NAMELIKE)
    passes = is_opaque(reference, "PAT")
    yield "## Names"
    yield ""
    yield f"No tripwire sees names: of {len(_NAMES)} tried here ({', '.join(_NAMES)}) it suspects {len(seen)}. A name"
    yield "that is written as the payload of a reference, with the right check digits, is well formed:"
    yield f"`{reference}` {'passes' if passes else 'does not pass'} the grammar, and is stopped by the directory alone,"
    yield "which does not have it. Nothing in base64 or hexadecimal is seen either."


def _columns(table: str) -> Iterator[_Column]:
    sql = _MIGRATION.read_text(encoding="utf-8")
    body = sql.partition(f"CREATE TABLE {table} (\n")[2].partition("\n);")[0]
    for found in _COLUMN.finditer(body):
        yield _column(found["name"], found["type"], found["rest"], sql)


def _column(name: str, kind: str, rest: str, sql: str) -> _Column:
    if stated := _FORM.search(rest):
        return _Column(name, f"`{_escaped(stated['form'])}`", log2(admitted(stated["form"])))
    if between := _BETWEEN.search(rest):
        low, high = int(between[1]), int(between[2])
        return _Column(name, f"{low} to {high}", log2(high - low + 1))
    if kind == "jsonb":
        longest = _LONGEST.search(rest)
        key, value = _SLOT_FORMS.findall(sql.partition("FUNCTION comm.fn_slots_closed")[2])[:2]
        assert longest is not None
        signs = _signs(key) | _signs(value) | set('{}": ,')
        form = f"an object: keys `{_escaped(key)}`, values `{_escaped(value)}`, {longest[1]} characters"
        return _Column(name, form, int(longest[1]) * log2(len(signs)))
    if kind == "uuid":
        return _Column(name, "a UUID, from this host's source of chance", 128.0)
    if kind == "timestamptz":
        return _Column(name, "a time, from the database's clock", 64.0)
    return _Column(name, "from the login, by the database", None)


def _caller(name: str) -> str:
    """What of a column a caller can choose."""
    selection = _selection()
    match name:
        case "trigger_id":
            return f"{_payload_bits():.1f}: issuer and check digits are given"
        case "recipient":
            return f"{log2(_MILLION):.1f} of a directory of a million: others are denied"
        case "policy_id":
            rules = sum(len(policy.rules) for policy in selection.policies)
            return f"{log2(rules):.1f} with the four below: one of the rules"
        case "slots":
            return f"{max(_bits_of_slots(policy, selection) for policy in selection.policies):.1f}: of their domains"
        case "message_id":
            return "0: a keyed digest of the trigger's id and the attempt"
        case _:
            return "0"


def _of_decision(name: str, selection: Selection) -> tuple[str, str]:
    kinds = selection.triggers.types
    rules = sum(len(policy.rules) for policy in selection.policies)
    reasons = {rule.reason for policy in selection.policies for rule in policy.rules} | {
        reason.value for reason in Reason
    }
    follows = "0: follows from the rule"
    match name:
        case "format":
            return f"`{Decision.__struct_defaults__[0]}`", "0"
        case "trigger":
            return "an issued reference of the triggers' issuer", f"{_payload_bits():.1f}"
        case "trigger_type":
            return f"one of {len(kinds)} words", f"{log2(len(kinds)):.1f}"
        case "as_of":
            return "a time, not after now", f"{log2(_SECONDS):.1f}"
        case "verdict":
            return f"one of {len(Verdict)} words", f"{log2(len(Verdict)):.1f}"
        case "rule":
            return f"one of {rules} rules, or empty", f"{log2(rules + 1):.1f}"
        case "policy" | "policy_version" | "action":
            return "the rule's", follows
        case "reason":
            return f"one of {len(reasons)} words", f"{log2(len(reasons)):.1f}"
        case "uncertain":
            most = max(len(kind.fields) for kind in kinds)
            return f"names of at most {most} fields, and of columns", f"{most:.1f}: one for each field"
        case "options":
            return "none, or one of two lists", "0: follows from verdict and action"
        case "fields":
            most_bits = max(_bits_of_fields(kind) for kind in kinds)
            return "values of the fields' domains, and what views answered", f"{most_bits:.1f}"
        case "reads":
            return "ids, versions and digests of the office's own files", "0: follows from the type"
    raise AssertionError(name)


def _of_attempt(name: str) -> tuple[str, float]:
    match name:
        case "step":
            return "`commit` or `ended`", 1.0
        case "outcome":
            return f"one of {len(SendOutcome)} words, or empty", log2(len(SendOutcome) + 1)
        case "code":
            codes = admitted(_group(smtp_line._REPLY, 1))
            return f"one of {codes} reply codes, or 0", log2(codes + 1)
        case "enhanced":
            form = _group(smtp_line._ENHANCED, 1)
            return f"`{_escaped(form)}`, or empty", log2(admitted(form) + 1)
        case "message_id":
            return "a keyed digest of ours, and the domain of the office's own sender", 0.0
    raise AssertionError(name)


def _bits_of_trigger(kind: TriggerType) -> float:
    return _payload_bits() + log2(_SECONDS) + log2(len(_selection().triggers.types)) + _bits_of_fields(kind)


def _bits_of_fields(kind: TriggerType) -> float:
    """Each field has a value of its domain, or is missing, or is named as outside."""
    return sum(log2(_size(field.domain) + 2) for field in kind.fields)


def _bits_of_slots(policy: Policy, selection: Selection) -> float:
    kinds = [kind for kind in selection.triggers.types if kind.name in policy.triggers]
    domains = {field.name: field.domain for kind in kinds for field in kind.fields}
    actions = [rule.action for rule in policy.rules if rule.action is not None]
    kept = [action for action in actions if action.operation == CREATE_NOTIFICATION]
    return max((sum(log2(_size(domains[slot.field])) for slot in action.slots) for action in kept), default=0.0)


def _size(domain: Domain) -> int:
    match domain:
        case Words(words):
            return len(words)
        case Whole(minimum, maximum):
            return maximum - minimum + 1
        case Truth():
            return 2
        case Moment():
            return _SECONDS
        case IssuedReference():
            return admitted(PAYLOAD)
        case _ as never:
            assert_never(never)


def _payload_bits() -> float:
    return log2(admitted(PAYLOAD))


@cache
def _selection() -> Selection:
    return load_selection(ROOT / "policies")


def admitted(form: str) -> int:
    """How many strings an expression without loops admits, at most: one that it admits in two ways counts twice."""
    return _count(_parser.parse(form))


def _count(parsed: Any) -> int:
    total = 1
    for kind, value in parsed:
        match kind:
            case _constants.LITERAL | _constants.AT:
                choices = 1
            case _constants.IN:
                choices = len(_of_class(value))
            case _constants.MAX_REPEAT:
                low, high, inner = value
                if high is _constants.MAXREPEAT:
                    raise ValueError("an expression with a loop has no bound")
                choices = sum(_count(inner) ** times for times in range(low, int(high) + 1))
            case _constants.SUBPATTERN:
                choices = _count(value[-1])
            case _constants.BRANCH:
                choices = sum(_count(branch) for branch in value[1])
            case _:
                raise ValueError(f"an expression with {kind} has no bound here")
        total *= choices
    return total


def _of_class(items: Any) -> set[int]:
    signs: set[int] = set()
    for kind, value in items:
        match kind:
            case _constants.LITERAL:
                signs.add(value)
            case _constants.RANGE:
                signs |= set(range(value[0], value[1] + 1))
            case _:
                raise ValueError(f"a class with {kind} has no bound here")
    return signs


def _signs(form: str) -> set[str]:
    """The characters of an expression's classes."""
    found: set[str] = set()
    for kind, value in _parser.parse(form):
        inner = [(kind, value)] if kind is _constants.IN else value[2] if kind is _constants.MAX_REPEAT else []
        found |= {chr(sign) for item, of in inner if item is _constants.IN for sign in _of_class(of)}
    return found


def _group(expression: re.Pattern[Any], number: int) -> str:
    """The text of the group of an expression; a group here holds no group."""
    pattern = expression.pattern.decode() if isinstance(expression.pattern, bytes) else expression.pattern
    found = re.findall(r"\((?!\?[:=!])(?:\?P<\w+>)?([^()]*)\)", pattern)
    return str(found[number - 1])


def _escaped(form: str) -> str:
    return form.replace("|", "\\|")
