"""Who may run: a login that is there to approve is refused where a run begins, in words that say so."""

from contextlib import closing

import pytest

from cutter import canon
from cutter.app.system import RandomIds
from cutter.contracts import RunRow
from cutter.model import Mode
from cutter.postgres.statements import Roles
from cutter.postgres.transact import Committing, Rehearsing
from cutter.stops import Stop, StopCode
from tests.plugins.postgres import Database


@pytest.mark.parametrize("kind", [Rehearsing, Committing], ids=["rehearsing", "committing"])
@pytest.mark.parametrize("login", ["content", "form", "sovereign"])
def test_an_approvers_login_does_not_run(
    database: Database, kind: type[Rehearsing] | type[Committing], login: str
) -> None:
    """Without it a run by an approver would end as a failed write (50), and nobody would know why."""
    row = RunRow(RandomIds().run_id(), "cut", canon.digest("cut"), Mode.DRYRUN, "A")

    with closing(kind(database.conninfo(login), "cutter/test", Roles())) as transactor, pytest.raises(Stop) as stop:
        transactor.begin(row)

    assert (stop.value.code, stop.value.detail) == (StopCode.STOP_CONNECTION_UNSAFE, "not_for_running")
