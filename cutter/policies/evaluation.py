"""One decision, from everything that it rests on to the document that records it.

Source: issue 7, rules 1, 2 and 4.
"""

from collections.abc import Collection

from cutter.policies.decision import Decision, Reason
from cutter.policies.domain import FieldValue, Trigger
from cutter.policies.index import Index
from cutter.policies.outcome import denied, record
from cutter.policies.policy import Selection
from cutter.policies.preparation import reads_of_selection


def decide(
    selection: Selection,
    trigger: Trigger,
    answers: tuple[FieldValue, ...],
    used_up: frozenset[str],
    unknown_references: Collection[str] = (),
) -> Decision:
    """What a selection decides on a trigger.

    Args:
        selection: what `selection.yaml` names.
        trigger: as `read_envelope` or `read_canonical` gave it.
        answers: the columns that the views of its type answered, without those that are NULL.
        used_up: ids of the policies whose pace is used up at the trigger's `as_of`.
        unknown_references: those of `references_of` that the directory does not know; any at all denies.
    """
    if unknown_references:
        return refused(Reason.REFERENCE_UNKNOWN, selection)
    return Index(selection).decide(trigger, answers, used_up)


def refused(reason: Reason, selection: Selection | None) -> Decision:
    """The denial of what was not evaluated: nothing of the trigger is in it.

    Args:
        reason: why.
        selection: what was selected, when it could be read.
    """
    return record(denied(reason), None, (), () if selection is None else (reads_of_selection(selection),))
