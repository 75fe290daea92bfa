"""What a phase leaves behind is a function of its events."""

from cutter import canon
from cutter.events import Record
from cutter.evidence import NO_PREVIOUS, Sidecar, Status, Story, file_name, index_of, phase_document, sidecars
from tests.support.records import PUBLISHED, REHEARSAL, RESUMED, RUN_ID, VERIFIED, WAITING, number, started, stopped
from tests.unit.test_run import AT_GATE, LIVE

STORY = Story("cut", "a" * 64, "Cắt văn bản ICX", "cutter orchestrate cut --document-id ICX")


def made(records: tuple[Record, ...]) -> tuple[Sidecar, ...]:
    """The sidecars of a history."""
    return sidecars(RUN_ID, STORY, records)


def test_sidecars_are_chained_by_digest() -> None:
    """Without it a sidecar could be exchanged for that of another run unnoticed."""
    first, second, third = made(number(REHEARSAL))

    assert (NO_PREVIOUS, first.sha256, second.sha256) == (first.previous, second.previous, third.previous)


def test_the_digest_leaves_out_what_is_volatile() -> None:
    """Without it a sidecar that is written again after a crash would contradict the first."""
    early = number(REHEARSAL)
    late = tuple(Record(r.number, r.run_id, r.phase, "2027-01-01T00:00:00.000000Z", r.event) for r in early)

    assert [s.sha256 for s in made(early)] == [s.sha256 for s in made(late)]
    assert made(early)[0].volatile != made(late)[0].volatile


def test_statuses_tell_how_phases_ended() -> None:
    """Without it `runs show` would call a waiting gate finished."""
    assert [s.status for s in made(number(REHEARSAL))] == [Status.OK, Status.WOULD_WAIT, Status.OK]
    assert Status.WAITING is made(number((*AT_GATE, ("gate", WAITING))))[-1].status
    assert Status.STOPPED is made(number((*LIVE[:2], ("plan", stopped()))))[-1].status
    assert Status.UNFINISHED is made(number(LIVE[:2]))[-1].status


def test_a_phase_is_told_by_its_last_attempt() -> None:
    """Without it the events of an attempt that a crash rolled back would stand in the sidecar."""
    crashed = number((*LIVE[:2], ("", RESUMED), ("plan", started(1)), *LIVE[2:]))

    (only,) = made(crashed)

    assert (4, len(crashed)) == (only.events.first, only.events.last)


def test_a_second_proof_changes_nothing() -> None:
    """Without it every resume would give finished phases new sidecars, and break their chain."""
    again = number((*LIVE, ("", RESUMED), ("plan", VERIFIED)))

    assert made(number(LIVE))[0].sha256 == made(again)[0].sha256


def test_the_prompt_is_the_operation_form() -> None:
    """Without it the evidence would not say, in the office's words, what was asked."""
    prompt = made(number(REHEARSAL))[0].prompt

    assert f"Cắt văn bản ICX qua orchestrator, giai đoạn plan, run_id {RUN_ID}." == prompt
    assert "--" not in prompt


def test_the_index_states_the_exact_bytes() -> None:
    """Without it a changed byte outside a sidecar's digest would go unnoticed."""
    kept = made(number(REHEARSAL))

    index = index_of(RUN_ID, STORY, kept, "b" * 64)

    assert [entry.name for entry in index.entries] == ["01-plan.json", "02-authorize.json", "03-write.json"]
    assert [canon.sha256(canon.encode(item)) for item in kept] == [entry.sha256 for entry in index.entries]
    assert [file_name(item) for item in kept] == [entry.name for entry in index.entries]


def test_the_document_is_made_before_it_is_published() -> None:
    """Without it the document's digest could not stand in the event that names it."""
    records = [r for r in number(REHEARSAL) if r.phase == "plan" and r.event not in (PUBLISHED, VERIFIED)]

    document = phase_document(RUN_ID, STORY, records)

    assert f"runs/{RUN_ID}/01-plan" == document.kb_id
    assert document == phase_document(RUN_ID, STORY, records)
