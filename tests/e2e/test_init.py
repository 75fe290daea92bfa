"""The newcomer's workspace: made, rehearsed, changed and given to CI by the very commands that cutter shows."""

import json
import os
import re
import shlex
import shutil
import subprocess
import sys
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import pytest
from ruamel.yaml import YAML

from cutter.postgres import embedded
from tests.e2e.conftest import ROOT
from tests.plugins.postgres import discard

LANGUAGES = {"en": "READING-ROOM", "vi": "PHONG-DOC"}
_BLOCK = re.compile(r"^```sh\n(?P<text>.*?)^```$", re.MULTILINE | re.DOTALL)


@dataclass(frozen=True, slots=True)
class Desk:
    """Where a newcomer types: a folder with the program on the path."""

    folder: Path

    def type_in(self, text: str, **environ: str) -> subprocess.CompletedProcess[str]:
        """What a shell answers to some lines, both streams together; it ends at the first that fails."""
        return subprocess.run(
            ["bash", "-euo", "pipefail", "-c", text],
            cwd=self.folder,
            env={**self._environ(), **environ},
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            timeout=120,
            check=False,
        )

    def _environ(self) -> Mapping[str, str]:
        path = os.pathsep.join((str(self.folder / "bin"), os.environ["PATH"]))
        state = {"XDG_STATE_HOME": str(self.folder / "state"), "EDITOR": "true", "LC_ALL": "C.UTF-8"}
        return {**os.environ, **state, "PATH": path, "PYTHONPATH": str(ROOT)}


def _desk(folder: Path) -> Iterator[Desk]:
    """A folder of a newcomer; the databases of its workspaces are removed at the end."""
    (folder / "bin").mkdir(parents=True)
    program = folder / "bin" / "cutter"
    program.write_text(f'#!/bin/sh\nexec "{sys.executable}" -m cutter "$@"\n', encoding="utf-8")
    program.chmod(0o755)
    yield Desk(folder)
    for made in folder.rglob("cutter.yaml"):
        discard(embedded.locate(made.parent))


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[Desk]:
    """A newcomer's folder, empty yet."""
    yield from _desk(tmp_path / "desk")


@pytest.fixture(scope="module")
def offices(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Desk]:
    """A folder with a workspace of each language, as `cutter init` made it; what it said is in `LANGUAGE.txt`."""
    for at in _desk(tmp_path_factory.mktemp("init") / "bàn làm việc"):
        for language in LANGUAGES:
            said = at.type_in(f"git init -q {language}; cutter init {language} --lang {language}")
            assert said.returncode == 0, said.stdout
            (at.folder / f"{language}.txt").write_text(said.stdout, encoding="utf-8")
        yield at


def steps(screen: str) -> list[str]:
    """The commands of the block `Next`."""
    lines = screen.splitlines()
    first = next(place for place, line in enumerate(lines) if re.match(r"(Next|Tiếp) ", line))
    return [re.sub(r"^(Next|Tiếp)? +\S+( \S+)*?  +", "", line) for line in lines[first:]]


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_command_that_is_suggested_runs(offices: Desk, language: str) -> None:
    """The first screen of a newcomer: a command on it that fails is the last thing that they see of cutter."""
    shown = steps((offices.folder / f"{language}.txt").read_text(encoding="utf-8"))
    ran = offices.type_in("\n".join(shown))

    assert [command.split()[:2] for command in shown[1:]] == [
        ["cutter", "orchestrate"],
        ["${EDITOR:-vi}", "pipelines/check.yaml"],
        ["cutter", "pipelines"],
        ["cutter", "pipelines"],
    ]
    assert shlex.split(shown[0]) == ["cd", str(offices.folder / language)]
    assert ran.returncode == 0, ran.stdout
    assert LANGUAGES[language] in ran.stdout
    assert offices.type_in(f"cutter init {language} --lang {language}").returncode == 0


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_page_of_the_workspace_runs(offices: Desk, language: str) -> None:
    """The README is what a colleague reads who gets the folder; its commands must be this version's."""
    page = (offices.folder / language / "README.md").read_text(encoding="utf-8")
    commands = [line.split("#")[0].strip() for line in page.splitlines() if line.startswith("    cutter ")]
    ran = {command: offices.type_in(f"cd {language}; {command}") for command in commands if "doctor" not in command}

    assert len(page.splitlines()) <= 12
    assert len(commands) == 6
    assert {command: done.returncode for command, done in ran.items()} == dict.fromkeys(ran, 0)
    assert {"en": "3 Articles", "vi": "3 Điều"}[language] in ran[f"cutter orchestrate cut {LANGUAGES[language]}"].stdout


