"""The screens of one unit: all that is known of it with its text, and a quotation held against it.

Rules kept here: what is not known about time is said to be unknown; the text comes last before `Next`, whole, with
everything visible that could hide or move on a terminal.

Source: issue 5, parts 4–6.
"""

from collections.abc import Iterator, Sequence

from cutter.cutting.quotes import QuoteVerdict, Standing
from cutter.cutting.record import Anchor, Anchored, Lines, Range, UnitRecord, UnitTarget
from cutter.messages import _, number
from cutter.report.documents.results import FoundReference, ListedDoubt, QuoteReport, UnitReport
from cutter.report.documents.words import variation_word
from cutter.report.lines import block, blocks, next_lines
from cutter.report.next_steps import command
from cutter.report.result import NextStep
from cutter.report.visible import visible

# References of one direction that a screen shows before it counts the others.
_MOST_SHOWN = 12
# Characters of a quotation that must be found for their place to mean anything.
_LEAST_MATCHED = 3


def unit_lines(report: UnitReport, version: str | None = None) -> Iterator[str]:
    """One unit; `version` is the one that was asked for by its name."""
    unit = report.unit
    state = _("ENACTED") if unit.status.value == "enacted" else _("DRAFT")
    named = _("version {version}", version=unit.version)
    yield f"{state}  {visible(unit.address)} · {visible(unit.document_title)} · {named}"
    if unit.breadcrumb:
        yield block(_("In"), visible(" › ".join(unit.breadcrumb)))
    if unit.heading:
        yield block(_("Title"), visible(unit.heading))
    yield from blocks(_("Cited"), (f"{visible(said)}  ({style})" for style, said in report.citations.items()))
    yield from blocks(_("Named"), _names(report))
    yield from blocks(_("Place"), _places(unit))
    yield block("sha256", _("{digest} (own text)", digest=unit.sha256))
    yield block(_("Force"), _force(unit))
    yield from blocks(_("Refers"), _shown(report.references, unit.address, into=False))
    yield from blocks(_("Cited by"), _shown(report.referred_to_by, unit.address, into=True))
    yield from blocks(_("Amends"), (_target(target) for target in unit.quoted_targets))
    yield from blocks(_("Doubts"), (_doubt(doubt) for doubt in report.doubts) if report.doubts else (_("none"),))
    yield ""
    yield from _text(unit.full_text)
    yield ""
    yield from next_lines(tuple(_after(unit, version)))


def quote_lines(report: QuoteReport, version: str | None = None) -> Iterator[str]:
    """A quotation held against a unit; `version` is the one that was asked for by its name."""
    verdict = report.verdict
    state, said = _standing(verdict)
    status = f" · {_('exit {status}', status=report.exit_code)}" if report.exit_code else ""
    yield f"{state}  {visible(report.address)}{status}"
    yield block(_("Verdict"), said)
    yield from blocks(_("Differs"), (variation_word(each) for each in verdict.variations))
    if verdict.gaps:
        yield block(_("Gaps"), _("{count} left out by an ellipsis", count=number(verdict.gaps)))
    if verdict.start is not None and verdict.end is not None:
        yield block(_("Place"), _quote_place(verdict))
    yield from _parting(verdict)
    yield from blocks(_("Stands"), (visible(address) for address in verdict.elsewhere))
    yield from next_lines(tuple(_after_quote(report, version)))


def _names(report: UnitReport) -> Iterator[str]:
    unit = report.unit
    yield _("{name}  (short address)", name=visible(unit.short_address))
    if unit.address_ascii != unit.address:
        yield _("{name}  (ASCII)", name=unit.address_ascii)
    yield _("{name}  (eId)", name=visible(unit.eid or ""))
    if report.eid_short != unit.eid:
        yield _("{name}  (eId without containers)", name=visible(report.eid_short))


def _places(unit: UnitRecord) -> Iterator[str]:
    yield f"{_lines(unit.full_lines)}, {_bytes(unit.full_range)}"
    if unit.full_range != unit.own_range:
        own = f"{_lines(unit.own_lines)}, {_bytes(unit.own_range)}"
        yield _("its own text, before the first unit below it: {place}", place=own)


def _lines(lines: Lines) -> str:
    if lines.first == lines.last:
        return _("line {line}", line=lines.first)
    return _("lines {first} to {last}", first=lines.first, last=lines.last)


def _bytes(range_: Range) -> str:
    return _("bytes {start} to {end}", start=number(range_.start), end=number(range_.end))


