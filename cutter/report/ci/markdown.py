"""A run as Markdown: for a step summary, a merge request's comment, a file beside the build.

Rules kept here: the stop code and the plan's digest come first; text of foreign origin stands in fenced blocks only,
each fence longer than any run of its character in the text, so that nothing in it is markup; where room is short, whole
lines are left out from the middle, and it is said how many and where all of it is. The commands at the end stay.

Source: issue 6, part 7; CommonMark 0.31, "Fenced code blocks".
"""

import re
from bisect import bisect_left
from collections.abc import Iterator, Sequence

from cutter.messages import _, number
from cutter.report.human import result_lines
from cutter.report.result import Result
from cutter.report.visible import visible

_FENCE = 3  # characters of the shortest fence
_CODE = re.compile(r"[A-Za-z0-9_.:/@+-]*")  # what an id of cutter's own is made of


def markdown_report(result: Result, *, limit: int = 0, whole: str = "") -> str:
    """The report.

    Args:
        result: of the run.
        limit: at most so many bytes of UTF-8; 0 for no limit. Less than what is said in any case is not kept.
        whole: where the whole report is, told when lines are left out: a path or a command.
    """
    facts = "".join(f"{line}\n" for line in _facts(result))
    screen = [visible(str(line), compose=False) for line in result_lines(result)]
    text = _joined(facts, screen, "")
    if not limit or _size(text) <= limit:
        return text
    end = len(screen) - len(result.next)

    def cut(left_out: int) -> str:
        shown = [*screen[: end - left_out], "…", *screen[end:]]
        return _joined(facts, shown, _left_out(left_out, whole))

    needed = bisect_left(range(1, end), True, key=lambda left_out: _size(cut(left_out)) <= limit) + 1
    return cut(needed) if needed < end else _joined(facts, [], _left_out(len(screen), whole))


def fenced(lines: Sequence[str], kind: str = "text") -> str:
    """Lines as they are, whatever is in them."""
    longest = max((len(run) for line in lines for run in re.findall(r"`+", line)), default=0)
    fence = "`" * max(_FENCE, longest + 1)
    return "\n".join((f"{fence}{kind}", *lines, fence))


def _facts(result: Result) -> Iterator[str]:
    """What is said first: all of it is cutter's own, and short."""
    yield f"### cutter: {_code(result.stop_code or result.status.value)}"
    yield ""
    if result.stop_code:
        yield f"- {_('stop code')}: {_code(result.stop_code)}"
    yield f"- {_('plan digest')}: {_code(result.plan_digest or '')}"
    yield f"- {_('exit status')}: {_code(str(result.exit_code))}"
    yield f"- {_('run')}: {_code(result.run_id)}"
    yield f"- {_('mode')}: {_code(result.mode.value)}"
    yield f"- {_('effect')}: {_code(result.effect.value)}"
    yield ""


def _code(value: str) -> str:
    """An id as code; what is none is not shown here, it stands on the screen below."""
    return f"`{value}`" if value and _CODE.fullmatch(value) else _("none")


def _left_out(lines: int, whole: str) -> str:
    told = _("{count} lines are left out here, because a summary has little room.", count=number(lines))
    return "\n".join((told, _("All of it:"), "", fenced([visible(whole, compose=False)])) if whole else (told,))


def _joined(facts: str, screen: Sequence[str], left_out: str) -> str:
    parts = [facts, *([fenced(screen), ""] if screen else []), *([left_out, ""] if left_out else [])]
    return "\n".join(parts)


def _size(text: str) -> int:
    return len(text.encode("utf-8", "surrogatepass"))
