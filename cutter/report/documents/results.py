"""What the commands about documents answer: the values that screens are made of, and their JSON documents.

Rules kept here: places are lines and columns from 1 and byte offsets into the source; a JSON document has a `format`,
whose keys are never taken away; text of a document stands only where a docstring says so.

Source: issue 5, parts 0, 1, 4–7; command-line.md §1 row 3.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Literal

import msgspec

from cutter.contracts import CatalogVersion
from cutter.cutting import Cut, Doubt, DoubtCode, Rank, counts
from cutter.cutting.compare import Change, ChangeKind, Difference, Tally, tally
from cutter.cutting.explanation import Explanation, Verdict
from cutter.cutting.profile import Profile
from cutter.cutting.quotes import QuoteVerdict
from cutter.cutting.record import DocumentFacts, UnitRecord
from cutter.cutting.referring.references import Reference
from cutter.stops import Exit


class FoundEvidence(msgspec.Struct, frozen=True):
    """One expression of a profile's evidence, and how many lines of the text begin so."""

    lines: str
    at_least: int
    found: int


class ChosenProfile(msgspec.Struct, frozen=True):
    """The profile of a cut, and why: named by the user, stated in the index, or recognised by its evidence."""

    id: str
    title: dict[str, str]
    language: str
    by: Literal["named", "index", "recognised"]
    evidence: tuple[FoundEvidence, ...] = ()


class ReaderRemark(msgspec.Struct, frozen=True):
    """What of an original is not in its text as it stood (`readers.RemarkCode`), and how often."""

    code: str
    count: int


class OriginalRead(msgspec.Struct, frozen=True):
    """The page or Word document that a text was read from."""

    kind: str
    sha256: str
    remarks: tuple[ReaderRemark, ...]


@dataclass(frozen=True, slots=True)
class DocumentCut:
    """A text and its cut; the doubts of its references are among those of the cut, in the order of lines.

    Attributes:
        name: how the user named it: an id, or the path of a file.
        source: its bytes.
        references: what the text says of its own units, where it was asked for.
        facts: what the index states; of a file nothing.
        version: None for a file that is not registered.
        names: what the document is called besides its id.
    """

    name: str
    source: bytes
    sha256: str
    cut: Cut
    profile: Profile
    chosen: ChosenProfile
    references: tuple[Reference, ...]
    facts: DocumentFacts
    version: CatalogVersion | None
    names: tuple[str, ...] = ()
    original: OriginalRead | None = None


class ListedUnit(msgspec.Struct, frozen=True):
    """One unit without its text. `start` and `end` are byte offsets into the source; `line` is its first."""

    address: str
    type: str
    rank: Rank
    number: str
    heading: str | None
    start: int
    end: int
    sha256: str
    line: int


class ListedDoubt(msgspec.Struct, frozen=True):
    """One doubt, by line and column from 1."""

    code: DoubtCode
    line: int
    column: int
    detail: str


class AddedDocument(msgspec.Struct, frozen=True, kw_only=True):
    """`cutter documents add` (`cutter.document-added/1`)."""

    format: str = "cutter.document-added/1"
    version: CatalogVersion
    profile: ChosenProfile
    original: OriginalRead | None


class FileReport(msgspec.Struct, frozen=True, kw_only=True):
    """`cutter documents cut` (`cutter.cut/1`)."""

    format: str = "cutter.cut/1"
    file: str
    document_id: str
    profile: ChosenProfile
    original: OriginalRead | None
    sha256: str
    size: int
    counts: dict[str, int]
    units: tuple[ListedUnit, ...]
    doubts: tuple[ListedDoubt, ...]


class LineReport(msgspec.Struct, frozen=True, kw_only=True):
    """`cutter documents cut --explain` (`cutter.line-explained/1`).

    `unit` is the address of the unit that the line belongs to, `levels` and `numbers` how it was read.
    """

    format: str = "cutter.line-explained/1"
    file: str
    profile: ChosenProfile
    line: int
    verdict: Verdict
    unit: str
    levels: tuple[str, ...]
    numbers: tuple[str, ...]
    doubts: tuple[str, ...]


class DoubtReport(msgspec.Struct, frozen=True, kw_only=True):
    """`cutter documents cut --format json` (`cutter.doubts/1`)."""

    format: str = "cutter.doubts/1"
    file: str
    doubts: tuple[ListedDoubt, ...]


class DocumentReport(msgspec.Struct, frozen=True, kw_only=True):
    """`cutter documents show ID` (`cutter.document/1`)."""

    format: str = "cutter.document/1"
    version: CatalogVersion
    size: int
    counts: dict[str, int]
    units: tuple[ListedUnit, ...]
    doubts: tuple[ListedDoubt, ...]
    profile: ChosenProfile
    original: OriginalRead | None


class FoundReference(msgspec.Struct, frozen=True):
    """A reference: the unit whose text has it, its place, and the units that it means."""

    address: str
    line: int
    column: int
    targets: tuple[str, ...]
    reason: str | None
    missing: tuple[str, ...]


class UnitReport(msgspec.Struct, frozen=True, kw_only=True):
    """`cutter documents show ID CITATION` (`cutter.unit-shown/1`).

    Args:
        unit: its record, with its own and its full text.
        eid_short: its eId without the containers around it.
        citations: how people cite it, by style.
        references: out of the unit and those below it; referred_to_by: into them, from elsewhere in the document.
        doubts: in the unit and those below it.
    """

    format: str = "cutter.unit-shown/1"
    unit: UnitRecord
    eid_short: str
    citations: dict[str, str]
    references: tuple[FoundReference, ...]
    referred_to_by: tuple[FoundReference, ...]
    doubts: tuple[ListedDoubt, ...]


