"""The span of an audit export: two days as people write them, checked before anything is connected."""

from pathlib import Path

import pytest

from cutter.app.audit import open_audit
from cutter.settings import Settings, load_settings
from cutter.stops import Stop, StopCode

SPANS = {
    "no day": ("yesterday", None, "wrong_value", "--since"),
    "no such day": ("2026-02-30", None, "wrong_value", "--since"),
    "another order": (None, "31-12-2026", "wrong_value", "--until"),
    "a short form": (None, "20261231", "wrong_value", "--until"),
    "a week": ("2026-W05-1", None, "wrong_value", "--since"),
    "a time": ("2026-01-01T00:00:00Z", None, "wrong_value", "--since"),
    "other digits": ("２０２６-01-01", None, "wrong_value", "--since"),
    "a line end": ("2026-01-01\n", None, "wrong_value", "--since"),
    "nothing": ("", None, "wrong_value", "--since"),
    "the year 0": ("0000-01-01", None, "wrong_value", "--since"),
    "the same day": ("2026-01-01", "2026-01-01", "empty_span", "--until"),
    "backwards": ("2026-01-02", "2026-01-01", "empty_span", "--until"),
}


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    """Of a workspace whose database nobody can reach."""
    text = "format: cutter.workspace/1\ndatabase: {service: nowhere}\n"
    (tmp_path / "cutter.yaml").write_text(text, encoding="utf-8")
    return load_settings(tmp_path, {})


@pytest.mark.parametrize("name", SPANS)
def test_a_span_that_is_none_is_refused(settings: Settings, name: str) -> None:
    """Without it a mistyped day would give an export of another span, or an empty one."""
    since, until, detail, where = SPANS[name]
    with pytest.raises(Stop) as caught:
        open_audit(settings, since, until)
    assert (caught.value.code, caught.value.detail, caught.value.where) == (
        StopCode.STOP_INVALID_INPUT,
        detail,
        where,
    )


def test_a_database_that_cannot_be_reached_is_no_empty_export(settings: Settings) -> None:
    """Without it the refusal would come after the first line was written."""
    with pytest.raises(Stop) as caught:
        open_audit(settings, "2026-01-01", "2026-01-02")
    assert caught.value.code is StopCode.STOP_DATABASE_UNREACHABLE
