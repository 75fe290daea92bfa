"""Starting a run by a trigger: its bytes read strictly, refused or not, and the run that every attempt becomes.

Rules kept here: an attempt is a run whatever the trigger is worth, so that a refusal is recorded too; of a refused
trigger nothing goes on but the code; the canonical text of one that was not refused is kept for whoever repeats the
command; the same trigger again is the same run.

Source: issue 7, rules 1, 6 and 7.
"""

from collections.abc import Callable
from contextlib import suppress
from functools import partial

from cutter.app.comm import build_policies
from cutter.app.compose import opened, reach_database
from cutter.app.orchestration import orchestrate
from cutter.app.pipelines import load_pipeline
from cutter.app.resumption import attempt_to_resend
from cutter.app.system import RandomIds
from cutter.contracts import Notify, Policies
from cutter.custody.files import private_folder, read_plain, write_atomic
from cutter.model import Mode, Pipeline
from cutter.policies.decision import Reason
from cutter.policies.domain import Trigger, TriggerTypes
from cutter.policies.envelope import Refused, canonical, fields_that_name, read_given, references_of
from cutter.postgres.transact import Committing
from cutter.report.next_steps import trigger_file
from cutter.report.result import Result
from cutter.settings import Settings
from cutter.stops import StopCode

_LARGEST_TEXT = 64 * 1024  # bytes of a trigger's canonical text


def take_trigger(
    settings: Settings, data: bytes, mode: Mode, actor: str, notify: Notify, *, resend: bool = False
) -> Result:
    """Decide on a trigger, and do what the policies allow; a rehearsal unless `mode` is live.

    Args:
        settings: the workspace.
        data: the trigger's bytes: cutter's own envelope, a CloudEvent, or the canonical text that an attempt kept.
        mode: rehearse or write.
        actor: a label of who acts.
        notify: hears of every event.
        resend: nobody knew whether the message was sent, and people declined to count it as sent: ask to send again.

    Raises:
        Stop: STOP_CONFIG_INVALID: the policies cannot be read, so nothing is decided; STOP_RESEND_REFUSED: there is
            nothing to send again; STOP_KEY_CONFLICT.
    """
    policies = build_policies(settings)
    types = policies.select().triggers
    trigger = _admitted(read_given(data, types), policies, types)
    pipeline = load_pipeline(settings, types.pipeline)
    trigger_id = trigger.id if isinstance(trigger, Trigger) else f"REFUSED-{RandomIds().nonce()[:16]}"

    def run(attempt: int) -> Result:
        given = {"trigger_id": trigger_id, "trigger": canonical(trigger), "attempt": str(attempt)}
        go = partial(orchestrate, settings, pipeline, pipeline.id, given, mode, actor, notify)
        return _kept(settings, trigger, go) if isinstance(trigger, Trigger) else go()

    if not resend or isinstance(trigger, Refused):
        return run(1)
    attempt = _attempt_to_resend(settings, pipeline, trigger)
    result = run(attempt)
    if result.stop_code != StopCode.STOP_DECISION_REFUSED.name:
        return result
    # It was the run of the attempt before, which what people had signed has ended just now.
    return run(_attempt_to_resend(settings, pipeline, trigger))


def _admitted(trigger: Trigger | Refused, policies: Policies, types: TriggerTypes) -> Trigger | Refused:
    """The trigger, unless it names what the directory does not know: of that nothing is kept, whatever its form."""
    if isinstance(trigger, Refused):
        return trigger
    references = references_of(trigger, types)
    unknown = frozenset(references) - policies.knows(references)
    if not unknown:
        return trigger
    return Refused(Reason.REFERENCE_UNKNOWN, where=fields_that_name(trigger, types, unknown)[0])


def _kept(settings: Settings, trigger: Trigger, run: Callable[[], Result]) -> Result:
    """Keep the trigger's text while its run goes; what was kept under its id stays where that was another trigger."""
    path = settings.workspace / trigger_file(trigger.id)
    private_folder(path.parent, settings.workspace)
    before = None
    with suppress(FileNotFoundError):
        before = read_plain(path, _LARGEST_TEXT)
    write_atomic(path, canonical(trigger).encode() + b"\n")
    result = run()
    if result.stop_code == StopCode.STOP_KEY_CONFLICT.name and before is not None:
        write_atomic(path, before)
    return result


def _attempt_to_resend(settings: Settings, pipeline: Pipeline, trigger: Trigger) -> int:
    with opened(settings, reach_database(settings), Mode.LIVE, "resend") as look:
        assert isinstance(look, Committing)  # noqa: S101  what LIVE opens
        return attempt_to_resend(look, pipeline, canonical(trigger), trigger.id)
