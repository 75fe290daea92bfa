"""`custody.recover_ledger@1`: the event of a decision, in a rehearsal and live; it says what was signed, and stands."""

from collections.abc import Iterator

import msgspec
import pytest

from cutter.model import Mode
from cutter.operation import Broken, Held, Undo
from cutter.operations.custody import recover_ledger
from cutter.stops import Exit
from tests.support.live import LiveOffice
from tests.support.setback import Setback, context_of, decided_by, found_by

USES = "SELECT covers, row_count, doc_prefix FROM cutter_governance.approval_use"


@pytest.fixture
def back(live: LiveOffice) -> Iterator[Setback]:
    """An office whose database has forgotten a run that waits."""
    made = Setback(live)
    made.keep()
    assert live.cut().exit_code == Exit.WAITING
    made.put_back()
    yield made
    made.administer(f'DROP DATABASE IF EXISTS "{made.kept}" WITH (FORCE)')


def test_a_rehearsal_decides_nothing(back: Setback) -> None:
    """Without it a dry run could settle what people have not signed."""
    assert back.ask(mode=Mode.DRYRUN).exit_code == Exit.DONE
    assert back.live.cut().exit_code == Exit.EVIDENCE
    assert back.size() == 0


def test_the_event_says_what_was_signed(back: Setback) -> None:
    """Without it the ledger would say that something was decided, and not what."""
    done = back.decide("failover")

    found, decided = found_by(back.live, done.run_id), decided_by(back.live, done.run_id)
    assert done.exit_code == Exit.DONE
    assert decided.cause == "failover"
    assert {**msgspec.to_builtins(found), "cause": "failover"} == {**msgspec.to_builtins(decided), "row_count": 1}
    assert back.live.office.rows(USES) == [(["custody.recover_ledger@1"], 1, "failover")]


def test_a_decision_stands_only_on_the_ledger_that_it_names(back: Setback) -> None:
    """Without it the decision about one ledger would be proven by another."""
    assert back.decide().exit_code == Exit.DONE
    second = Setback(back.live)
    second.keep()
    assert back.live.complete().exit_code == Exit.DONE
    second.put_back()
    decided = decided_by(back.live, second.decide().run_id)
    second.administer(f'DROP DATABASE "{second.kept}"')
    params = msgspec.convert(msgspec.to_builtins(decided), recover_ledger.Params)

    with context_of(back.live) as context:
        assert isinstance(recover_ledger.OPERATION.verify(context, params, decided), Held)
        other = msgspec.structs.replace(decided, head_sha256="0" * 64)
        assert isinstance(recover_ledger.OPERATION.verify(context, params, other), Broken)


def test_it_governs_and_another_decision_replaces_it() -> None:
    """Without it no approval would be used for it, or a backup would be asked for that could keep nothing."""
    operation = recover_ledger.OPERATION

    assert (operation.governs, operation.undo) == (("cutter_governance.ledger_event",), Undo.DECISION)
