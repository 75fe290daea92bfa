"""Shows a live cut from end to end in a workspace of its own: `make demo-live`.

Every command is printed as a user types it, with what it answered, and has to end as it should: two gates signed, the
same resume again, a second cut of the same document, and another document that is voided and cut again.
"""

import sys
from pathlib import Path

from tools.demonstration import DONE, STOPPED, WAITING, Demo, demonstrate

DOCUMENT = "ICX-CONST"
OTHER = "DEMO-NOTE"
# A text of the demo's own, so that the one that was cut stays as it is.
OTHER_TEXT = """Điều 1. Phạm vi

1. Văn bản này dùng để thử.
2. Văn bản này được cắt, thu hồi, rồi cắt lại.

Điều 2. Hiệu lực

1. Văn bản này không có hiệu lực.
"""


def show(folder: Path) -> None:
    """The whole story, in an empty folder."""
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


if __name__ == "__main__":
    sys.exit(demonstrate(show, sys.argv[1:]))
