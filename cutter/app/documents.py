"""Source documents of the workspace: registering and listing them. No database."""

from dataclasses import replace
from pathlib import Path

import msgspec

from cutter import cutting
from cutter.app.cuts import choose_profile, naming, open_texts, original_read, read_file
from cutter.contracts import CatalogVersion
from cutter.custody.documents import Registration, check_registration, keep
from cutter.custody.originals import Original
from cutter.report.documents.results import AddedDocument
from cutter.settings import Settings
from cutter.stops import Stop, StopCode

__all__ = ["ListedDocument", "add_document", "find_original", "list_documents", "open_texts"]


class ListedDocument(msgspec.Struct, frozen=True):
    """One document with its versions, oldest first."""

    document_id: str
    title: str
    language: str
    versions: tuple[CatalogVersion, ...]


def add_document(
    settings: Settings,
    file: Path,
    document_id: str,
    version: str | None,
    title: str | None,
    status: str,
    *,
    profile: str | None = None,
    language: str | None = None,
    source_uri: str | None = None,
) -> AddedDocument:
    """Keep the text of a file in the workspace's `documents/` and list it in the index.

    A document that is new keeps its profile, and the language of that; its later versions have both from the index.

    Args:
        settings: the workspace.
        file: a text, a page (HTML) or a Word document (.docx), anywhere.
        document_id: the prefix of its addresses.
        version: its name; None: the first digits of its digest.
        title: its title; None: the document id.
        status: `enacted` or `draft`.
        profile: the id of its profile; None: the one that the index states, else the one that its text shows.
        language: a language tag; None: the one that the index states, else that of the profile.
        source_uri: where the file was taken from (`https:`, or `file:` from the workspace), never fetched; None: none.

    Raises:
        Stop: STOP_SOURCE_MISSING, STOP_DOCUMENT_CONFLICT, STOP_INVALID_INPUT, STOP_PROFILE_UNKNOWN, STOP_TEXT_… when
            it cannot be cut, STOP_DOCUMENT_STAMPED, STOP_FILE_UNSUPPORTED, STOP_FILE_UNREADABLE, STOP_READER_MISSING.
    """
    if status not in ("enacted", "draft"):
        raise Stop(StopCode.STOP_INVALID_INPUT, detail="status", needed="enacted|draft")
    registration = Registration(
        document_id=document_id,
        language=language or "und",  # until the profile is known
        version=version or "",
        title=title or "",
        status="enacted" if status == "enacted" else "draft",
        source_uri=source_uri or "",
    )
    check_registration(registration)
    stated = open_texts(settings).index.find(document_id)
    extracted = read_file(settings, file)
    with naming(file):
        indexed = stated.profile if stated and profile is None else ""
        chosen_profile, chosen = choose_profile(settings, extracted.text, profile or indexed or None)
        cutting.cut(extracted.text, document_id, chosen_profile)
    registration = replace(
        registration,
        language=language or (stated.language if stated else chosen.language),
        profile=chosen.id if stated is None else profile or "",
    )
    kept = keep(settings.documents, file, extracted, registration)
    why = msgspec.structs.replace(chosen, by="index") if indexed else chosen
    return AddedDocument(version=kept, profile=why, original=original_read(extracted))


def find_original(settings: Settings, version: CatalogVersion) -> Original | None:
    """The page or Word document that a version's text was read from, with what the reader remarked; None for a text."""
    return open_texts(settings).original(version.text_sha256)


def list_documents(settings: Settings) -> tuple[ListedDocument, ...]:
    """The documents that the index lists, by id."""
    texts = open_texts(settings)
    listed = []
    for document_id in sorted(texts.document_ids()):
        versions = tuple(texts.versions(document_id))
        newest = versions[-1]
        listed.append(ListedDocument(document_id, newest.title, newest.language, versions))
    return tuple(listed)
