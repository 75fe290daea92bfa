"""`docs/trust.md`, followed literally: every command on the page is run, in its order, as one person would."""

import os
import re
import subprocess
import sys
from pathlib import Path

from cutter.app.trust_report import show_trust
from cutter.settings import load_settings
from tests.e2e.conftest import ROOT

PAGE = ROOT / "docs" / "trust.md"
# Keys without a passphrase: nobody is there to type one. cutter itself reads no configuration of gpg's.
UNATTENDED = 'batch\npinentry-mode loopback\npassphrase ""\n'


def test_the_ceremony_works_as_it_is_written(tmp_path: Path) -> None:
    """A ceremony that fails at its third line is not held: people would share keys instead."""
    commands = "\n".join(re.findall(r"^```sh\n(.*?)^```$", PAGE.read_text(encoding="utf-8"), re.MULTILINE | re.DOTALL))
    home, office, programs = tmp_path / "home", tmp_path / "office", tmp_path / "bin"
    for folder in (home / ".gnupg", office, programs):
        folder.mkdir(mode=0o700, parents=True)
    (home / ".gnupg" / "gpg.conf").write_text(UNATTENDED)
    (programs / "cutter").write_text(f'#!/bin/sh\nexec "{sys.executable}" -m cutter "$@"\n')
    (programs / "cutter").chmod(0o755)
    environment = {
        "HOME": str(home),
        "GNUPGHOME": str(home / ".gnupg"),
        "PATH": f"{programs}:{os.environ['PATH']}",
        "PYTHONPATH": str(ROOT),
    }
    try:
        done = subprocess.run(
            ["bash", "-euo", "pipefail", "-c", commands],
            cwd=office,
            env=environment,
            capture_output=True,
            text=True,
            timeout=110,
            check=False,
        )
    finally:
        kill = ["gpgconf", "--homedir", str(home / ".gnupg"), "--kill", "all"]
        subprocess.run(kill, env=environment, check=False, timeout=30)

    assert done.returncode == 0, done.stdout + done.stderr
    shown = show_trust(load_settings(office, {}))
    assert (shown.refusal, shown.threshold, len(shown.signed_by)) == ("", 2, 2)
    assert [person.person_id for person in shown.persons] == ["binh.le"]
    assert (len(shown.persons[0].keys), len(shown.persons[0].revoked)) == (2, 1)
    assert len(shown.backup_recipients) == 2
    assert len(shown.runner_keys) == 2
