"""The knowledge base and the ledger as `cutter kb` and `cutter runs events` read them, after real signatures."""

import time
from collections import Counter
from collections.abc import Callable, Iterator

import msgspec
import pytest

from cutter import canon
from cutter.app.knowledge import list_knowledge, show_knowledge
from cutter.app.orchestration import orchestrate
from cutter.app.run_events import follow_events, read_events
from cutter.model import Mode
from cutter.report.event_lines import event_lines, local_moment
from cutter.stops import Stop, StopCode
from tests.support.live import LiveOffice
from tests.support.runs import DEMO, ignore


def test_everything_that_a_run_left_is_listed(live: LiveOffice) -> None:
    """Who looks for a request, or for who signed it, must find it without SQL."""
    waiting = live.cut()
    live.sign(waiting.approval_kb_id, "sovereign")
    second = live.resume(waiting.approval_kb_id)
    live.reject(second.approval_kb_id, "sovereign")

    found = list_knowledge(live.settings, "")
    kinds = Counter(entry.kind for entry in found)

    assert (kinds["start"], kinds["plan"], kinds["request"]) == (1, 1, 2)
    assert (kinds["approval"], kinds["rejection"], kinds["other"]) == (1, 1, 0)
    assert kinds["phase"] >= 8
    assert {entry.run_id for entry in found} == {waiting.run_id}
    assert [entry.at for entry in found] == sorted((entry.at for entry in found), reverse=True)
    assert {entry.kind for entry in list_knowledge(live.settings, "approvals/")} == {"request", "approval", "rejection"}
    assert list_knowledge(live.settings, "runs/%") == ()


def test_every_entry_is_shown_with_its_digest(live: LiveOffice) -> None:
    """What is shown is what was signed and recorded: byte for byte, or nothing."""
    waiting = live.cut()
    live.sign(waiting.approval_kb_id, "sovereign")

    for entry in list_knowledge(live.settings, ""):
        shown = show_knowledge(live.settings, entry.kb_id)
        assert shown.entry == entry
        assert (canon.sha256(shown.body), len(shown.body)) == (entry.sha256, entry.size)
        if entry.kind not in ("approval", "rejection"):
            assert canon.encode(msgspec.json.decode(shown.body)) == shown.body


def test_an_incident_is_an_entry(live: LiveOffice) -> None:
    """A failure after a governed write is what people are asked about: they must find it."""
    waiting = live.cut()
    run_id = waiting.run_id
    live.office.alter(
        "INSERT INTO cutter_governance.incident (tenant_id, run_id, phase, code)"
        f" VALUES ('demo', '{run_id}', 'cut_leg_b', 'STOP_WRITE_FAILED')"
    )

    [entry] = list_knowledge(live.settings, f"runs/{run_id}/incident/")
    shown = msgspec.json.decode(show_knowledge(live.settings, entry.kb_id).body)

    assert (entry.kind, entry.sha256) == ("incident", "")
    assert (shown["run_id"], shown["phase"], shown["code"]) == (run_id, "cut_leg_b", "STOP_WRITE_FAILED")


def test_an_entry_with_another_digest_is_not_shown(live: LiveOffice) -> None:
    """A changed document shown as if it were the recorded one would be believed."""
    run_id = live.cut().run_id
    kb_id = f"runs/{run_id}/plan"
    live.office.alter("ALTER TABLE kb.document DROP CONSTRAINT document_check")
    live.office.alter(f"UPDATE kb.document SET body = '{{}}' WHERE kb_id = '{kb_id}'")

    with pytest.raises(Stop) as caught:
        show_knowledge(live.settings, kb_id)

    stop = caught.value
    assert (stop.code, stop.detail, stop.where) == (StopCode.STOP_VERIFY_FAILED, "document_changed", kb_id)


@pytest.mark.parametrize(("asked", "detail"), [("runs/", "ambiguous"), ("nothing", "kb_id"), ("", "ambiguous")])
def test_an_entry_that_is_not_one_is_refused(live: LiveOffice, asked: str, detail: str) -> None:
    """Of several that a beginning fits none is shown; the ids stand there to choose from."""
    live.cut()
    with pytest.raises(Stop) as caught:
        show_knowledge(live.settings, asked)

    assert (caught.value.code, caught.value.detail) == (StopCode.STOP_INVALID_INPUT, detail)
    assert bool(caught.value.suggestions) == (detail == "ambiguous")


