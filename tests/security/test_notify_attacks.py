"""Pipelines that were built around lint: refused at run time, before anything is done, and by the database."""

from collections.abc import Callable

import msgspec
import pytest

from cutter.app.system import RandomIds
from cutter.events import Spawned, Stopped
from cutter.model import GatePhase, Literal, Mode, Named, OperationPhase, Pipeline, Starter
from tests.plugins.proofs import Proof
from tests.support.notify import Clinic, trigger_of
from tests.support.runs import Office, stop_of

MODES = [Mode.DRYRUN, Mode.LIVE]
CUT_OPERATIONS = ("library.cut_leg_a", "library.cut_leg_b", "library.enact", "library.void", "custody.backup",
                  "custody.restore", "custody.backup_rows", "report.publish", "sql.execute")  # fmt: skip


def with_phase(pipeline: Pipeline, operation: str) -> Pipeline:
    """A pipeline with one more phase, which lint would never let through."""
    more = OperationPhase("more", operation, 1, (Named("document_id", Literal("x")),), None, (), ())
    return msgspec.structs.replace(pipeline, phases=(*pipeline.phases, more))


@pytest.mark.parametrize("mode", MODES, ids=lambda mode: mode.value)
@pytest.mark.parametrize("operation", CUT_OPERATIONS)
def test_a_policys_run_with_another_write_does_nothing(
    clinic: Clinic, operation: str, mode: Mode, proof: Proof
) -> None:
    """Without it a pipeline that reached a host around lint would write to the library by a policy's will."""
    forged = with_phase(clinic.office.pipeline("notify"), operation)

    records = clinic.take(mode, trigger_of(), pipeline=forged)

    stop = stop_of(records)
    assert (stop.code, stop.exit, stop.detail) == ("STOP_POLICY_DENIED", 20, "operation")
    assert (stop.found, stop.where) == (f"{operation}@1", "more")
    assert [type(r.event) for r in records] == [Spawned, Stopped]
    assert clinic.effects == (0, 0, 0)
    proof("notify", f"{operation} in a policy's pipeline, {mode.value}", "STOP_POLICY_DENIED before its first phase")


@pytest.mark.parametrize("mode", MODES, ids=lambda mode: mode.value)
@pytest.mark.parametrize("operation", ["comm.send_message", "comm.create_notification"])
def test_a_persons_run_sends_nothing(office: Office, operation: str, mode: Mode, proof: Proof) -> None:
    """Without it whoever may cut a document could send messages that no policy allows."""
    records = office.perform(mode, RandomIds().run_id(), pipeline=with_phase(office.pipeline(), operation))

    stop = stop_of(records)
    assert (stop.code, stop.detail, stop.where) == ("STOP_POLICY_DENIED", "operation", "more")
    assert [type(r.event) for r in records] == [Spawned, Stopped]
    proof("notify", f"{operation} in a person's pipeline, {mode.value}", "STOP_POLICY_DENIED before its first phase")


def test_a_policys_pipeline_that_says_a_person_starts_it(clinic: Clinic, proof: Proof) -> None:
    """Without it leaving one line out of the file would take the first two walls away."""
    forged = msgspec.structs.replace(clinic.office.pipeline("notify"), started_by=Starter.PERSON)

    stop = stop_of(clinic.take(Mode.LIVE, trigger_of(), pipeline=forged))

    assert (stop.code, stop.detail) == ("STOP_POLICY_DENIED", "operation")
    assert clinic.effects == (0, 0, 0)
    proof("notify", "the shipped pipeline, as a person's", "STOP_POLICY_DENIED operation")


def _without(kind: Callable[[object], bool]) -> Callable[[Pipeline], Pipeline]:
    return lambda pipeline: msgspec.structs.replace(
        pipeline, phases=tuple(phase for phase in pipeline.phases if not kind(phase))
    )


def test_a_run_whose_gate_was_taken_out_is_refused_by_the_database(clinic: Clinic, proof: Proof) -> None:
    """Without it the program that runs would be all that asks for a signature."""
    is_gate = _without(lambda phase: isinstance(phase, GatePhase))
    forged = is_gate(clinic.office.pipeline("notify"))

    records = clinic.take(Mode.LIVE, trigger_of(), pipeline=forged)

    stop = stop_of(records)
    assert (stop.code, stop.detail) == ("STOP_POLICY_REFUSED", "")
    assert clinic.effects == (0, 0, 0)
    assert clinic.server.steps == []
    proof("notify", "the shipped pipeline without its gates", "STOP_POLICY_REFUSED: the database asks too")
