"""Cuts in memory: of a file that is not registered, or of a version of a document. Nothing is written, no database.

Source: issue 5, parts 0, 1, 6.
"""

import difflib
import re
import unicodedata
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import msgspec

from cutter import cutting
from cutter.canon import sha256
from cutter.custody.documents import IndexedDocument, WorkspaceTexts, read_source
from cutter.custody.originals import Original
from cutter.custody.profiles import Profiles, shipped_ids
from cutter.cutting import Cut, Doubt
from cutter.cutting.compare import Change, diff
from cutter.cutting.explanation import Explanation, explain
from cutter.cutting.profile import Profile
from cutter.cutting.recognition import recognise
from cutter.cutting.record import DocumentFacts
from cutter.cutting.referring.references import Reference, find_references, unresolved_references
from cutter.cutting.stamps import check_stamp
from cutter.readers import Extracted
from cutter.report.documents.results import (
    ChosenProfile,
    DocumentCut,
    FoundEvidence,
    ListedProfile,
    OriginalRead,
    ReaderRemark,
)
from cutter.settings import Settings
from cutter.stops import Stop, StopCode

# Stops that say what is wrong with a text, and do not know which file it came from.
_OF_A_FILE = frozenset(
    {StopCode.STOP_TEXT_NOT_UTF8, StopCode.STOP_TEXT_EMPTY, StopCode.STOP_TEXT_TOO_LARGE}
    | {StopCode.STOP_TEXT_WITHOUT_STRUCTURE, StopCode.STOP_DOCUMENT_STAMPED, StopCode.STOP_READER_MISSING}
    | {StopCode.STOP_FILE_UNSUPPORTED, StopCode.STOP_FILE_UNREADABLE, StopCode.STOP_PROFILE_UNKNOWN}
)
# The form of a document's id; what a file's name has besides is left out of the id that it gets for one cut.
_ID = re.compile(r"[A-Z0-9][A-Z0-9._-]{1,62}")
_NOT_IN_IDS = re.compile(r"[^A-Z0-9._-]+")
_LONGEST_ID = 40
_UNNAMED = "TEXT"
_SUGGESTED = 3


def open_texts(settings: Settings) -> WorkspaceTexts:
    """The texts of the workspace. Stops as `WorkspaceTexts`."""
    return WorkspaceTexts(settings.documents, Profiles(settings.profiles))


def open_profiles(settings: Settings) -> Profiles:
    """The profiles that cutter ships, and those of the workspace."""
    return Profiles(settings.profiles)


def list_profiles(settings: Settings) -> tuple[ListedProfile, ...]:
    """All profiles, by id. Stops as `Profiles.named`."""
    return tuple(
        ListedProfile(
            id=profile.id,
            title=profile.title,
            language=profile.language,
            own=is_own(profile.id),
            types=tuple(dict.fromkeys(level.type for level in profile.levels)),
            evidence=tuple(each.lines for each in profile.evidence),
        )
        for profile in open_profiles(settings).all()
    )


def is_own(profile_id: str) -> bool:
    """Whether a profile is one of the workspace, not of cutter."""
    return profile_id not in shipped_ids()


def read_file(settings: Settings, file: Path) -> Extracted:
    """The text of a file, when this workspace may see it.

    Raises:
        Stop: STOP_SOURCE_MISSING, STOP_DOCUMENT_STAMPED, STOP_FILE_…, STOP_READER_MISSING, STOP_TEXT_….
    """
    with naming(file):
        extracted = read_source(file)
        check_stamp(extracted.text, settings.allowed_stamps, extracted.apart)
        return extracted


def choose_profile(settings: Settings, text: bytes, profile_id: str | None) -> tuple[Profile, ChosenProfile]:
    """The profile that was named, else the one that a text shows, and why.

    Raises:
        Stop: STOP_PROFILE_UNKNOWN, STOP_CONFIG_INVALID, STOP_TEXT_….
    """
    profiles = open_profiles(settings)
    if profile_id is not None:
        profile = named_profile(profiles, profile_id)
        return profile, ChosenProfile(profile.id, profile.title, profile.language, "named")
    found = recognise(text, profiles.all())
    profile = found.profile
    evidence = tuple(
        FoundEvidence(each.lines, each.at_least, lines)
        for each, lines in zip(profile.evidence, found.lines, strict=True)
    )
    return profile, ChosenProfile(profile.id, profile.title, profile.language, "recognised", evidence)


