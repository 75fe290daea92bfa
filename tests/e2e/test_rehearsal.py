"""The main job from outside: one line rehearses a cut, and changes nothing."""

import hashlib
import shutil
import subprocess
from pathlib import Path

import pytest

from tests.e2e.conftest import Answer, Workspace

DEMO = "ICX-CONST"
PHASES = 12


def dump(workspace: Workspace) -> str:
    """The digest of the whole database, as an operator takes it."""
    tools = workspace.cutter("db", "bin").text.strip()
    url = workspace.cutter("db", "url", "--superuser").text.strip()
    command = [f"{tools}/pg_dump", "--restrict-key=x", url]
    return hashlib.sha256(subprocess.run(command, capture_output=True, check=True, timeout=60).stdout).hexdigest()


@pytest.fixture(scope="module")
def rehearsed(running: Workspace) -> Answer:
    """The demo's rehearsal, as a program sees it."""
    return running.cutter("orchestrate", "cut", DEMO, "--output", "json")


def test_the_result(rehearsed: Answer) -> None:
    """What the program is for: twelve phases rehearsed, both gates would wait, the counts of the document."""
    document = rehearsed.document

    assert (rehearsed.status, rehearsed.err) == (0, b"")
    assert (document["status"], document["effect"], document["exit_code"]) == ("rehearsed", "rehearsed", 0)
    assert {name: document["counts"][name] for name in ("CH", "ART", "CL", "PT")} == {
        "CH": 9,
        "ART": 60,
        "CL": 176,
        "PT": 67,
    }
    assert len(document["phases"]) == PHASES
    assert [phase["gate"] for phase in document["phases"] if phase["status"] == "would_wait"] == [
        "GATE_CUT_AUTHORIZATION",
        "GATE_LIFECYCLE_ENACT_AUTHORIZATION",
    ]
    assert document["commit_refused"] is True
    assert {note["exit_code"] for note in document["would_stop"]} == {40}


def test_the_screen(running: Workspace) -> None:
    """A person reads the state first, every phase, what was not changed, and what can be done next."""
    answer = running.cutter("orchestrate", "cut", "--document-id", DEMO)
    lines = answer.text.splitlines()

    assert answer.status == 0
    assert lines[0].startswith(f"REHEARSAL  cut {DEMO} · run ")
    assert len([line for line in lines if line.startswith("  ")]) >= PHASES
    assert "9 Chương · 60 Điều · 176 Khoản · 67 Điểm" in answer.text
    assert "Database unchanged: it refused the commit (checked)." in answer.text
    assert lines[-2].startswith("Next ")


def test_the_database_is_byte_for_byte_the_same(running: Workspace, rehearsed: Answer) -> None:
    """Guarantee 1: a rehearsal that leaves a trace in the target is no rehearsal."""
    before = dump(running)
    again = running.cutter("orchestrate", "cut", DEMO)

    assert (rehearsed.status, again.status) == (0, 0)
    assert dump(running) == before


def test_every_next_command_runs(running: Workspace, rehearsed: Answer) -> None:
    """A command that is suggested is typed at once, as it stands."""
    for step in rehearsed.document["next"]:
        program, *arguments = step["command"].split()
        assert program == "cutter"
        assert running.cutter(*arguments).status == 0


def test_two_programs_are_one(running: Workspace, rehearsed: Answer) -> None:
    """The run is listed and shown with the result that was printed."""
    run_id = rehearsed.document["run_id"]
    listed = running.cutter("runs", "list", "--output", "json").document["runs"]
    shown = running.cutter("runs", "show", run_id[:8], "--output", "json").document

    assert run_id in [run["run_id"] for run in listed]
    assert shown["result"] == rehearsed.document
    assert len(shown["sidecars"]) == PHASES
    assert shown["folder"] == rehearsed.document["sidecar_dir"]


