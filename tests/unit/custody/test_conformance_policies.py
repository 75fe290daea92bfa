"""Several versions side by side: the selection names one, and only that one is loaded."""

import shutil
from pathlib import Path

import pytest

from cutter.custody.policies import load_all, load_selection
from tests.support.runs import REPOSITORY

KINDS = {
    "policies": ("rules", "critical-result"),
    "templates": ("templates", "critical-result"),
    "views": ("views", "recent"),
}


@pytest.mark.parametrize("version", ["1.0", "1.1"])
@pytest.mark.parametrize("kind", KINDS)
def test_only_the_version_that_is_selected_is_loaded(tmp_path: Path, kind: str, version: str) -> None:
    """Without it a newer version would be in force as soon as its file is there."""
    folder, name = KINDS[kind]
    policies = shutil.copytree(REPOSITORY / "policies", tmp_path / "policies")
    text = (policies / folder / f"{name}.yaml").read_text(encoding="utf-8")
    newer = text.replace('version: "1.0"', 'version: "1.1"')
    (policies / folder / "newer.yaml").write_text(newer, encoding="utf-8")
    selection = policies / "selection.yaml"
    before, head, after = selection.read_text(encoding="utf-8").partition(f"{kind}:")
    chosen = after.replace(f'{name}: "1.0"', f'{name}: "{version}"', 1)
    selection.write_text(before + head + chosen, encoding="utf-8")

    loaded = getattr(load_selection(policies), kind)
    every = getattr(load_all(policies), kind)

    assert [part.version for part in loaded if part.id == name] == [version]
    assert [part.version for part in every if part.id == name] == ["1.0", "1.1"]