def named_profile(profiles: Profiles, profile_id: str) -> Profile:
    """A profile by its id.

    Raises:
        Stop: STOP_PROFILE_UNKNOWN with the ids that are nearest, or all where none is near; else as `Profiles.named`.
    """
    try:
        return profiles.named(profile_id)
    except Stop as stop:
        near = difflib.get_close_matches(profile_id[:_LONGEST_ID], stop.suggestions, n=_SUGGESTED)
        if stop.code is not StopCode.STOP_PROFILE_UNKNOWN or not near:
            raise
        raise Stop(stop.code, stop.detail, found=profile_id[:_LONGEST_ID], suggestions=tuple(near)) from None


def cut_file(settings: Settings, file: Path, profile_id: str | None, document_id: str | None) -> DocumentCut:
    """Cut a file that is not registered.

    Args:
        settings: the workspace.
        file: a text, a page (HTML) or a Word document (.docx), anywhere.
        profile_id: the profile to cut it with; None: the one that it shows.
        document_id: the first part of every address; None: made from the file's name.

    Raises:
        Stop: as `read_file`, `choose_profile` and `cutting.cut`; STOP_INVALID_INPUT, detail `document_id`.
    """
    own_id = _checked_id(document_id) if document_id is not None else id_of_file(file)
    extracted = read_file(settings, file)
    with naming(file):
        profile, chosen = choose_profile(settings, extracted.text, profile_id)
        made, references = cut_with_references(extracted.text, own_id, profile)
    return DocumentCut(
        name=str(file),
        source=extracted.text,
        sha256=sha256(extracted.text),
        cut=made,
        profile=profile,
        chosen=chosen,
        references=references,
        facts=DocumentFacts(),
        version=None,
        original=original_read(extracted),
    )


def open_cut(
    settings: Settings, document_id: str, version: str | None = None, *, referring: bool = True
) -> DocumentCut:
    """Cut a version of a registered document.

    Args:
        settings: the workspace.
        document_id: which document.
        version: the name of the version; None: the newest.
        referring: look for its references too, which takes longer than the cut.

    Raises:
        Stop: STOP_DOCUMENT_UNKNOWN with the nearest ids; STOP_INVALID_INPUT, detail `version_unknown`, with those that
            there are; STOP_SOURCE_CHANGED, STOP_SOURCE_MISSING; else as `choose_profile` and `cutting.cut`.
    """
    texts = open_texts(settings)
    document = texts.index.find(document_id)
    if document is None:
        raise unknown_document(texts, document_id)
    stated = document.versions[-1]
    if version is not None:
        found = [each for each in document.versions if each.version == version]
        if not found:
            known = tuple(each.version for each in reversed(document.versions))
            raise Stop(StopCode.STOP_INVALID_INPUT, "version_unknown", needed="|".join(known), suggestions=known)
        stated = found[0]
    listed = document.listed(stated)
    with naming(Path(f"{document_id}@{stated.version}")):
        text = texts.read(stated.sha256)
        profile, chosen = _profile_of(settings, document, text)
        made, references = (
            cut_with_references(text, document_id, profile)
            if referring
            else (cutting.cut(text, document_id, profile), ())
        )
    return DocumentCut(
        name=document_id if version is None else f"{document_id}@{version}",
        source=text,
        sha256=stated.sha256,
        cut=made,
        profile=profile,
        chosen=chosen,
        references=references,
        facts=document.facts(stated),
        version=listed,
        names=tuple(document.title.values()),
        original=stated_original(stated.original),
    )


def cut_named(settings: Settings, name: str, profile_id: str | None) -> DocumentCut:
    """The cut of what a user names: `ID`, `ID@VERSION`, or else the path of a file.

    Raises:
        Stop: as `open_cut` and `cut_file`; STOP_DOCUMENT_UNKNOWN where it is neither.
    """
    texts = open_texts(settings)
    document_id, _, version = name.partition("@")
    if texts.index.find(document_id) is not None:
        return open_cut(settings, document_id, version or None)
    file = Path(name)
    if not file.exists() and _ID.fullmatch(document_id):
        raise unknown_document(texts, document_id)
    return cut_file(settings, file, profile_id, None)


