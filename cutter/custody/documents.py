"""The workspace's source texts: `documents/index.yaml` and the files that it lists.

Rules kept here: the index is the only list of texts, and it pins each by sha256; a text is hashed again whenever it is
read; a file name stays in the folder; an id and version stand for the same bytes for ever, and the same bytes of a
document are one version.

Source: DESIGN §5.1 (discover); issue 3, part 8.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Literal

import msgspec

from cutter.canon import sha256
from cutter.contracts import CatalogVersion
from cutter.custody.configuration import Configuration, form_needed, parse_configuration
from cutter.custody.effective_dates import EffectiveDate
from cutter.custody.files import create_exclusive, one_writer, read_plain, shared_folder, write_atomic
from cutter.custody.index_layout import add_version, quoted
from cutter.custody.originals import Original, original_of, suffix_of
from cutter.custody.profiles import Profiles
from cutter.custody.source_uris import NEEDED, is_source_uri
from cutter.cutting.profile import Profile
from cutter.cutting.recognition import recognise
from cutter.cutting.record import Anchor, Anchored, DocumentFacts
from cutter.cutting.shadow import LARGEST_TEXT
from cutter.readers import Extracted, read_original
from cutter.stops import Stop, StopCode

FORMAT = "cutter.documents/1"
INDEX = "index.yaml"

# The index lists texts, a few hundred bytes a version: 4 MiB is beyond any workspace.
_LARGEST_INDEX = 4 * 1024 * 1024
# The index and its texts are kept in version control, so others may read them.
_MODE = 0o644
_NEW_INDEX = f"format: {FORMAT}\ndocuments: []\n".encode()

DocumentId = Annotated[str, msgspec.Meta(pattern=r"^[A-Z0-9][A-Z0-9._-]{1,62}\Z")]
Language = Annotated[str, msgspec.Meta(pattern=r"^[a-z]{2,3}(-[A-Za-z0-9]{2,8})*\Z")]
VersionName = Annotated[str, msgspec.Meta(pattern=r"^[A-Za-z0-9][A-Za-z0-9._-]{0,62}\Z")]
# One line: no controls, and nothing that turns the direction of what people read.
Text = Annotated[
    str, msgspec.Meta(max_length=500, pattern=r"^[^\x00-\x1f\x7f-\x9f\u200e\u200f\u2028-\u202e\u2066-\u2069]+\Z")
]
# One name without a folder, so that nothing can lead out of `documents/`; no hidden file.
FileName = Annotated[str, msgspec.Meta(pattern=r"^[^./\\\x00-\x1f\x7f][^/\\\x00-\x1f\x7f]{0,199}\Z")]
Digest = Annotated[str, msgspec.Meta(pattern=r"^[0-9a-f]{64}\Z")]
Count = Annotated[int, msgspec.Meta(ge=0)]


class IndexedVersion(msgspec.Struct, frozen=True, forbid_unknown_fields=True, omit_defaults=True):
    """One version of a document as the index states it; a date that is left out is unknown.

    `original` is the page or Word document that the text was read from; a text has none. `source_uri` says where the
    file was taken from: provenance, and part of no digest.
    """

    version: VersionName
    file: FileName
    sha256: Digest
    status: Annotated[str, msgspec.Meta(pattern=r"^(enacted|draft)\Z")]
    effective_from: EffectiveDate | None = None
    effective_to: EffectiveDate | None = None
    original: Original | None = None
    source_uri: Annotated[str, msgspec.Meta(min_length=1)] = ""


class IndexedDocument(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One document as the index states it: titles by language, versions oldest first, counts by address type.

    `profile` is the id of the profile that its texts are cut with; left out, each text shows its own.
    """

    id: DocumentId
    title: dict[Language, Text]
    language: Language
    versions: Annotated[tuple[IndexedVersion, ...], msgspec.Meta(min_length=1)]
    counts: dict[str, Count] = {}
    profile: str = ""

    def listed(self, version: IndexedVersion) -> CatalogVersion:
        """A version with what it has from its document; the title in the document's language, else the first."""
        stated = (version.version, version.status, version.sha256, version.source_uri)
        return CatalogVersion(self.id, self._title, self.language, *stated)

    def facts(self, version: IndexedVersion) -> DocumentFacts:
        """What the records of a version's units state about it; a date that the index leaves out stays unknown."""
        return DocumentFacts(
            version=version.version,
            title=self._title,
            language=self.language,
            status=Anchored(version.status, Anchor.EXACT),
            effective_from=version.effective_from.anchored if version.effective_from else Anchored(),
            effective_to=version.effective_to.anchored if version.effective_to else Anchored(),
        )

    @property
    def _title(self) -> str:
        return self.title.get(self.language) or next(iter(self.title.values()), self.id)


