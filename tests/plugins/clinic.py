"""The `clinic` and `live_clinic` fixtures: an office with policies, a directory and a mail server that accepts all."""

import shutil
from collections.abc import Callable, Iterator
from contextlib import ExitStack

import pytest

from tests.support.forging import begin_ledger
from tests.support.live import LiveOffice
from tests.support.mail_servers import mail_server
from tests.support.notify import Clinic, furnish
from tests.support.notify_runs import LiveClinic
from tests.support.runs import Office


@pytest.fixture
def clinic(office: Office) -> Iterator[Clinic]:
    """A clinic of one test, whose people sign by the stub."""
    with mail_server() as server:
        yield furnish(office, server)


@pytest.fixture
def live_clinic(live: LiveOffice) -> Iterator[LiveClinic]:
    """A clinic of one test, whose people have keys; runs go the program's own way."""
    with mail_server() as server:
        yield LiveClinic(live, furnish(live.office, server))


@pytest.fixture
def fresh_live_clinic(fresh_live: Callable[[], LiveOffice]) -> Iterator[Callable[[], LiveClinic]]:
    """Makes a new clinic at every call; the one before is dropped then."""
    with ExitStack() as stack:

        def make() -> LiveClinic:
            stack.close()
            live = fresh_live()
            shutil.rmtree(live.office.workspace.parent / "state", ignore_errors=True)  # it has seen no other office
            begin_ledger(live)
            return LiveClinic(live, furnish(live.office, stack.enter_context(mail_server())))

        yield make