def compare(
    settings: Settings, before: str, after: str, profile_id: str | None
) -> tuple[tuple[DocumentCut, DocumentCut], tuple[Change, ...]]:
    """Two documents, versions or files, compared by address.

    A file without a profile of its own is cut with that of the other side, since only then do addresses compare.

    Raises:
        Stop: as `cut_named`.
    """
    registered = set(open_texts(settings).document_ids())
    if before.partition("@")[0] in registered or after.partition("@")[0] not in registered:
        old = cut_named(settings, before, profile_id)
        new = cut_named(settings, after, profile_id or old.profile.id)
    else:
        new = cut_named(settings, after, profile_id)
        old = cut_named(settings, before, profile_id or new.profile.id)
    return (old, new), diff(old.cut, new.cut)


def explain_line(settings: Settings, file: Path, profile_id: str | None, line: int) -> tuple[DocumentCut, Explanation]:
    """Why a line of a file was taken as a heading, or was not.

    Raises:
        Stop: as `cut_file`; STOP_INVALID_INPUT, detail `line`, when the file has no such line.
    """
    found = cut_file(settings, file, profile_id, None)
    return found, explain(found.source, found.cut.document_id, found.profile, line)


def cut_with_references(text: bytes, document_id: str, profile: Profile) -> tuple[Cut, tuple[Reference, ...]]:
    """The cut of a text and its references; what is doubtful of those is among its doubts. Stops as `cutting.cut`."""
    made = cutting.cut(text, document_id, profile)
    references = tuple(find_references(made, profile))
    doubts = sorted((*made.doubts, *unresolved_references(references)), key=_place)
    return msgspec.structs.replace(made, doubts=tuple(doubts)), references


def unknown_document(texts: WorkspaceTexts, document_id: str) -> Stop:
    """The refusal of an id, with the nearest."""
    ids = texts.document_ids()
    near = difflib.get_close_matches(document_id[:_LONGEST_ID], ids, n=_SUGGESTED, cutoff=0.5)
    return Stop(StopCode.STOP_DOCUMENT_UNKNOWN, suggestions=tuple(near or sorted(ids)[:_SUGGESTED]))


def id_of_file(file: Path) -> str:
    """An id from the name of a file: its letters as capitals without their marks (`điều lệ.txt`: DIEU-LE)."""
    plain = unicodedata.normalize("NFKD", file.stem.upper().replace("Đ", "D").replace("Ð", "D"))
    ascii_only = "".join(sign for sign in plain if not unicodedata.combining(sign))
    found = _NOT_IN_IDS.sub("-", ascii_only).strip("-._")[:_LONGEST_ID].rstrip("-._")
    return found if _ID.fullmatch(found) else _UNNAMED


def original_read(extracted: Extracted) -> OriginalRead | None:
    """The original of a text that was read now; None of a text, which is its own original."""
    if extracted.kind == "text":
        return None
    remarks = tuple(ReaderRemark(remark.code.value, remark.count) for remark in extracted.remarks)
    return OriginalRead(extracted.kind, extracted.original_sha256, remarks)


def stated_original(original: Original | None) -> OriginalRead | None:
    """The original as the index states it."""
    if original is None:
        return None
    remarks = tuple(ReaderRemark(code, count) for code, count in original.remarks.items())
    return OriginalRead(original.kind, original.sha256, remarks)


@contextmanager
def naming(file: Path) -> Iterator[None]:
    """Name the file in refusals of what it holds."""
    try:
        yield
    except Stop as stop:
        place = str(file)
        if stop.code is StopCode.STOP_TEXT_DOUBTFUL and stop.where:
            place = f"{file}:{stop.where}"
        elif stop.where or stop.code not in _OF_A_FILE:
            raise
        raise Stop(
            stop.code, stop.detail, found=stop.found, needed=stop.needed, where=place, suggestions=stop.suggestions
        ) from None


def _profile_of(settings: Settings, document: IndexedDocument, text: bytes) -> tuple[Profile, ChosenProfile]:
    profile, chosen = choose_profile(settings, text, document.profile or None)
    return profile, msgspec.structs.replace(chosen, by="index") if document.profile else chosen


def _checked_id(document_id: str) -> str:
    if not _ID.fullmatch(document_id):
        raise Stop(StopCode.STOP_INVALID_INPUT, "document_id", needed="2 to 63 of A-Z 0-9 . _ -, such as MY-LAW")
    return document_id


def _place(doubt: Doubt) -> tuple[int, int, str]:
    return doubt.line, doubt.column, doubt.code.value
