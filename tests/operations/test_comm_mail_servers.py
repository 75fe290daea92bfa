"""Every behaviour of a mail server, through the whole engine: what a run says, what is stored, what a resume does."""

from collections.abc import Iterator

import pytest

from cutter.postgres.embedded import Cluster
from tests.plugins.office import new_office
from tests.plugins.postgres import migrated_database
from tests.support.mail_cases import CASES
from tests.support.mail_servers import mail_server
from tests.support.notify import furnish
from tests.support.notify_kills import Post, attempted, said

# What a quick look at the table is; all of it is slow by nature.
QUICK = (
    "accepts", "wrong name", "no STARTTLS offered", "authentication refused", "recipient refused", "DATA refused",
    "cut before 354", "cut in the text", "5xx after the dot", "4xx after the dot", "cut after the dot, stored",
    "cut after the dot, lost", "garbage after the dot, stored", "yes and no after the dot", "500 to QUIT",
    "cut at QUIT",
)  # fmt: skip
ALL = [pytest.param(name, id=name, marks=[] if name in QUICK else pytest.mark.crash) for name in CASES]


@pytest.fixture(scope="module")
def post(server: Cluster, template: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Post]:
    """A clinic's post, for the whole table."""
    with migrated_database(server, template) as database, mail_server() as mail:
        yield Post(furnish(new_office(database, tmp_path_factory.mktemp("post") / "office"), mail))


@pytest.mark.parametrize("name", ALL)
def test_a_run_says_what_is_true_of_its_message(post: Post, name: str) -> None:
    """Without it a server's odd answer could make a run say «not sent» of what was, or send a second time on resume."""
    case = CASES[name]
    sending = post.begin(case)

    records = sending.go()

    post.clinic.server.settle()
    assert said(records) == case.reply.outcome.value
    assert case.committed in (None, attempted(records))
    assert len(post.clinic.server.stored) == case.stored
    ended = sending.check()
    assert ended.rsplit(" ", 1)[-1] in ("accepted", "unknown")
