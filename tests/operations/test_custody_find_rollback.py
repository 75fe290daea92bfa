"""`custody.find_rollback@1`: a rehearsal, a live run, and that run when it goes on find the same setback."""

from collections.abc import Iterator

import msgspec
import pytest

from cutter.model import Mode
from cutter.operation import Broken, Held
from cutter.operations.custody import find_rollback
from cutter.stops import Exit
from tests.support.live import LiveOffice
from tests.support.setback import Setback, context_of, found_by


@pytest.fixture
def back(live: LiveOffice) -> Iterator[Setback]:
    """An office whose database has forgotten a run that waits."""
    made = Setback(live)
    made.keep()
    assert live.cut().exit_code == Exit.WAITING
    yield made
    made.administer(f'DROP DATABASE IF EXISTS "{made.kept}" WITH (FORCE)')


def test_both_modes_find_the_same(back: Setback) -> None:
    """Without it a rehearsal would show another setback than the one that people are asked about."""
    lost = back.size()
    back.put_back()
    rehearsed, asked = (back.ask(mode=mode) for mode in (Mode.DRYRUN, Mode.LIVE))

    found = found_by(back.live, asked.run_id)
    assert rehearsed.plan_digest == asked.plan_digest
    assert (found.lost_size, found.head_size, found.agreed_size, found.row_count) == (lost, 0, 0, 1)


def test_a_run_that_goes_on_finds_what_it_found(back: Setback) -> None:
    """Without it the events of the asking run itself would make its plan another one, and no signature would count."""
    back.put_back()

    asked, again = back.ask(), back.ask()

    assert (again.exit_code, again.approval_kb_id) == (Exit.WAITING, asked.approval_kb_id)


@pytest.mark.parametrize("mode", Mode)
def test_nothing_is_found_where_everything_agrees(back: Setback, mode: Mode) -> None:
    """Without it people would be asked to sign that nothing was lost."""
    refused = back.ask(mode=mode)

    assert (refused.stop_code, refused.detail, refused.where) == ("STOP_DRIFT", "nothing_lost", "find")


def test_the_head_that_was_found_must_stand(back: Setback) -> None:
    """Without it a ledger that was exchanged after people looked would pass for the one that they saw."""
    back.put_back()
    assert back.decide().exit_code == Exit.DONE
    assert back.live.cut().exit_code == Exit.WAITING
    back.administer(f'DROP DATABASE "{back.kept}"')
    back.keep()
    assert back.live.complete().exit_code == Exit.DONE
    back.put_back()
    found = found_by(back.live, back.ask().run_id)

    with context_of(back.live) as context:
        params = find_rollback.Params()
        assert isinstance(find_rollback.OPERATION.verify(context, params, found), Held)
        for changed in ("head_sha256", "agreed_sha256"):
            other = msgspec.structs.replace(found, **{changed: "0" * 64})
            assert isinstance(find_rollback.OPERATION.verify(context, params, other), Broken)