class Index(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The whole index (`cutter.documents/1`)."""

    format: str
    documents: tuple[IndexedDocument, ...]

    def find(self, document_id: str) -> IndexedDocument | None:
        """The document with this id."""
        return next((document for document in self.documents if document.id == document_id), None)


@dataclass(frozen=True, slots=True)
class Registration:
    """What is registered: the document that a text belongs to, and which version of it the text is.

    `version` empty stands for the first eight digits of the text's sha256; `title` empty for the document's id.
    `profile` empty: every text shows its own; `source_uri` empty: none is stated.
    """

    document_id: str
    language: str
    version: str = ""
    title: str = ""
    status: Literal["enacted", "draft"] = "enacted"
    profile: str = ""
    source_uri: str = ""


class WorkspaceTexts:
    """The source texts of a workspace (`contracts.Texts`). The index is read once, when this is built.

    Args:
        folder: the workspace's `documents/`; it and its index may be missing: then there are no texts.
        profiles: the profiles of the workspace.

    Raises:
        Stop: STOP_CONFIG_INVALID with the place, STOP_PATH_UNSAFE, STOP_DISK.
    """

    def __init__(self, folder: Path, profiles: Profiles) -> None:
        self._folder = folder
        self._profiles = profiles
        self._index = read_index(folder)
        self._files = {v.sha256: v.file for document in self._index.documents for v in document.versions}

    @property
    def index(self) -> Index:
        """The whole index."""
        return self._index

    def document_ids(self) -> Sequence[str]:
        """The ids that the index lists."""
        return tuple(document.id for document in self._index.documents)

    def versions(self, document_id: str) -> Sequence[CatalogVersion]:
        """The versions of a document in the index's order, oldest first; empty when it is not listed."""
        document = self._index.find(document_id)
        return () if document is None else tuple(document.listed(version) for version in document.versions)

    def counts(self, document_id: str) -> Mapping[str, int]:
        """The counts by address type that the index states for a document's newest version; empty when it does not."""
        document = self._index.find(document_id)
        return {} if document is None else document.counts

    def read(self, sha256: str) -> bytes:
        """The bytes with this digest, hashed again.

        Raises:
            Stop: STOP_SOURCE_MISSING (not listed, or no such file), STOP_SOURCE_CHANGED, STOP_PATH_UNSAFE.
        """
        if sha256 not in self._files:
            raise Stop(StopCode.STOP_SOURCE_MISSING, detail="not_listed", needed=sha256)
        return _read_text(self._folder / self._files[sha256], sha256)

    def original(self, sha256: str) -> Original | None:
        """The original that the text with this digest was read from; None for a text, or one that is not listed."""
        versions = (version for document in self._index.documents for version in document.versions)
        return next((version.original for version in versions if version.sha256 == sha256), None)

    def profile_of(self, document_id: str, text: bytes) -> Profile:
        """The profile that the index names for a document, else the one that its text shows (STOP_PROFILE_UNKNOWN)."""
        document = self._index.find(document_id)
        if document is not None and document.profile:
            return self._profiles.named(document.profile)
        return recognise(text, self._profiles.all()).profile

    def profile(self, profile_id: str) -> Profile:
        """The profile of an id (STOP_PROFILE_UNKNOWN, STOP_CONFIG_INVALID)."""
        return self._profiles.named(profile_id)


def read_index(folder: Path) -> Index:
    """The index of a folder of texts; an empty one when there is no index. Stops as for `WorkspaceTexts`."""
    return _parse_index(folder, _index_bytes(folder))


def register(
    folder: Path, source: Path, registration: Registration, check: Callable[[Extracted], None]
) -> CatalogVersion:
    """Keep the text of a file in the workspace and add it to the index, whose comments and layout stay.

    The same text or the same original registered again changes nothing.

    Args:
        folder: the workspace's `documents/`; made when it is missing.
        source: a text, a page or a Word document, anywhere; its text is kept.
        registration: what the text is.
        check: raises a stop for what cannot be a source text here.

    Raises:
        Stop: STOP_SOURCE_MISSING, STOP_DOCUMENT_CONFLICT (detail: `other_bytes`, `other_version`, `other_status`,
            `other_language`, `other_profile`, `other_title`, `other_source_uri`, `file_exists`), STOP_INVALID_INPUT
            (the detail names the part), STOP_CONFIG_INVALID, STOP_PATH_UNSAFE, STOP_DISK, STOP_TEXT_TOO_LARGE, and
            whatever `read_original` and `check` raise.
    """
    check_registration(registration)
    extracted = read_source(source)
    check(extracted)
    return keep(folder, source, extracted, registration)


def keep(folder: Path, source: Path, extracted: Extracted, registration: Registration) -> CatalogVersion:
    """Keep the text that was read from a file. Arguments and stops as for `register`."""
    check_registration(registration)
    text, original = extracted.text, original_of(extracted, source)
    with one_writer(shared_folder(folder)):
        index = read_index(folder)
        digest = sha256(text)
        if known := _known(index, registration, digest, original):
            return known
        version = IndexedVersion(
            version=registration.version or digest[:8],
            file=f"{registration.document_id}.{registration.version or digest[:8]}{suffix_of(extracted, source)}",
            sha256=digest,
            status=registration.status,
            original=original,
            source_uri=registration.source_uri,
        )
        _keep_text(folder / version.file, text)
        return _add(folder, index, registration, version)


def check_registration(registration: Registration) -> None:
    """Hold what the user typed against the index's own types, before anything is read or written.

    Raises:
        Stop: STOP_INVALID_INPUT (the detail names the part).
    """
    parts: tuple[tuple[str, str, object], ...] = (
        ("document_id", registration.document_id, DocumentId),
        ("language", registration.language, Language),
        ("version", registration.version or "0", VersionName),
        ("title", registration.title or registration.document_id, Text),
    )
    for name, value, type_ in parts:
        try:
            msgspec.convert(value, type_)
        except msgspec.ValidationError as error:
            needed = form_needed(str(error).removeprefix("Expected `str` "))
            raise Stop(StopCode.STOP_INVALID_INPUT, detail=name, needed=needed) from None
    if registration.source_uri and not is_source_uri(registration.source_uri):
        raise Stop(StopCode.STOP_INVALID_INPUT, detail="source_uri", needed=NEEDED)


def read_source(source: Path) -> Extracted:
    """The text of a file. Raises STOP_SOURCE_MISSING, STOP_PATH_UNSAFE, STOP_DISK, and what `read_original` raises."""
    try:
        data = read_plain(source, LARGEST_TEXT, shared=True, too_large=StopCode.STOP_TEXT_TOO_LARGE)
    except FileNotFoundError:
        raise Stop(StopCode.STOP_SOURCE_MISSING, detail="no_such_file", where=str(source)) from None
    return read_original(data, source.name)


def _known(index: Index, registration: Registration, digest: str, original: Original | None) -> CatalogVersion | None:
    """The version that these bytes already are, or None when they are new. Raises STOP_DOCUMENT_CONFLICT.

    The same original is the same version even where another release of its reader makes another text of it, unless
    the user names another version.
    """
    document = index.find(registration.document_id)
    if document is None:
        return None
    if document.language != registration.language:
        raise _conflict("other_language", document.language, registration.language)
    if registration.profile not in ("", document.profile):
        raise _conflict("other_profile", document.profile, registration.profile)
    title = document.title.get(registration.language, document.id)
    if registration.title not in ("", title):
        raise _conflict("other_title", title, registration.title)
    for version in document.versions:
        again = original is not None and version.original is not None and version.original.sha256 == original.sha256
        if version.sha256 == digest or (again and registration.version in ("", version.version)):
            if registration.version not in ("", version.version):
                raise _conflict("other_version", version.version, registration.version)
            if registration.status != version.status:
                raise _conflict("other_status", version.status, registration.status)
            if registration.source_uri not in ("", version.source_uri):
                raise _conflict("other_source_uri", version.source_uri or "none", registration.source_uri)
            return document.listed(version)
        if version.version == (registration.version or digest[:8]):
            raise _conflict("other_bytes", version.sha256, digest)
    return None


def _conflict(detail: str, found: str, needed: str) -> Stop:
    return Stop(StopCode.STOP_DOCUMENT_CONFLICT, detail=detail, found=found, needed=needed)


def _keep_text(path: Path, text: bytes) -> None:
    try:
        create_exclusive(path, text, _MODE)
    except FileExistsError:
        # An earlier registration may have ended between the text and the index; other bytes are somebody's file.
        if read_plain(path, LARGEST_TEXT, shared=True) != text:
            raise Stop(StopCode.STOP_DOCUMENT_CONFLICT, detail="file_exists", where=str(path)) from None


def _add(folder: Path, index: Index, registration: Registration, version: IndexedVersion) -> CatalogVersion:
    """Add a version to the index file, and prove before writing that nothing else in it has changed."""
    document = index.find(registration.document_id) or IndexedDocument(
        registration.document_id,
        {registration.language: registration.title or registration.document_id},
        registration.language,
        (),
        profile=registration.profile,
    )
    head = {
        "id": quoted(document.id),
        "title": quoted(document.title),
        "language": document.language,
        **({"profile": document.profile} if document.profile else {}),
    }
    data = add_version(_index_bytes(folder), head, msgspec.to_builtins(version))
    grown = msgspec.structs.replace(document, versions=(*document.versions, version))
    others = tuple(other for other in index.documents if other.id != document.id)
    after = _parse_index(folder, data)
    if after.find(document.id) != grown or tuple(o for o in after.documents if o.id != document.id) != others:
        raise Stop(StopCode.STOP_CONFIG_INVALID, detail="layout_not_editable", where=str(folder / INDEX))
    write_atomic(folder / INDEX, data, _MODE)
    return grown.listed(version)


def _index_bytes(folder: Path) -> bytes:
    with suppress(FileNotFoundError):
        return read_plain(folder / INDEX, _LARGEST_INDEX, shared=True, too_large=StopCode.STOP_CONFIG_INVALID)
    return _NEW_INDEX


def _parse_index(folder: Path, data: bytes) -> Index:
    configuration = parse_configuration(data, str(folder / INDEX), FORMAT, Index)
    ids: list[tuple[str, str]] = []
    files: list[tuple[str, str]] = []
    for d, document in enumerate(configuration.value.documents):
        ids.append((document.id, f"$.documents[{d}].id"))
        versions = [(version, f"$.documents[{d}].versions[{v}]") for v, version in enumerate(document.versions)]
        files += [(version.file, f"{path}.file") for version, path in versions]
        for version, path in versions:
            _refuse_backwards(configuration, version, path)
            if version.source_uri and not is_source_uri(version.source_uri):
                raise configuration.refuse("source_uri", f"{path}.source_uri")
        _refuse_twice(configuration, "version", [(version.version, f"{path}.version") for version, path in versions])
        _refuse_twice(configuration, "sha256", [(version.sha256, f"{path}.sha256") for version, path in versions])
    _refuse_twice(configuration, "document_id", ids)
    _refuse_twice(configuration, "file", files)
    return configuration.value


def _refuse_backwards(configuration: Configuration[Index], version: IndexedVersion, path: str) -> None:
    since, until = version.effective_from, version.effective_to
    if since and until and until.date < since.date:
        raise configuration.refuse("ends_before_it_begins", f"{path}.effective_to")


def _refuse_twice(configuration: Configuration[Index], what: str, values: Iterable[tuple[str, str]]) -> None:
    seen: set[str] = set()
    for value, path in values:
        if value in seen:
            raise configuration.refuse(f"duplicate_{what}", path, found=value)
        seen.add(value)


def _read_text(path: Path, digest: str) -> bytes:
    try:
        text = read_plain(path, LARGEST_TEXT, shared=True)
    except FileNotFoundError:
        raise Stop(StopCode.STOP_SOURCE_MISSING, detail="no_such_file", needed=digest, where=str(path)) from None
    if (found := sha256(text)) != digest:
        raise Stop(StopCode.STOP_SOURCE_CHANGED, found=found, needed=digest, where=str(path))
    return text
