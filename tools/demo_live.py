"""Shows a live cut from end to end in a workspace of its own: `make demo-live`.

Every command is printed as a user types it, with what it answered, and has to end as it should: two gates signed, the
same resume again, a second cut of the same document, and another document that is voided and cut again.
"""

import json
import os
import shlex
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

from cutter.postgres import embedded

ROOT = Path(__file__).parent.parent
DOCUMENT = "ICX-CONST"
OTHER = "DEMO-NOTE"
# A text of the demo's own, so that the one that was cut stays as it is.
OTHER_TEXT = """Điều 1. Phạm vi

1. Văn bản này dùng để thử.
2. Văn bản này được cắt, thu hồi, rồi cắt lại.

Điều 2. Hiệu lực

1. Văn bản này không có hiệu lực.
"""

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
            sys.exit(f"demo-live: that ended with {status}, not with {ends}; the workspace is {self._folder}")

    def ask(self, *words: str, ends: int) -> Any:
        """The same for a program: what it answers, with the parts that a user would copy from the screen."""
        done = self._cutter((*words, "--output", "json"), capture=True)
        if done.returncode != ends:
            sys.exit(f"demo-live: {shlex.join(words)} ended with {done.returncode}, not with {ends}: {done.stdout}")
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


def show(folder: Path) -> None:
    """The whole story, in an empty folder."""
    folder.mkdir(parents=True, exist_ok=True)
    demo = Demo(folder)
    demo.run("init", "--live-demo", ".", ends=DONE)

    run = demo.start(DOCUMENT)
    demo.go_on(run, WAITING)
    kb_id = demo.go_on(run, DONE)
    demo.run("orchestrate", "resume", "--approval-kb-id", kb_id, ends=DONE)
    demo.run("orchestrate", "cut", DOCUMENT, "--mode", "live", ends=STOPPED)

    text = folder / "note.txt"
    text.write_text(OTHER_TEXT, encoding="utf-8")
    demo.run("documents", "add", text.name, "--document-id", OTHER, ends=DONE)
    demo.go_on(demo.start(OTHER), WAITING)
    demo.run("orchestrate", "void", OTHER, "--mode", "live", ends=WAITING)
    voiding = str(demo.ask("orchestrate", "void", OTHER, "--mode", "live", ends=WAITING)["run_id"])
    demo.go_on(voiding, DONE)
    again = demo.start(OTHER)
    demo.go_on(again, WAITING)
    demo.go_on(again, DONE)
    demo.run("runs", "list", ends=DONE)


def main(arguments: list[str]) -> int:
    """Show it in the folder that was named, else in one that is removed afterwards."""
    if arguments:
        show(Path(arguments[0]).absolute())
        return 0
    base = Path(tempfile.mkdtemp(prefix="cutter-demo-"))
    try:
        show(base / "office")
    finally:
        Demo(base / "office").run("db", "stop", ends=DONE)
        shutil.rmtree(embedded.locate(base / "office").home, ignore_errors=True)  # as root it is not in the workspace
        shutil.rmtree(base)
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
