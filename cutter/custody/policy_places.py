"""Where the rules and trigger types of a policies folder stand in its files: for what is found about them.

Rules kept here: the files were loaded without a mistake; each is read once more, because a place is no part of a
policy.
"""

from dataclasses import dataclass
from pathlib import Path

from cutter.custody.configuration import Place, read_configuration
from cutter.custody.files import names_in
from cutter.custody.policy_files import PolicyFile, TriggersFile

RULES, TRIGGERS = "rules", "triggers.yaml"


@dataclass(frozen=True, slots=True)
class PolicyPlaces:
    """Places by policy and version, by policy, version and rule, and by trigger type."""

    policies: dict[tuple[str, str], Place]
    rules: dict[tuple[str, str, str], Place]
    types: dict[str, Place]


def find_places(folder: Path) -> PolicyPlaces:
    """The places of a folder. Raises STOP_CONFIG_INVALID, STOP_PATH_UNSAFE, STOP_DISK."""
    found = PolicyPlaces({}, {}, {})
    for name in policy_files(folder):
        file = read_configuration(folder / RULES / name, "cutter.policy/1", PolicyFile)
        policy = (file.value.id, file.value.version)
        found.policies[policy] = file.places["$"]
        for at, rule in enumerate(file.value.rules):
            found.rules[*policy, rule.id] = file.places[f"$.rules[{at}]"]
    triggers = read_configuration(folder / TRIGGERS, "cutter.triggers/1", TriggersFile)
    found.types.update({name: triggers.places[f"$.types.{name}"] for name in triggers.value.types})
    return found


def policy_files(folder: Path) -> tuple[str, ...]:
    """The names of the files with policies, sorted."""
    return tuple(name for name in names_in(folder / RULES) if name.endswith(".yaml"))
