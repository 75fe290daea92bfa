"""Where the rules, trigger types and selected versions of a policies folder stand: for what is found about them.

Rules kept here: the files were loaded without a mistake; each is read once more, because a place is no part of a
policy.
"""

from dataclasses import dataclass
from pathlib import Path

from cutter.custody.configuration import Place, read_configuration
from cutter.custody.files import names_in
from cutter.custody.policies import SELECTION
from cutter.custody.policy_files import PolicyFile, SelectionFile, TemplateFile, TriggersFile, ViewFile

RULES, TRIGGERS = "rules", "triggers.yaml"


@dataclass(frozen=True, slots=True)
class PolicyPlaces:
    """Places by policy and version, by policy, version and rule, by trigger type, and of what is selected by the key of
    `selection.yaml` (`policies`, `views`, `templates`) and id.
    """

    policies: dict[tuple[str, str], Place]
    rules: dict[tuple[str, str, str], Place]
    types: dict[str, Place]
    selected: dict[tuple[str, str], Place]


def find_places(folder: Path, selection: str = SELECTION) -> PolicyPlaces:
    """The places of a folder with this file that selects. Raises STOP_CONFIG_INVALID, STOP_PATH_UNSAFE, STOP_DISK."""
    found = PolicyPlaces({}, {}, {}, {})
    for name in policy_files(folder):
        file = read_configuration(folder / RULES / name, "cutter.policy/1", PolicyFile)
        policy = (file.value.id, file.value.version)
        found.policies[policy] = file.places["$"]
        for at, rule in enumerate(file.value.rules):
            found.rules[*policy, rule.id] = file.places[f"$.rules[{at}]"]
    triggers = read_configuration(folder / TRIGGERS, "cutter.triggers/1", TriggersFile)
    found.types.update({name: triggers.places[f"$.types.{name}"] for name in triggers.value.types})
    chosen = read_configuration(folder / selection, "cutter.selection/1", SelectionFile)
    for key, versions in (
        ("policies", chosen.value.policies),
        ("views", chosen.value.views),
        ("templates", chosen.value.templates),
    ):
        found.selected.update({(key, name): chosen.places[f"$.{key}.{name}"] for name in versions})
    return found


def find_part(folder: Path, kind: str, identifier: str, version: str) -> Place | None:
    """Where a version of a view or a template begins. Raises STOP_CONFIG_INVALID, STOP_PATH_UNSAFE, STOP_DISK.

    Args:
        folder: the folder of policies.
        kind: `view` or `template`.
        identifier: which one.
        version: in which version.
    """
    form: type[ViewFile] | type[TemplateFile] = ViewFile if kind == "view" else TemplateFile
    for name in names_in(folder / f"{kind}s"):
        if name.endswith(".yaml"):
            file = read_configuration(folder / f"{kind}s" / name, f"cutter.{kind}/1", form)
            if (file.value.id, file.value.version) == (identifier, version):
                return file.places["$"]
    return None


def policy_files(folder: Path) -> tuple[str, ...]:
    """The names of the files with policies, sorted."""
    return tuple(name for name in names_in(folder / RULES) if name.endswith(".yaml"))
