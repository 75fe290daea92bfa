"""A workspace in which a demonstration runs commands and shows them as a user types them, with what they answer."""

import json
import os
import shlex
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from cutter.postgres import embedded

ROOT = Path(__file__).parent.parent
DONE, WAITING, STOPPED = 0, 10, 20


class Demo:
    """A workspace in which commands are run and shown."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def run(self, *words: str, ends: int) -> None:
        """Run a command and show what it says; end the demo when it does not end so."""
        print(f"\n$ {shlex.join(('cutter', *words))}", flush=True)
        status = self._cutter(words, capture=False).returncode
        if status != ends:
            sys.exit(f"that ended with {status}, not with {ends}; the workspace is {self._folder}")

    def ask(self, *words: str, ends: int) -> Any:
        """The same for a program: what it answers, with the parts that a user would copy from the screen."""
        done = self._cutter((*words, "--output", "json"), capture=True)
        if done.returncode != ends:
            sys.exit(f"{shlex.join(words)} ended with {done.returncode}, not with {ends}: {done.stdout}")
        return json.loads(done.stdout)

    def sign(self, run: str) -> str:
        """Sign what a run waits for by everybody whose role it needs; the approval id."""
        waiting = self.ask("runs", "show", run, ends=DONE)["result"]["waiting"]
        for quorum in waiting["missing"]:
            print(f"\n$ cutter approve {run[:8]} --as {quorum['role']} --output json", flush=True)
            answer = self.ask("approve", run, "--as", quorum["role"], ends=DONE)
            print(json.dumps(answer, ensure_ascii=False))
        return str(waiting["approval_kb_id"])

    def start(self, document: str) -> str:
        """Begin a live cut, which waits at its first gate; the run's id."""
        self.run("orchestrate", "cut", document, "--mode", "live", ends=WAITING)
        return str(self.ask("orchestrate", "cut", document, "--mode", "live", ends=WAITING)["run_id"])

    def go_on(self, run: str, ends: int) -> str:
        """Sign and resume; the approval id."""
        kb_id = self.sign(run)
        self.run("orchestrate", "resume", "--approval-kb-id", kb_id, ends=ends)
        return kb_id

    def _cutter(self, words: tuple[str, ...], *, capture: bool) -> subprocess.CompletedProcess[str]:
        environment = {**os.environ, "PYTHONPATH": str(ROOT)}
        command = [sys.executable, "-m", "cutter", *words]
        return subprocess.run(
            command,
            cwd=self._folder,
            env=environment,
            text=True,
            check=False,
            stdout=subprocess.PIPE if capture else None,
        )


def demonstrate(show: Callable[[Path], None], arguments: Sequence[str]) -> int:
    """Show a story in the folder that was named, which stays, else in one that is removed afterwards."""
    if arguments:
        folder = Path(arguments[0]).absolute()
        folder.mkdir(parents=True, exist_ok=True)
        show(folder)
        return 0
    base = Path(tempfile.mkdtemp(prefix="cutter-demo-"))
    folder = base / "office"
    folder.mkdir()
    try:
        show(folder)
    finally:
        Demo(folder).run("db", "stop", ends=DONE)
        shutil.rmtree(embedded.locate(folder).home, ignore_errors=True)  # as root it is not in the workspace
        shutil.rmtree(base)
    return 0
