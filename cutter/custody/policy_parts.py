"""Trigger types, views and templates from their files: what the types of a file cannot say.

Rules kept here: a domain is stated in one way, without repetition; a view's question is one that reads, asks nothing
that a clock or chance answers, and binds exactly its variables; a template declares exactly the slots of its texts, and
no text of it looks as if it held a person's data.

Source: issue 7 (parts), rules 2 and 6.
"""

import re
from collections.abc import Iterable, Iterator, Mapping
from typing import Any, TypeVar

import msgspec

from cutter import canon
from cutter.custody.configuration import Configuration
from cutter.custody.policy_files import DomainKeys, SlotKeys, TemplateFile, TriggersFile, ViewFile
from cutter.policies.domain import (
    Domain,
    Field,
    IssuedReference,
    Moment,
    TriggerType,
    TriggerTypes,
    Truth,
    Whole,
    Words,
)
from cutter.policies.policy import CREATE_NOTIFICATION, SEND_MESSAGE, WRITES, Policy, Slot, SlotForm, Template, View
from cutter.policies.rendering import NO, YES, slots_of
from cutter.policies.tripwire import suspicious

Part = TypeVar("Part", bound=Policy | View | Template)

RESERVED = ("as_of", "trigger_id")
"""What a view may bind besides the trigger's fields: the time as of which it is decided, and the trigger's own id."""

SPELLINGS = {"comm.send_message@v1": SEND_MESSAGE, "comm.create_notification@v1": CREATE_NOTIFICATION} | {
    name: name for name in WRITES
}
"""How the two writes may be spelled in a file."""

NAME = re.compile("[a-z][a-z0-9_]{0,40}")
_TYPE = re.compile(rf"{NAME.pattern}(\.{NAME.pattern})*")
_PLAIN: Mapping[str, Domain] = {"boolean": Truth(), "time": Moment()}
_CONTROL = re.compile(r"[\x00-\x09\x0b-\x1f\x7f-\x9f\u2028\u2029]")
_VARIABLE = re.compile(r"%\(([A-Za-z_][A-Za-z0-9_]*)\)s")
# The wall is the read-only transaction that it is asked in; this finds mistakes early.
_QUESTION = re.compile(r"\s*(?:SELECT|WITH)\b", re.IGNORECASE)
_WRITES = re.compile(
    r"\b(?:INSERT|UPDATE|DELETE|MERGE|INTO|TRUNCATE|COPY|CALL|DO|GRANT|REVOKE|CREATE|ALTER|DROP|LOCK|LISTEN|NOTIFY|SET"
    r"|nextval|setval|pg_\w+|dblink\w*|lo_\w+|query_to_xml\w*|set_config)\b",
    re.IGNORECASE,
)
_MOVING = re.compile(
    r"\b(?:now|clock_timestamp|statement_timestamp|transaction_timestamp|timeofday|current_date|current_time"
    r"|current_timestamp|localtime|localtimestamp|random\w*|gen_random_uuid|uuidv[47]|tablesample)\b",
    re.IGNORECASE,
)


def trigger_types(file: Configuration[TriggersFile]) -> TriggerTypes:
    """The trigger types. Details: `reserved_name`, `empty_range`, `repeated`, `wrong_value`, `phi_suspected`."""
    kinds = []
    check_names(file, file.value.types, "$.types", _TYPE)
    for name, keys in file.value.types.items():
        path = f"$.types.{name}"
        check_names(file, keys.fields, f"{path}.fields")
        for reserved in RESERVED:
            if reserved in keys.fields:
                raise file.refuse("reserved_name", f"{path}.fields.{reserved}", reserved)
        check_distinct(file, keys.views, f"{path}.views")
        fields = [Field(field, _domain(file, d, f"{path}.fields.{field}")) for field, d in keys.fields.items()]
        kinds.append(TriggerType(name, tuple(sorted(fields, key=lambda f: f.name)), tuple(sorted(keys.views))))
    check_distinct(file, file.value.sources, "$.sources")
    check_texts(file, [(f"$.sources[{place}]", source) for place, source in enumerate(file.value.sources)])
    types = tuple(sorted(kinds, key=lambda kind: kind.name))
    return TriggerTypes(file.value.issuer, tuple(sorted(file.value.sources)), file.value.pipeline, types)


def view(file: Configuration[ViewFile]) -> View:
    """A view. Details: `not_a_question`, `not_deterministic`, `bind_mismatch`, and those of domains."""
    keys = file.value
    if not keys.columns:
        raise file.refuse("wrong_value", "$.columns")
    check_names(file, keys.columns, "$.columns")
    check_names(file, keys.bind, "$.bind")
    _check_question(file, keys.sql, frozenset(keys.bind))
    columns = tuple(
        Field(f"{keys.id}.{name}", _domain(file, domain, f"$.columns.{name}"))
        for name, domain in sorted(keys.columns.items())
    )
    for column in columns:
        if isinstance(column.domain, IssuedReference):
            raise file.refuse("wrong_value", f"$.columns.{column.name.partition('.')[2]}")
    bind = tuple(Slot(name, field) for name, field in sorted(keys.bind.items()))
    return digested(View(keys.id, keys.version, keys.status == "withdrawn", keys.sql, bind, columns, ""))


