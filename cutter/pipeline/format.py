"""The shape of a pipeline file (`cutter.pipeline/1`): its keys, and the JSON Schema that editors use.

Rules kept here: one truth. The loader takes the allowed and required keys from these types, and
`schemas/pipeline/1.json` is generated from them; what a value means is checked in `build`.

Source: DESIGN §5, §8.
"""

from typing import Annotated, Any, TypeAlias

import msgspec
from msgspec import UNSET, Meta, UnsetType

FORMAT = "cutter.pipeline/1"

PHASE_ID = r"^[a-z][a-z0-9_]{0,62}$"
PIPELINE_ID = r"^[a-z][a-z0-9-]{0,62}$"
GATE_ID = r"^GATE_[A-Z][A-Z_]{1,57}$"
GUARD = r"^G-[A-Z][A-Z0-9-]{0,60}$"
USES = r"^[a-z][a-z0-9_]*\.[a-z][a-z0-9_]*@[1-9][0-9]{0,3}$"
DURATION = r"^PT([0-9]{1,5}H)?([0-9]{1,5}M)?([0-9]{1,5}S)?$"
STOP = r"^STOP_[A-Z_]{2,60}$"
KINDS = ("signed",)
INPUT_TYPES = ("string",)
INPUT_FORMATS = ("uri",)

Scalar: TypeAlias = str | int | bool | None
Duration: TypeAlias = Annotated[str, Meta(pattern=DURATION, description="ISO 8601 duration, such as PT15M")]


class Keys(msgspec.Struct, forbid_unknown_fields=True, omit_defaults=True):
    """The base of every mapping of the file."""


class Title(Keys):
    """The pipeline's title in both languages."""

    en: str
    vi: str


class InputKeys(Keys):
    """One input of the pipeline."""

    type: Annotated[str, Meta(extra_json_schema={"enum": list(INPUT_TYPES)})]
    pattern: str | UnsetType = UNSET
    enum: list[str] | UnsetType = UNSET
    default: str | UnsetType = UNSET
    required: bool | UnsetType = UNSET
    positional: bool | UnsetType = UNSET
    format: Annotated[str, Meta(extra_json_schema={"enum": list(INPUT_FORMATS)})] | UnsetType = UNSET
    help: str | UnsetType = UNSET


class LimitsKeys(Keys):
    """Caps of active time."""

    phase: Duration
    run: Duration


class GateKeys(Keys):
    """Where people decide."""

    id: Annotated[str, Meta(pattern=GATE_ID)]
    kind: Annotated[str, Meta(extra_json_schema={"enum": list(KINDS)})]
    quorum: dict[str, Annotated[int, Meta(ge=1, le=99)]]
    approve_within: Duration
    execute_within: Duration


class IdempotencyKeys(Keys):
    """What makes the effect of a phase unique."""

    guard: Annotated[str, Meta(pattern=GUARD)]
    key: Annotated[list[Scalar], Meta(min_length=1)]


class SurveyKeys(Keys):
    """A question to the live database."""

    survey: Annotated[str, Meta(pattern=PHASE_ID)]
    sql: str
    expect: dict[str, Any]
    stop: Annotated[str, Meta(pattern=STOP)]
    bind: dict[str, Scalar] | UnsetType = UNSET


class ExpectationKeys(Keys):
    """An expectation that is not a single value: exactly one of these."""

    at_least: int | UnsetType = UNSET
    at_most: int | UnsetType = UNSET
    one_of: list[Scalar] | UnsetType = UNSET
    matches: str | UnsetType = UNSET


class PhaseKeys(Keys, rename={"with_": "with"}):
    """A phase: an operation (`uses`), a gate (`gate`), or surveys alone."""

    id: Annotated[str, Meta(pattern=PHASE_ID)]
    uses: Annotated[str, Meta(pattern=USES)] | UnsetType = UNSET
    with_: dict[str, Scalar] | UnsetType = UNSET
    gate: GateKeys | UnsetType = UNSET
    idempotency: IdempotencyKeys | UnsetType = UNSET
    preflight: list[SurveyKeys] | UnsetType = UNSET
    ensure: list[SurveyKeys] | UnsetType = UNSET


class PipelineKeys(Keys):
    """A pipeline file."""

    format: Annotated[str, Meta(extra_json_schema={"const": FORMAT})]
    id: Annotated[str, Meta(pattern=PIPELINE_ID)]
    title: Title
    phrases: list[str]
    inputs: dict[str, InputKeys]
    lock: Annotated[list[str], Meta(min_length=1)]
    limits: LimitsKeys
    phases: Annotated[list[PhaseKeys], Meta(min_length=1)]


def allowed_keys(keys: type[Keys]) -> tuple[str, ...]:
    """The keys of a mapping, in their usual order."""
    return tuple(field.encode_name for field in msgspec.structs.fields(keys))


def required_keys(keys: type[Keys]) -> tuple[str, ...]:
    """The keys that a mapping must have."""
    return tuple(field.encode_name for field in msgspec.structs.fields(keys) if field.required)


def json_schema() -> dict[str, Any]:
    """The JSON Schema of a pipeline file."""
    schema = msgspec.json.schema(PipelineKeys)
    return {"$schema": "https://json-schema.org/draft/2020-12/schema", "title": FORMAT, **schema}
