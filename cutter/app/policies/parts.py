"""A view, a template or a trigger type as it is shown: what its fields say, what it asks or tells, and who uses it."""

from collections.abc import Iterable
from pathlib import Path

from cutter.custody.policies import AllVersions
from cutter.custody.policy_places import TRIGGERS, find_part
from cutter.policies.domain import Field, TriggerType
from cutter.policies.grammar import said_by
from cutter.policies.policy import Action, Policy, Template, View
from cutter.report.next_steps import command
from cutter.report.policies.results import ShownPart
from cutter.report.policies.words import named
from cutter.report.result import NextStep


def shown_part(part: View | Template | TriggerType, every: AllVersions, folder: Path) -> ShownPart:
    """A view, a template or a trigger type of a folder. Raises as `find_part`."""
    match part:
        case View():
            return _view(part, every, folder)
        case Template():
            return _template(part, every, folder)
        case TriggerType():
            return _trigger_type(part, every, folder)


def is_selected(part: Policy | View | Template, every: AllVersions) -> bool:
    """Whether the selection names this version."""
    chosen = every.selected
    versions = {Policy: chosen.policies, View: chosen.views, Template: chosen.templates}[type(part)]
    return versions.get(part.id) == part.version


def _view(view: View, every: AllVersions, folder: Path) -> ShownPart:
    return ShownPart(
        kind="view",
        id=view.id,
        version=view.version,
        selected=is_selected(view, every),
        withdrawn=view.withdrawn,
        path=_path(folder, "view", view),
        says=_says(view.columns),
        from_trigger=tuple(slot.field for slot in view.bind),
        used_by=tuple(kind.name for kind in every.triggers.types if view.id in kind.views),
        text=view.sql,
        sha256=view.sha256,
        next=_steps(),
    )


def _template(template: Template, every: AllVersions, folder: Path) -> ShownPart:
    meant = (template.id, template.version)
    users = [p for p in every.policies for r in p.rules if r.action and _named(r.action) == meant]
    return ShownPart(
        kind="template",
        id=template.id,
        version=template.version,
        selected=is_selected(template, every),
        withdrawn=template.withdrawn,
        path=_path(folder, "template", template),
        says=_says(slot.field for slot in template.slots),
        from_trigger=(),
        used_by=tuple(dict.fromkeys(named(policy.id, policy.version) for policy in users)),
        text=f"{template.subject}\n\n{template.body}" if template.subject else template.body,
        sha256=template.sha256,
        next=_steps(),
    )


def _trigger_type(kind: TriggerType, every: AllVersions, folder: Path) -> ShownPart:
    columns = [column for view in every.views if view.id in kind.views for column in view.columns]
    return ShownPart(
        kind="trigger",
        id=kind.name,
        version="",
        selected=True,
        withdrawn=False,
        path=str(folder / TRIGGERS),
        says=_says((*kind.fields, *columns)),
        from_trigger=(),
        used_by=tuple(named(policy.id, policy.version) for policy in every.policies if kind.name in policy.triggers),
        text="",
        sha256="",
        next=_steps(),
    )


def _steps() -> tuple[NextStep, ...]:
    return (NextStep("check", command("policies", "lint")), NextStep("all", command("policies", "list")))


def _named(action: Action) -> tuple[str, str]:
    return action.template, action.template_version


def _says(fields: Iterable[Field]) -> dict[str, str]:
    return {field.name: said_by(field.domain) for field in fields}


def _path(folder: Path, kind: str, part: View | Template) -> str:
    found = find_part(folder, kind, part.id, part.version)
    return found.file if found is not None else ""