def template(file: Configuration[TemplateFile]) -> Template:
    """A template. Details: `unknown_operation`, `missing_key` and `unknown_key` (the subject), `wrong_brace`,
    `undeclared_slot`, `unused_slot`, `forbidden_character`, `phi_suspected`, and those of domains.
    """
    keys = file.value
    operation = SPELLINGS.get(keys.operation)
    if operation is None:
        raise file.refuse("unknown_operation", "$.operation", needed="|".join(WRITES))
    if (operation == SEND_MESSAGE) is not (keys.subject is not None):
        raise file.refuse("missing_key" if keys.subject is None else "unknown_key", "$.subject", "subject")
    check_names(file, keys.slots, "$.slots")
    forms = tuple(_form(file, name, slot) for name, slot in sorted(keys.slots.items()))
    _check_slots(file, keys)
    check_texts(file, _texts(keys))
    return digested(
        Template(
            id=keys.id,
            version=keys.version,
            withdrawn=keys.status == "withdrawn",
            operation=operation,
            language=keys.language,
            subject=keys.subject or "",
            body=keys.body,
            slots=forms,
            sha256="",
        )
    )


def check_texts(file: Configuration[Any], texts: Iterable[tuple[str, str]]) -> None:
    """Refuse text that looks as if it held a person's data (detail `phi_suspected`); it is not shown."""
    for path, text in texts:
        if suspicious(text):
            raise file.refuse("phi_suspected", path)


def check_names(file: Configuration[Any], names: Iterable[str], path: str, form: re.Pattern[str] = NAME) -> None:
    """Refuse a key that has another form than names have (detail `wrong_value`); it is not shown."""
    for name in names:
        if not form.fullmatch(name):
            raise file.refuse("wrong_value", f"{path}.{name}")


def check_distinct(file: Configuration[Any], values: tuple[object, ...], path: str) -> None:
    """Refuse a value that stands there twice (detail `repeated`); `True` and 1 are two."""
    seen = []
    for place, value in enumerate(values):
        if (type(value), value) in seen:
            raise file.refuse("repeated", f"{path}[{place}]")
        seen.append((type(value), value))


def stated(keys: msgspec.Struct) -> list[tuple[str, Any]]:
    """The keys that a mapping of a file states, with their values, in the order of its type."""
    named = [(name, getattr(keys, name)) for name in keys.__struct_fields__]
    return [(name, value) for name, value in named if value is not None]


def _domain(file: Configuration[Any], keys: str | DomainKeys, path: str) -> Domain:
    if isinstance(keys, str):
        return _PLAIN[keys]
    match stated(keys):
        case [("one_of", words)]:
            check_distinct(file, words, f"{path}.one_of")
            return Words(words)
        case [("at_least", low), ("at_most", high)]:
            return _whole(file, low, high, path)
        case [("reference", issuer)]:
            return IssuedReference(issuer)
    raise file.refuse("wrong_value", path)


def _whole(file: Configuration[Any], low: int, high: int, path: str) -> Whole:
    if low > high:
        raise file.refuse("empty_range", path)
    return Whole(low, high)


def _form(file: Configuration[TemplateFile], name: str, keys: str | SlotKeys) -> SlotForm:
    path = f"$.slots.{name}"
    if isinstance(keys, str):
        return SlotForm(Field(name, Moment()))
    match stated(keys):
        case [("labels", labels)] if labels:
            check_names(file, labels, f"{path}.labels")
            pairs = tuple(sorted(labels.items()))
            return SlotForm(Field(name, Words(tuple(word for word, _ in pairs))), pairs)
        case [("when_true", yes), ("when_false", no)]:
            return SlotForm(Field(name, Truth()), ((NO, no), (YES, yes)))
        case [("at_least", low), ("at_most", high)]:
            return SlotForm(Field(name, _whole(file, low, high, path)))
        case [("reference", issuer)]:
            return SlotForm(Field(name, IssuedReference(issuer)))
    raise file.refuse("wrong_value", path)


def _check_slots(file: Configuration[TemplateFile], keys: TemplateFile) -> None:
    used: set[str] = set()
    for path, text in (("$.subject", keys.subject or ""), ("$.body", keys.body)):
        if _CONTROL.search(text):
            raise file.refuse("forbidden_character", path)
        slots = slots_of(text)
        if slots is None:
            raise file.refuse("wrong_brace", path)
        if undeclared := slots - keys.slots.keys():
            raise file.refuse("undeclared_slot", path, min(undeclared))
        used |= slots
    if unused := keys.slots.keys() - used:
        raise file.refuse("unused_slot", f"$.slots.{min(unused)}", min(unused))


def _texts(keys: TemplateFile) -> Iterator[tuple[str, str]]:
    """Every text that people will read, with its path."""
    yield "$.subject", keys.subject or ""
    yield "$.body", keys.body
    for name, slot in keys.slots.items():
        labels = {} if isinstance(slot, str) else slot.labels or {}
        for word, label in labels.items():
            yield f"$.slots.{name}.labels.{word}", label
        if isinstance(slot, SlotKeys):
            yield f"$.slots.{name}.when_true", slot.when_true or ""
            yield f"$.slots.{name}.when_false", slot.when_false or ""


def _check_question(file: Configuration[ViewFile], sql: str, bound: frozenset[str]) -> None:
    """The reading of `expect` in a pipeline's surveys, and that neither a clock nor chance answers."""
    if not _QUESTION.match(sql) or ";" in sql or "--" in sql or "/*" in sql or _WRITES.search(sql):
        raise file.refuse("not_a_question", "$.sql")
    if moving := _MOVING.search(sql):
        raise file.refuse("not_deterministic", "$.sql", moving[0].lower())
    used = frozenset(_VARIABLE.findall(sql))
    if used != bound or "%" in _VARIABLE.sub("", sql).replace("%%", ""):
        raise file.refuse("bind_mismatch", "$.sql", min(used ^ bound, default=""))


def digested(part: Part) -> Part:
    """The part with the digest over all of it: neither the order of keys nor a remark in the file changes it."""
    return msgspec.structs.replace(part, sha256=canon.digest(part))
