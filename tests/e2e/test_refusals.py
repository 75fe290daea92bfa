"""Refusals from outside: the exit status, the form, and that nothing refused is kept or shown anywhere."""

from pathlib import Path

import pytest

from cutter.settings import REFUSED_VARIABLES
from tests.e2e.conftest import Answer, Workspace

SECRET = "hunter2"
CUT = ("orchestrate", "cut", "ICX-CONST")

ARGUMENTS: dict[str, tuple[str, ...]] = {
    "force": (*CUT, "--force"),
    "a DSN": (*CUT, f"--dsn=postgresql://u:{SECRET}@h/d"),
    "a DSN apart": (*CUT, "--database-url", f"postgresql://u:{SECRET}@h/d"),
    "a DSN for the document": ("orchestrate", "cut", f"postgresql://u:{SECRET}@h/d"),
    "a password": (*CUT, f"--password={SECRET}"),
    "a password glued": (*CUT, f"--password{SECRET}"),
    "a digest": (*CUT, "--plan-sha256", SECRET),
    "a count": (*CUT, "--count", "289"),
    "a change set": (*CUT, f"--change-set-id={SECRET}"),
    "a decision": (*CUT, f"--decision-id={SECRET}"),
    "SQL": (*CUT, f"--run-sql=select '{SECRET}'"),
    "no backup": (*CUT, "--no-backup"),
    "skip verify": (*CUT, "--skip-verify"),
    "another command": ("documents", "list", f"--token={SECRET}"),
    "live": (*CUT, "--mode", "live", "--yes"),
}


def is_clean(workspace: Workspace, answer: Answer) -> bool:
    """Whether the planted secret is in no output and in no file of the workspace."""
    planted = SECRET.encode()
    return planted not in answer.out + answer.err and not any(planted in p.read_bytes() for p in workspace.files())


@pytest.mark.parametrize("form", ["human", "json"])
@pytest.mark.parametrize("name", ARGUMENTS)
def test_refused_argument(fresh: Workspace, name: str, form: str) -> None:
    """What must be discovered cannot be given, no flag skips a check, and the value is told to nobody (row 42)."""
    answer = fresh.cutter(*ARGUMENTS[name], "--output", form)

    assert answer.status == 20
    assert "STOP_REFUSED_INPUT" in answer.text
    assert form == "human" or answer.document["exit_code"] == 20
    assert is_clean(fresh, answer)


@pytest.mark.parametrize("name", REFUSED_VARIABLES)
def test_refused_variable(fresh: Workspace, name: str) -> None:
    """A variable of the shell would choose another server, or hand a secret over, without anybody seeing it."""
    answer = fresh.cutter(*CUT, "--output=json", environ={name: SECRET})

    assert (answer.status, answer.document["stop_code"]) == (20, "STOP_REFUSED_INPUT")
    assert name in answer.text
    assert is_clean(fresh, answer)


WRONG: dict[str, tuple[tuple[str, ...], int, str]] = {
    "an unknown pipeline": (("orchestrate", "cutt", "X-1"), 78, "STOP_PIPELINE_UNKNOWN"),
    "a missing input": (("orchestrate", "cut"), 2, "STOP_INVALID_INPUT"),
    "an input of another form": (("orchestrate", "cut", f"lower {SECRET}"), 2, "STOP_INVALID_INPUT"),
    "an input given twice": (("orchestrate", "cut", "A-1", "--document-id", "B-1"), 2, "STOP_INVALID_INPUT"),
    "an unknown scope": ((*CUT, f"--scope={SECRET}"), 2, "STOP_INVALID_INPUT"),
    "a label that is a sentence": ((*CUT, "--actor", f"me and {SECRET}"), 2, "STOP_INVALID_INPUT"),
    "an unknown option": ((*CUT, f"--frobnicate={SECRET}"), 2, "STOP_INVALID_INPUT"),
    "an unknown mode": ((*CUT, f"--mode={SECRET}"), 2, "STOP_INVALID_INPUT"),
    "an unknown document": (("documents", "show", "ICX-CONS"), 20, "STOP_DOCUMENT_UNKNOWN"),
    "an unknown run": (("runs", "show", "ffff"), 2, "STOP_RUN_NOT_FOUND"),
    "verify what": (("runs", "verify"), 2, "STOP_INVALID_INPUT"),
    "a missing file": (("documents", "add", "gone.txt", "--document-id", "A-1"), 20, "STOP_SOURCE_MISSING"),
}


@pytest.mark.parametrize("name", WRONG)
def test_wrong_input(fresh: Workspace, name: str) -> None:
    """Each mistake has its exit status and code, on stdout alone, and echoes no value."""
    arguments, status, code = WRONG[name]
    answer = fresh.cutter(*arguments, "--output=json")

    assert (answer.status, answer.document["stop_code"], answer.document["exit_code"]) == (status, code, status)
    assert answer.err == b""
    assert is_clean(fresh, answer)


TEXTS: dict[str, tuple[bytes, str]] = {
    "not UTF-8": (b"\xc4\x90i\xffu 1. A\n", "STOP_TEXT_NOT_UTF8"),
    "empty": (b"", "STOP_TEXT_EMPTY"),
    "of no kind": (b"hello\nworld\n", "STOP_PROFILE_UNKNOWN"),
}


@pytest.mark.parametrize("name", TEXTS)
def test_a_text_that_cannot_be_cut(fresh: Workspace, name: str) -> None:
    """A text that would stop every later run is refused when it is registered, with its place."""
    text, code = TEXTS[name]
    (fresh.folder / "bad.txt").write_bytes(text)
    answer = fresh.cutter("documents", "add", "bad.txt", "--document-id", "BAD-1", "--output=json")

    assert (answer.status, answer.document["stop_code"]) == (20, code)
    assert "BAD-1" not in fresh.cutter("documents", "list").text


def test_every_mistake_of_a_pipeline_is_shown(fresh: Workspace) -> None:
    """Both mistakes at once, each with line, column, caret and the nearest word, and exit 78."""
    shipped = fresh.cutter("pipelines", "list", "--output=json").document["pipelines"]
    source = next(pipeline["path"] for pipeline in shipped if pipeline["id"] == "cut")
    text = Path(source).read_text(encoding="utf-8")
    bad = text.replace("title:", "titel:", 1).replace("library.cut_leg_a@1", "library.cut_leg_q@1", 1)
    (fresh.folder / "bad.yaml").write_text(bad, encoding="utf-8")
    answer = fresh.cutter("pipelines", "lint", "bad.yaml")
    documented = fresh.cutter("pipelines", "lint", "bad.yaml", "--output=json")

    assert (answer.status, documented.status) == (78, 78)
    assert "titel" in answer.text
    assert "title" in answer.text
    assert "library.cut_leg_a@1" in answer.text
    assert answer.text.count("^") >= 2
    found = documented.document["files"][0]["diagnostics"]
    lines = bad.splitlines()
    for word in ("titel", "library.cut_leg_q@1"):
        assert any(word in lines[d["line"] - 1] and d["column"] >= 1 for d in found)


def test_a_shipped_pipeline_has_no_mistakes(fresh: Workspace) -> None:
    """A release whose own pipelines do not lint would stop at its first line."""
    assert fresh.cutter("pipelines", "lint").status == 0
