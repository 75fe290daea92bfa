"""The shape of a pipeline file (`cutter.pipeline/1`): its keys, and the JSON Schema that editors use.

Rules kept here: one truth. The loader takes the allowed and required keys from these types, and
`schemas/pipeline/1.json` is generated from them; what a value means is checked in `build`.

Source: DESIGN §5, §8.
"""

from typing import Annotated, Any, TypeAlias

import msgspec
from msgspec import UNSET, UnsetType

FORMAT = "cutter.pipeline/1"

PHASE_ID = r"^[a-z][a-z0-9_]{0,62}$"
PIPELINE_ID = r"^(?!resume$)[a-z][a-z0-9-]{0,62}$"  # `orchestrate resume` is a command of its own
GATE_ID = r"^GATE_[A-Z][A-Z_]{1,57}$"
GUARD = r"^G-[A-Z][A-Z0-9-]{0,60}$"
USES = r"^[a-z][a-z0-9_]*\.[a-z][a-z0-9_]*@[1-9][0-9]{0,3}$"
# Not `PT` alone, and not nothing: a digit from 1 to 9 stands somewhere.
DURATION = r"^PT(?=.*[1-9])([0-9]{1,5}H)?([0-9]{1,5}M)?([0-9]{1,5}S)?$"
STOP = r"^STOP_[A-Z_]{2,60}$"
KINDS = ("signed", "decision")
STARTERS = ("person", "policy")
INPUT_TYPES = ("string",)
INPUT_FORMATS = ("uri", "trigger")

Scalar: TypeAlias = str | int | bool | None
Name: TypeAlias = Annotated[str, msgspec.Meta(pattern=PHASE_ID)]
Text: TypeAlias = Annotated[str, msgspec.Meta(min_length=1)]
When: TypeAlias = Annotated[str, msgspec.Meta(description="a boolean outcome; where it is false, the phase is skipped")]
Duration: TypeAlias = Annotated[str, msgspec.Meta(pattern=DURATION, description="ISO 8601 duration, such as PT15M")]


class Keys(msgspec.Struct, forbid_unknown_fields=True, omit_defaults=True):
    """The base of every mapping of the file."""


class Title(Keys):
    """The pipeline's title in both languages."""

    en: Text
    vi: Text


class InputKeys(Keys):
    """One input of the pipeline."""

    type: Annotated[str, msgspec.Meta(extra_json_schema={"enum": [*INPUT_TYPES]})]
    pattern: Text | UnsetType = UNSET
    enum: Annotated[list[Text], msgspec.Meta(min_length=1)] | UnsetType = UNSET
    default: Text | UnsetType = UNSET
    required: bool | UnsetType = UNSET
    positional: bool | UnsetType = UNSET
    format: Annotated[str, msgspec.Meta(extra_json_schema={"enum": [*INPUT_FORMATS]})] | UnsetType = UNSET
    help: Text | UnsetType = UNSET


class LimitsKeys(Keys):
    """Caps of active time."""

    phase: Duration
    run: Duration


class GateKeys(Keys):
    """Where people decide."""

    id: Annotated[str, msgspec.Meta(pattern=GATE_ID)]
    kind: Annotated[str, msgspec.Meta(extra_json_schema={"enum": [*KINDS]})]
    quorum: Annotated[dict[Name, Annotated[int, msgspec.Meta(ge=1, le=99)]], msgspec.Meta(min_length=1)]
    approve_within: Duration
    execute_within: Duration


class IdempotencyKeys(Keys):
    """What makes the effect of a phase unique."""

    guard: Annotated[str, msgspec.Meta(pattern=GUARD)]
    key: Annotated[list[Scalar], msgspec.Meta(min_length=1)]


class ExpectationKeys(Keys):
    """An expectation that is not a single value: exactly one of these."""

    at_least: int | UnsetType = UNSET
    at_most: int | UnsetType = UNSET
    one_of: Annotated[list[Scalar], msgspec.Meta(min_length=1)] | UnsetType = UNSET
    matches: Text | UnsetType = UNSET


class SurveyKeys(Keys):
    """A question to the live database."""

    survey: Name
    sql: Annotated[str, msgspec.Meta(pattern=r"\S")]
    expect: Annotated[dict[Name, Scalar | ExpectationKeys], msgspec.Meta(min_length=1)]
    stop: Annotated[str, msgspec.Meta(pattern=STOP)]
    bind: dict[str, Scalar] | UnsetType = UNSET


class FingerprintKeys(Keys):
    """A comparison of database objects with their pins; it may stand in `preflight` beside surveys."""

    fingerprint: Name
    stop: Annotated[str, msgspec.Meta(pattern=STOP)]


class PhaseKeys(Keys, rename={"with_": "with"}):
    """A phase: an operation (`uses`), a gate (`gate`), or surveys alone."""

    id: Name
    uses: Annotated[str, msgspec.Meta(pattern=USES)] | UnsetType = UNSET
    with_: dict[str, Scalar] | UnsetType = UNSET
    bind: dict[str, Scalar] | UnsetType = UNSET
    when: Annotated[str, msgspec.Meta(description="a boolean outcome; without it the phase is skipped")] | UnsetType = (
        UNSET
    )
    gate: GateKeys | UnsetType = UNSET
    idempotency: IdempotencyKeys | UnsetType = UNSET
    preflight: Annotated[list[SurveyKeys], msgspec.Meta(min_length=1)] | UnsetType = UNSET
    ensure: Annotated[list[SurveyKeys], msgspec.Meta(min_length=1)] | UnsetType = UNSET


class PipelineKeys(Keys):
    """A pipeline file."""

    format: Annotated[str, msgspec.Meta(extra_json_schema={"const": FORMAT})]
    id: Annotated[str, msgspec.Meta(pattern=PIPELINE_ID)]
    title: Title
    phrases: list[Text]
    inputs: dict[Name, InputKeys]
    lock: Annotated[list[str], msgspec.Meta(min_length=1)]
    limits: LimitsKeys
    phases: Annotated[list[PhaseKeys], msgspec.Meta(min_length=1)]
    started_by: Annotated[str, msgspec.Meta(extra_json_schema={"enum": [*STARTERS]})] | UnsetType = UNSET


def allowed_keys(keys: type[Keys]) -> tuple[str, ...]:
    """The keys of a mapping, in their usual order."""
    return tuple(field.encode_name for field in msgspec.structs.fields(keys))


def required_keys(keys: type[Keys]) -> tuple[str, ...]:
    """The keys that a mapping must have."""
    return tuple(field.encode_name for field in msgspec.structs.fields(keys) if field.required)


def json_schema() -> dict[str, Any]:
    """The JSON Schema of a pipeline file, with what types cannot say: which keys go together."""
    schema = msgspec.json.schema(PipelineKeys)
    schema["$defs"]["ExpectationKeys"] |= {"minProperties": 1, "maxProperties": 1}
    phase = schema["$defs"]["PhaseKeys"]
    schema["$defs"] |= msgspec.json.schema(FingerprintKeys)["$defs"]
    phase["properties"]["preflight"]["items"] = {
        "anyOf": [{"$ref": "#/$defs/SurveyKeys"}, {"$ref": "#/$defs/FingerprintKeys"}]
    }
    phase["oneOf"] = [
        {"required": ["uses"], "not": {"required": ["gate"]}},
        {"required": ["gate"], "propertyNames": {"enum": ["id", "gate", "when"]}},
        {"required": ["preflight"], "maxProperties": 2},
    ]
    return {"$schema": "https://json-schema.org/draft/2020-12/schema", "title": FORMAT, **schema}
