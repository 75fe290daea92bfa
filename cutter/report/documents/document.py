"""The screens of whole documents: one that was registered, a file that was cut, a registered one, and a line explained.

Source: issue 5, parts 0, 1, 6; command-line.md §1 row 1.
"""

from collections.abc import Iterator

from cutter.contracts import CatalogVersion
from cutter.cutting import Rank
from cutter.cutting.explanation import Verdict
from cutter.cutting.shadow import read_text
from cutter.messages import _, language, number
from cutter.report.documents.doubts import MOST_SHOWN, doubt_lines, summary
from cutter.report.documents.results import (
    AddedDocument,
    ChosenProfile,
    DocumentCut,
    ExportReport,
    LineReport,
    OriginalRead,
    by_code,
    counts_of,
)
from cutter.report.documents.tree import tree_lines
from cutter.report.documents.words import count_words, remark_words, verdict_meaning
from cutter.report.lines import block, blocks, next_lines
from cutter.report.next_steps import command
from cutter.report.result import NextStep
from cutter.report.visible import visible

_LONGEST_LINE = 200


def added_lines(added: AddedDocument) -> Iterator[str]:
    """A document that was registered."""
    version = added.version
    name = f"{version.document_id}, {_('version {version}', version=version.version)}, {status_word(version.status)}"
    yield f"{_('DONE')}  {visible(name)}"
    yield f"  {_('sha256')}   {version.text_sha256}"
    yield from _source_lines(version)
    yield from profile_lines(added.profile)
    yield from original_lines(added.original)
    shown = NextStep(_("look"), command("documents", "show", version.document_id))
    yield from next_lines((shown, NextStep(_("rehearse"), command("orchestrate", "cut", version.document_id))))


def cut_lines(found: DocumentCut, *, everything: bool) -> Iterator[str]:
    """A file that was cut and not registered."""
    size = _byte_count(found.cut.size)
    yield f"{_('CUT')}  {visible(found.name)} · {size} · {_('nothing was kept')}"
    yield from _body(found, everything=everything)
    document_id = found.cut.document_id
    words = ("documents", "add", found.name, "--document-id", document_id)
    named = ("--profile", found.profile.id) if found.chosen.by == "named" else ()
    yield from next_lines((NextStep(_("register"), command(*words, *named)),))


def show_lines(found: DocumentCut, *, everything: bool, only_doubts: bool) -> Iterator[str]:
    """A version of a registered document: its tree with counts and doubts, or all its doubts."""
    yield _head(found)
    if only_doubts:
        yield summary(found.cut.doubts)
        yield from doubt_lines(found.cut.doubts, found.source, everything=True)
    else:
        yield from _body(found, everything=everything)
    yield from next_lines(tuple(_after_show(found, only_doubts=only_doubts or everything)))


def explained_lines(found: DocumentCut, report: LineReport) -> Iterator[str]:
    """Why a line was taken as a heading, or was not."""
    taken = report.verdict in (Verdict.HEADING, Verdict.QUOTED)
    yield f"{_('TAKEN') if taken else _('NOT TAKEN')}  {visible(found.name, compose=False)}:{report.line}"
    line = visible(read_text(found.source).line(report.line - 1).rstrip("\r\n"))
    yield block(_("Line"), line if len(line) <= _LONGEST_LINE else f"{line[:_LONGEST_LINE]}…")
    yield block(_("Why"), verdict_meaning(report.verdict))
    if report.levels:
        yield block(_("Like"), _("headings of: {levels}", levels=", ".join(report.levels)))
    if report.numbers:
        yield block(_("Read as"), visible(" · ".join(report.numbers)))
    yield block(_("Belongs"), visible(report.unit))
    yield from blocks(_("Doubts"), (visible(doubt) for doubt in report.doubts))
    yield block(_("Profile"), _profile(report.profile))
    shown = command("documents", "profiles", report.profile.id)
    yield from next_lines((NextStep(_("levels"), shown),))


