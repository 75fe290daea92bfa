"""docs/notify.md: its commands are typed in its order, in a live demo that can send, and print what stands there.

`CUTTER_UPDATE_GOLDEN=1 pytest tests/e2e/test_notify_page.py` writes what they print into the page, for review. Ids,
digests, times and durations may differ, a run that the page names being the one that was made here; what is shown of
files is what the files say.
"""

import os
import re
import subprocess
import sys
from collections.abc import Iterator
from functools import partial
from pathlib import Path

import pytest

from cutter.postgres import embedded
from cutter.settings import load_settings
from cutter.stops import StopCode
from tests.e2e.conftest import ROOT, Workspace, state_home
from tests.plugins.postgres import discard
from tests.support.mail_servers import mail_server
from tests.support.notify_desk import furnish

PAGE = ROOT / "docs" / "notify.md"
_HOME = "/home/an/clinic"  # what the page shows of the folder
_BLOCK = re.compile(r"^```console\n(?P<text>.*?)^```$", re.DOTALL | re.MULTILINE)
_SHOWN = re.compile(r"^`(?P<name>[\w./-]+)`:\n\n```\w+\n(?P<text>.*?)^```$", re.DOTALL | re.MULTILINE)
_RUN = re.compile(r"\b[0-9a-f]{8}\b(?!-)")
_DIFFERS = re.compile(
    r"\b[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}\b"
    r"|\b[0-9a-f]{16}(?:[0-9a-f]{48})?\b"
    r"|\b[0-9a-f]{8}\b"
    r"|\b[0-9a-f]{4} [0-9a-f]{4}\b"
    r"|\b\d{4}-\d\d-\d\d[T ][0-9:.]+(?:Z| UTC)"
    r"|\b[0-9.,]+ m?s\b"
)


def blocks() -> list[str]:
    """The blocks of commands, in order."""
    return [found["text"] for found in _BLOCK.finditer(PAGE.read_text(encoding="utf-8"))]


def commands() -> list[str]:
    """The commands of the page, in order."""
    return [line.removeprefix("$ ") for text in blocks() for line in text.splitlines() if line.startswith("$ ")]


def alike(text: str) -> str:
    """A text without what differs each time."""
    return _DIFFERS.sub("*", text)


@pytest.fixture
def clinic(tmp_path: Path) -> Iterator[Path]:
    """A live demo that can send, with a `cutter` that is this one."""
    folder, programs = tmp_path / "clinic", tmp_path / "bin"
    assert Workspace(tmp_path).cutter("init", "--live-demo", "clinic").status == 0
    programs.mkdir()
    (programs / "cutter").write_text(f'#!/bin/sh\nexec "{sys.executable}" -m cutter "$@"\n', encoding="utf-8")
    (programs / "cutter").chmod(0o755)
    with mail_server() as server:
        furnish(folder, server)
        yield folder
    discard(embedded.locate(folder))


def typed(command: str, folder: Path) -> str:
    """What a shell prints; progress is on the other stream."""
    environ = dict(os.environ)
    environ |= {"PATH": f"{folder.parent / 'bin'}:{environ['PATH']}", "PYTHONPATH": str(ROOT), "LC_ALL": "C.UTF-8"}
    environ |= state_home(folder)
    done = subprocess.run(
        ["sh", "-c", command], cwd=folder, env=environ, capture_output=True, text=True, timeout=120, check=False
    )
    return done.stdout.replace(str(folder), _HOME)


def printed_anew(page: str, folder: Path) -> str:
    """The page with what its commands print now."""
    runs: dict[str, str] = {}

    def block(found: re.Match[str]) -> str:
        return "```console\n" + "".join(_steps(found["text"], folder, runs)) + "```"

    return _BLOCK.sub(block, page)


def _steps(text: str, folder: Path, runs: dict[str, str]) -> Iterator[str]:
    """Type the commands of a block; one that names a run which the page has not shown is about the newest."""
    for shown in re.split(r"^(?=\$ )", text, flags=re.MULTILINE):
        line, _, before = shown.partition("\n")
        if not line:
            continue
        command = _RUN.sub(partial(_known, runs), line.removeprefix("$ "))
        now = typed(command, folder)
        runs.update(zip(_RUN.findall(before) or _RUN.findall(now), _RUN.findall(now), strict=False))
        yield f"$ {command}\n{now}"


def _known(runs: dict[str, str], named: re.Match[str]) -> str:
    return runs.get(named[0]) or next(reversed(runs.values()), named[0])


def test_the_page_prints_what_it_shows(clinic: Path) -> None:
    """Without it the page would show what no release prints, and whoever follows it would not get through."""
    page = PAGE.read_text(encoding="utf-8")
    now = printed_anew(page, clinic)
    if os.environ.get("CUTTER_UPDATE_GOLDEN"):
        PAGE.write_text(now, encoding="utf-8")

    assert alike(now) == alike(PAGE.read_text(encoding="utf-8"))


def test_the_page_has_every_command_of_its_subject() -> None:
    """Without it a command could be dropped from the page, and nobody would learn of it."""
    typed_in = "\n".join(commands())
    for words in (
        "policies list", "policies show", "policies lint", "policies test", "policies prove", "policies diff",
        "policies explain", "trigger ", "--mode live", "decisions list", "decisions show", "decide ", "approve ",
        "notifications list", "notifications ack",
    ):  # fmt: skip
        assert f"cutter {words}" in typed_in or f" {words}" in typed_in, words


@pytest.mark.parametrize("shown", list(_SHOWN.finditer(PAGE.read_text(encoding="utf-8"))), ids=lambda m: m["name"])
def test_a_file_is_shown_as_it_stands(shown: re.Match[str]) -> None:
    """Without it the page would explain a policy that nobody has."""
    assert shown["text"] in (ROOT / shown["name"]).read_text(encoding="utf-8")


def test_the_settings_of_the_page_are_read(tmp_path: Path) -> None:
    """Without it whoever copies them would be refused."""
    (text,) = re.findall(r"^```yaml\n(comm:\n.*?)^```$", PAGE.read_text(encoding="utf-8"), re.DOTALL | re.MULTILINE)
    head = "format: cutter.workspace/1\ndatabase: embedded\n"
    (tmp_path / "cutter.yaml").write_text(head + text, encoding="utf-8")

    mail = load_settings(tmp_path, {}).mail

    assert mail is not None
    assert (mail.host, mail.port) == ("mail.example.org", 587)


def test_every_stop_that_the_page_names_exists() -> None:
    """Without it the table of what happens when would name codes that nobody sees."""
    named = set(re.findall(r"\bSTOP_[A-Z_]+\b", PAGE.read_text(encoding="utf-8")))
    assert named <= {code.name for code in StopCode}
    assert {
        "STOP_POLICY_DENIED", "STOP_PHI_SUSPECTED", "STOP_DECISION_REFUSED", "STOP_DECISION_LAPSED",
        "STOP_KEY_CONFLICT", "STOP_SEND_FAILED", "STOP_EFFECT_UNKNOWN",
    } <= named  # fmt: skip


def test_the_page_links_to_what_is_there() -> None:
    """Without it a reader would be sent to a page that is not there."""
    links = re.findall(r"\]\(([\w./-]+)\)", PAGE.read_text(encoding="utf-8"))
    assert {"audit.md", "conformance/notify.md"} <= set(links)
    assert [link for link in links if not (PAGE.parent / link).exists()] == []
