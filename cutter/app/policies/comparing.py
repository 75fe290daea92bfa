"""What two sets of policies decide differently, proved over every trigger.

Source: policies.md §3.4.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import msgspec

from cutter.app.policies.loading import Loaded, load, policies_folder, too_large
from cutter.app.policies.witnessing import keep_witness
from cutter.approval.envelope import pae
from cutter.custody.files import create_exclusive
from cutter.policies.analysis.difference import Change, difference
from cutter.policies.analysis.regions import TooLarge
from cutter.policies.policy import Verdict
from cutter.report.next_steps import command
from cutter.report.policies.difference import Consent, Newly, PolicyDifference, ShownChange, ShownSide
from cutter.report.policies.witnesses import shown_witness
from cutter.report.result import NextStep
from cutter.settings import Settings
from cutter.stops import Exit, Stop, StopCode

EXPORTED = "policies.pae"
_MOST_STEPS = 3
PAYLOAD_TYPE = "application/vnd.cutter.policy-difference.v1+json"


@dataclass(frozen=True, slots=True)
class Compared:
    """A difference, and its canonical bytes."""

    report: PolicyDifference
    body: bytes


def compare_policies(settings: Settings, old: Path, new: Path, witnesses: Path | None) -> Compared:
    """What the policies of `new` decide otherwise than those of `old`.

    Args:
        settings: the workspace.
        old: a folder of policies, or a file of a selection.
        new: another one.
        witnesses: where a witness of each change is written; None: nowhere.

    Raises:
        Stop: STOP_CONFIG_INVALID with the place, STOP_PATH_UNSAFE, STOP_DISK.
    """
    before, after = (load(policies_folder(settings, path)) for path in (old, new))
    try:
        found = difference(before.selection, after.selection)
    except TooLarge as large:
        raise too_large(large, after.place) from None
    # What a view or a template says otherwise than before may allow more or tell more, and no region shows it.
    wanted = bool(found.newly_allowed) or any(each.before and each.after for each in found.replaced)
    changes = tuple(_change(item, at, before, after, witnesses) for at, item in enumerate(found.changes, 1))
    report = PolicyDifference(
        before=ShownSide(path=str(old), sha256=before.selection.sha256),
        after=ShownSide(path=str(new), sha256=after.selection.sha256),
        changes=changes,
        replaced=found.replaced,
        difference_sha256=found.sha256,
        consent=Consent.WANTED if wanted else Consent.NOT_NEEDED,
        exit_code=int(Exit.WAITING if wanted else Exit.DONE),
        next=_steps(old, new, wanted=wanted),
    )
    return Compared(report, found.body)


def export_difference(compared: Compared, file: Path, actors: Sequence[str] = ()) -> PolicyDifference:
    """Write the exact bytes that a second person signs, for a key that is elsewhere.

    Args:
        compared: the difference.
        file: a new file.
        actors: whom `--actor` can name when the signature is judged; none: it need not be given.

    Raises:
        Stop: STOP_INVALID_INPUT, detail `file_exists`; STOP_PATH_UNSAFE, STOP_DISK.
    """
    try:
        create_exclusive(file.absolute(), pae(PAYLOAD_TYPE, compared.body), 0o644)
    except FileExistsError:
        raise Stop(StopCode.STOP_INVALID_INPUT, "file_exists", where=str(file)) from None
    report = compared.report
    if report.consent is not Consent.WANTED:
        return msgspec.structs.replace(report, exported=str(file))
    words = ("policies", "diff", report.before.path, report.after.path, "--signature", f"{file}.sig")
    named = [command(*words, "--actor", actor) for actor in actors[:_MOST_STEPS]] or [command(*words)]
    steps = tuple(NextStep("then", line) for line in named)
    return msgspec.structs.replace(report, exported=str(file), next=steps)


def _change(item: Change, number: int, before: Loaded, after: Loaded, witnesses: Path | None) -> ShownChange:
    newly = _newly(item)
    side = before if item.after is None else after
    shown = shown_witness(item.witness, side.selection)
    return ShownChange(
        newly=newly,
        trigger=item.trigger_type,
        regions=item.regions,
        before=item.before,
        after=item.after,
        witness=keep_witness(shown, witnesses, (f"{number:02d}", newly.value, item.trigger_type)),
    )


def _newly(item: Change) -> Newly:
    if item.newly_allowed:
        return Newly.ALLOWED
    was = item.before.verdict if item.before is not None else Verdict.DENY
    becomes = item.after.verdict if item.after is not None else Verdict.DENY
    if was is becomes:
        return Newly.OTHER
    return Newly.ESCALATED if becomes is Verdict.ESCALATE else Newly.DENIED


def _steps(old: Path, new: Path, *, wanted: bool) -> tuple[NextStep, ...]:
    if wanted:
        export = command("policies", "diff", str(old), str(new), "--export", EXPORTED)
        return (NextStep("to be signed", export),)
    return (NextStep("check", command("policies", "lint", str(new))),)
