"""Rows 27–29 of the attack table, lived through: a database that was set back, and the people who decide about it."""

import shutil
from collections.abc import Callable, Iterator
from uuid import uuid4

import pytest

from cutter.app.ending import abort_run
from cutter.app.fingerprints import pin_fingerprint
from cutter.app.orchestration import orchestrate
from cutter.app.pipelines import load_pipeline
from cutter.approval.recovery import GATE
from cutter.approval.trust import GateQuorum, RevokedKey
from cutter.model import Mode, RoleQuorum
from cutter.stops import Exit, Stop, StopCode
from tests.plugins.proofs import Proof
from tests.support.live import LiveOffice
from tests.support.runs import DEMO, REPOSITORY, ignore
from tests.support.setback import WAYS, Setback

pytestmark = pytest.mark.attacks

RUNS = "SELECT count(*) FROM cutter_governance.run"


@pytest.fixture
def back(live: LiveOffice) -> Iterator[Setback]:
    """An office whose first cut waited when its database was kept, and is done since."""
    made = Setback(live)
    waiting = live.cut()
    made.keep()
    live.sign(waiting.approval_kb_id, "sovereign")
    assert live.resume(waiting.approval_kb_id).exit_code == Exit.WAITING
    yield made
    made.administer(f'DROP DATABASE IF EXISTS "{made.kept}" WITH (FORCE)')


def broken(back: Setback) -> str:
    """With which word verifying the ledger stops."""
    with pytest.raises(Stop) as caught:
        back.verify()
    assert caught.value.code is StopCode.STOP_LEDGER_BROKEN
    return caught.value.detail


def give_up(back: Setback) -> None:
    """A run that waits was asked for in another database: it is ended, and asked for anew.

    A dump writes two policies otherwise; they are pinned as they are.
    """
    refused = back.live.cut()
    assert (refused.exit_code, refused.detail) == (Exit.APPROVAL_REFUSED, "wrong_target")
    abort_run(back.live.settings, refused.run_id, "another database")
    pin_fingerprint(back.live.settings, "library")


def void(back: Setback) -> None:
    """One that has written governed rows already is taken back."""
    assert back.live.complete(pipeline="void").exit_code == Exit.DONE


# What becomes of the run that waits, after people decided.
AFTERWARDS: dict[str, Callable[[Setback], object]] = {
    "recovered to a point in time": lambda _: None,
    "restored from a dump": give_up,
    "another database, nothing lost": void,
    "a new ledger": lambda _: None,
}


@pytest.mark.parametrize("name", WAYS)
def test_nothing_goes_on_until_people_decide(back: Setback, name: str, proof: Proof) -> None:
    """Row 29. Without it a database that forgot what was signed and written would be written on as if it had not."""
    way, cause = WAYS[name]
    way(back)
    before = back.size(), back.live.office.rows(RUNS)

    refused = back.live.cut()
    word = broken(back)

    assert (refused.exit_code, refused.stop_code, refused.detail) == (60, "STOP_LEDGER_BROKEN", "rollback")
    assert (back.size(), back.live.office.rows(RUNS)) == before
    assert back.live.office.rehearse(str(uuid4()))  # dry runs do not care

    assert back.decide(cause).exit_code == Exit.DONE

    found = back.verify()
    assert found.decisions == 1
    assert (found.settled > 0) == (way is not Setback.move)
    AFTERWARDS[name](back)
    assert back.live.complete().exit_code == Exit.DONE
    assert back.verify().events == back.size()
    proof("29", f"live over a ledger: {name}", f"60, {word}; 0 after a signed decision")


def test_nothing_else_passes_over_it(back: Setback) -> None:
    """Row 29. Without it a signed request, or the end of a run, would be written where the ledger was set back."""
    waiting = back.live.office.rows("SELECT kb_id FROM kb.document WHERE kb_id LIKE 'approvals/%' ORDER BY kb_id")
    back.put_back()
    before = back.size()

    for (kb_id,) in waiting:  # one of them is lost
        refused = back.live.resume(kb_id)
        assert (refused.exit_code, refused.detail) == (60, "rollback")
    with pytest.raises(Stop) as caught:
        abort_run(back.live.settings, waiting[0][0].split("/")[1], "no")
    assert (caught.value.code, caught.value.detail) == (StopCode.STOP_LEDGER_BROKEN, "rollback")
    assert caught.value.found == str(back.size())
    assert int(caught.value.needed) > back.size()
    assert back.size() == before


