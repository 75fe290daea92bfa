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
from cutter.app.resumption import attempt_of, can_be_sent_again, read_start
from cutter.app.system import RandomIds
from cutter.contracts import Notify, Policies
from cutter.custody.files import private_folder, read_plain, write_atomic
from cutter.model import Mode, Pipeline
from cutter.policies.decision import Reason
from cutter.policies.domain import Trigger, TriggerTypes
from cutter.policies.envelope import Refused, canonical, read_given, references_of
from cutter.postgres.transact import Committing
from cutter.report.next_steps import trigger_file
from cutter.report.result import Result
from cutter.settings import Settings
from cutter.stops import Stop, StopCode

_MOST_ATTEMPTS = 99
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
        Stop: STOP_CONFIG_INVALID: the policies cannot be read, so nothing is decided; STOP_KEY_CONFLICT, detail
            `attempt`: there is nothing to send again.
    """
    policies = build_policies(settings)
    types = policies.select().triggers
    trigger = _admitted(read_given(data, types), policies, types)
    pipeline = load_pipeline(settings, types.pipeline)
    trigger_id = trigger.id if isinstance(trigger, Trigger) else f"REFUSED-{RandomIds().nonce()[:16]}"
    attempt = _next_attempt(settings, pipeline, trigger_id) if resend else 1
    given = {"trigger_id": trigger_id, "trigger": canonical(trigger), "attempt": str(attempt)}
    run = partial(orchestrate, settings, pipeline, pipeline.id, given, mode, actor, notify)
    return _kept(settings, trigger, run) if isinstance(trigger, Trigger) else run()


def _admitted(trigger: Trigger | Refused, policies: Policies, types: TriggerTypes) -> Trigger | Refused:
    """The trigger, unless it names what the directory does not know: of that nothing is kept, whatever its form."""
    if isinstance(trigger, Refused):
        return trigger
    references = references_of(trigger, types)
    known = policies.knows(references)
    return trigger if known.issuperset(references) else Refused(Reason.REFERENCE_UNKNOWN)


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


def _next_attempt(settings: Settings, pipeline: Pipeline, trigger_id: str) -> int:
    with opened(settings, reach_database(settings), Mode.LIVE, "resend") as look:
        assert isinstance(look, Committing)  # noqa: S101  what LIVE opens
        for row in look.find_live_runs(pipeline.id, trigger_id):
            start = read_start(look, row.run_id)
            if start is not None and can_be_sent_again(look, row.run_id):
                return min(attempt_of(start.inputs) + 1, _MOST_ATTEMPTS)
    raise Stop(StopCode.STOP_KEY_CONFLICT, detail="attempt", needed="a run whose message was declined as unknown")
