"""SIGKILL at every event of a live run of a policy, and before and after every step of the mail server's dialogue.

However a run was interrupted: accepted means stored once, not sent means not stored, nothing is sent twice, and nobody
is asked about a message whose final dot was never about to be sent.
"""

from collections import Counter
from collections.abc import Callable, Iterator
from functools import partial

import pytest

from cutter.app.ledger import verify_ledger
from cutter.app.proofs import verify_run
from cutter.events import Acted, Published, Record
from cutter.model import Mode
from cutter.postgres.embedded import Cluster
from tests.plugins.office import new_office
from tests.plugins.postgres import migrated_database
from tests.plugins.proofs import Proof
from tests.support.live_runs import Killer, in_child
from tests.support.mail_cases import CASES, Case
from tests.support.mail_servers import mail_server
from tests.support.notify import NOTIFICATION, furnish, trigger_of
from tests.support.notify_kills import Post
from tests.support.notify_runs import LiveClinic

# Behaviours at which runs are killed too; each of the others ends the dialogue earlier, or alike.
KILLED = (
    "accepts", "self-signed", "no STARTTLS offered", "authentication refused", "recipient refused", "DATA refused",
    "cut before 354", "cut in the text", "5xx after the dot", "4xx after the dot", "cut after the dot, stored",
    "cut after the dot, lost", "cut within the reply", "silence after the dot, stored", "garbage after the dot, stored",
    "yes and no after the dot", "500 to QUIT", "cut at QUIT",
)  # fmt: skip
QUICK_EVENTS = ("Started", "Intended", "Attempted", "Acted")
QUICK_MOMENTS = ("after RCPT", "before dot", "after dot", "replied dot")
ACCEPTS = CASES["accepts"]


@pytest.fixture(scope="module")
def post(server: Cluster, template: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Post]:
    """A clinic's post, for all kills."""
    with migrated_database(server, template) as database, mail_server() as mail:
        yield Post(furnish(new_office(database, tmp_path_factory.mktemp("post") / "office"), mail))


def events_of(post: Post) -> list[Record]:
    """What a run that nobody disturbs tells of in the pass that sends."""
    heard: list[Record] = []
    post.begin(ACCEPTS).go(heard.append)
    return heard


def moments_of(post: Post, case: Case) -> list[str]:
    """Every moment of a dialogue at which a run can be killed."""
    seen: list[str] = []
    sending = post.begin(case)
    post.clinic.server.spy = seen.append
    sending.go()
    post.clinic.server.settle()
    post.clinic.server.spy = lambda moment: None
    return list(dict.fromkeys(seen))


def test_a_kill_around_the_dot(post: Post, proof: Proof) -> None:
    """Without it a crash around the final dot could send twice, or call a message unsent that is out."""
    ended: Counter[str] = Counter()
    for moment in QUICK_MOMENTS:
        sending = post.begin(ACCEPTS)
        sending.killed_at(moment)
        ended[sending.check()] += 1
    assert set(ended) <= {"accepted", "unknown"}
    assert ended["unknown"] >= 1
    proof.kills("live message, around the final dot", sum(ended.values()), ended)


def test_a_kill_at_events_of_the_phase_that_sends(post: Post, proof: Proof) -> None:
    """Without it a crash between an effect and its record could send twice, or use an approval for nothing."""
    heard, ended = events_of(post), Counter[str]()
    for number, record in enumerate(heard):
        if record.phase == "send" and type(record.event).__name__ in QUICK_EVENTS:
            sending = post.begin(ACCEPTS)
            sending.killed_at_event(number)
            told = sending.check()
            assert told == ("unknown" if isinstance(record.event, Acted) else "accepted"), record.event
            ended[told] += 1
    assert sum(ended.values()) == len(QUICK_EVENTS)
    proof.kills("live message, events of the phase that sends", sum(ended.values()), ended)


