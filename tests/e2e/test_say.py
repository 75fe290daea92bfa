"""`cutter say` as a person gives it: what it shows first, what it runs, what it asks, and that it never writes."""

import json
import os
import pty
import select
import subprocess
import sys
import time
import unicodedata

import pytest

from tests.e2e.conftest import ROOT, Workspace, state_home

REQUEST = "Nhờ anh cắt văn bản ICX-CONST giúp"
LINE = "cutter orchestrate cut ICX-CONST"
MODULES = """
import sys
from cutter.cli.main import run
run("cutter", sys.argv[1:])
print(" ".join(sorted({name.partition(".")[0] for name in sys.modules})), file=sys.stderr)
"""


@pytest.mark.parametrize("form", ["NFC", "NFD"])
def test_a_request_is_rehearsed(running: Workspace, form: str) -> None:
    """The sentence of the issue, from either kind of keyboard: the command, its rehearsal, and last the live line."""
    answer = running.cutter("say", unicodedata.normalize(form, REQUEST))  # type: ignore[arg-type]
    lines = answer.text.splitlines()

    assert answer.status == 0
    assert lines[0] == LINE
    assert lines[1].startswith("REHEARSAL  cut ICX-CONST")
    assert lines[-1].endswith(f"{LINE} --mode live")
    assert [run["mode"] for run in running.cutter("runs", "list", "--output", "json").document["runs"]].count(
        "live"
    ) == 0


def test_json_is_the_result_alone(running: Workspace) -> None:
    """A program that says something gets what it would have got from the command, and the line in it."""
    answer = running.cutter("say", "please", "cut", "document", "ICX-CONST", "--output", "json")

    assert answer.status == 0
    assert (answer.document["format"], answer.document["line"]) == ("cutter.result/1", LINE)
    assert (answer.document["mode"], answer.document["effect"]) == ("dryrun", "rehearsed")
    assert answer.document["next"][-1] == {"label": "live", "command": f"{LINE} --mode live"}


def test_what_is_missing_is_asked_off_a_terminal(fresh: Workspace) -> None:
    """A script must not hang on a question: it gets the question and the choices as a refusal."""
    answer = fresh.cutter("say", "cắt văn bản")
    document = fresh.cutter("say", "cắt văn bản", "--output", "json").document

    assert (answer.status, answer.err) == (2, b"")
    assert "Which document_id?" in answer.text
    assert "ICX-CONST" in answer.text
    assert (document["stop_code"], document["detail"], document["where"]) == (
        "STOP_PHRASE_UNCLEAR",
        "missing",
        "document_id",
    )
    assert document["suggestions"] == ["ICX-CONST", "ICX-RULES"]
    assert document["next"][0]["command"] == LINE
    assert not (fresh.folder / ".cutter").exists()


def test_explain_runs_nothing(fresh: Workspace) -> None:
    """Who only wants to know must not start a database."""
    good = fresh.cutter("say", "--explain", REQUEST, "--output", "json")
    bad = fresh.cutter("say", "--explain", "Đừng cắt văn bản ICX-CONST", "--output", "json")

    assert good.status == 0
    assert [word["sense"] for word in good.document["words"]] == [
        *("polite", "polite", "phrase", "phrase", "phrase", "value", "polite"),
    ]
    assert (good.document["command"], good.document["live"]) == (LINE, f"{LINE} --mode live")
    assert (bad.status, bad.document["exit_code"]) == (2, 2)
    assert (bad.document["words"][0]["sense"], bad.document["command"]) == ("unknown", "")
    assert not (fresh.folder / ".cutter").exists()


@pytest.mark.parametrize(
    "words",
    [
        ("cắt văn bản --mode live",),
        ("cắt văn bản ICX-CONST", "--mode", "live"),
        ("cắt văn bản ICX-CONST --mode=live",),
        ("cắt văn bản ICX-CONST; cutter orchestrate cut ICX-CONST --mode live",),
        ("--", "cắt", "văn", "bản", "--mode=live"),
        ("cắt văn bản \u202eTSNOC-XCI",),
        ("cắt văn bản " + "ICX-CONST " * 1000,),
        ("cắt văn bản \x1b]0;x\x07ICX-CONST",),
    ],
)
def test_nothing_hostile_is_run(fresh: Workspace, words: tuple[str, ...]) -> None:
    """No value becomes an option, no sentence a command; and nothing that moves a cursor comes back."""
    for more in ((), ("--explain",)):
        answer = fresh.cutter("say", *more, *words)

        assert answer.status == 2
        assert not {"\x1b", "\u202e", "\x07"} & set(answer.text)
    assert not (fresh.folder / ".cutter").exists()


def test_a_question_loads_no_database_driver(fresh: Workspace) -> None:
    """A question must come at once: the driver alone takes longer than everything that is needed for it."""
    done = subprocess.run(
        [sys.executable, "-c", MODULES, "say", "cắt văn bản"],
        cwd=fresh.folder,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
        timeout=60,
        check=True,
    )

    assert not {"psycopg", "rich", "gnupg", "jsonschema"} & set(done.stderr.split())


def _converse(workspace: Workspace, answers: list[str], *arguments: str) -> tuple[str, str, int]:
    """A person at a terminal: what they saw on stderr, what came on stdout, and the status."""
    ours, theirs = pty.openpty()
    process = subprocess.Popen(
        [sys.executable, "-m", "cutter", "say", *arguments],
        cwd=workspace.folder,
        env={**os.environ, "PYTHONPATH": str(ROOT), "TERM": "dumb", **state_home(workspace.folder)},
        stdin=theirs,
        stderr=theirs,
        stdout=subprocess.PIPE,
    )
    os.close(theirs)
    assert process.stdout is not None
    seen = b""
    until = time.monotonic() + 60
    while time.monotonic() < until:
        if not select.select([ours], [], [], 0.1)[0]:
            continue
        try:
            seen += os.read(ours, 65536)
        except OSError:  # Linux: the other end of the terminal was closed
            break
        if answers and seen.endswith(b"> "):
            os.write(ours, f"{answers.pop(0)}\n".encode())
    out = process.stdout.read().decode()
    process.stdout.close()
    os.close(ours)
    return seen.decode(), out, process.wait(timeout=60)


@pytest.mark.parametrize("said", ["ICX-CONST", "1"])
def test_a_person_is_asked(running: Workspace, said: str) -> None:
    """Who sits there answers by the id or its number, and the rehearsal goes on; stdout has nothing of the talk."""
    seen, out, status = _converse(running, [said], "cắt văn bản", "--output", "json")

    assert status == 0
    assert "Which document_id?" in seen
    assert json.loads(out)["line"] == LINE


@pytest.mark.parametrize("said", ["", "3", "icx-const", "--mode=live", "ICX-CONST --mode live"])
def test_an_answer_that_is_none_runs_nothing(fresh: Workspace, said: str) -> None:
    """An answer is checked as a value is: what is none of the choices ends it."""
    seen, out, status = _converse(fresh, [said], "cắt văn bản")

    assert status in (2, 20)
    assert seen.count("Which document_id?") == 1
    assert out.startswith("REFUSED  STOP_")
    assert not (fresh.folder / ".cutter").exists()
