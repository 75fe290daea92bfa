"""Runs that are resumed, ledgers that were changed, and pipelines whose words cannot stand in an event."""

import shlex
from collections.abc import Sequence
from typing import Any

import pytest

from cutter import canon
from cutter.app.orchestration import orchestrate, tell_story
from cutter.app.runs import verify_sidecars
from cutter.app.system import RandomIds, describe_environment
from cutter.custody.files import write_atomic
from cutter.custody.sidecar import START, RunFolders
from cutter.custody.vault import BackupVault
from cutter.events import GateWaiting, Planned, Record
from cutter.evidence import Status, file_name, sidecars
from cutter.model import Inputs, InputValue, Mode
from cutter.stops import Stop, StopCode
from tests.support.attacks import MODES, altered, story_of
from tests.support.runs import DEMO, ClearCipher, Office, completed, ignore, stop_of

pytestmark = pytest.mark.attacks

UNLOCKED = "SET session_replication_role = replica; ALTER TABLE cutter_governance.ledger_event DISABLE TRIGGER ALL;"
POLICY = "UPDATE cutter_governance.dot_config SET value = '{}' WHERE key = 'cutter_orchestrator.backup_policy'"


def plan_of(records: Sequence[Record]) -> str:
    """The digest of a run's plan."""
    return next(record.event.plan_sha256 for record in records if isinstance(record.event, Planned))


OTHERS: dict[str, dict[str, Any]] = {
    "inputs": {"scope": "all"},
    "document": {"document_id": "VN-OTHER"},
    "mode": {"mode": Mode.DRYRUN},
}


@pytest.mark.parametrize("name", OTHERS)
def test_a_run_is_not_resumed_with_another(office: Office, name: str) -> None:
    """Without it an approval for one set of inputs could carry the effects of another."""
    run_id = RandomIds().run_id()
    office.perform(Mode.LIVE, run_id)
    office.add_text("VN-OTHER", "Điều 1. Một\n1. Khoản.\n")

    with pytest.raises(Stop) as caught:
        office.perform(**{"mode": Mode.LIVE, "run_id": run_id, **OTHERS[name]})

    assert caught.value.code is StopCode.STOP_PLAN_CHANGED
    assert caught.value.detail == ("other_inputs" if name == "inputs" else "run_differs")


def test_a_run_is_not_resumed_with_a_changed_pipeline(office: Office) -> None:
    """Without it the file could be edited between the approval and the write."""
    run_id = RandomIds().run_id()
    office.perform(Mode.LIVE, run_id)

    with pytest.raises(Stop) as caught:
        office.perform(Mode.LIVE, run_id, pipeline=altered(office, ("{units: 0}", "{units: {at_most: 9}}")))

    assert (caught.value.code, caught.value.detail) == (StopCode.STOP_PLAN_CHANGED, "run_differs")


CHANGED = {
    "an event is gone": ("DELETE FROM cutter_governance.ledger_event WHERE seq = 4", "impossible_at_5"),
    "two runs' rows exchanged": (
        "UPDATE cutter_governance.ledger_event SET run_id = gen_random_uuid() WHERE seq = 1",
        "impossible_at_2",
    ),
    "a hash": (f"UPDATE cutter_governance.ledger_event SET row_sha256 = '{'0' * 64}' WHERE seq = 4", "altered_at_4"),
}


@pytest.mark.parametrize("name", CHANGED)
def test_a_changed_ledger_stops_a_resume(office: Office, name: str) -> None:
    """Rows 26, 27. Without it a run would go on from a past that did not happen, or end as a fault of cutter's."""
    statement, detail = CHANGED[name]
    run_id = RandomIds().run_id()
    office.perform(Mode.LIVE, run_id)
    office.alter(f"{UNLOCKED} {statement}")

    with pytest.raises(Stop) as caught:
        office.perform(Mode.LIVE, run_id)

    assert (caught.value.code, caught.value.detail) == (StopCode.STOP_LEDGER_BROKEN, detail)


def test_runs_that_alternate_in_the_ledger_are_told_apart(office: Office) -> None:
    """Without it a run whose events stand between those of another could not be resumed."""
    office.add_text("VN-OTHER", "Điều 1. Một\n1. Khoản.\nĐiều 2. Hai\n1. Khoản.\n")
    runs = {DEMO: RandomIds().run_id(), "VN-OTHER": RandomIds().run_id()}
    for _ in range(2):
        for document_id, run_id in runs.items():
            assert isinstance(office.perform(Mode.LIVE, run_id, document_id)[-1].event, GateWaiting)
    for document_id, run_id in runs.items():
        assert completed(office.complete(run_id, document_id))


