"""What was changed since people were asked, or since a decision was recorded, in words."""

import pytest

from cutter.model import Mode
from cutter.report.decisions.results import ReplayTold
from cutter.report.decisions.screens import replay_phrase
from cutter.report.fold import refused_result
from cutter.report.lines import why_lines
from cutter.stops import Stop, StopCode

MOVED = {
    "policy/result-ready@1.0": "policy result-ready@1.0",
    "view/recent@1.0": "view recent@1.0",
    "template/result-ready-en@1.0": "template result-ready-en@1.0",
    "answer/recent.under_limit": "the answer of the view: recent.under_limit",
    "selection": "the selection",
    "pace": "the pace is used up",
    "phases[3].with.limit": "phases[3].with.limit",
}


@pytest.mark.parametrize("moved", MOVED)
def test_what_moved_is_told_in_words(moved: str) -> None:
    """Without it people would read the name of a digest, and not what they have to look at."""
    stop = Stop(StopCode.STOP_PLAN_CHANGED, "outcome:decision_sha256", suggestions=(moved, "pace"))

    told = [str(line) for line in why_lines(refused_result(stop, pipeline="notify", mode=Mode.LIVE, document_id=None))]

    assert f"    changed  {MOVED[moved]}, the pace is used up" in told


REPLAYS = {
    "changed": (("policy a@1.0", "selection"), (), "not replayable; changed since: policy a@1.0, selection"),
    "missing": ((), ("field level",), "not replayable; missing: field level"),
    "both": (("selection",), ("policy a@1.0",), "not replayable; changed since: selection; missing: policy a@1.0"),
}


@pytest.mark.parametrize("name", REPLAYS)
def test_what_was_changed_is_not_told_as_missing(name: str) -> None:
    """Without it people would look for a file that is there."""
    changed, missing, phrase = REPLAYS[name]

    assert replay_phrase(ReplayTold("not_replayable", missing, changed)) == phrase
