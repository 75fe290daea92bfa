"""What an exception can show to whoever prints it, with the variables of every frame that it passed."""

import traceback
from collections.abc import Iterator, Mapping


def shown(error: BaseException) -> Iterator[str]:
    """Everything that an exception holds: its words, its causes and contexts, its frames with their variables."""
    seen: set[int] = set()
    left: list[BaseException | None] = [error]
    while left:
        raised = left.pop()
        if raised is None or id(raised) in seen:
            continue
        seen.add(id(raised))
        left += [raised.__cause__, raised.__context__]
        yield f"{raised} {raised!r} {raised.args} {vars(raised)}"
        for frame, _ in traceback.walk_tb(raised.__traceback__):
            if "/cutter/" in frame.f_code.co_filename:
                yield from visible(frame.f_locals)


def visible(variables: Mapping[str, object]) -> Iterator[str]:
    """The variables of a frame, and one level of what is in them."""
    for name, value in variables.items():
        yield f"{name}={value!r}"
        yield from (f"{name}.{key}={held!r}" for key, held in getattr(value, "__dict__", {}).items())
