"""What a trigger may say: its type, its fields, and the closed domain of each.

Rules kept here: a field is one of a few words, a bounded whole number, a boolean, a time or an issued reference; no
domain admits free text. Only words, numbers and booleans are conditions' business: they are what the analyses
enumerate.

Source: issue 7, rules 4 and 6; policies.md §0.3.
"""

from typing import TypeAlias

import msgspec

Value: TypeAlias = str | int | bool


class Words(msgspec.Struct, frozen=True, tag_field="kind", tag="words"):
    """One of these words, in the order of the file."""

    words: tuple[str, ...]


class Whole(msgspec.Struct, frozen=True, tag_field="kind", tag="integer"):
    """A whole number between two bounds, both included."""

    minimum: int
    maximum: int


class Truth(msgspec.Struct, frozen=True, tag_field="kind", tag="boolean"):
    """True or false."""


class Moment(msgspec.Struct, frozen=True, tag_field="kind", tag="time"):
    """A time in UTC, `YYYY-MM-DDTHH:MM:SSZ`."""


class IssuedReference(msgspec.Struct, frozen=True, tag_field="kind", tag="reference"):
    """A reference with this issuer's prefix and its check digits, which the directory knows."""

    issuer: str


Domain: TypeAlias = Words | Whole | Truth | Moment | IssuedReference
"""`Words`, `Whole` and `Truth` are finite: conditions and view columns are of these only."""


class Field(msgspec.Struct, frozen=True):
    """A field with its domain. A column of a view is a field named `VIEW.COLUMN`."""

    name: str
    domain: Domain


class TriggerType(msgspec.Struct, frozen=True):
    """A recognised type of trigger; `fields` are sorted by name, `views` are ids of what is read with it."""

    name: str
    fields: tuple[Field, ...]
    views: tuple[str, ...] = ()


class TriggerTypes(msgspec.Struct, frozen=True):
    """`triggers.yaml`: every recognised type, who issues triggers, and from where CloudEvents may come.

    `issuer` is the prefix of triggers' own ids, `sources` the values of `source` that a CloudEvent may have, `pipeline`
    the pipeline that a trigger starts.
    """

    issuer: str
    sources: tuple[str, ...]
    pipeline: str
    types: tuple[TriggerType, ...]


class FieldValue(msgspec.Struct, frozen=True):
    """What a trigger or a view says of one field."""

    name: str
    value: Value


class Trigger(msgspec.Struct, frozen=True):
    """A recognised trigger: every field known to its type, of its type's form; `fields` are sorted by name.

    A value that is of the right form and outside its domain is not here: its field is named in `outside`, because what
    it says may be anything.
    """

    id: str
    type: str
    as_of: str
    fields: tuple[FieldValue, ...]
    outside: tuple[str, ...] = ()
