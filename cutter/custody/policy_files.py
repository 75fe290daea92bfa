"""The YAML files of the folder `policies/`: what may stand in each, as the strict reader checks it.

Rules kept here: every key is known, every name a word, every number and size bounded; text that people read is on one
line where it has to be. What types cannot say is checked by `policy_parts` and `policy_rules`, what files say of each
other by `policies`.

Source: issue 7 (parts), rules 2, 5 and 6.
"""

from typing import Annotated, Literal, TypeAlias

import msgspec

from cutter.policies.references import PAYLOAD, PREFIX

MOST = 256  # of anything in one place: fields of a type, words of a domain, rules of a policy
LARGEST = 10**9

_NAME = "[a-z][a-z0-9_]{0,40}"
_LINE = r"[^\x00-\x1f\x7f-\x9f\u2028\u2029]{1,200}"

# Names that are keys of mappings. The reader of types tells such a mistake without its place, so that they are plain
# text to it, and `policy_parts.check_names` looks at them; a schema for editors knows their form.
_ID, _TYPE, _ANY = "[a-z][a-z0-9-]{1,40}", rf"{_NAME}(\.{_NAME})*", rf"{_NAME}(\.{_NAME})?"
IDS = msgspec.Meta(max_length=4096, extra_json_schema={"propertyNames": {"pattern": f"^{_ID}$"}})
NAMES = msgspec.Meta(max_length=MOST, extra_json_schema={"propertyNames": {"pattern": f"^{_NAME}$"}})
FIELDS = msgspec.Meta(max_length=MOST, extra_json_schema={"propertyNames": {"pattern": f"^{_ANY}$"}})
TYPES = msgspec.Meta(min_length=1, max_length=MOST, extra_json_schema={"propertyNames": {"pattern": f"^{_TYPE}$"}})

Id = Annotated[str, msgspec.Meta(pattern=rf"^{_ID}\Z", examples=["result-ready"])]
ViewId = Annotated[str, msgspec.Meta(pattern=rf"^{_NAME}\Z", examples=["recent"])]
Version = Annotated[str, msgspec.Meta(pattern=r"^[0-9]{1,4}(\.[0-9]{1,4}){0,2}\Z", examples=["1.0"])]
Word = Annotated[str, msgspec.Meta(pattern=rf"^{_NAME}\Z", examples=["north"])]
TypeName = Annotated[str, msgspec.Meta(pattern=rf"^{_TYPE}\Z", examples=["lab.result_ready"])]
FieldName = Annotated[str, msgspec.Meta(pattern=rf"^{_NAME}\Z", examples=["severity"])]
AnyField = Annotated[str, msgspec.Meta(pattern=rf"^{_ANY}\Z", examples=["recent.under_limit"])]
Issuer = Annotated[str, msgspec.Meta(pattern=rf"^{PREFIX}\Z", examples=["PAT"])]
Source = Annotated[
    str,
    msgspec.Meta(pattern=r"^[A-Za-z][A-Za-z0-9+.-]*:[A-Za-z0-9/:._-]{1,100}\Z", examples=["urn:example:laboratory"]),
]
Pipeline = Annotated[str, msgspec.Meta(pattern=r"^[a-z][a-z0-9_-]{0,62}\Z", examples=["notify"])]
Reason = Annotated[str, msgspec.Meta(pattern=r"^[A-Z][A-Z0-9_]{2,40}\Z", examples=["NO_CONSENT"])]
Line = Annotated[str, msgspec.Meta(pattern=rf"^{_LINE}\Z", examples=["A result is ready"])]
Text = Annotated[str, msgspec.Meta(min_length=1, max_length=4000)]
Sql = Annotated[str, msgspec.Meta(min_length=1, max_length=4000)]
Language = Annotated[str, msgspec.Meta(pattern=r"^[a-z]{2,3}(-[A-Za-z0-9]{2,8})*\Z", examples=["vi"])]
Time = Annotated[
    str,
    msgspec.Meta(
        pattern=r"^[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}Z\Z", examples=["2026-01-01T00:00:00Z"]
    ),
]
Duration = Annotated[
    str,
    msgspec.Meta(pattern=r"^P(?=[0-9T])([0-9]{1,3}D)?(T(?=[0-9])([0-9]{1,4}H)?([0-9]{1,4}M)?)?\Z", examples=["PT24H"]),
]
Bounded = Annotated[int, msgspec.Meta(ge=-LARGEST, le=LARGEST)]
TemplateVersion = Annotated[
    str, msgspec.Meta(pattern=r"^[a-z][a-z0-9-]{1,40}@[0-9]{1,4}(\.[0-9]{1,4}){0,2}\Z", examples=["result-ready@1.0"])
]
Status = Literal["active", "withdrawn"]
Scalar: TypeAlias = str | int | bool

_few = msgspec.Meta(max_length=MOST)
_some = msgspec.Meta(min_length=1, max_length=MOST)


