"""A session as an operator has it: what each screen says is so, and each command that it suggests runs as printed."""

import re
import shlex
from collections.abc import Iterator
from pathlib import Path

import pytest

from cutter.postgres import embedded
from tests.e2e.conftest import ROOT, Answer, Workspace
from tests.plugins.postgres import discard

pytestmark = pytest.mark.attacks

DOCUMENT = "DEMO-NOTE"
TEXT = "Điều 1. Phạm vi\n1. Một.\n2. Hai.\n\nĐiều 2. Hiệu lực\nCó hiệu lực từ ngày ký.\n"
_STEP = re.compile(r"^(?:Next)? +(?:[a-z ]+?)  (cutter .*)$", re.MULTILINE)


@pytest.fixture(scope="module")
def office(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Workspace]:
    """A live demo with a text of its own, and a pipeline whose gates ask three persons."""
    parent = tmp_path_factory.mktemp("session")
    assert Workspace(parent).cutter("init", "--live-demo", "office").status == 0
    workspace = Workspace(parent / "office")
    (workspace.folder / "note.txt").write_text(TEXT, encoding="utf-8")
    (workspace.folder / "pipelines").mkdir()
    pipeline = (ROOT / "pipelines" / "cut.yaml").read_text(encoding="utf-8").replace("id: cut\n", "id: three\n")
    three = pipeline.replace("quorum: {sovereign: 1}", "quorum: {content: 1, form: 1, sovereign: 1}")
    (workspace.folder / "pipelines" / "three.yaml").write_text(three, encoding="utf-8")
    assert workspace.cutter("documents", "add", "note.txt", "--document-id", DOCUMENT).status == 0
    assert workspace.cutter("fingerprints", "pin").status == 0
    yield workspace
    discard(embedded.locate(workspace.folder))


def _live(office: Workspace, *words: str) -> Answer:
    return office.cutter("orchestrate", *words, "--mode", "live")


def _run(answer: Answer) -> str:
    found = re.search(r"run ([0-9a-f]{8})", answer.text)
    assert found is not None, answer.text
    return found[1]


def _steps(answer: Answer) -> list[list[str]]:
    """The commands that a screen suggests, as a shell would take them."""
    return [shlex.split(command)[1:] for command in _STEP.findall("Next " + answer.text.partition("\nNext ")[2])]


def test_a_session_of_three_signatures_follows_its_own_screens(office: Workspace) -> None:
    """Who types what stands under `Next` gets through both gates, and through a void, without knowing anything."""
    screen = _live(office, "three", DOCUMENT)
    run = _run(screen)
    assert "Can sign content · form · sovereign; not operator, who asked" in screen.text
    seen = []
    for _ in range(12):
        step = next(words for words in _steps(screen) if words[0] != "reject")
        if step[:2] in (["documents", "show"], ["runs", "show"]):
            break
        seen.append(" ".join(step[:1]))
        screen = office.cutter(*step)
        assert screen.status in (0, 10), screen.text
    assert seen == ["approve", "approve", "approve", "orchestrate"] * 2
    assert screen.text.startswith(f"DONE  three {DOCUMENT} · run {run}")
    shown = office.cutter("runs", "show", run)
    assert shown.text.count(f"cutter runs verify {run}") == 1


def test_what_is_suggested_runs_as_printed(office: Workspace) -> None:
    """A command that is refused as it stands is worse than none."""
    listed = office.cutter("runs", "list").text.split()[0]
    for shown in (office.cutter("runs", "show", listed), office.cutter("documents", "show", "ICX-CONST")):
        for step in _steps(shown):
            assert office.cutter(*step).status == 0, step


@pytest.fixture(scope="module")
def drafts(tmp_path_factory: pytest.TempPathFactory, office: Workspace) -> str:
    """A document whose units are drafts: its id."""
    (office.folder / "other.txt").write_text(TEXT, encoding="utf-8")
    assert office.cutter("documents", "add", "other.txt", "--document-id", "OTHER-NOTE").status == 0
    run = _run(_live(office, "cut", "OTHER-NOTE"))
    assert office.cutter("approve", run, "--as", "sovereign").status == 0
    assert _live(office, "cut", "OTHER-NOTE").status == 10
    return "OTHER-NOTE"


def test_a_deletion_is_asked_for_and_told_as_one(office: Workspace, drafts: str) -> None:
    """A sovereign who reads `write up to 5 rows` signs for something else than what happens."""
    asked = _live(office, "void", drafts)
    run = _run(asked)
    assert f"Asked    void: delete up to 4 drafts of {drafts} in embedded/cutter" in asked.text
    page = next((office.folder / ".cutter" / "runs").glob(f"{run}*/review-GATE_VOID_AUTHORIZATION.html"))
    assert "delete 4 draft units" in page.read_text(encoding="utf-8")
    assert office.cutter("approve", run, "--as", "sovereign").status == 0

    done = _live(office, "void", drafts)

    assert done.text.startswith(f"DONE  void {drafts}")
    assert "\nVoided   " in done.text
    assert "\nChanged  4 drafts and 4 regions deleted, 2 markers voided" in done.text
    again = _live(office, "void", drafts)
    assert again.status == 20
    assert "Next     backups  cutter backups list" in again.text


