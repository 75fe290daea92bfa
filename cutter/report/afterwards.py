"""The result of a run after something came to it that its own events do not tell.

Rules kept here: pure; what the run did and wrote by its events is not touched, only how it stands and what helps now.

Source: DESIGN §7 (result object).
"""

import msgspec

from cutter.report.fold import stop_fields
from cutter.report.next_steps import after_late_stop, after_taking, after_voiding
from cutter.report.result import Result, RunStatus
from cutter.stops import Stop, StopCode


def late_result(result: Result, stop: Stop) -> Result:
    """The result of a live run that stood as it says when something beside it failed; its own stop is told first.

    Args:
        result: as the run's events tell it.
        stop: why a file or a checkpoint is missing, or that the command was told to end.
    """
    if result.stop_code is not None:
        return result
    changed = msgspec.structs.replace(result, late=True, exit_code=int(stop.code.exit), **stop_fields(stop))
    return msgspec.structs.replace(changed, next=after_late_stop(result))


def taken_result(result: Result, by: str) -> Result:
    """The result of a rehearsal whose trigger was taken before.

    Args:
        result: as the rehearsal's events tell it.
        by: the run that a live run of the trigger goes on with, or tells.
    """
    return msgspec.structs.replace(result, next=after_taking(result, by))


def voided_result(result: Result, by: str) -> Result:
    """The result of a live run after another run took back what it wrote: one that has not ended cannot go on.

    Args:
        result: as the run's events tell it.
        by: the run that took it back.
    """
    if result.status in (RunStatus.DONE, RunStatus.ABORTED):
        return result
    stop = Stop(StopCode.STOP_PLAN_CHANGED, detail="voided", where=result.run_id, found=by)
    fields = stop_fields(stop)
    stopped = {"status": RunStatus.STOPPED, "exit_code": int(stop.code.exit), "gate": None, "waiting": None}
    return msgspec.structs.replace(result, **fields, **stopped, next=after_voiding(result, by))
