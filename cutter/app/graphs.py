"""The pipeline of a run with how each phase of it stands, from what is kept of the run."""

import msgspec

from cutter.app.kept import find_kept
from cutter.app.proofs import pipeline_of
from cutter.model import Pipeline
from cutter.report.phase_lines import phase_lines
from cutter.settings import Settings


class RunPhases(msgspec.Struct, frozen=True):
    """A run: the pipeline that it was started with, and the status of each phase."""

    run_id: str
    pipeline: Pipeline
    statuses: dict[str, str]


def run_phases(settings: Settings, prefix: str) -> RunPhases:
    """A run by a unique prefix of its id.

    Raises:
        Stop: STOP_RUN_NOT_FOUND, STOP_LEDGER_BROKEN; STOP_PLAN_CHANGED (detail `operation_gone`); what connecting
            raises, unless the run is a rehearsal.
    """
    kept = find_kept(settings, prefix)
    pipeline = pipeline_of(kept)
    lines = phase_lines(pipeline, kept.sidecars(), kept.records)
    return RunPhases(kept.run_id, pipeline, {line.phase: line.status for line in lines})
