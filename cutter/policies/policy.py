"""What a policy says: rules over finite conditions, each with a decision, a reason and what is to be done.

Rules kept here: conditions are finite (equal, one of, at least, at most), so that what a set of policies allows can be
enumerated and proved; a rule that allows names its action; nothing of a policy depends on the order of rules or files.

Source: issue 7; policies.md §0, §3.
"""

from enum import Enum
from typing import TypeAlias

import msgspec

from cutter.policies.domain import Field, TriggerTypes, Value

SEND_MESSAGE = "comm.send_message@1"
CREATE_NOTIFICATION = "comm.create_notification@1"
WRITES = (SEND_MESSAGE, CREATE_NOTIFICATION)
"""All that a run which a policy started may ever write."""
DECIDE = "policy.decide@1"
"""What such a run does before anything else."""


class Verdict(Enum):
    """What a rule decides, the strongest first."""

    DENY = "deny"
    ESCALATE = "escalate"
    ALLOW = "allow"


class Equal(msgspec.Struct, frozen=True, tag_field="test", tag="equal"):
    """The field has this value."""

    value: Value


class OneOf(msgspec.Struct, frozen=True, tag_field="test", tag="one_of"):
    """The field has one of these values."""

    values: tuple[Value, ...]


class Between(msgspec.Struct, frozen=True, tag_field="test", tag="between"):
    """The field is a number in these bounds, both included; a side that the file leaves open is the domain's own."""

    minimum: int
    maximum: int


Test: TypeAlias = Equal | OneOf | Between


class Condition(msgspec.Struct, frozen=True):
    """One field with what it must be; `field` is of the trigger, or `VIEW.COLUMN`."""

    field: str
    test: Test


class Slot(msgspec.Struct, frozen=True):
    """A slot of a template with the trigger's field that fills it."""

    name: str
    field: str


class Action(msgspec.Struct, frozen=True):
    """What is to be done: one of the two writes, its template, and the field that names the recipient."""

    operation: str
    template: str
    template_version: str
    recipient: str
    slots: tuple[Slot, ...]


class Rule(msgspec.Struct, frozen=True):
    """One rule: conditions on distinct fields (all must hold; none: always), sorted by field."""

    id: str
    when: tuple[Condition, ...]
    verdict: Verdict
    reason: str
    action: Action | None = None
    """What an allowed trigger leads to; of a rule that escalates: what happens when people say yes."""


class Pace(msgspec.Struct, frozen=True):
    """At most so many effects of one policy within so many seconds before the trigger's `as_of`."""

    at_most: int
    within: int


class PolicyLimits(msgspec.Struct, frozen=True):
    """The limits of one policy; a pace that is used up escalates what would be allowed."""

    pace: Pace | None = None


class Policy(msgspec.Struct, frozen=True):
    """One version of a policy. Times are `YYYY-MM-DDTHH:MM:SSZ`; `until` is excluded, empty: for ever.

    `otherwise` says that the gaps between its rules are meant to be denied.
    """

    id: str
    version: str
    title_en: str
    title_vi: str
    effective_from: str
    effective_until: str
    withdrawn: bool
    triggers: tuple[str, ...]
    otherwise_deny: bool
    rules: tuple[Rule, ...]
    limits: PolicyLimits
    sha256: str


class View(msgspec.Struct, frozen=True):
    """A read-only question to the database, answered by one row of closed columns.

    `bind` pairs the question's variables with fields of the trigger; the names of `columns` are `VIEW.COLUMN`.
    """

    id: str
    version: str
    withdrawn: bool
    sql: str
    bind: tuple[Slot, ...]
    columns: tuple[Field, ...]
    sha256: str


class SlotForm(msgspec.Struct, frozen=True):
    """A typed slot of a template: its domain, and the words that stand for each value where it has words."""

    field: Field
    labels: tuple[tuple[str, str], ...] = ()


class Template(msgspec.Struct, frozen=True):
    """A versioned text with typed slots, written `{slot}`; `subject` is empty of a notification's."""

    id: str
    version: str
    withdrawn: bool
    operation: str
    language: str
    subject: str
    body: str
    slots: tuple[SlotForm, ...]
    sha256: str


class Selection(msgspec.Struct, frozen=True):
    """What `selection.yaml` names, loaded whole: exactly one version of each, in no order that matters (sorted by id).

    A version that the selection names and that is unknown stops the loading; one that is withdrawn is here, and denies.
    """

    triggers: TriggerTypes
    policies: tuple[Policy, ...]
    views: tuple[View, ...]
    templates: tuple[Template, ...]
    sha256: str
    """The digest over the digests of all of it: what a run is pinned to."""