def test_a_chain_that_went_on_elsewhere_is_a_fork(back: Setback, proof: Proof) -> None:
    """Row 28. Without it a database that was set back would pass as soon as it is long enough again."""
    back.put_back()
    hidden = back.live.settings.state / "checkpoints"
    others = back.live.settings.user_state / "checkpoints"
    for folder in (hidden, others):
        folder.rename(folder.with_name("elsewhere"))
    assert back.live.complete().exit_code == Exit.DONE  # by a host that knows of nothing
    for folder in (hidden, others):
        shutil.rmtree(folder)
        folder.with_name("elsewhere").rename(folder)

    refused = back.live.cut()

    assert (refused.exit_code, refused.detail) == (60, "forked")
    assert broken(back) == "forked"
    assert back.decide("failover").exit_code == Exit.DONE
    assert back.verify().decisions == 1
    proof("28", "live over a ledger that was set back and went on elsewhere", "60, forked; 0 after a signed decision")


def test_a_decision_settles_what_was_seen_and_nothing_later(back: Setback, proof: Proof) -> None:
    """Row 29. Without it one decision would excuse every later loss."""
    back.put_back()
    assert back.decide().exit_code == Exit.DONE
    back.administer(f'DROP DATABASE "{back.kept}"')
    back.keep()
    assert back.live.complete().exit_code == Exit.DONE

    back.put_back()

    refused = back.live.cut()
    assert (refused.exit_code, refused.detail) == (60, "rollback")
    assert broken(back).startswith("truncated_have_")
    assert back.decide().exit_code == Exit.DONE
    assert back.verify().decisions == 2
    proof("29", "the database is set back again after a decision", "60, rollback")


def test_without_anything_lost_nobody_is_asked(back: Setback) -> None:
    """Without it people would sign decisions about nothing, and get used to it."""
    for mode in Mode:
        refused = back.ask(mode=mode)
        assert (refused.stop_code, refused.detail) == ("STOP_DRIFT", "nothing_lost")


def test_a_rehearsal_tells_what_was_lost(back: Setback) -> None:
    """Without it nobody could look before people are asked."""
    back.put_back()

    assert back.ask(mode=Mode.DRYRUN).exit_code == Exit.DONE


def test_nobody_decides_alone(back: Setback, proof: Proof) -> None:
    """Row 29. Without it who runs, or somebody without the authority, could wave a set back database through."""
    back.put_back()

    refused = back.decide("point_in_time_recovery", "content", "form")

    assert (refused.exit_code, refused.detail) == (Exit.APPROVAL_REFUSED, "wrong_role")
    assert back.live.cut().exit_code == 60
    proof("29", "a decision without the sovereign", "11, wrong_role; live stays 60")


OVERWRITE = (
    "UPDATE kb.document SET (body, sha256) = (SELECT b, encode(sha256(b), 'hex')"
    " FROM (SELECT overlay(body PLACING '9' FROM length(body) - 1 FOR 1) AS b) AS changed)"
)
REQUEST = "kb_id LIKE 'approvals/%RECOVERY%'"
PLAN = "kb_id LIKE 'runs/%/plan'"
FORGED = {
    "its signatures are gone": ("cutter_governance.signature", "DELETE FROM cutter_governance.signature"),
    "its request is another": (
        "kb.document",
        f"{OVERWRITE} WHERE {REQUEST}",
    ),
    "its plan is another": (
        "kb.document",
        f"{OVERWRITE} WHERE {PLAN}",
    ),
    "its marker is voided": (
        "cutter_governance.phase_marker",
        "UPDATE cutter_governance.phase_marker SET voided_by = run_id",
    ),
}