class CitedUnit(msgspec.Struct, frozen=True, kw_only=True):
    """`cutter documents cite` (`cutter.citation/1`)."""

    format: str = "cutter.citation/1"
    document_id: str
    version: str
    address: str
    citations: dict[str, str]


class QuoteReport(msgspec.Struct, frozen=True, kw_only=True):
    """`cutter documents verify-quote` (`cutter.quote-verified/1`). Where a quotation parts, the verdict holds some
    words of it and of the text.
    """

    format: str = "cutter.quote-verified/1"
    document_id: str
    version: str
    address: str
    citation: str
    verdict: QuoteVerdict
    exit_code: int


class ComparedDocument(msgspec.Struct, frozen=True):
    """One side of a comparison; `version` is empty for a file."""

    name: str
    document_id: str
    version: str
    profile: str
    sha256: str


class ListedChange(msgspec.Struct, frozen=True):
    """One change: the address before and after (null where there was or is none), and the first lines."""

    kind: ChangeKind
    before: str | None
    after: str | None
    difference: Difference | None
    line_before: int | None
    line_after: int | None


class DiffReport(msgspec.Struct, frozen=True, kw_only=True):
    """`cutter documents diff` (`cutter.documents-diff/1`)."""

    format: str = "cutter.documents-diff/1"
    before: ComparedDocument
    after: ComparedDocument
    counts: Tally
    changes: tuple[ListedChange, ...]
    exit_code: int


class ExportReport(msgspec.Struct, frozen=True, kw_only=True):
    """`cutter documents export --to FILE` (`cutter.document-exported/1`)."""

    format: str = "cutter.document-exported/1"
    document_id: str
    version: str
    form: str
    path: str
    size: int
    units: int
    sha256: str


class ListedProfile(msgspec.Struct, frozen=True):
    """One profile. `own` says that it is the workspace's, not one that cutter ships."""

    id: str
    title: dict[str, str]
    language: str
    own: bool
    types: tuple[str, ...]
    evidence: tuple[str, ...]


class ProfileList(msgspec.Struct, frozen=True, kw_only=True):
    """`cutter documents profiles` (`cutter.profiles-listed/1`)."""

    format: str = "cutter.profiles-listed/1"
    profiles: tuple[ListedProfile, ...]


class ProfileReport(msgspec.Struct, frozen=True, kw_only=True):
    """`cutter documents profiles ID` (`cutter.profile-shown/1`); `profile` is what its file says."""

    format: str = "cutter.profile-shown/1"
    own: bool
    profile: Profile


def counts_of(made: Cut) -> dict[str, int]:
    """How many units of each TYPE a cut has."""
    return dict(counts(made))


def listed_units(made: Cut) -> tuple[ListedUnit, ...]:
    """The units of a cut as JSON has them."""
    return tuple(
        ListedUnit(u.address, u.type, u.rank, u.number_raw, u.heading, u.start, u.end, u.sha256, u.line)
        for u in made.units
    )


def listed_doubts(doubts: Sequence[Doubt]) -> tuple[ListedDoubt, ...]:
    """Doubts as JSON has them."""
    return tuple(ListedDoubt(d.code, d.line, d.column, d.detail) for d in doubts)


def by_code(doubts: Sequence[Doubt]) -> Iterator[tuple[DoubtCode, list[Doubt]]]:
    """Doubts by their code, in the order in which codes are declared; codes without any are left out."""
    for code in DoubtCode:
        found = [doubt for doubt in doubts if doubt.code is code]
        if found:
            yield code, found


def file_report(found: DocumentCut) -> FileReport:
    """The JSON document of a file that was cut."""
    return FileReport(
        file=found.name,
        document_id=found.cut.document_id,
        profile=found.chosen,
        original=found.original,
        sha256=found.sha256,
        size=found.cut.size,
        counts=counts_of(found.cut),
        units=listed_units(found.cut),
        doubts=listed_doubts(found.cut.doubts),
    )


def document_report(found: DocumentCut) -> DocumentReport:
    """The JSON document of a version of a registered document."""
    if found.version is None:
        raise ValueError("a file that is not registered has no version")
    return DocumentReport(
        version=found.version,
        size=found.cut.size,
        counts=counts_of(found.cut),
        units=listed_units(found.cut),
        doubts=listed_doubts(found.cut.doubts),
        profile=found.chosen,
        original=found.original,
    )


def line_report(found: DocumentCut, explanation: Explanation) -> LineReport:
    """The JSON document of a line that was explained."""
    return LineReport(
        file=found.name,
        profile=found.chosen,
        line=explanation.line,
        verdict=explanation.verdict,
        unit=explanation.unit,
        levels=explanation.levels,
        numbers=explanation.numbers,
        doubts=explanation.doubts,
    )


def diff_report(documents: tuple[DocumentCut, DocumentCut], changes: Sequence[Change]) -> DiffReport:
    """The JSON document of a comparison."""
    before, after = documents
    return DiffReport(
        before=_compared(before),
        after=_compared(after),
        counts=tally(changes, after.cut),
        changes=listed_changes(changes),
        exit_code=int(Exit.CHANGED if changes else Exit.DONE),
    )


def listed_changes(changes: Sequence[Change]) -> tuple[ListedChange, ...]:
    """Changes as JSON has them: places, no text."""
    return tuple(
        ListedChange(
            each.kind,
            each.before.address if each.before else None,
            each.after.address if each.after else None,
            each.difference,
            each.before.line if each.before else None,
            each.after.line if each.after else None,
        )
        for each in changes
    )


def _compared(found: DocumentCut) -> ComparedDocument:
    return ComparedDocument(found.name, found.cut.document_id, found.facts.version, found.profile.id, found.sha256)
