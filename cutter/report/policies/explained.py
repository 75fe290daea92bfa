"""Why a trigger is decided as it is (`cutter.policies-explained/1`): by which rule, why not by others, what alters it.

Rules kept here: at most twenty lines; of the trigger only names of fields are told, never what they say; a change is
told by the bounds of the field's domain.

Source: policies.md §3.7.
"""

from collections.abc import Iterator, Sequence

import msgspec

from cutter.messages import Countable, _, counted
from cutter.policies.analysis.explanation import Nearest, Obstacle, RuleLine, RuleState
from cutter.policies.policy import Verdict
from cutter.report.lines import block, blocks, head, next_lines
from cutter.report.paragraphs import Line, broken, screen_width
from cutter.report.policies.words import part_phrase, rule_name
from cutter.report.result import NextStep
from cutter.report.visible import visible

MOST_LINES = 20


class PolicyExplanation(msgspec.Struct, frozen=True, kw_only=True):
    """An explanation: names, reasons and bounds of domains, nothing of what the trigger says.

    `rule` is `POLICY/RULE`, empty where none decides; `trigger` is empty where the type is not recognised; `searched`
    is false where the nearest change would be too much to look for; `left_out` counts the rules that are not told.
    `unasked` are the columns of views for which no answer was given, each with what it may answer; a run asks them.
    `assumed` are the fields whose references are taken to be known to the directory. Of a trigger that is refused
    `where` is the field, the part of its form or `file:line:column`, `case` which case, `needed` what is accepted.
    """

    format: str = "cutter.policies-explained/1"
    trigger: str
    decision: Verdict
    rule: str
    reason: str
    uncertain: tuple[str, ...]
    rules: tuple[RuleLine, ...]
    left_out: int
    nearest: Nearest | None
    searched: bool
    unasked: tuple[str, ...] = ()
    assumed: tuple[str, ...] = ()
    where: str = ""
    case: str = ""
    needed: str = ""
    next: tuple[NextStep, ...]


def explained_lines(found: PolicyExplanation) -> Iterator[str]:
    """The screen: at most twenty lines as they are shown, the rules that matter most first."""
    before = tuple(_decided(found))
    after = (*_nearest(found), *next_lines(found.next))
    room = MOST_LINES - _height(before) - _height(after)
    yield from before
    yield from _rules(found.rules, found.left_out, room)
    yield from after


def _decided(found: PolicyExplanation) -> Iterator[str]:
    if found.unasked:
        yield Line(_("Views are not asked here, and a run asks them. Taken to be missing:"), 2)
        yield from (Line(f"  --answer {visible(answer)}", 4) for answer in found.unasked)
    yield head(_state(found.decision), (found.trigger, found.reason))
    yield block(_("By"), found.rule or _("no rule"))
    if found.uncertain:
        yield block(_("Unclear"), ", ".join(found.uncertain))
    if found.assumed:
        yield block(
            _("Assumed"), _("the directory, which is not asked here, knows {fields}", fields=", ".join(found.assumed))
        )
    for name, said in ((_("Where"), found.where), (_("Case"), found.case), (_("Needed"), found.needed)):
        if said:
            yield block(name, visible(said))


def _state(decision: Verdict) -> str:
    match decision:
        case Verdict.ALLOW:
            return _("ALLOWED")
        case Verdict.ESCALATE:
            return _("ESCALATED")
        case Verdict.DENY:
            return _("DENIED")


def _rules(rules: Sequence[RuleLine], left_out: int, room: int) -> tuple[Line, ...]:
    """As many rules as there is room for, and how many there are more."""
    for shown in range(len(rules), -1, -1):
        more = left_out + len(rules) - shown
        told = [_rule(rule) for rule in rules[:shown]]
        if more:
            told.append(counted(more, Countable("and {count} rule more|and {count} rules more")))
        lines = tuple(blocks(_("Rules"), told))
        if _height(lines) <= room:
            return lines
    return ()


def _height(lines: Sequence[str]) -> int:
    cells = screen_width()
    return sum(1 for line in lines for _part in broken(line, cells))


def _rule(line: RuleLine) -> str:
    stands = f"{rule_name(line.policy, line.rule)} {line.verdict.value}"
    if line.state is RuleState.YES:
        return f"{stands}: {_('holds')}"
    return f"{stands}: {_obstacle(line)}"


def _obstacle(line: RuleLine) -> str:
    needed = part_phrase(line.needed) if line.needed is not None else line.field
    match line.obstacle:
        case Obstacle.MISSING:
            return _("unclear, {field} is missing", field=line.field)
        case Obstacle.OUTSIDE:
            return _("unclear, {field} is outside its domain", field=line.field)
        case _:
            return _("fails at {needed}", needed=needed)


def _nearest(found: PolicyExplanation) -> Iterator[Line]:
    nearest = found.nearest
    if nearest is not None:
        changes = ", ".join(part_phrase(part) for part in nearest.parts)
        decided = (nearest.verdict.value, rule_name(nearest.policy, nearest.rule), nearest.reason)
        yield block(_("Change"), f"{changes} → {' · '.join(part for part in decided if part)}")
    elif found.rules:
        none = _("no change of fields alters this")
        yield block(_("Change"), none if found.searched else _("too much to look for"))
