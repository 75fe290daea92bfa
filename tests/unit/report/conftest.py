"""Tests of screens are in English, on a host in UTC."""

from collections.abc import Iterator

import pytest

from tests.support.screens import english_in_utc


@pytest.fixture(autouse=True)
def here(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Where the host is, and what it speaks."""
    with english_in_utc(monkeypatch):
        yield
