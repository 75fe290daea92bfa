"""The invariants of a policies folder: what must hold of every trigger (`cutter.invariants/1`).

    format: cutter.invariants/1
    invariants:
      - id: consent-first
        triggers: [lab.result_ready]    # optional: every type that has the fields
        when: {consent: false}          # conditions as in policies
        never: [allow]                  # or always: [deny, escalate]

Rules kept here: a condition is on a field that every type which the invariant is about has, with one domain, and tests
values of that domain only; exactly one of `never` and `always` is said.

Source: issue 7 (parts); policies.md §3.3.
"""

from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Literal

import msgspec

from cutter.custody.configuration import Configuration, read_configuration
from cutter.custody.policy_conditions import read_test
from cutter.custody.policy_files import AnyField, Id, Scalar, TestKeys, TypeName
from cutter.policies.analysis.invariants import FORMAT, Claim, Invariant
from cutter.policies.domain import Domain, TriggerType
from cutter.policies.policy import Condition, Selection, Verdict

Decision = Literal["deny", "escalate", "allow"]
_Decisions = Annotated[tuple[Decision, ...], msgspec.Meta(min_length=1, max_length=3)]


class InvariantKeys(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One invariant."""

    id: Id
    when: dict[AnyField, Scalar | TestKeys] = {}
    triggers: tuple[TypeName, ...] = ()
    never: _Decisions | None = None
    always: _Decisions | None = None


class InvariantsFile(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The invariants."""

    format: str
    invariants: Annotated[tuple[InvariantKeys, ...], msgspec.Meta(min_length=1, max_length=1024)]


def read_invariants(path: Path, selection: Selection) -> tuple[Invariant, ...]:
    """The invariants of a file, held against what triggers and views can say.

    Raises:
        FileNotFoundError: there is no such file.
        Stop: STOP_CONFIG_INVALID with the place (detail `duplicate_id`, `unknown_trigger_type`, `unknown_field`,
            `domains_differ`, `missing_key`, and those of `read_test`), STOP_PATH_UNSAFE, STOP_DISK.
    """
    file = read_configuration(path, FORMAT, InvariantsFile)
    found, seen = [], set[str]()
    for at, keys in enumerate(file.value.invariants):
        if keys.id in seen:
            raise file.refuse("duplicate_id", f"$.invariants[{at}].id", keys.id)
        seen.add(keys.id)
        found.append(_invariant(file, f"$.invariants[{at}]", keys, selection))
    return tuple(found)


def _invariant(file: Configuration[InvariantsFile], path: str, keys: InvariantKeys, selection: Selection) -> Invariant:
    known = {kind.name: kind for kind in selection.triggers.types}
    for at, name in enumerate(keys.triggers):
        if name not in known:
            raise file.refuse("unknown_trigger_type", f"{path}.triggers[{at}]", name)
    if (keys.never is None) == (keys.always is None):
        raise file.refuse("missing_key", path, "never")
    domains = [_domains(known[name], selection) for name in keys.triggers or known]
    when = tuple(
        Condition(name, read_test(file, test, _domain(file, where, name, domains, strict=bool(keys.triggers)), where))
        for name, test in sorted(keys.when.items())
        for where in (f"{path}.when.{name}",)
    )
    claim = Claim.NEVER if keys.never is not None else Claim.ALWAYS
    verdicts = tuple(Verdict(word) for word in keys.never or keys.always or ())
    return Invariant(keys.id, tuple(sorted(keys.triggers)), when, claim, verdicts)


def _domains(kind: TriggerType, selection: Selection) -> Mapping[str, Domain]:
    views = (view for view in selection.views if view.id in kind.views)
    columns = (column for view in views for column in view.columns)
    return {field.name: field.domain for field in (*kind.fields, *columns)}


def _domain(
    file: Configuration[InvariantsFile], path: str, name: str, types: list[Mapping[str, Domain]], *, strict: bool
) -> Domain:
    """The one domain of a field; `strict`: every one of the types has to have it."""
    found = [domains[name] for domains in types if name in domains]
    if not found or (strict and len(found) < len(types)):
        raise file.refuse("unknown_field", path, name)
    if any(domain != found[0] for domain in found):
        raise file.refuse("domains_differ", path, name)
    return found[0]
