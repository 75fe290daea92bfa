"""The inputs of one run: what the caller gave, checked against what the pipeline declares.

Rules kept here: a value that was refused is never shown; a pattern matches the whole value.

Source: DESIGN §5 (`inputs`).
"""

import re
from collections.abc import Mapping

from cutter.model import Input, Inputs, InputValue, Pipeline
from cutter.stops import Stop, StopCode

LONGEST_VALUE = 4096  # characters


def parse_inputs(pipeline: Pipeline, given: Mapping[str, str | None]) -> Inputs:
    """Check the inputs of a run.

    Args:
        pipeline: what declares them.
        given: values by name; None or absent where the caller gave none.

    Raises:
        Stop: STOP_INVALID_INPUT with the input's name (`where`), detail `missing`, `unknown`, `pattern`, `enum`,
            `format` or `characters`.
    """
    declared = {item.name for item in pipeline.inputs}
    for name, value in given.items():
        if name not in declared and value is not None:
            raise Stop(StopCode.STOP_INVALID_INPUT, detail="unknown", where=name, needed=", ".join(sorted(declared)))
    return Inputs(tuple(InputValue(item.name, _value(item, given.get(item.name))) for item in pipeline.inputs))


def _value(declared: Input, given: str | None) -> str | None:
    if given is None:
        if declared.required and declared.default is None:
            raise Stop(StopCode.STOP_INVALID_INPUT, detail="missing", where=declared.name)
        return declared.default
    if len(given) > LONGEST_VALUE or not given.isprintable():
        raise _refused(declared, "characters", f"printable text of at most {LONGEST_VALUE} characters")
    if declared.enum and given not in declared.enum:
        raise _refused(declared, "enum", ", ".join(declared.enum))
    if declared.pattern is not None and not re.fullmatch(declared.pattern, given):
        raise _refused(declared, "pattern", declared.pattern)
    if declared.format == "uri" and not re.fullmatch(r"[a-z][a-z0-9+.-]*:\S+", given):
        raise _refused(declared, "format", "a URI such as file:text.txt")
    return given


def _refused(declared: Input, detail: str, needed: str) -> Stop:
    return Stop(StopCode.STOP_INVALID_INPUT, detail=detail, where=declared.name, needed=needed)
