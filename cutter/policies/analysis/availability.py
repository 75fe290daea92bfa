"""What the selected policies need and do not have: views and templates that are not selected, or that are withdrawn.

Rules kept here: what is told here is just what makes the evaluator deny with `NOT_SELECTED` or `WITHDRAWN`; of a policy
that is withdrawn itself nothing else is told, because all of its triggers are denied whatever its rules need.

Source: issue 7, rule 2 and "lint".
"""

from collections.abc import Iterator
from enum import Enum

import msgspec

from cutter.policies.analysis.findings import Severity
from cutter.policies.decision import Reason
from cutter.policies.policy import Policy, Selection
from cutter.policies.preparation import blocked_by


class Part(Enum):
    """What a selection selects versions of. The values stand in records."""

    POLICY = "policy"
    VIEW = "view"
    TEMPLATE = "template"


class Unavailable(msgspec.Struct, frozen=True):
    """Something that denies triggers because of a version that is not in force.

    Attributes:
        severity: a warning of a policy that is withdrawn, which is a way to deny on purpose; else an error.
        reason: `NOT_SELECTED` or `WITHDRAWN`, as the denials have it.
        part, id, version: what is not in force; the version is empty of a view that is not selected, which nothing
            names a version of.
        selected: the version that is selected instead; empty for none, and of what is withdrawn.
        trigger_types: the types whose triggers are denied; sorted.
        rule: the rule whose action needs a template, as (policy, rule); None where every trigger is denied.
    """

    severity: Severity
    reason: Reason
    part: Part
    id: str
    version: str
    selected: str
    trigger_types: tuple[str, ...]
    rule: tuple[str, str] | None = None


def unavailable(selection: Selection) -> tuple[Unavailable, ...]:
    """All of it: errors first; policies, then views by type, then templates by rule."""
    working = [policy for policy in selection.policies if not policy.withdrawn]
    found = [*_policies(selection), *_views(selection, working), *_templates(selection, working)]
    return tuple(sorted(found, key=lambda each: each.severity is not Severity.ERROR))


def _policies(selection: Selection) -> Iterator[Unavailable]:
    for policy in selection.policies:
        if policy.withdrawn:
            yield Unavailable(
                Severity.WARNING, Reason.WITHDRAWN, Part.POLICY, policy.id, policy.version, "", policy.triggers
            )


def _views(selection: Selection, working: list[Policy]) -> Iterator[Unavailable]:
    """Views of the types that a policy is for."""
    views = {view.id: view for view in selection.views}
    for kind in selection.triggers.types:
        for name in kind.views if any(kind.name in policy.triggers for policy in working) else ():
            view, types = views.get(name), (kind.name,)
            if view is None:
                yield Unavailable(Severity.ERROR, Reason.NOT_SELECTED, Part.VIEW, name, "", "", types)
            elif view.withdrawn:
                yield Unavailable(Severity.ERROR, Reason.WITHDRAWN, Part.VIEW, name, view.version, "", types)


def _templates(selection: Selection, working: list[Policy]) -> Iterator[Unavailable]:
    versions = {template.id: template.version for template in selection.templates}
    needed = [(policy, rule, rule.action) for policy in working for rule in policy.rules if rule.action is not None]
    blocked = blocked_by(selection, [action for _, _, action in needed])
    for policy, rule, action in needed:
        if reason := blocked.get(action):
            yield Unavailable(
                severity=Severity.ERROR,
                reason=reason,
                part=Part.TEMPLATE,
                id=action.template,
                version=action.template_version,
                selected=versions.get(action.template, "") if reason is Reason.NOT_SELECTED else "",
                trigger_types=policy.triggers,
                rule=(policy.id, rule.id),
            )