def test_a_no_ends_what_it_was_said_to(office: Workspace) -> None:
    """After a no nobody is asked to sign, nobody is told that the run can go on, and the run can be ended."""
    run = _run(_live(office, "cut", "ICX-CONST"))
    assert office.cutter("approve", run, "--as", "sovereign").status == 0
    said = office.cutter("reject", run, "--as", "sovereign", "--reason", "not now")
    assert "no signature opens this gate any more" in said.text
    assert "resume" not in said.text
    refused = _live(office, "cut", "ICX-CONST")
    assert refused.status == 11
    assert "Can sign" not in refused.text
    assert "can sign" not in refused.text
    assert office.cutter("approve", run, "--as", "sovereign").status == 11

    ended = next(step for step in _steps(refused) if step[:2] == ["runs", "abort"])
    assert office.cutter(*ended).status == 0

    late = office.cutter("approve", run, "--as", "sovereign")
    assert (late.status, "case     ended" in late.text) == (11, True), late.text
    assert f"cutter runs show {run}" in late.text
    assert office.cutter("runs", "replay", run).text.startswith(f"REPLAYED  run {run} · cut · live · ended")


def test_a_page_that_is_gone_is_said_to_be_and_made_again(office: Workspace) -> None:
    """Without its page a request cannot be signed: the refusal says so, and the same line makes the page again."""
    run = _run(_live(office, "cut", "ICX-CONST"))
    next((office.folder / ".cutter" / "runs").glob(f"{run}*/review-*.html")).unlink()

    refused = office.cutter("approve", run, "--as", "sovereign")
    assert (refused.status, "--review FILE" in refused.text) == (11, True)
    assert "Page     /" in office.cutter("orchestrate", "cut", "ICX-CONST", "--mode", "live").text
    assert office.cutter("approve", run, "--as", "sovereign").status == 0
    assert office.cutter("runs", "abort", run, "--reason", "tried").status == 0


@pytest.mark.parametrize(
    "words",
    [("trust", "add", "--person", "new", "--key", "gone", "--role", "form"), ("approve", "RUN", "--import", "gone")],
    ids=["a key", "a signature"],
)
def test_a_file_that_is_not_there_is_no_text_of_law(office: Workspace, words: tuple[str, ...]) -> None:
    """A missing key is not looked for among the documents."""
    run = _run(_live(office, "cut", "ICX-CONST"))
    named = [run if word == "RUN" else word for word in words]
    more = ("--as", "sovereign") if words[0] == "approve" else ()

    refused = office.cutter(*named, *more)

    assert refused.status == 20
    assert "A file is not where it is said to be." in refused.text
    assert "documents list" not in refused.text


def test_a_pipeline_is_checked_alike_by_name_and_by_path(office: Workspace) -> None:
    """`Next  cutter pipelines lint PATH` must show the mistake that the name was refused for."""
    wrong = office.folder / "pipelines" / "wrong.yaml"
    wrong.write_text((ROOT / "pipelines" / "void.yaml").read_text(encoding="utf-8"), encoding="utf-8")
    try:
        for named in ("wrong", "pipelines/wrong.yaml", str(wrong)):
            linted = office.cutter("pipelines", "lint", named)
            assert (linted.status, "needed: wrong" in linted.text) == (78, True), named
    finally:
        wrong.unlink()


def test_a_restore_that_is_asked_again_names_its_backup(office: Workspace, tmp_path: Path) -> None:
    """The line that a result keeps runs the same again: with every input."""
    backup = office.cutter("backups", "list").text.split("\t")[0]
    rehearsed = office.cutter("orchestrate", "restore", DOCUMENT, "--backup-id", backup, "--output", "json")

    assert rehearsed.document["line"] == f"cutter orchestrate restore {DOCUMENT} --backup-id {backup}"
    assert rehearsed.document["subject"] == DOCUMENT


def test_what_a_later_run_changed_is_no_broken_evidence(office: Workspace) -> None:
    """`Keep everything as it is` over a restore that was voided, as people signed, is a false alarm."""
    backup = next(line for line in office.cutter("backups", "list").text.splitlines() if "backup_enact" in line)
    restoring = ("restore", DOCUMENT, "--backup-id", backup.split("\t")[0])
    runs = []
    for words in (restoring, ("void", DOCUMENT)):
        runs.append(_run(_live(office, *words)))
        assert office.cutter("approve", runs[-1], "--as", "sovereign").status == 0
        done = _live(office, *words)
        assert done.status == 0, done.text

    assert "Changed  4 units and 4 regions as in the backup" in office.cutter("runs", "show", runs[0]).text
    proved = office.cutter("runs", "verify", runs[0])
    assert (proved.status, f"changed since by run {runs[1]}" in proved.text) == (0, True), proved.text
    assert "find_cut, backup, void, report" in office.cutter("runs", "verify", runs[1]).text