def test_sidecars_are_verified(running: Workspace) -> None:
    """Evidence that a changed byte does not break would prove nothing (exit 22, and which file)."""
    document = running.cutter("orchestrate", "cut", DEMO, "--output", "json").document
    run = document["run_id"][:8]
    good = running.cutter("runs", "verify", run, "--sidecars", "--output", "json")
    changed = Path(document["sidecar_dir"]) / "03-plan.json"
    body = changed.read_bytes()
    changed.write_bytes(body.replace(b'"gaps":0', b'"gaps":1'))
    bad = running.cutter("runs", "verify", run, "--sidecars", "--output", "json")

    assert (good.status, good.document["sidecars"]) == (0, PHASES)
    assert changed.read_bytes() != body
    assert (bad.status, bad.document["stop_code"]) == (22, "STOP_SIDECAR_CHANGED")
    assert bad.document["detail"] == "03-plan.json"


def test_an_unknown_document_is_answered_with_the_nearest(running: Workspace) -> None:
    """A mistyped id is the most frequent mistake of all."""
    answer = running.cutter("orchestrate", "cut", "ICX-CONS", "--output=json")

    assert (answer.status, answer.document["stop_code"]) == (20, "STOP_DOCUMENT_UNKNOWN")
    assert answer.document["suggestions"][0] == DEMO
    assert answer.document["next"][0]["command"] == f"cutter orchestrate cut {DEMO}"


def test_a_live_run_is_refused(running: Workspace) -> None:
    """Without roots of trust no signature can ever be believed, so a live run must not begin."""
    before = dump(running)
    answer = running.cutter("orchestrate", "cut", DEMO, "--mode", "live", "--output=json")

    assert (answer.status, answer.document["stop_code"]) == (20, "STOP_LIVE_REFUSED")
    assert dump(running) == before


def test_a_registered_document_is_cut(running: Workspace, tmp_path: Path) -> None:
    """A user's own text goes the way of the demo's."""
    text = tmp_path / "own.txt"
    text.write_text("Điều 1. Một\n1. Khoản một.\na) Điểm a;\nb) Điểm b.\nĐiều 2. Hai\nNội dung.\n", encoding="utf-8")
    added = running.cutter("documents", "add", str(text), "--document-id", "OWN-1", "--output=json")
    answer = running.cutter("orchestrate", "cut", "OWN-1", "--output=json")

    assert added.status == 0
    assert (answer.status, answer.document["status"]) == (0, "rehearsed")
    assert answer.document["counts"] == {"ART": 2, "CL": 1, "PT": 2}


def test_the_shared_constitution(running: Workspace) -> None:
    """A real law, with counts that were verified by hand; skipped where the shared data is absent."""
    source = Path(__file__).parents[3] / "shared" / "data" / "documents" / "vn-hien-phap-2013.txt"
    if not source.exists():
        pytest.skip("the shared documents are not here")
    running.cutter("documents", "add", str(source), "--document-id", "VN-CONST-2013")
    document = running.cutter("orchestrate", "cut", "VN-CONST-2013", "--output", "json").document

    assert (document["status"], document["effect"]) == ("rehearsed", "rehearsed")
    assert {name: document["counts"][name] for name in ("CH", "ART", "CL")} == {"CH": 11, "ART": 120, "CL": 244}


def test_a_stopped_server_is_started_again(running: Workspace) -> None:
    """After a reboot the same line must work without a manual."""
    stopped = running.cutter("db", "stop", "--output=json")
    answer = running.cutter("orchestrate", "cut", DEMO)
    started = running.cutter("db", "start", "--output=json")

    assert stopped.document["stopped"] is True
    assert answer.status == 0
    assert started.document["database"]["word"] == "running"


def test_migrating_twice_changes_nothing(running: Workspace) -> None:
    """An operator who repeats the command must not break a database."""
    running.cutter("db", "start")

    assert running.cutter("db", "migrate", "--output=json").document["applied"] == []


def test_psql_is_where_the_url_says(running: Workspace) -> None:
    """`db bin` and `db url` are the way for PostgreSQL's own tools: they must work together as they stand."""
    tools = running.cutter("db", "bin").text.strip()
    url = running.cutter("db", "url").text.strip()
    assert shutil.which(f"{tools}/psql")
    command = [f"{tools}/psql", "-AtXc", "select session_user", url]
    done = subprocess.run(command, capture_output=True, text=True, check=True, timeout=60)

    assert done.stdout == "operator\n"
