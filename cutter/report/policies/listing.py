"""The screens of `cutter policies list` and `show`: what there is, and one policy with its rules.

Rules kept here: rules stand in columns where these fit, else below each other; no condition is left out or cut.
"""

from collections.abc import Iterator, Sequence

from cutter.messages import Countable, _, counted
from cutter.policies.policy import Action, Rule
from cutter.report.graph_words import span
from cutter.report.lines import block, blocks, head, next_lines, pad
from cutter.report.paragraphs import Line
from cutter.report.policies.results import PolicyList, ShownPart, ShownPolicy
from cutter.report.policies.words import condition_phrase, effective_phrase, named, title_of
from cutter.report.visible import visible, width

_GAP = "  "


def listed_rows(found: PolicyList) -> list[tuple[str, ...]]:
    """Everything of the folder, one record a line: kind, id, version, selected, state, and what it is of."""
    rows: list[tuple[str, ...]] = []
    for policy in found.policies:
        state = _state(effective_phrase(policy.effective_from, policy.effective_until), withdrawn=policy.withdrawn)
        about = f"{', '.join(policy.triggers)} · {counted(policy.rules, Countable('rule'))}"
        rows.append((_("policy"), policy.id, policy.version, _selected(selected=policy.selected), state, about))
    for view in found.views:
        state = _state("", withdrawn=view.withdrawn)
        about = ", ".join(view.columns)
        rows.append((_("view"), view.id, view.version, _selected(selected=view.selected), state, about))
    for template in found.templates:
        state = _state("", withdrawn=template.withdrawn)
        about = f"{template.operation} · {template.language}"
        rows.append((_("template"), template.id, template.version, _selected(selected=template.selected), state, about))
    for trigger in found.triggers:
        about = ", ".join((*trigger.fields, *(f"{view}.*" for view in trigger.views)))
        rows.append((_("trigger"), trigger.name, "", "", "", about))
    return rows


def page_lines(shown: ShownPolicy, cells: int) -> Iterator[str]:
    """One policy; `cells` are what a line of the table may take."""
    selected = _("selected") if shown.selected else _("not selected")
    name = named(shown.id, shown.version)
    yield head(_("POLICY"), (name, visible(title_of(shown.title)), selected, state_word(shown.state)))
    yield block(_("Counts"), effective_phrase(shown.effective_from, shown.effective_until))
    yield block(_("On"), ", ".join(shown.triggers))
    yield block(_("Limit"), _pace(shown))
    yield block(_("Else"), _("denied, and the gaps are meant") if shown.otherwise_deny else _("denied"))
    yield str(block(_("Digest"), f"sha256:{shown.sha256}"))
    yield str(block(_("File"), visible(shown.path, compose=False)))
    if shown.other_versions:
        yield block(_("Others"), ", ".join(shown.other_versions))
    yield ""
    yield from rule_lines(shown.rules, cells)
    yield ""
    yield from next_lines(shown.next)


def part_lines(shown: ShownPart) -> Iterator[str]:
    """A view, a template or a trigger type: what its fields say, who uses it, and its text."""
    selected = "" if shown.kind == "trigger" else _("selected") if shown.selected else _("not selected")
    words = {"view": _("VIEW"), "template": _("TEMPLATE"), "trigger": _("TRIGGER")}
    name = named(shown.id, shown.version) if shown.version else shown.id
    yield head(words[shown.kind], (name, selected, _("withdrawn") if shown.withdrawn else ""))
    if shown.from_trigger:
        yield block(_("From"), ", ".join(shown.from_trigger))
    yield from blocks(_("Says"), [f"{field}: {said}" for field, said in shown.says.items()])
    yield block(_("Used by"), ", ".join(shown.used_by) or _("none"))
    if shown.sha256:
        yield str(block(_("Digest"), f"sha256:{shown.sha256}"))
    yield str(block(_("File"), visible(shown.path, compose=False)))
    if shown.text:
        yield ""
        yield from (f"{_GAP}{visible(line)}".rstrip() for line in shown.text.splitlines())
        yield ""
    yield from next_lines(shown.next)


def rule_lines(rules: Sequence[Rule], cells: int) -> Iterator[str]:
    """The rules: each with its conditions and what it leads to, in columns where they fit."""
    columns = [_cells(rule) for rule in rules]
    heads = ([_("RULE")], [_("DECISION")], [_("REASON")], [_("WHEN")])
    rows = [heads, *columns]
    widths = [max(width(line) for row in rows for line in row[place]) for place in range(len(heads))]
    if sum(widths) + len(_GAP) * len(widths) > cells:
        yield from _below(rules)
        return
    for row in rows:
        for place in range(max(map(len, row))):
            parts = [cell[place] if place < len(cell) else "" for cell in row]
            yield (_GAP + _GAP.join(pad(part, wide) for part, wide in zip(parts, widths, strict=True))).rstrip()


def state_word(state: str) -> str:
    """How a policy stands at a moment."""
    words = {
        "effective": _("effective now"),
        "not_yet": _("not effective yet"),
        "ended": _("effective no longer"),
        "withdrawn": _("withdrawn"),
    }
    return words.get(state, state)


def _cells(rule: Rule) -> tuple[list[str], ...]:
    conditions = [condition_phrase(condition) for condition in rule.when] or [_("always")]
    return [rule.id], [rule.verdict.value], [rule.reason], [*conditions, *_action(rule.action)]


def _below(rules: Sequence[Rule]) -> Iterator[str]:
    for rule in rules:
        yield Line(f"{_GAP}{rule.id}  {rule.verdict.value} · {rule.reason}", len(_GAP) * 3)
        yield from (Line(f"{_GAP * 3}{phrase}", len(_GAP) * 4) for phrase in _cells(rule)[3])


def _action(action: Action | None) -> Iterator[str]:
    if action is None:
        return
    yield f"→ {action.operation}"
    template = named(action.template, action.template_version)
    yield f"  {_('{template} to {field}', template=template, field=action.recipient)}"
    yield from (f"  {slot.name} ← {slot.field}" for slot in action.slots)


def _pace(shown: ShownPolicy) -> str:
    if not shown.pace_within:
        return _("none")
    effects = Countable("at most {count} effect|at most {count} effects")
    return _("{effects} within {span}", effects=counted(shown.pace_at_most, effects), span=span(shown.pace_within))


def _selected(*, selected: bool) -> str:
    return _("yes") if selected else _("no")


def _state(otherwise: str, *, withdrawn: bool) -> str:
    return _("withdrawn") if withdrawn else otherwise