def test_the_sidecars_of_a_resumed_run_are_those_of_its_events(office: Office) -> None:
    """Without it every run that waited once would fail `runs verify`: its chain of sidecars would be broken."""
    run_id = RandomIds().run_id()
    records = office.complete(run_id)
    folders = RunFolders(office.settings.state)

    made = sidecars(run_id, story_of(office.pipeline(), Mode.LIVE), records)

    assert len(made) == len(office.pipeline().phases)
    for sidecar in made:
        assert folders.read(run_id, file_name(sidecar)) == canon.encode(sidecar), sidecar.phase


def test_a_stop_that_was_mended_is_not_told_of_a_finished_phase(office: Office) -> None:
    """Without it a phase whose proof failed once after a resume would be told as stopped in a run that is done."""
    run_id = RandomIds().run_id()
    office.approve(office.perform(Mode.LIVE, run_id))
    texts = {path: path.read_bytes() for path in (office.workspace / "documents").glob("*.txt")}
    for path in texts:
        path.unlink()
    stopped = office.perform(Mode.LIVE, run_id)
    assert (stop_of(stopped).code, stopped[-1].phase) == ("STOP_SOURCE_MISSING", "discover")
    told = sidecars(run_id, story_of(office.pipeline(), Mode.LIVE), stopped)
    assert [s.phase for s in told if s.status is Status.STOPPED] == ["discover"]
    for path, data in texts.items():
        write_atomic(path, data)

    records = office.complete(run_id)

    assert completed(records)
    assert Status.STOPPED not in {s.status for s in sidecars(run_id, told[0].story, records)}


def test_a_stop_in_the_surveys_does_not_move_the_plan(office: Office) -> None:
    """Without it the plan of a run that stopped and was resumed would not be the one that was rehearsed."""
    office.alter(POLICY)
    wanted = plan_of(office.rehearse(RandomIds().run_id()))
    run_id = RandomIds().run_id()
    office.alter(POLICY.replace("{}", ""))
    assert stop_of(office.perform(Mode.LIVE, run_id)).code == "STOP_DRIFT"
    office.alter(POLICY)

    assert wanted == plan_of(office.perform(Mode.LIVE, run_id))


class BrokenVault(BackupVault):
    """A vault that cannot keep anything."""

    def refusals(self, size: int) -> Sequence[Stop]:
        """Refuses."""
        return (Stop(StopCode.STOP_BACKUP_REFUSED, detail="broken"),)


BACKUP = "  - id: backup\n    uses: custody.backup@1\n"
ASKED = "    preflight: [{survey: one, sql: SELECT 1 AS one, expect: {one: 1}, stop: STOP_DRIFT}]\n"


def test_an_intended_effect_with_a_survey_can_be_resumed(office: Office) -> None:
    """Without it a backup that failed once, in a pipeline that asks before it, would bar its run for ever."""
    pipeline = altered(office, (BACKUP, BACKUP + ASKED))
    run_id = RandomIds().run_id()
    office.approve(office.perform(Mode.LIVE, run_id, pipeline=pipeline))
    stopped = office.perform(
        Mode.LIVE, run_id, pipeline=pipeline, vault=BrokenVault(office.workspace / "vault", ClearCipher(), "this-host")
    )
    assert (stop_of(stopped).code, stop_of(stopped).exit) == ("STOP_BACKUP_REFUSED", 40)

    assert isinstance(office.perform(Mode.LIVE, run_id, pipeline=pipeline)[-1].event, GateWaiting)


def test_a_document_that_was_cut_is_refused_with_a_result(office: Office) -> None:
    """Without it the refusal of a second cut would be a fault: its stop stands at a phase that never began."""
    run_id = RandomIds().run_id()
    office.complete(run_id)
    for mode in MODES:
        second = RandomIds().run_id()
        records = office.perform(mode, second)
        assert stop_of(records).detail == f"run:{run_id}"
        assert [s.phase for s in sidecars(second, story_of(office.pipeline(), mode), records)] == ["discover"]


def test_a_start_file_that_was_changed_is_noticed(office: Office, monkeypatch: pytest.MonkeyPatch) -> None:
    """Without it the inputs that a resume would believe could be exchanged, and `runs verify` would say nothing."""
    monkeypatch.setattr("cutter.app.orchestration.reach_database", lambda settings: _Reached(office))
    result = orchestrate(office.settings, office.pipeline(), "cut", {"document_id": DEMO}, Mode.DRYRUN, "test", ignore)
    assert verify_sidecars(office.settings, result.run_id).count == len(office.pipeline().phases)
    folders = RunFolders(office.settings.state)
    start = folders.read(result.run_id, START)
    assert start is not None
    folders.write(result.run_id, START, start.replace(b"enacted_only", b"all_of_them_", 1))

    with pytest.raises(Stop) as caught:
        verify_sidecars(office.settings, result.run_id)

    assert caught.value.code is StopCode.STOP_SIDECAR_CHANGED


class _Reached:
    """The test's database, as a workspace reaches its own."""

    label = "test"

    def __init__(self, office: Office) -> None:
        self.conninfo = office.database.conninfo("operator")


