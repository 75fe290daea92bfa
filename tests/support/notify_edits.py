"""What can move while a decision waits: edits of policies, selection, directory and facts, and what each comes to."""

from collections.abc import Callable
from dataclasses import dataclass

from tests.support.notify import PATIENT, TEAM, Clinic

SELECTION = "selection.yaml"


@dataclass(frozen=True)
class Move:
    """Something that moves, and the stop that it leads to: its code, and the reason where it is denied."""

    do: Callable[[Clinic], None]
    code: str
    reason: str = ""


def _edited(file: str, before: str, after: str) -> Callable[[Clinic], None]:
    return lambda clinic: clinic.edit(file, before, after)


def _other_version(kind: str, name: str) -> Callable[[Clinic], None]:
    """Another version of the same, selected."""

    def do(clinic: Clinic) -> None:
        text = (clinic.policies / kind / f"{name}.yaml").read_text(encoding="utf-8")
        (clinic.policies / kind / f"{name}-next.yaml").write_text(text.replace('version: "1.0"', 'version: "1.1"'))
        selected = (clinic.policies / SELECTION).read_text(encoding="utf-8")
        changed = selected.replace(f'{name}: "1.0"', f'{name}: "1.1"', 1)
        (clinic.policies / SELECTION).write_text(changed, encoding="utf-8")

    return do


def moves(policy: str, template: str, recipient: str) -> dict[str, Move]:
    """Everything that can move under the decision of one policy."""
    rules, letter = f"rules/{policy}.yaml", f"templates/{template}.yaml"
    changed, denied = "STOP_PLAN_CHANGED", "STOP_POLICY_DENIED"
    return {
        "the policy's words": Move(_edited(rules, "title:\n  en: A", "title:\n  en: Still a"), changed),
        "the policy's other rule": Move(_edited(rules, "deny\n    reason: ", "deny\n    reason: X_"), changed),
        "the policy is withdrawn": Move(_edited(rules, "status: active", "status: withdrawn"), denied, "WITHDRAWN"),
        "the policy has ended": Move(_edited(rules, "2030-01-01", "2026-02-01"), denied, "NOT_EFFECTIVE"),
        "the policy is not selected": Move(_edited(SELECTION, f'  {policy}: "1.0"\n', ""), denied, "NO_POLICY"),
        "another version is selected": Move(_other_version("rules", policy), changed),
        "a policy of something else": Move(_edited("rules/appointment-reminder.yaml", "en: A patient", "en: Patients"),
                                           changed),
        "the template's text": Move(_edited(letter, "body: |\n  ", "body: |\n  Now: "), changed),
        "the template is withdrawn": Move(_edited(letter, "status: active", "status: withdrawn"), denied, "WITHDRAWN"),
        "the types of triggers": Move(_edited("triggers.yaml", "urn:example:calendar", "urn:example:diary"), changed),
        "a file that cannot be read": Move(_edited(rules, "rules:", "rules: ["), "STOP_CONFIG_INVALID"),
        "the directory": Move(lambda clinic: clinic.forget(recipient), denied, "REFERENCE_UNKNOWN"),
    }  # fmt: skip


OF_MESSAGES = {
    **moves("result-ready", "result-ready-en", PATIENT),
    "the answer of a view": Move(lambda clinic: clinic.plant_messages(5), "STOP_POLICY_DENIED", "TOO_MANY_MESSAGES"),
    "the pace": Move(lambda clinic: clinic.plant_messages(20, "result-ready", TEAM), "STOP_PLAN_CHANGED"),
    "the view is withdrawn": Move(
        _edited("views/recent.yaml", "status: active", "status: withdrawn"), "STOP_POLICY_DENIED", "WITHDRAWN"
    ),
}
OF_NOTIFICATIONS = moves("critical-result", "critical-result", TEAM)
