"""What a run asks for and did, in words; and the line that runs it again."""

import msgspec
import pytest

from cutter.model import Input, Inputs, InputValue, Mode, Pipeline
from cutter.report.changes import asked_change, change_word, count_lines
from cutter.report.done import done_lines
from cutter.report.next_steps import Situation, after_stop, is_spent, run_line, subject_of
from cutter.report.phase_table import outcome_facts
from cutter.report.result import PhaseLine, Result, RunEffect
from cutter.stops import Stop, StopCode
from tests.golden.screens.cases import PIPELINE, RESULTS

ASKED: dict[str, tuple[tuple[str, ...], str]] = {
    "a cut": (("custody.backup@1", "library.cut_leg_a@1", "library.cut_leg_b@1"), "write up to 321 rows"),
    "an enactment": (("custody.backup@1", "library.enact@1"), "put in force up to 321 drafts"),
    "a void": (("custody.backup@1", "library.void@1", "report.publish@1"), "delete up to 321 drafts"),
    "a restore": (("custody.restore@1",), "delete and write, from a backup, up to 321 rows"),
    "a statement": (("sql.execute@1",), "write up to 321 rows"),
    "an operation of a later cutter": (("library.other@1",), "write up to 321 rows"),
    "a void and a cut": (("library.void@1", "library.cut_leg_a@1"), "change up to 321 rows"),
}


@pytest.mark.parametrize("name", ASKED)
def test_what_is_asked_is_named_by_what_it_does(name: str) -> None:
    """Somebody who signs for a deletion must not read that something is written."""
    covers, words = ASKED[name]

    assert asked_change(covers, 321) == words


FACTS: dict[str, tuple[str, dict[str, int], str]] = {
    "find_cut": ("library.find_cut@1", {"drafts": 5, "regions": 5, "row_count": 5}, "5 drafts, 5 regions"),
    "void": (
        "library.void@1",
        {"units": 1, "regions": 1, "markers": 2},
        "1 draft and 1 region deleted, 2 markers voided",
    ),
    "plan_restore": (
        "custody.plan_restore@1",
        {"restored_units": 321, "present_units": 0, "row_count": 642},
        "321 units in the backup, 0 units there",
    ),
    "restore": (
        "custody.restore@1",
        {"units": 321, "regions": 321, "rows": 1284},
        "321 units and 321 regions as in the backup",
    ),
    "count": ("sql.count@1", {"row_count": 1000}, "1,000 rows"),
    "execute": ("sql.execute@1", {"rows": 1000}, "1,000 rows"),
}


@pytest.mark.parametrize("name", FACTS)
def test_facts_are_words(name: str) -> None:
    """`markers 2, regions 5, units 5` says nothing of what was done."""
    operation, outcome, words = FACTS[name]

    assert outcome_facts(PhaseLine(1, "phase", operation, "ok", "", 0, outcome)) == words


def _voided(effect: RunEffect) -> Result:
    done = PhaseLine(5, "void", "library.void@1", "ok", "", 0, {"units": 5, "regions": 5, "markers": 2}, written=True)
    return msgspec.structs.replace(RESULTS["done"], phases=(done,), effect=effect)


def test_a_void_has_not_cut() -> None:
    """`Cut` and `Written` over what was deleted are untrue."""
    screen = list(done_lines(_voided(RunEffect.COMMITTED)))

    assert [line for line in screen if line.startswith("Voided   ")]
    assert "Changed  5 drafts and 5 regions deleted, 2 markers voided" in screen
    assert not [line for line in screen if line.startswith(("Cut", "Written"))]
    assert next(count_lines(_voided(RunEffect.PARTIAL))).startswith("Drafts ")


def test_what_was_only_planned_is_not_cut() -> None:
    """A run that was ended at its first gate has cut nothing; one that is done and a rehearsal have."""
    assert next(count_lines(RESULTS["aborted"])).startswith("Planned  ")
    assert next(count_lines(RESULTS["done"])).startswith("Cut      ")
    assert next(count_lines(RESULTS["rehearsal"])).startswith("Cut      ")
    assert change_word(RESULTS["done"]) == "Written"


def _restore() -> Pipeline:
    document = Input("document_id", "string", True, None, None, (), None, True, "")
    backup = Input("backup_id", "string", True, None, None, (), None, False, "")
    scope = Input("scope", "string", False, "all", None, (), None, False, "")
    return msgspec.structs.replace(PIPELINE, id="restore", inputs=(document, backup, scope))


LINES: dict[str, tuple[dict[str, str | None], str]] = {
    "every input that was given": (
        {"document_id": "AB-1", "backup_id": "run/backup.1", "scope": "drafts"},
        "cutter orchestrate restore AB-1 --backup-id run/backup.1 --scope drafts --mode live",
    ),
    "no default, nothing that was not given": (
        {"document_id": "AB-1", "backup_id": None, "scope": "all"},
        "cutter orchestrate restore AB-1 --mode live",
    ),
    "a value that looks like an option": (
        {"document_id": "-x y", "backup_id": "b"},
        "cutter orchestrate restore --document-id '-x y' --backup-id b --mode live",
    ),
}


@pytest.mark.parametrize("name", LINES)
def test_the_line_that_runs_it_again_is_whole(name: str) -> None:
    """`Next` without the backup to restore is refused as it stands."""
    given, line = LINES[name]
    inputs = Inputs(tuple(InputValue(key, value) for key, value in given.items()))

    assert run_line(_restore(), inputs, Mode.LIVE) == line
    assert subject_of(_restore(), inputs) == given["document_id"]


def test_what_was_interrupted_is_run_again_with_all_inputs() -> None:
    """The same line is that line, not the beginning of it."""
    line = "cutter orchestrate backfill HN --batch SECOND"
    steps = after_stop(Stop(StopCode.STOP_INTERRUPTED), Situation("backfill", "", "", (), Mode.DRYRUN, line))

    assert [step.command for step in steps] == [line]


def test_a_file_that_is_not_there_is_not_always_a_text() -> None:
    """Who named a key or a signature is not helped by a list of documents."""
    missing = Stop(StopCode.STOP_SOURCE_MISSING, where="key.pgp")

    assert after_stop(missing, Situation("", "", "", ("trust", "add"), Mode.DRYRUN)) == ()
    assert after_stop(missing, Situation("", "", "", ("documents", "add"), Mode.DRYRUN)) != ()


def test_a_request_that_no_signature_mends_offers_none() -> None:
    """`The run waits on` over a request whose time has passed sends people to sign in vain."""
    assert is_spent(RESULTS["approval_expired"])
    assert not is_spent(RESULTS["approval_refused"])
    rejected = msgspec.structs.replace(RESULTS["approval_refused"], stop_code=StopCode.STOP_APPROVAL_REJECTED.name)
    assert is_spent(rejected)