# Pipelines of a user's own

SURVEYS = {
    "a column without a name": ("AS draft, 1, count(*)", "column_name:lifecycle_vocabulary"),
    "a column with a word of Vietnamese": ('AS draft, 1 AS "Số", count(*)', "column_name:lifecycle_vocabulary"),
    "a sum with a sentence for its name": ('AS draft, 1.5 AS "a b", count(*)', "column_name:lifecycle_vocabulary"),
    "more columns than an event holds": (
        "AS draft, " + ", ".join(f"'x' AS c{n:060}" for n in range(33)) + ", count(*)",
        "too_many_columns:lifecycle_vocabulary",
    ),
    "a sum": ("AS draft, 1.5 AS half, count(*)", "type_of:lifecycle_vocabulary:half"),
}


@pytest.mark.parametrize("mode", MODES)
@pytest.mark.parametrize("name", SURVEYS)
def test_an_answer_that_no_event_can_hold_is_refused(office: Office, name: str, mode: Mode) -> None:
    """Without it a user's survey would end the run as a fault of cutter's, after all its work."""
    text, detail = SURVEYS[name]
    pipeline = altered(office, ("AS draft, count(*)", text))

    stop = stop_of(office.perform(mode, RandomIds().run_id(), pipeline=pipeline))

    assert (stop.code, stop.exit, stop.detail) == ("STOP_SURVEY_REFUSED", 20, detail)


def test_as_many_columns_as_are_allowed_fit_an_event(office: Office) -> None:
    """Without it the limit on columns could be one that the ledger's limit of 8 KiB breaks."""
    columns = ", ".join(f"'x' AS c{n:062}" for n in range(30))
    expected = ", ".join(f"c{n:062}: x" for n in range(30))
    pipeline = altered(
        office,
        ("AS draft, count(*)", f"AS draft, {columns}, count(*)"),
        ("{draft: 1, enacted: 1}", f"{{draft: 1, enacted: 1, {expected}}}"),
    )

    assert completed(office.perform(Mode.DRYRUN, RandomIds().run_id(), pipeline=pipeline))


@pytest.mark.parametrize("expected", ["1", "{at_least: 1}", "{at_most: 1}", "{one_of: [1, 2]}"])
def test_a_bool_is_not_a_count(office: Office, expected: str) -> None:
    """Without it a number would be expected and `true` would do, which no count is."""
    pipeline = altered(
        office,
        ("SELECT count(*) AS policies", "SELECT true AS policies"),
        ("{policies: 1}", f"{{policies: {expected}}}"),
    )

    stop = stop_of(office.perform(Mode.DRYRUN, RandomIds().run_id(), pipeline=pipeline))

    assert (stop.code, stop.detail) == ("STOP_DRIFT", "backup_policy:policies")


def test_a_key_that_no_event_can_hold_is_refused(office: Office) -> None:
    """Without it text of a key would end the run as a fault of cutter's; it must not enter an event."""
    pipeline = altered(office, ('key: ["${{ inputs.document_id }}",', 'key: ["Hiến pháp",'))

    stop = stop_of(office.perform(Mode.DRYRUN, RandomIds().run_id(), pipeline=pipeline))

    assert (stop.code, stop.exit, stop.detail) == ("STOP_INVALID_INPUT", 2, "idempotency_key")


@pytest.mark.parametrize("document_id", ["Hiến pháp", "a b", "x" * 201, ""])
def test_a_lock_that_no_event_can_hold_is_refused(office: Office, document_id: str) -> None:
    """Without it an input without a pattern would end the run as a fault of cutter's, after all its work."""
    pipeline = altered(office, ('    pattern: "^[A-Z0-9][A-Z0-9._-]{1,62}$"\n', ""))

    with pytest.raises(Stop) as caught:
        office.perform(Mode.DRYRUN, RandomIds().run_id(), document_id=document_id, pipeline=pipeline)

    assert (caught.value.code, caught.value.detail) == (StopCode.STOP_INVALID_INPUT, "lock_key")


def test_the_environment_has_no_words_of_a_packager() -> None:
    """Without it no run would end on a distribution's PostgreSQL: its version is a sentence, which no event holds."""
    assert describe_environment("15.14 (Debian 15.14-0+deb12u1)").server == "15.14"


def test_an_invocation_can_be_run_as_it_stands(office: Office) -> None:
    """Without it an input with a blank or a semicolon would be another command when it is pasted into a shell."""
    inputs = Inputs((InputValue("document_id", DEMO), InputValue("source_uri", "file:a b; rm -r x")))
    story = tell_story(office.pipeline(), inputs, Mode.DRYRUN)
    assert shlex.split(story.invocation)[3:7] == ["--document-id", DEMO, "--source-uri", "file:a b; rm -r x"]
