"""Doubts in SARIF 2.1.0, which code hosts and editors read: one run, its rules, and a result a doubt.

Rules kept here: columns are code points, and the log says so; a path is a relative URI, an absolute one a file URI.

Source: OASIS SARIF 2.1.0, §3.
"""

from collections.abc import Sequence
from pathlib import PurePath
from urllib.parse import quote

import msgspec

from cutter import __version__
from cutter.cutting import Doubt, DoubtCode
from cutter.report.documents.words import doubt_meaning

_SCHEMA = "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json"


class _Keys(msgspec.Struct, frozen=True, kw_only=True, rename="camel"):
    """The base of every object of a SARIF log."""


class SarifText(_Keys, frozen=True, kw_only=True):
    """A text (message)."""

    text: str


class SarifRule(_Keys, frozen=True, kw_only=True):
    """A code (reportingDescriptor)."""

    id: str
    short_description: SarifText


class SarifDriver(_Keys, frozen=True, kw_only=True):
    """The program (toolComponent)."""

    name: str
    semantic_version: str
    rules: tuple[SarifRule, ...]


class SarifTool(_Keys, frozen=True, kw_only=True):
    """The tool."""

    driver: SarifDriver


class SarifFile(_Keys, frozen=True, kw_only=True):
    """A file (artifactLocation)."""

    uri: str


class SarifRegion(_Keys, frozen=True, kw_only=True):
    """A place in a file."""

    start_line: int
    start_column: int


class SarifPlace(_Keys, frozen=True, kw_only=True):
    """A file and a place in it (physicalLocation)."""

    artifact_location: SarifFile
    region: SarifRegion


class SarifLocation(_Keys, frozen=True, kw_only=True):
    """A place."""

    physical_location: SarifPlace


class SarifResult(_Keys, frozen=True, kw_only=True):
    """One doubt."""

    rule_id: str
    level: str
    message: SarifText
    locations: tuple[SarifLocation, ...]


class SarifRun(_Keys, frozen=True, kw_only=True):
    """One cut."""

    tool: SarifTool
    column_kind: str
    results: tuple[SarifResult, ...]


class SarifLog(_Keys, frozen=True, kw_only=True):
    """The log (SARIF 2.1.0)."""

    schema: str = msgspec.field(name="$schema")
    version: str
    runs: tuple[SarifRun, ...]


def sarif_log(name: str, doubts: Sequence[Doubt]) -> SarifLog:
    """The doubts of a file as code hosts and editors read them."""
    rules = tuple(SarifRule(id=code.value, short_description=SarifText(text=doubt_meaning(code))) for code in DoubtCode)
    path = PurePath(name)
    uri = f"{'file://' if path.is_absolute() else ''}{quote(str(path).encode('utf-8', 'surrogateescape'))}"
    results = tuple(_sarif_result(SarifFile(uri=uri), doubt) for doubt in doubts)
    tool = SarifTool(driver=SarifDriver(name="cutter", semantic_version=__version__, rules=rules))
    run = SarifRun(tool=tool, column_kind="unicodeCodePoints", results=results)
    return SarifLog(schema=_SCHEMA, version="2.1.0", runs=(run,))


def _sarif_result(file: SarifFile, doubt: Doubt) -> SarifResult:
    region = SarifRegion(start_line=doubt.line, start_column=doubt.column)
    location = SarifLocation(physical_location=SarifPlace(artifact_location=file, region=region))
    said = ": ".join(part for part in (doubt_meaning(doubt.code), doubt.detail) if part)
    said = said.replace("\\", "\\\\").replace("[", "\\[").replace("]", "\\]")  # a bracket would begin a link
    return SarifResult(rule_id=doubt.code.value, level="note", message=SarifText(text=said), locations=(location,))