class _Keys(msgspec.Struct, frozen=True, forbid_unknown_fields=True, omit_defaults=True):
    """A mapping with these keys only."""


class DomainKeys(_Keys, frozen=True):
    """A domain: words, a whole number between two bounds, or references of one issuer."""

    one_of: Annotated[tuple[Word, ...], _some] | None = None
    at_least: Bounded | None = None
    at_most: Bounded | None = None
    reference: Issuer | None = None


class TypeKeys(_Keys, frozen=True):
    """A type of trigger: its fields, and the views that are read with it."""

    fields: Annotated[dict[str, Literal["boolean", "time"] | DomainKeys], NAMES]
    views: Annotated[tuple[ViewId, ...], _few] = ()


class TriggersFile(_Keys, frozen=True):
    """`triggers.yaml`: what may be said, by whom, and which pipeline it starts."""

    issuer: Issuer
    pipeline: Pipeline
    types: Annotated[dict[str, TypeKeys], TYPES]
    sources: Annotated[tuple[Source, ...], _few] = ()
    format: str = "cutter.triggers/1"


class SelectionFile(_Keys, frozen=True):
    """`selection.yaml`: exactly one version of everything that is in force."""

    policies: Annotated[dict[str, Version], IDS]
    views: Annotated[dict[str, Version], NAMES] = {}
    templates: Annotated[dict[str, Version], IDS] = {}
    format: str = "cutter.selection/1"


class TestKeys(_Keys, frozen=True):
    """A test that is not one value: one of several, or a number between bounds."""

    one_of: Annotated[tuple[Scalar, ...], _some] | None = None
    at_least: Bounded | None = None
    at_most: Bounded | None = None


class ActionKeys(_Keys, frozen=True):
    """What is to be done: with which template, for whom, and what fills its slots."""

    template: TemplateVersion
    to: FieldName
    slots: Annotated[dict[str, FieldName], NAMES] = {}


class RuleKeys(_Keys, frozen=True):
    """One rule."""

    id: Id
    decision: Literal["deny", "escalate", "allow"]
    reason: Reason
    when: Annotated[dict[str, Scalar | TestKeys], FIELDS] = {}
    do: Annotated[dict[str, ActionKeys], msgspec.Meta(min_length=1, max_length=1)] | None = None


class TitleKeys(_Keys, frozen=True):
    """A title in both languages."""

    en: Line
    vi: Line


class EffectiveKeys(_Keys, frozen=True, rename={"from_": "from"}):
    """From when to when a policy is effective; without `until`: for ever."""

    from_: Time
    until: Time | None = None


class PaceKeys(_Keys, frozen=True):
    """At most so many effects within a duration before the trigger."""

    at_most: Annotated[int, msgspec.Meta(ge=1, le=LARGEST)]
    within: Duration


class LimitKeys(_Keys, frozen=True):
    """The limits of one policy."""

    pace: PaceKeys | None = None


class PolicyFile(_Keys, frozen=True):
    """One version of a policy."""

    id: Id
    version: Version
    title: TitleKeys
    status: Status
    effective: EffectiveKeys
    triggers: Annotated[tuple[TypeName, ...], _some]
    rules: Annotated[tuple[RuleKeys, ...], _some]
    otherwise: Literal["deny"] | None = None
    limits: LimitKeys = LimitKeys()
    format: str = "cutter.policy/1"


class ViewFile(_Keys, frozen=True):
    """One version of a view."""

    id: ViewId
    version: Version
    status: Status
    sql: Sql
    columns: Annotated[dict[str, Literal["boolean"] | DomainKeys], NAMES]
    bind: Annotated[dict[str, FieldName], NAMES] = {}
    format: str = "cutter.view/1"


class SlotKeys(_Keys, frozen=True):
    """What a slot shows: labels of words, labels of a boolean, a bounded number, or references of one issuer."""

    labels: Annotated[dict[str, Line], NAMES] | None = None
    when_true: Line | None = None
    when_false: Line | None = None
    at_least: Bounded | None = None
    at_most: Bounded | None = None
    reference: Issuer | None = None


class TemplateFile(_Keys, frozen=True):
    """One version of a template."""

    id: Id
    version: Version
    status: Status
    operation: str
    language: Language
    body: Text
    subject: Line | None = None
    slots: Annotated[dict[str, Literal["time"] | SlotKeys], NAMES] = {}
    format: str = "cutter.template/1"


class TriggerFile(_Keys, frozen=True):
    """A trigger in cutter's own envelope, for its schema; `policies.envelope` reads it."""

    id: Annotated[str, msgspec.Meta(pattern=rf"^{PREFIX}-{PAYLOAD}-[0-9]{{2}}\Z")]
    type: TypeName
    as_of: Time
    fields: Annotated[dict[str, Scalar], NAMES]
    format: str = "cutter.trigger/1"
