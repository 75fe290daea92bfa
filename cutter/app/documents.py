"""Source documents of the workspace: registering, listing, and showing the cut of one. No database."""

import difflib
from pathlib import Path

import msgspec

from cutter import cutting
from cutter.contracts import CatalogVersion
from cutter.custody.documents import Registration, WorkspaceTexts, register
from cutter.custody.profiles import Profiles
from cutter.settings import Settings
from cutter.stops import Stop, StopCode


class ListedDocument(msgspec.Struct, frozen=True):
    """One document with its versions, oldest first."""

    document_id: str
    title: str
    language: str
    versions: tuple[CatalogVersion, ...]


class ShownDocument(msgspec.Struct, frozen=True):
    """A document's newest version and its cut."""

    document_id: str
    title: str
    version: CatalogVersion
    cut: cutting.Cut


def add_document(
    settings: Settings, file: Path, document_id: str, version: str | None, title: str | None, status: str
) -> CatalogVersion:
    """Copy a text into the workspace's `documents/` and list it in the index.

    Args:
        settings: the workspace.
        file: the text, anywhere.
        document_id: the prefix of its addresses.
        version: its name; None: the first digits of its digest.
        title: its title; None: the document id.
        status: `enacted` or `draft`.

    Raises:
        Stop: STOP_SOURCE_MISSING, STOP_DOCUMENT_CONFLICT, STOP_INVALID_INPUT, STOP_TEXT_… when it cannot be cut.
    """
    if status not in ("enacted", "draft"):
        raise Stop(StopCode.STOP_INVALID_INPUT, detail="status", needed="enacted|draft")
    registration = Registration(
        document_id=document_id,
        language="vi",
        version=version or "",
        title=title or "",
        status="enacted" if status == "enacted" else "draft",
    )
    return register(settings.documents, file, registration, lambda text: _check_cuttable(text, document_id, file))


def open_texts(settings: Settings) -> WorkspaceTexts:
    """The texts of the workspace. Stops as `WorkspaceTexts`."""
    return WorkspaceTexts(settings.documents, Profiles(settings.profiles))


def list_documents(settings: Settings) -> tuple[ListedDocument, ...]:
    """The documents that the index lists, by id."""
    texts = open_texts(settings)
    listed = []
    for document_id in sorted(texts.document_ids()):
        versions = tuple(texts.versions(document_id))
        newest = versions[-1]
        listed.append(ListedDocument(document_id, newest.title, newest.language, versions))
    return tuple(listed)


def show_document(settings: Settings, document_id: str) -> ShownDocument:
    """The newest version of a document, cut in memory.

    Raises:
        Stop: STOP_DOCUMENT_UNKNOWN with the nearest ids, STOP_SOURCE_CHANGED, STOP_SOURCE_MISSING, STOP_TEXT_….
    """
    texts = open_texts(settings)
    versions = texts.versions(document_id)
    if not versions:
        near = difflib.get_close_matches(document_id, texts.document_ids(), n=3, cutoff=0.5)
        raise Stop(StopCode.STOP_DOCUMENT_UNKNOWN, suggestions=tuple(near or sorted(texts.document_ids())[:3]))
    newest = versions[-1]
    text = texts.read(newest.text_sha256)
    made = cutting.cut(text, document_id, texts.profile_of(document_id, text))
    return ShownDocument(document_id, newest.title, newest, made)


def _check_cuttable(text: bytes, document_id: str, file: Path) -> None:
    try:
        cutting.cut(text, document_id)
    except Stop as stop:
        raise Stop(stop.code, stop.detail, found=stop.found, needed=stop.needed, where=str(file)) from None
