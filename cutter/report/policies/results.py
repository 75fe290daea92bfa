"""What the commands about policies answer: the values that screens are made of, and their JSON documents.

Rules kept here: a rule is named `POLICY/RULE`, of which a selection has one version; conditions and regions are told by
fields and bounds of ours; of a trigger that was read nothing stands here but names; every witness is a trigger that can
be explained.

Source: issue 7; policies.md §3; command-line.md §1 row 3.
"""

import msgspec

from cutter.policies.domain import Value
from cutter.policies.policy import Rule
from cutter.report.result import NextStep


class ListedPolicy(msgspec.Struct, frozen=True, kw_only=True):
    """A version of a policy. `effective_until` is empty for ever; it is excluded."""

    id: str
    version: str
    selected: bool
    withdrawn: bool
    effective_from: str
    effective_until: str
    triggers: tuple[str, ...]
    rules: int
    title: dict[str, str]
    sha256: str


class ListedView(msgspec.Struct, frozen=True, kw_only=True):
    """A version of a view, with the fields that conditions can name."""

    id: str
    version: str
    selected: bool
    withdrawn: bool
    columns: tuple[str, ...]
    sha256: str


class ListedTemplate(msgspec.Struct, frozen=True, kw_only=True):
    """A version of a template, with what it is sent by and its slots."""

    id: str
    version: str
    selected: bool
    withdrawn: bool
    operation: str
    language: str
    slots: tuple[str, ...]
    sha256: str


class ListedTriggerType(msgspec.Struct, frozen=True, kw_only=True):
    """A recognised type of trigger: its fields, and the views that are read with it."""

    name: str
    fields: tuple[str, ...]
    views: tuple[str, ...]


class PolicyList(msgspec.Struct, frozen=True, kw_only=True):
    """`cutter policies list` (`cutter.policies/1`)."""

    format: str = "cutter.policies/1"
    folder: str
    policies: tuple[ListedPolicy, ...]
    views: tuple[ListedView, ...]
    templates: tuple[ListedTemplate, ...]
    triggers: tuple[ListedTriggerType, ...]


class ShownPolicy(msgspec.Struct, frozen=True, kw_only=True):
    """`cutter policies show` (`cutter.policy-shown/1`). `state` is how it stands at this moment.

    `pace_within` is in seconds, 0 without a pace.
    """

    format: str = "cutter.policy-shown/1"
    id: str
    version: str
    title: dict[str, str]
    path: str
    selected: bool
    state: str
    effective_from: str
    effective_until: str
    triggers: tuple[str, ...]
    otherwise_deny: bool
    pace_at_most: int
    pace_within: int
    rules: tuple[Rule, ...]
    sha256: str
    other_versions: tuple[str, ...]
    next: tuple[NextStep, ...]


class ShownPart(msgspec.Struct, frozen=True, kw_only=True):
    """`cutter policies show` of a view, a template or a trigger type (`cutter.policy-part/1`).

    Attributes:
        kind: `view`, `template` or `trigger`.
        version, sha256: empty of a trigger type.
        selected, withdrawn: as the selection and the file have it; a trigger type is always selected.
        path: the file.
        says: what each field, column or slot says: `er|icu`, `0…10`, `true|false`, the form of a time or a reference.
        from_trigger: of a view, which fields of the trigger its question binds.
        used_by: policies, of a view trigger types.
        text: of a view its question, of a template its subject and body.
    """

    format: str = "cutter.policy-part/1"
    kind: str
    id: str
    version: str
    selected: bool
    withdrawn: bool
    path: str
    says: dict[str, str]
    from_trigger: tuple[str, ...]
    used_by: tuple[str, ...]
    text: str
    sha256: str
    next: tuple[NextStep, ...]


class WitnessTrigger(msgspec.Struct, frozen=True, kw_only=True):
    """A trigger as `cutter policies explain` reads it (`cutter.trigger/1`). Its references are made up."""

    format: str = "cutter.trigger/1"
    id: str
    type: str
    as_of: str
    fields: dict[str, Value]


class ShownWitness(msgspec.Struct, frozen=True, kw_only=True):
    """A trigger that shows what was found, with what its views would have to answer (`VIEW.COLUMN`).

    `missing` are the fields and columns that are not there, `outside` those whose value is outside the domain; `path`
    is the file that the trigger was written to, empty where it was not.
    """

    trigger: WitnessTrigger
    answers: dict[str, Value]
    missing: tuple[str, ...]
    outside: tuple[str, ...]
    path: str = ""