def workflow(folder: Path) -> dict[str, Any]:
    """The workspace's CI file, as a service reads it."""
    found: dict[str, Any] = YAML(typ="safe").load(folder / ".github" / "workflows" / "cutter.yml")
    return found


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_ci_file_rehearses_and_keeps_reports(offices: Desk, language: str) -> None:
    """A CI file is copied and forgotten: what it does not check, nobody checks."""
    office, summary = offices.folder / language, offices.folder / f"{language}.md"
    file = workflow(office)
    lines = [step["run"] for step in file["jobs"]["rehearse"]["steps"] if "run" in step]
    installs, *others = lines
    github = {
        "CI": "true",
        "GITHUB_ACTIONS": "true",
        "GITHUB_STEP_SUMMARY": str(summary),
        "GITHUB_WORKSPACE": str(office),
    }
    ran = [offices.type_in(f"cd {language}; {line}", **github) for line in others]
    suites = ElementTree.parse(office / "reports" / "junit.xml").getroot()

    assert file["permissions"] == {"contents": "read"}
    assert installs == 'python -m pip install "$CUTTER"'
    assert [(done.returncode, done.stdout) for done in ran[:1]] == [(0, "")]
    assert [done.returncode for done in ran] == [0, 0]
    assert "::notice title=cutter::REHEARSAL  check" in ran[1].stdout
    assert summary.read_text(encoding="utf-8") == (office / "reports" / "report.md").read_text(encoding="utf-8")
    assert [case.attrib["name"] for case in suites.iter("testcase")] == ["01 discover", "02 plan", "03 limits"]


def test_ci_rehearses_and_writes_nothing(offices: Desk) -> None:
    """Where nobody can sign, a live run must not even begin; a mistake has to be annotated at its line."""
    live = offices.type_in("cd en; cutter orchestrate cut READING-ROOM --mode live --report github", CI="true")
    text = (offices.folder / "en" / "pipelines" / "check.yaml").read_text(encoding="utf-8")
    bad = text.replace("plan.row_count", "plan.rows")
    (offices.folder / "bad.yaml").write_text(bad, encoding="utf-8")
    told = offices.type_in(
        "cd en; cutter orchestrate ../bad.yaml READING-ROOM --report github,junit --report-to reports/bad",
        CI="true",
        GITHUB_WORKSPACE=str(offices.folder),
    )
    line = 1 + bad[: bad.index("plan.rows")].count("\n")

    assert live.returncode == 20
    assert "::error title=STOP_LIVE_REFUSED (exit 20)::" in live.stdout
    assert told.returncode == 78
    assert re.search(rf"^::error file=bad.yaml,line={line},col=\d+,title=STOP_PIPELINE_INVALID", told.stdout, re.M)
    written = (offices.folder / "en" / "reports" / "bad" / "junit.xml").read_text(encoding="utf-8")
    assert 'type="STOP_PIPELINE_INVALID"' in written


def test_reports_and_state_stay_out_of_version_control(offices: Desk) -> None:
    """A run's state holds a database and keys; in a repository it would be everybody's."""
    run = "cutter orchestrate check READING-ROOM --report junit"
    ran = offices.type_in(f"cd en; {run} --report-to reports; {run}; git status --porcelain -uall > ../status")
    status = (offices.folder / "status").read_text(encoding="utf-8")

    assert ran.returncode == 0, ran.stdout
    assert "?? pipelines/check.yaml" in status
    assert not re.search(r"\.cutter/|reports/", status)