def _force(unit: UnitRecord) -> str:
    if Anchor.UNKNOWN is unit.effective_from.anchor is unit.effective_to.anchor:
        return _("not known: the index of documents states no date")
    since, until = _date(unit.effective_from), _date(unit.effective_to)
    return _("from {since}, until {until}", since=since, until=until)


def _date(date: Anchored) -> str:
    match date.anchor:
        case Anchor.EXACT:
            return date.value or ""
        case Anchor.LOWER_BOUND:
            return _("not before {date}", date=date.value)
        case Anchor.UNKNOWN:
            return _("unknown")


def _shown(references: Sequence[FoundReference], around: str, *, into: bool) -> Iterator[str]:
    for each in references[:_MOST_SHOWN]:
        place = _("line {line}, column {column}", line=each.line, column=each.column)
        yield f"{_from(each) if into else _to(each)}  ({place})"
    if len(references) > _MOST_SHOWN:
        yield _("and {count} more", count=number(len(references) - _MOST_SHOWN))


def _from(reference: FoundReference) -> str:
    return visible(reference.address.partition("/")[2])


def _to(reference: FoundReference) -> str:
    """What a reference means: units of this document, another document, or nothing that was found."""
    found = ", ".join(visible(target.partition("/")[2]) for target in reference.targets[:_MOST_SHOWN])
    if len(reference.targets) > _MOST_SHOWN:
        found += f", … ({number(len(reference.targets))})"
    if reference.reason == "external":
        return _("another document")
    if reference.missing:
        missing = _("not found: {names}", names=visible(", ".join(reference.missing)))
        return f"{found}; {missing}" if found else missing
    return found


def _target(target: UnitTarget) -> str:
    what = visible(", ".join((*target.targets, *target.titles))) or _("unknown")
    beside = f" ({_('beside {address}', address=visible(target.beside))})" if target.beside else ""
    quoted = "".join(f" · {visible(address.rpartition('/')[2])}" for address in target.quotations)
    return f"{target.kind.value} {what}{beside}{quoted}"


def _doubt(doubt: ListedDoubt) -> str:
    return f"{doubt.line}:{doubt.column}  {doubt.code.value}  {visible(doubt.detail)}"


def _text(text: str) -> Iterator[str]:
    for line in text.replace("\r\n", "\n").replace("\r", "\n").rstrip("\n").split("\n"):
        yield f"  | {visible(line.replace(chr(9), '    '))}".rstrip()


def _after(unit: UnitRecord, version: str | None) -> Iterator[NextStep]:
    if unit.ancestors:
        yield NextStep(_("around"), _on_unit("show", unit.document_id, unit.ancestors[-1], version))
    yield NextStep(_("cite"), _on_unit("cite", unit.document_id, unit.short_address, version))


def _on_unit(verb: str, document_id: str, address: str, version: str | None) -> str:
    named = ("--version", version) if version is not None else ()
    return command("documents", verb, document_id, address.partition("/")[2], *named)


def _standing(verdict: QuoteVerdict) -> tuple[str, str]:
    match verdict.standing:
        case Standing.EXACT:
            return _("EXACT"), _("the quotation stands there word for word, byte for byte")
        case Standing.EQUAL:
            return _("EQUAL"), _("the quotation stands there but for what is named here")
        case Standing.DIFFERENT:
            return _("DIFFERENT"), _("the quotation does not stand there as it is written")


def _quote_place(verdict: QuoteVerdict) -> str:
    place = _("line {line}, column {column}", line=verdict.line, column=verdict.column)
    return f"{place}, {_bytes(Range(verdict.start or 0, verdict.end or 0))}"


def _parting(verdict: QuoteVerdict) -> Iterator[str]:
    parting = verdict.parting
    if parting is None:
        return
    place = _("line {line}, column {column}", line=parting.line, column=parting.column)
    if parting.matched >= _LEAST_MATCHED:
        signs = _("the first {count} characters stand there; they part at {place}", count=number(parting.matched),
                  place=place)  # fmt: skip
        yield block(_("Parts"), signs)
    else:
        yield block(_("Parts"), _("not even its first word stands there"))
    yield block(_("Quoted"), visible(parting.expected))
    if parting.matched >= _LEAST_MATCHED:
        yield block(_("Printed"), visible(" ".join(parting.found.split())))


def _after_quote(report: QuoteReport, version: str | None) -> Iterator[NextStep]:
    yield NextStep(_("unit"), _on_unit("show", report.document_id, report.address, version))
    for address in report.verdict.elsewhere[:1]:
        yield NextStep(_("there"), _on_unit("show", report.document_id, address, version))
