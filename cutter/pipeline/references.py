"""References: `${{ inputs.NAME }}` and `${{ phases.PHASE.FIELD }}`, read and resolved.

Rules kept here: a reference is a whole scalar, never a part of a longer text, so nothing is ever formatted into SQL, a
path or a name.

Source: DESIGN §5.
"""

import re
from collections.abc import Mapping
from typing import Any, assert_never

from cutter.model import Binding, InputReference, Inputs, Literal, OutcomeReference

_NAME = "[a-z][a-z0-9_]*"
_REFERENCE = re.compile(
    rf"\$\{{\{{ *(?:inputs\.(?P<input>{_NAME})|phases\.(?P<phase>{_NAME})\.(?P<field>{_NAME})) *\}}\}}"
)


def parse_binding(value: str | int | bool | None) -> Binding | None:
    """What a scalar of the file means: a literal, or a reference; None when `${{` stands in it in another way."""
    if not isinstance(value, str) or "${{" not in value:
        return Literal(value)
    match = _REFERENCE.fullmatch(value)
    if match is None:
        return None
    if match["input"]:
        return InputReference(match["input"])
    return OutcomeReference(match["phase"], match["field"])


def resolve(binding: Binding, inputs: Inputs, outcomes: Mapping[str, Mapping[str, Any]]) -> Any:
    """The value of a binding in a run.

    Args:
        binding: from the pipeline.
        inputs: of the run.
        outcomes: those of the phases so far, by phase.

    Raises:
        KeyError: the phase has no outcome yet.
    """
    match binding:
        case Literal(value=value):
            return value
        case InputReference(name=name):
            return inputs.get(name)
        case OutcomeReference(phase=phase, field=field):
            return outcomes[phase][field]
        case _ as never:
            assert_never(never)


def braced(phrase: str) -> tuple[str, ...]:
    """The input names that stand in braces in a phrase."""
    return tuple(re.findall(r"\{([^{}]*)\}", phrase))


def is_unbalanced(phrase: str) -> bool:
    """Whether a brace of a phrase stands outside `{NAME}`: such a phrase cannot be filled in."""
    return bool(re.search(r"[{}]", re.sub(r"\{[^{}]*\}", "", phrase)))
