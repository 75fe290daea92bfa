"""The `live` fixture: an office whose people have keys, so that it can go live on a database of its own."""

from collections.abc import Callable

import pytest

from tests.plugins.keys import Keys
from tests.support.live import LiveOffice, go_live
from tests.support.runs import Office


@pytest.fixture
def live(office: Office, keys: Keys, monkeypatch: pytest.MonkeyPatch) -> LiveOffice:
    """An office that goes live, with a database of its own."""
    monkeypatch.setenv("PGSERVICEFILE", str(office.workspace / "pg_service.conf"))
    return go_live(office, keys)


@pytest.fixture
def fresh_live(
    fresh_office: Callable[[], Office], keys: Keys, monkeypatch: pytest.MonkeyPatch
) -> Callable[[], LiveOffice]:
    """Makes a new office at every call; the one before is dropped then."""

    def make() -> LiveOffice:
        office = fresh_office()
        monkeypatch.setenv("PGSERVICEFILE", str(office.workspace / "pg_service.conf"))
        return go_live(office, keys)

    return make
