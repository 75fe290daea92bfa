"""The wheel: what travels in it is enough, away from the checkout."""

import os
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

from tests.e2e.conftest import ROOT


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The unpacked wheel of this checkout, as `pip install` lays it out."""
    folder = tmp_path_factory.mktemp("wheel")
    build = [sys.executable, "-m", "pip", "wheel", "--quiet", "--no-deps", "--no-build-isolation", "--no-index"]
    subprocess.run([*build, "--wheel-dir", str(folder), str(ROOT)], check=True, capture_output=True)
    (packed,) = folder.glob("cutter-*.whl")
    zipfile.ZipFile(packed).extractall(folder / "site")
    return folder / "site"


def test_every_statement_and_pipeline_travels(wheel: Path) -> None:
    """Without it an installed cutter would lack a migration or its pipeline, and only a user would notice."""
    for suffix in (".sql", ".py", ".toml", ".tsv", ".txt", ".mo"):
        here = {path.relative_to(ROOT) for path in (ROOT / "cutter").rglob(f"*{suffix}")}
        assert here
        travelled = {path.relative_to(wheel) for path in (wheel / "cutter").rglob(f"*{suffix}")}
        assert here == {path for path in travelled if "shared" not in path.parts}
    packed = wheel / "cutter" / "shared"
    for shared in ("pipelines", "schemas", "profiles", "examples/workspace"):
        here = {path.relative_to(ROOT) for path in (ROOT / shared).rglob("*.*")}
        assert here == {path.relative_to(packed) for path in (packed / shared).rglob("*.*")}


def test_the_wheel_lints_its_own_pipeline(wheel: Path, tmp_path: Path) -> None:
    """Without it the one resource function could find shipped files in a checkout only."""
    start = f"import sys; sys.path.insert(0, {str(wheel)!r}); import cutter.__main__ as program; program.main()"
    done = subprocess.run(
        [sys.executable, "-I", "-c", start, "pipelines", "lint", "cut"],
        cwd=tmp_path,
        env={"PATH": os.environ["PATH"], "HOME": str(tmp_path)},
        capture_output=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    assert str(wheel / "cutter" / "shared" / "pipelines" / "cut.yaml") in done.stdout.decode()