@pytest.mark.parametrize("name", FORGED)
def test_rows_alone_decide_nothing(back: Setback, name: str, proof: Proof) -> None:
    """Row 29. Without it whoever can set the ledger back could also write the decision about it."""
    back.put_back()
    assert back.decide().exit_code == Exit.DONE
    assert back.verify().decisions == 1
    table, statement = FORGED[name]
    back.live.office.alter(f"ALTER TABLE {table} DISABLE TRIGGER ALL; {statement}")

    word = broken(back)

    assert word in ("forked", "request_altered") or word.startswith("truncated_have_")
    assert back.live.cut().exit_code == 60
    proof("29", f"a decision of which {name}", "60")


def with_a_recovery() -> str:
    """The shipped void, with the phases of a recovery before its gate and behind its last phase."""
    folder = REPOSITORY / "pipelines"
    void, recover = ((folder / f"{name}.yaml").read_text(encoding="utf-8") for name in ("void", "recover-ledger"))
    cause = recover[recover.index("  cause:") : recover.index("lock:")].replace("    positional: true\n", "")
    find, _, rest = recover.partition("phases:\n")[2].partition("  - id: authorize_recovery\n")
    last = rest[rest.index("  - id: recover\n") :]
    return (
        void.replace("id: void", "id: more", 1)
        .replace("lock:", f"{cause}lock:")
        .replace("phases:\n", f"phases:\n{find}")
        + f"\n{last}"
    )


def test_a_pipeline_that_does_more_than_decide_waits(back: Setback) -> None:
    """Row 29. Without it one phase in a pipeline of somebody's own would switch the comparison off."""
    folder = back.live.office.workspace / "pipelines"
    folder.mkdir()
    (folder / "more.yaml").write_text(with_a_recovery(), encoding="utf-8")
    given = {"document_id": DEMO, "cause": "failover"}
    pipeline = load_pipeline(back.live.settings, "more")
    back.put_back()

    refused = orchestrate(back.live.settings, pipeline, "more", given, Mode.LIVE, "test@somewhere", ignore)

    assert (refused.exit_code, refused.detail) == (60, "rollback")


def test_a_gate_that_asks_for_less_is_not_believed(back: Setback, proof: Proof) -> None:
    """Row 29. Without it a pipeline of somebody's own could let anybody decide."""
    text = (REPOSITORY / "pipelines" / "recover-ledger.yaml").read_text(encoding="utf-8")
    folder = back.live.office.workspace / "pipelines"
    folder.mkdir()
    weaker = text.replace("id: recover-ledger", "id: weaker").replace("{sovereign: 1}", "{content: 1}")
    (folder / "weaker.yaml").write_text(weaker, encoding="utf-8")
    back.put_back()

    assert back.decide("failover", "content", pipeline="weaker").exit_code == Exit.DONE

    assert back.live.cut().exit_code == 60
    assert broken(back).startswith(("truncated_have_", "forked"))
    proof("29", "a decision by a gate that asks for less than the shipped one", "60")


def test_an_office_may_ask_for_more(back: Setback) -> None:
    """Without it what an office asks by its trust bundle would hold at the gate and be forgotten afterwards."""
    back.put_back()
    assert back.decide().exit_code == Exit.DONE
    assert back.verify().decisions == 1
    asked = (RoleQuorum("content", 1), RoleQuorum("sovereign", 1))

    back.live.trust(2, quorums=(GateQuorum(gate_id=GATE, roles=asked),))

    assert broken(back).startswith(("truncated_have_", "forked"))


def test_a_revoked_key_takes_its_decision_along(back: Setback) -> None:
    """Without it a key that was stolen could have decided for ever."""
    back.put_back()
    assert back.decide().exit_code == Exit.DONE
    fpr = back.live.keys.fprs["sovereign"]

    back.live.trust(2, revoked=(RevokedKey(fpr=fpr, since="2026-01-01T00:00:00Z", reason_code="compromised"),))

    assert broken(back).startswith(("truncated_have_", "forked"))
    assert back.live.cut().exit_code == 60