def exported_lines(report: ExportReport) -> Iterator[str]:
    """A document that was exported into a file."""
    name = f"{report.document_id} · {_('version {version}', version=report.version)} · {report.form}"
    yield f"{_('DONE')}  {visible(name)} → {visible(report.path, compose=False)}"
    units = _("1 unit") if report.units == 1 else _("{count} units", count=number(report.units))
    yield block(_("Written"), f"{units}, {_byte_count(report.size)}, sha256:{report.sha256}")


def status_word(status: str) -> str:
    """Whether a version is in force, as people say it."""
    return _("enacted") if status == "enacted" else _("draft")


def profile_lines(chosen: ChosenProfile) -> Iterator[str]:
    """The profile of a cut, and its evidence."""
    yield block(_("Profile"), _profile(chosen))
    for each in chosen.evidence:
        lines = _("1 line begins like") if each.found == 1 else _("{count} lines begin like", count=number(each.found))
        yield block("", f"{lines}  {visible(each.lines)}  {_('(needed: {count})', count=number(each.at_least))}")


def original_lines(original: OriginalRead | None) -> Iterator[str]:
    """The page or Word document that a text was read from, and what of it is not in the text as it stood."""
    if original is None:
        return
    yield block(_("Read"), _("from {kind}, sha256:{digest}", kind=original.kind, digest=original.sha256))
    for remark in original.remarks:
        yield block("", remark_words(remark.code, remark.count))


def _source_lines(version: CatalogVersion | None) -> Iterator[str]:
    """Where a version was taken from, where the index states it."""
    if version is not None and version.source_uri:
        yield block(_("from"), visible(version.source_uri, compose=False))


def _head(found: DocumentCut) -> str:
    """The first line of a registered document: its state, id, title and version."""
    version = found.version
    state = _("ENACTED") if version is not None and version.status == "enacted" else _("DRAFT")
    named = _("version {version}", version=found.facts.version)
    return f"{state}  {found.cut.document_id} · {visible(found.facts.title)} · {named} · {_byte_count(found.cut.size)}"


def _body(found: DocumentCut, *, everything: bool) -> Iterator[str]:
    yield from profile_lines(found.chosen)
    yield from original_lines(found.original)
    yield block(_("Text"), f"sha256:{found.sha256}")
    yield from _source_lines(found.version)
    yield block(_("Cut"), count_words(found.profile, counts_of(found.cut)))
    yield summary(found.cut.doubts)
    yield ""
    yield from tree_lines(found.cut, found.profile, everything=everything)
    yield ""
    yield from doubt_lines(found.cut.doubts, found.source, everything=everything)


def _after_show(found: DocumentCut, *, only_doubts: bool) -> Iterator[NextStep]:
    document_id = found.cut.document_id
    named = ("--version", found.facts.version) if "@" in found.name else ()
    if not only_doubts and any(len(each) > MOST_SHOWN for _code, each in by_code(found.cut.doubts)):
        yield NextStep(_("doubts"), command("documents", "show", document_id, "--doubts", *named))
    unit = next((unit for unit in found.cut.units if unit.rank is Rank.BASIC), None)
    if unit is not None:
        address = unit.short_address.partition("/")[2]
        yield NextStep(_("one unit"), command("documents", "show", document_id, address, *named))
    yield NextStep(_("rehearse"), command("orchestrate", "cut", document_id))


def _profile(chosen: ChosenProfile) -> str:
    return f"{chosen.id}  {visible(title_of(chosen.title))}  ({_chosen_by(chosen)})"


def _chosen_by(chosen: ChosenProfile) -> str:
    match chosen.by:
        case "named":
            return _("named by you")
        case "index":
            return _("named in the index")
        case "recognised":
            return _("recognised")


def title_of(titles: dict[str, str]) -> str:
    """A title in the language of the process, else in English, else in any."""
    return titles.get(language()) or titles.get("en") or next(iter(titles.values()), "")


def _byte_count(size: int) -> str:
    return _("1 byte") if size == 1 else _("{count} bytes", count=number(size))
