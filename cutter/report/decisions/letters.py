"""The text that a decision leads to, as its recipient would read it: the template's words with the trigger's values.

Rules kept here: pure; a text that cannot be made is told as none, never in part.

Source: issue 7, rule 6; command-line.md §4 (An approval must not be blind).
"""

from collections.abc import Sequence
from contextlib import suppress

from cutter.policies.decision import Decision
from cutter.policies.domain import Trigger
from cutter.policies.policy import Template
from cutter.policies.rendering import Rendered, Unrenderable, find_template, render


def letter_of(decision: Decision, templates: Sequence[Template]) -> Rendered | None:
    """The text; None where nothing is to be said, or the very version of the template is not among these.

    Args:
        decision: what was decided.
        templates: those that are selected.
    """
    action = decision.action
    template = find_template(action, templates) if action is not None else None
    if action is None or template is None:
        return None
    with suppress(Unrenderable):
        return render(
            template, action, Trigger(decision.trigger, decision.trigger_type, decision.as_of, decision.fields)
        )
    return None