def test_a_beginning_that_no_other_has_is_enough(live: LiveOffice) -> None:
    """Nobody types an id of 70 characters."""
    run_id = live.cut().run_id

    assert show_knowledge(live.settings, f"runs/{run_id}/pl").entry.kb_id == f"runs/{run_id}/plan"


def test_the_events_of_a_run_are_those_of_its_ledger(live: LiveOffice) -> None:
    """A list that leaves one out, or tells them in another order, is another story."""
    waiting = live.cut()
    found = read_events(live.settings, waiting.run_id[:8])
    recorded = live.office.rows(
        f"SELECT seq FROM cutter_governance.ledger_event WHERE run_id = '{waiting.run_id}' ORDER BY seq"
    )

    assert [(told.seq,) for told in found.events] == recorded
    assert [told.number for told in found.events] == list(range(1, len(recorded) + 1))
    assert (found.source, found.ended, found.events[-1].event) == ("database", False, "GateWaiting")
    assert found.events[-1].facts["request"] == waiting.approval_kb_id
    assert len(event_lines(found.events)) == len(recorded)
    assert not [line for line in event_lines(found.events) if "\n" in line]


def test_what_an_event_found_is_not_told(live: LiveOffice) -> None:
    """Answers of the database stay in the ledger: a line tells which survey answered, and of outcomes the numbers."""
    found = read_events(live.settings, live.cut().run_id)
    surveyed = [told.facts for told in found.events if told.event == "Surveyed"]
    acted = [told.facts for told in found.events if told.event == "Acted"]

    assert surveyed
    assert all(set(facts) <= {"survey", "asked"} for facts in surveyed)
    assert all(isinstance(v, int) for facts in acted for n, v in facts.items() if n not in ("operation", "guard"))


def test_a_rehearsal_has_its_events_too(live: LiveOffice) -> None:
    """A rehearsal is what people look at first; its events stand in its folder."""
    pipeline = live.office.pipeline()
    given = {"document_id": DEMO, "scope": None}
    run_id = orchestrate(live.settings, pipeline, "cut", given, Mode.DRYRUN, "test@somewhere", ignore).run_id

    [found] = list(follow_events(live.settings, run_id, lambda: pytest.fail("there is nothing to wait for")))

    assert (found.source, found.ended, found.events[-1].event) == ("rehearsal", True, "Completed")


def test_who_follows_hears_what_comes(live: LiveOffice) -> None:
    """Somebody who watches a run hears every event once, in order, and is let go when it has ended."""
    waiting = live.cut()
    steps: Iterator[Callable[[], None]] = iter([_nothing, lambda: _go_on(live), lambda: _go_on(live)])

    def wait() -> None:
        next(steps)()

    heard = [told for batch in follow_events(live.settings, waiting.run_id, wait) for told in batch.events]

    assert [told.number for told in heard] == list(range(1, len(heard) + 1))
    assert heard[-1].event == "Completed"
    assert not [told for told in read_events(live.settings, waiting.run_id).events if told not in heard]


def _nothing() -> None:
    """Nothing happens."""


def _go_on(live: LiveOffice) -> None:
    """Sign what the run waits for, and let it go on to its next gate or end."""
    waiting = live.cut()
    live.sign(waiting.approval_kb_id, "sovereign")
    live.resume(waiting.approval_kb_id)


@pytest.mark.parametrize(
    ("zone", "shown"),
    [("Asia/Ho_Chi_Minh", "2026-11-24 16:10:02.123 +07:00"), ("UTC", "2026-11-24 09:10:02.123 +00:00")],
)
def test_a_moment_is_told_in_the_zone_of_the_host(zone: str, shown: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """A time without its zone, or in another one than the clock on the wall, is read wrongly."""
    monkeypatch.setenv("TZ", zone)
    time.tzset()
    try:
        assert local_moment("2026-11-24T09:10:02.123456Z") == shown
    finally:
        monkeypatch.undo()
        time.tzset()