def test_the_second_pipeline_of_contributing(desk: Desk) -> None:
    """Ten lines are promised; a newcomer who follows the page must not need an eleventh."""
    page = (ROOT / "CONTRIBUTING.md").read_text(encoding="utf-8")
    (text,) = (block["text"] for block in _BLOCK.finditer(page) if "cutter init" in block["text"])
    ran = desk.type_in(text)
    pipeline = (desk.folder / "office" / "pipelines" / "units.yaml").read_text(encoding="utf-8")

    assert ran.returncode == 0, ran.stdout
    assert len(pipeline.splitlines()) == 10
    assert "REHEARSAL  units READING-ROOM" in ran.stdout
    assert ran.stdout.count("Database unchanged: it refused the commit (checked).") == 2


def test_the_page_of_ci_shows_the_file_that_is_made() -> None:
    """Two files that should be one would drift apart."""
    page = (ROOT / "docs" / "ci.md").read_text(encoding="utf-8")
    shown = set(re.findall(r"^```yaml\n(.*?)^```$", page, re.MULTILINE | re.DOTALL))

    assert (ROOT / "examples/workspace/en/.github/workflows/cutter.yml").read_text(encoding="utf-8") in shown
    assert all(YAML(typ="safe").load(text) for text in shown)


def test_the_gitlab_job_of_the_page_runs(offices: Desk) -> None:
    """An example that nobody runs teaches what worked once."""
    page = (ROOT / "docs" / "ci.md").read_text(encoding="utf-8")
    job = next(text for text in re.findall(r"^```yaml\n(.*?)^```$", page, re.M | re.S) if text.startswith("rehearse:"))
    shutil.rmtree(offices.folder / "en" / "reports", ignore_errors=True)
    lines = YAML(typ="safe").load(job)["rehearse"]["script"]
    ran = offices.type_in("\n".join(("cd en", *lines[1:])), CI="true", GITLAB_CI="true")

    assert ran.returncode == 0, ran.stdout
    assert lines[0].startswith("python -m pip install ")
    assert (offices.folder / "en" / "reports" / "junit.xml").is_file()


def hooks() -> dict[str, dict[str, Any]]:
    """The hooks of this repository, by id."""
    return {hook["id"]: hook for hook in YAML(typ="safe").load(ROOT / ".pre-commit-hooks.yaml")}


def test_the_hooks_as_pre_commit_runs_them(offices: Desk) -> None:
    """A hook that passes bad files is believed for months; pre-commit gives it the files that its pattern takes."""
    lint, rehearse = hooks()["cutter-lint"], hooks()["cutter-rehearse"]
    office = offices.folder / "en"
    shutil.copy(office / "pipelines" / "check.yaml", office / "pipelines" / "bad.yaml")  # its id is another name
    files = [str(path.relative_to(office)) for path in office.rglob("*") if path.is_file()]
    taken = sorted(name for name in files if re.search(lint["files"], name))
    linted = [offices.type_in(f"cd en; {lint['entry']} {shlex.quote(name)}") for name in taken]
    (office / "pipelines" / "bad.yaml").unlink()
    rehearsed = offices.type_in(f"cd en; {rehearse['entry']} check READING-ROOM")

    assert taken == ["pipelines/bad.yaml", "pipelines/check.yaml"]
    assert [done.returncode for done in linted] == [78, 0]
    assert linted[0].stdout.startswith("pipelines/bad.yaml:")
    assert rehearsed.returncode == 0, rehearsed.stdout
    assert not rehearse["pass_filenames"]
    assert {name for name in files if re.search(rehearse["files"], name)} >= {"cutter.yaml", "documents/index.yaml"}


@pytest.mark.skipif(shutil.which("pre-commit") is None, reason="pre-commit is not installed here")
def test_pre_commit_itself(offices: Desk) -> None:
    """What pre-commit makes of the file is its own affair; where it is installed, it is asked."""
    lint, rehearse = ({**hook, "language": "system"} for hook in hooks().values())
    config = [{"repo": "local", "hooks": [lint, {**rehearse, "args": ["check", "READING-ROOM"]}]}]
    (offices.folder / "en" / ".pre-commit-config.yaml").write_text(json.dumps({"repos": config}), encoding="utf-8")
    ran = offices.type_in("cd en; git add -A; pre-commit run --all-files --verbose")

    assert ran.returncode == 0, ran.stdout
    assert ran.stdout.count("Passed") == 2
