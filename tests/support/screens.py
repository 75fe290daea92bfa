"""What every test of screens begins with: English, on a host in UTC."""

import time
from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from cutter.messages import use_language


@contextmanager
def english_in_utc(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Moments are told in the host's time zone, and words in the language that a test before left."""
    monkeypatch.setenv("TZ", "UTC")
    time.tzset()
    use_language("en")
    yield
    use_language("en")
    monkeypatch.undo()
    time.tzset()