@pytest.mark.crash
@pytest.mark.timeout(3600)
def test_a_kill_at_every_event_of_the_pass_that_sends(post: Post, proof: Proof) -> None:
    """Without it a crash anywhere in the pass could send twice, lose the message, or ask people without need."""
    heard, ended = events_of(post), Counter[str]()
    for number, record in enumerate(heard):
        sending = post.begin(ACCEPTS)
        sending.killed_at_event(number)
        told = sending.check()
        # between the record that the dot is about to be sent and that of its reply nobody knows
        between = record.phase == "send" and isinstance(record.event, (Acted, Published))
        assert told == ("unknown" if between else "accepted"), record.event
        ended[told] += 1
    proof.kills("live message, every event of the pass that sends", len(heard), ended)


@pytest.mark.crash
@pytest.mark.timeout(3600)
@pytest.mark.parametrize("kind", ["message", "notification"])
def test_a_kill_at_every_event_of_a_live_run(
    fresh_live_clinic: Callable[[], LiveClinic], kind: str, proof: Proof
) -> None:
    """Without it a crash while people are asked could ask twice, or leave a run that no trigger finds again."""
    data = trigger_of() if kind == "message" else trigger_of(NOTIFICATION)
    wanted = (1, 0, 1) if kind == "message" else (0, 1, 0)
    ended: Counter[str] = Counter()
    for passes in (0, 1):
        heard = _heard(fresh_live_clinic(), data, passes)
        for boundary in range(len(heard)):
            run = fresh_live_clinic()
            _advance(run, data, passes)
            in_child(partial(run.trigger, data, Mode.LIVE, Killer(boundary)))
            run.clinic.server.settle()
            told = _finish(run, data)
            where = f"{kind}, pass {passes + 1}, killed at {type(heard[boundary].event).__name__}"
            assert told == "unknown" or run.clinic.effects == wanted, where
            assert len(run.clinic.server.stored) <= 1, where
            assert run.runs == 1, where
            assert verify_ledger(run.live.settings) is not None, where
            ended[told] += 1
    # the reply was heard and is not recorded yet where two events are told: that it acted, and its document
    assert ended["unknown"] == (2 if kind == "message" else 0)
    proof.kills(f"live {kind}, every event of both passes", sum(ended.values()), ended)


def _heard(run: LiveClinic, data: bytes, passes: int) -> list[Record]:
    heard: list[Record] = []
    _advance(run, data, passes)
    run.trigger(data, Mode.LIVE, heard.append)
    return heard


def _advance(run: LiveClinic, data: bytes, passes: int) -> None:
    for _ in range(passes):
        run.sign(run.trigger(data))


def _finish(run: LiveClinic, data: bytes) -> str:
    """Deliver the trigger again, sign, and resume, to the end."""
    result = run.trigger(data)
    for _ in range(4):
        if result.exit_code == 10 and result.gate != "GATE_FAILURE_ESCALATION":
            run.live.sign(result.approval_kb_id, "content")
            result = run.resume(result)
        elif result.exit_code != 0:
            result = run.live.resume(_asked(run))
    if result.exit_code == 0:
        assert verify_run(run.live.settings, result.run_id) is not None
        return "completed"
    assert result.exit_code in (10, 51), result
    return "unknown"


def _asked(run: LiveClinic) -> str:
    """The newest request."""
    return str(
        run.live.office.rows("SELECT kb_id FROM kb.document WHERE kb_id LIKE 'approvals/%' ORDER BY created_at")[-1][0]
    )


@pytest.mark.crash
@pytest.mark.timeout(3600)
@pytest.mark.parametrize("name", KILLED)
def test_kills_before_and_after_each_step(post: Post, name: str, proof: Proof) -> None:
    """Without it the way from the dialogue to the ledger could lose what the sender knows, or the other way round."""
    case = CASES[name]
    ended: Counter[str] = Counter()
    killed = 0
    for moment in moments_of(post, case):
        sending = post.begin(case)
        killed += sending.killed_at(moment)
        ended[sending.check()] += 1
    assert killed >= 1
    runs = sum(ended.values())
    share = sum(count for told, count in ended.items() if told.endswith("unknown")) / runs
    print(f"{name}: {runs} runs, {killed} killed, unknown {share:.0%}: {dict(ended)}")
    proof.kills(f"live message, server «{name}»: before and after each step", runs, ended)
