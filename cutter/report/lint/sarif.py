"""SARIF 2.1.0, which code hosts and editors read: one run, its rules, and a result a mistake.

Rules kept here: columns are code points, and the log says so; a path of the repository is a relative URI, any other an
absolute one; a suggestion is told with its applicability and never as a fix, which tools may apply unasked.

Source: OASIS SARIF 2.1.0, §3.
"""

import hashlib
from collections.abc import Iterable, Sequence
from pathlib import PurePath
from urllib.parse import quote

import msgspec

from cutter import __version__
from cutter.pipeline.diagnostics import Code
from cutter.report.lint.findings import Finding, LintedFile, place_of

SCHEMA = "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json"


class _Keys(msgspec.Struct, frozen=True, kw_only=True, rename="camel", omit_defaults=True):
    """The base of every object of the log."""


class Message(_Keys, frozen=True, kw_only=True):
    """A text."""

    text: str


class Rule(_Keys, frozen=True, kw_only=True):
    """A code of the loader (reportingDescriptor)."""

    id: str
    name: str
    short_description: Message


class Driver(_Keys, frozen=True, kw_only=True):
    """The program that found the mistakes (toolComponent)."""

    name: str
    semantic_version: str
    rules: tuple[Rule, ...]


class Tool(_Keys, frozen=True, kw_only=True):
    """The tool."""

    driver: Driver


class ArtifactLocation(_Keys, frozen=True, kw_only=True):
    """A file."""

    uri: str


class Artifact(_Keys, frozen=True, kw_only=True):
    """A file that was checked."""

    location: ArtifactLocation


class Region(_Keys, frozen=True, kw_only=True):
    """What is wrong, on one line; `end_column` is the one after it."""

    start_line: int
    start_column: int
    end_column: int


class PhysicalLocation(_Keys, frozen=True, kw_only=True):
    """A place in a file."""

    artifact_location: ArtifactLocation
    region: Region


class LogicalLocation(_Keys, frozen=True, kw_only=True):
    """A place by its YAML path."""

    fully_qualified_name: str


class Location(_Keys, frozen=True, kw_only=True):
    """A place."""

    physical_location: PhysicalLocation
    logical_locations: tuple[LogicalLocation, ...] = ()


class Properties(_Keys, frozen=True, kw_only=True):
    """What SARIF has no words for (propertyBag)."""

    found: str = ""
    needed: str = ""
    help: str = ""
    suggestion: str = ""
    applicability: str = ""


class SarifResult(_Keys, frozen=True, kw_only=True):
    """One mistake."""

    rule_id: str
    rule_index: int
    level: str
    message: Message
    locations: tuple[Location, ...]
    partial_fingerprints: dict[str, str]
    properties: Properties


class Invocation(_Keys, frozen=True, kw_only=True):
    """How the lint ended; mistakes that were found are its success."""

    execution_successful: bool
    exit_code: int


class SarifRun(_Keys, frozen=True, kw_only=True):
    """One lint."""

    tool: Tool
    invocations: tuple[Invocation, ...]
    column_kind: str
    artifacts: tuple[Artifact, ...]
    results: tuple[SarifResult, ...]


class SarifLog(_Keys, frozen=True, kw_only=True):
    """The log."""

    schema: str = msgspec.field(name="$schema")
    version: str
    runs: tuple[SarifRun, ...]


def sarif_log(files: Sequence[LintedFile], base: PurePath, exit_code: int) -> SarifLog:
    """The findings of all files; `base` is the folder that stands for the repository."""
    codes = sorted({item.code.value for checked in files for item in checked.diagnostics})
    results = (_result(item, checked, base, codes) for checked in files for item in checked.diagnostics)
    run = SarifRun(
        tool=Tool(driver=Driver(name="cutter", semantic_version=__version__, rules=_rules(codes))),
        invocations=(Invocation(execution_successful=True, exit_code=exit_code),),
        column_kind="unicodeCodePoints",
        artifacts=tuple(Artifact(location=_location(checked, base)) for checked in files),
        results=tuple(results),
    )
    return SarifLog(schema=SCHEMA, version="2.1.0", runs=(run,))


def _rules(codes: Iterable[str]) -> tuple[Rule, ...]:
    return tuple(
        Rule(id=code, name=Code(code).word, short_description=Message(text=Code(code).meaning)) for code in codes
    )


def _result(item: Finding, checked: LintedFile, base: PurePath, codes: Sequence[str]) -> SarifResult:
    region = Region(start_line=item.line, start_column=item.column, end_column=item.column + item.length)
    place = PhysicalLocation(artifact_location=_location(checked, base), region=region)
    logical = (LogicalLocation(fully_qualified_name=item.path),) if item.path else ()
    return SarifResult(
        rule_id=item.code.value,
        rule_index=codes.index(item.code.value),
        level="error",
        message=Message(text=_message(item)),
        locations=(Location(physical_location=place, logical_locations=logical),),
        partial_fingerprints={"mistake/v1": _fingerprint(item)},
        properties=Properties(
            found=item.found,
            needed=item.needed,
            help=item.help,
            suggestion=item.suggestion,
            applicability=item.applicability.value if item.applicability else "",
        ),
    )


def _message(item: Finding) -> str:
    """The mistake as a sentence; brackets, which begin a link in SARIF, are escaped."""
    said = [item.message, f"needed: {item.needed}" if item.needed else ""]
    return "; ".join(part for part in said if part).replace("\\", "\\\\").replace("[", "\\[").replace("]", "\\]")


def _fingerprint(item: Finding) -> str:
    """The same for the same mistake after lines were moved."""
    return hashlib.sha256("\0".join((item.code.value, item.path, item.message)).encode()).hexdigest()


def _location(checked: LintedFile, base: PurePath) -> ArtifactLocation:
    path = place_of(checked.path, base)
    scheme = "file://" if path.startswith("/") else ""
    return ArtifactLocation(uri=f"{scheme}{quote(path.encode('utf-8', 'surrogateescape'))}")
