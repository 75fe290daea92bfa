"""Shows what a policy may start, from end to end, in a workspace of its own: `make demo-notify`.

A mail server of the demo's own listens on loopback. A trigger that is allowed arrives, after people have signed, as one
real message; the same trigger again tells what it led to; an unknown one is denied; an uncertain one becomes a question
that people answer with no; a notification is made and acknowledged; a gap and a conflict that are planted in a copy of
the policies are found, each with a trigger that shows it.
"""

import shutil
import sys
from pathlib import Path

from tests.support.mail_servers import HOST, PASSWORD, USER, MailServer, authority, mail_server
from tools.demonstration import DONE, ROOT, STOPPED, WAITING, Demo, demonstrate

REFUSED, CONFIGURATION = 11, 78
EXAMPLES = Path("policies/examples")
POLICY = Path("rules/result-ready.yaml")
COMM = """
comm:
  smtp:
    host: {host}
    port: {port}
    from: clinic@example.org
    user: {user}
    password: {{file: smtp.password}}
    ca_file: demo-authority.pem
"""
DIRECTORY = """format: cutter.directory/1
references:
  PAT-7KQ2M4XA-55: {address: first@example.org}
  PAT-9DW5T8RC-87: {address: second@example.org}
  TEAM-N4RTH-33: {}
"""


def show(folder: Path) -> None:
    """The whole story, in an empty folder."""
    demo = Demo(folder)
    demo.run("init", "--live-demo", ".", ends=DONE)
    shutil.copytree(ROOT / "policies", folder / "policies")
    _plant(demo, folder)
    with mail_server() as server:
        _reach(folder, server)
        _allowed(demo, server)
        demo.run("trigger", str(EXAMPLES / "unknown-type.json"), "--mode", "live", ends=STOPPED)
        _uncertain(demo)
        _notification(demo)
    demo.run("audit", "export", "--to", "audit.jsonl", ends=DONE)
    demo.run("runs", "list", ends=DONE)


def _plant(demo: Demo, folder: Path) -> None:
    """The demo's policies have no mistake; a copy with a rule too few and one too many has two."""
    demo.run("policies", "lint", ends=DONE)
    demo.run("policies", "test", ends=DONE)
    planted = folder / "planted"
    shutil.copytree(folder / "policies", planted)
    text = (planted / POLICY).read_text(encoding="utf-8")
    narrow = text.replace("severity: {at_most: 6}, recent", "severity: {at_most: 5}, recent")
    clash = """
  - id: clash
    when: {consent: true, language: en, severity: {at_most: 1}, recent.under_limit: true}
    decision: allow
    reason: ROUTINE_RESULT
    do: {comm.send_message@v1: {template: result-ready-vi@1.0, to: patient, slots: {ward: ward}}}
"""
    (planted / POLICY).write_text(narrow.rstrip() + "\n" + clash, encoding="utf-8")
    demo.run("policies", "lint", "planted", ends=CONFIGURATION)


def _reach(folder: Path, server: MailServer) -> None:
    """Name the mail server, its password and the directory, as an office would."""
    shutil.copy(authority(), folder / "demo-authority.pem")
    settings = folder / "cutter.yaml"
    named = COMM.format(host=HOST, port=server.port, user=USER)
    settings.write_text(settings.read_text(encoding="utf-8") + named, encoding="utf-8")
    for name, text in (("smtp.password", PASSWORD + "\n"), ("directory.yaml", DIRECTORY)):
        path = folder / ".cutter" / "credentials" / name
        path.touch(mode=0o600)
        path.write_text(text, encoding="utf-8")


def _allowed(demo: Demo, server: MailServer) -> None:
    """Rehearsed, then for good: one message; and once more: the same result."""
    trigger = str(EXAMPLES / "allowed.json")
    demo.run("policies", "explain", trigger, "--answer", "recent.under_limit=true", ends=DONE)
    demo.run("trigger", trigger, ends=DONE)
    demo.run("trigger", trigger, "--mode", "live", ends=WAITING)
    demo.go_on(_run_of(demo, trigger), DONE)
    _show_mail(server)
    demo.run("trigger", trigger, "--mode", "live", ends=DONE)
    if len(server.stored) != 1:
        sys.exit(f"the server stored {len(server.stored)} messages, not one")


def _uncertain(demo: Demo) -> None:
    """A field is missing that a rule needs: people are asked, and say no."""
    trigger = str(EXAMPLES / "uncertain.json")
    demo.run("trigger", trigger, "--mode", "live", ends=WAITING)
    run = _run_of(demo, trigger)
    demo.run("decisions", "list", ends=DONE)
    demo.run("decide", run[:8], "--option", "refuse", "--reason", "ask the ward first", "--as", "sovereign", ends=DONE)
    demo.run("trigger", trigger, "--mode", "live", ends=REFUSED)
    demo.run("decisions", "list", ends=DONE)


def _notification(demo: Demo) -> None:
    trigger = str(EXAMPLES / "notification.json")
    demo.run("trigger", trigger, "--mode", "live", ends=WAITING)
    run = _run_of(demo, trigger)
    demo.go_on(run, DONE)
    demo.run("notifications", "list", ends=DONE)
    demo.run("notifications", "ack", run[:8], ends=DONE)


def _run_of(demo: Demo, trigger: str) -> str:
    return str(demo.ask("trigger", trigger, "--mode", "live", ends=WAITING)["run_id"])


def _show_mail(server: MailServer) -> None:
    print(f"\nThe mail server stored {len(server.stored)} message:", flush=True)
    for letter in server.stored:
        print("  | " + letter.decode("utf-8", "replace").rstrip().replace("\r\n", "\n  | "), flush=True)


if __name__ == "__main__":
    sys.exit(demonstrate(show, sys.argv[1:]))
