"""`sql.count@1`: how many rows a governed write will touch, asked before the gate, so that people sign for the number.

Rules kept here: one question of the pipeline file that answers with one whole number; the number is the plan's
`row_count`, with which the database compares the write.

Source: issue 4, part 9.
"""

import msgspec

from cutter import canon
from cutter.operation import Held, ReadContext, ReadOperation, Verdict
from cutter.pipeline.statements import Question, Variables
from cutter.stops import Stop, StopCode


class Params(msgspec.Struct, frozen=True):
    """The question, and its variables."""

    question: Question
    bind: Variables


class Outcome(msgspec.Struct, frozen=True):
    """The number of rows."""

    row_count: int


def act(context: ReadContext, params: Params) -> Outcome:
    """Ask.

    Raises:
        Stop: STOP_SURVEY_REFUSED, detail `no_count`, when the answer is not one whole number; else as a survey.
    """
    facts = list(context.session.answer(params.question, params.bind).values())
    if len(facts) != 1 or type(facts[0]) is not int or not 0 <= facts[0] <= canon.LARGEST_INTEGER:
        raise Stop(StopCode.STOP_SURVEY_REFUSED, detail="no_count", needed="one_whole_number")
    return Outcome(row_count=facts[0])


def verify(context: ReadContext, params: Params, outcome: Outcome) -> Verdict:
    """The question still has an answer. Not the same one: the write that the number is for changes it."""
    return Held({"row_count": act(context, params).row_count})


OPERATION = ReadOperation(
    name="sql.count",
    version=1,
    summary="Asks how many rows a governed write of the pipeline file will touch.",
    params=Params,
    outcome=Outcome,
    crosses=(),
    act=act,
    verify=verify,
)
