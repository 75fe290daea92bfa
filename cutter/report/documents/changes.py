"""The screen of a comparison by address: what came, went, reads otherwise, or only has another number.

Rules kept here: the counts come first; a change of the text shows both sides near the first place where they part.

Source: issue 5, part 6.
"""

from collections.abc import Iterator, Sequence

from cutter.cutting.compare import Change, ChangeKind, Difference
from cutter.messages import _, number
from cutter.report.documents.results import DiffReport, DocumentCut
from cutter.report.lines import block, next_lines
from cutter.report.next_steps import command
from cutter.report.result import NextStep
from cutter.report.visible import visible

# Changes that a screen shows before it counts the others.
MOST_SHOWN = 100
_BEFORE = 24
_SHOWN = 96


def diff_lines(
    report: DiffReport, documents: tuple[DocumentCut, DocumentCut], changes: Sequence[Change], *, everything: bool
) -> Iterator[str]:
    """The comparison.

    Args:
        report: its counts.
        documents: both sides, for their names.
        changes: in the order in which they are told.
        everything: all of them; else the first hundred.
    """
    before, after = documents
    state = _("DIFFERENT") if report.exit_code else _("EQUAL")
    yield f"{state}  {visible(before.name)} → {visible(after.name)}" + (
        f" · {_('exit {status}', status=report.exit_code)}" if report.exit_code else ""
    )
    yield block(_("Units"), " · ".join(_counts(report)))
    if report.before.profile != report.after.profile:
        yield block(_("Note"), _("cut with two profiles: {one} and {other}", one=report.before.profile,
                                 other=report.after.profile))  # fmt: skip
    shown = changes if everything else changes[:MOST_SHOWN]
    for each in shown:
        yield from _change(each)
    if len(shown) < len(changes):
        more = _("{count} more changes", count=number(len(changes) - len(shown)))
        yield f"  … {more}"
    yield from next_lines(tuple(_after(documents, shown, len(changes))))


def _counts(report: DiffReport) -> Iterator[str]:
    counts = report.counts
    yield _("{count} added", count=number(counts.added))
    yield _("{count} removed", count=number(counts.removed))
    yield _("{count} changed", count=number(counts.changed))
    yield _("{count} renumbered", count=number(counts.renumbered))
    yield _("{count} unchanged", count=number(counts.unchanged))


def _change(change: Change) -> Iterator[str]:
    old, new = (_place(unit.address) if unit else "" for unit in (change.before, change.after))
    lines = " → ".join(dict.fromkeys(str(unit.line) for unit in (change.before, change.after) if unit))
    address = new if old in ("", new) else old if not new else f"{old} → {new}"
    said = f"  {_difference(change.difference)}" if change.difference else ""
    yield f"  {_kind(change.kind):<10}  {address}  {_('line {line}', line=lines)}{said}"
    if change.difference is Difference.TEXT and change.before and change.after:
        removed, added = _parted(change.before.body, change.after.body)
        yield f"    - {removed}"
        yield f"    + {added}"


def _place(address: str) -> str:
    return visible(address.partition("/")[2])


def _kind(kind: ChangeKind) -> str:
    match kind:
        case ChangeKind.ADDED:
            return _("added")
        case ChangeKind.REMOVED:
            return _("removed")
        case ChangeKind.CHANGED:
            return _("changed")
        case ChangeKind.RENUMBERED:
            return _("renumbered")


def _difference(difference: Difference) -> str:
    match difference:
        case Difference.TEXT:
            return _("its text")
        case Difference.HEADING:
            return _("its title")
        case Difference.NUMBER:
            return _("how its number is printed")
        case Difference.WHITE_SPACE:
            return _("white space only")


def _parted(before: str, after: str) -> tuple[str, str]:
    """Both texts from a little before the word where they part."""
    old, new = (" ".join(text.split()) for text in (before, after))
    signs = zip(old, new, strict=False)
    part = next((at for at, (one, other) in enumerate(signs) if one != other), min(len(old), len(new)))
    start = max(0, old.rfind(" ", 0, max(0, old.rfind(" ", 0, part) - _BEFORE)))
    return _excerpt(old, start), _excerpt(new, start)


def _excerpt(text: str, start: int) -> str:
    end = start + _SHOWN
    shown = visible(text[start:end]).strip()
    return f"{'… ' if start else ''}{shown}{' …' if end < len(text) else ''}"


def _after(documents: tuple[DocumentCut, DocumentCut], shown: Sequence[Change], total: int) -> Iterator[NextStep]:
    before, after = documents
    if len(shown) < total:
        yield NextStep(_("all"), command("documents", "diff", before.name, after.name, "--all"))
    changed = next((each.after for each in shown if each.after is not None), None)
    if changed is not None and after.version is not None:
        version = ("--version", after.facts.version) if "@" in after.name else ()
        words = ("documents", "show", after.cut.document_id, changed.address.partition("/")[2])
        yield NextStep(_("look"), command(*words, *version))
    elif after.version is None:
        yield NextStep(_("look"), command("documents", "cut", after.name))
    else:
        yield NextStep(_("look"), command("documents", "show", after.cut.document_id))
