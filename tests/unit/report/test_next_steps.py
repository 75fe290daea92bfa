"""Which commands help: only those that can."""

import pytest

from cutter.report.next_steps import SERVICE, Situation, after_stop
from cutter.stops import Stop, StopCode

NOWHERE = Situation("", "", "", ())


@pytest.mark.parametrize("code", [StopCode.STOP_DATABASE_UNREACHABLE, StopCode.STOP_UNMIGRATED], ids=lambda c: c.name)
def test_commands_of_the_embedded_database_are_not_suggested_for_another(code: StopCode) -> None:
    """`cutter db …` refuses to touch a server of the user's own: to suggest it would lead nowhere."""
    assert [step.command for step in after_stop(Stop(code), NOWHERE)] != []
    assert after_stop(Stop(code, where=f"{SERVICE}library"), NOWHERE) == ()


@pytest.mark.parametrize("code", [StopCode.STOP_INTERRUPTED, StopCode.STOP_TERMINATED], ids=lambda c: c.name)
def test_what_was_interrupted_is_run_again(code: StopCode) -> None:
    """«Run the same line again» must come with the line."""
    steps = after_stop(Stop(code), Situation("cut", "ICX-CONST", "", ()))

    assert [step.command for step in steps] == ["cutter orchestrate cut ICX-CONST"]
