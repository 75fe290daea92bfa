"""What is in a folder of policies, and one policy of it."""

import difflib
from pathlib import Path

from cutter.app.policies.loading import policies_folder
from cutter.app.policies.parts import is_selected, shown_part
from cutter.app.system import SystemClock
from cutter.approval.identification import timestamp
from cutter.custody.policies import AllVersions, load_all
from cutter.custody.policy_places import find_places
from cutter.policies.domain import TriggerType
from cutter.policies.policy import Policy, Template, View
from cutter.report.next_steps import command
from cutter.report.policies.results import (
    ListedPolicy,
    ListedTemplate,
    ListedTriggerType,
    ListedView,
    PolicyList,
    ShownPart,
    ShownPolicy,
)
from cutter.report.policies.words import named
from cutter.report.result import NextStep
from cutter.settings import Settings
from cutter.stops import Stop, StopCode


def list_policies(settings: Settings, folder: Path | None) -> PolicyList:
    """Every version of everything in the workspace's folder, or in another one. Raises as `load_all`."""
    place = policies_folder(settings, folder)
    every = load_all(place.folder, place.selection)
    chosen = every.selected
    return PolicyList(
        folder=str(place.folder),
        policies=tuple(_policy(policy, every) for policy in every.policies),
        views=tuple(
            ListedView(
                id=view.id,
                version=view.version,
                selected=chosen.views.get(view.id) == view.version,
                withdrawn=view.withdrawn,
                columns=tuple(column.name for column in view.columns),
                sha256=view.sha256,
            )
            for view in every.views
        ),
        templates=tuple(
            ListedTemplate(
                id=template.id,
                version=template.version,
                selected=chosen.templates.get(template.id) == template.version,
                withdrawn=template.withdrawn,
                operation=template.operation,
                language=template.language,
                slots=tuple(slot.field.name for slot in template.slots),
                sha256=template.sha256,
            )
            for template in every.templates
        ),
        triggers=tuple(
            ListedTriggerType(name=kind.name, fields=tuple(field.name for field in kind.fields), views=kind.views)
            for kind in every.triggers.types
        ),
    )


def show_policy(settings: Settings, name: str) -> ShownPolicy | ShownPart:
    """A policy, view, template or trigger type by id, or by id and version; without a version the one that is selected,
    else the newest.

    Args:
        settings: the workspace.
        name: `ID`, `ID@VERSION`; where several kinds have the id, a policy is meant, and `template/ID` another one.

    Raises:
        Stop: STOP_INVALID_INPUT, detail `policy`, with the nearest names; and as `load_all`.
    """
    place = policies_folder(settings, None)
    every = load_all(place.folder, place.selection)
    found = _find(every, name)
    if not isinstance(found, Policy):
        return shown_part(found, every, place.folder)
    at = find_places(place.folder).policies[found.id, found.version]
    pace = found.limits.pace
    return ShownPolicy(
        id=found.id,
        version=found.version,
        title={"en": found.title_en, "vi": found.title_vi},
        path=at.file,
        selected=is_selected(found, every),
        state=_state(found, timestamp(SystemClock().now())),
        effective_from=found.effective_from,
        effective_until=found.effective_until,
        triggers=found.triggers,
        otherwise_deny=found.otherwise_deny,
        pace_at_most=pace.at_most if pace else 0,
        pace_within=pace.within if pace else 0,
        rules=found.rules,
        sha256=found.sha256,
        other_versions=tuple(p.version for p in every.policies if p.id == found.id and p.version != found.version),
        next=(NextStep("check", command("policies", "lint")), NextStep("all", command("policies", "list"))),
    )


def _find(every: AllVersions, name: str) -> Policy | View | Template | TriggerType:
    kind, slash, rest = name.partition("/")
    identifier, at, version = (rest if slash else name).partition("@")
    parts: dict[str, tuple[Policy | View | Template, ...]] = {
        "policy": every.policies,
        "view": every.views,
        "template": every.templates,
    }
    for of_kind, versions in parts.items():
        matching = [p for p in versions if p.id == identifier and (not at or p.version == version)]
        if matching and kind in (of_kind, name):
            return next((part for part in matching if is_selected(part, every)), matching[-1])
    types = [each for each in every.triggers.types if each.name == identifier and not at]
    if types and kind in ("trigger", name):
        return types[0]
    known = [named(part.id, part.version) for versions in parts.values() for part in versions]
    known += [each.name for each in every.triggers.types]
    of_it = [each for each in known if each.partition("@")[0] == identifier]
    near = difflib.get_close_matches(name, of_it or known, n=3, cutoff=0.3)
    raise Stop(StopCode.STOP_INVALID_INPUT, "policy", where="ID[@VERSION]", suggestions=tuple(near or known[:3]))


def _policy(policy: Policy, every: AllVersions) -> ListedPolicy:
    return ListedPolicy(
        id=policy.id,
        version=policy.version,
        selected=is_selected(policy, every),
        withdrawn=policy.withdrawn,
        effective_from=policy.effective_from,
        effective_until=policy.effective_until,
        triggers=policy.triggers,
        rules=len(policy.rules),
        title={"en": policy.title_en, "vi": policy.title_vi},
        sha256=policy.sha256,
    )


def _state(policy: Policy, now: str) -> str:
    """How a policy stands at a moment."""
    if policy.withdrawn:
        return "withdrawn"
    if now < policy.effective_from:
        return "not_yet"
    return "ended" if policy.effective_until and now >= policy.effective_until else "effective"
