"""Problems in SARIF 2.1.0, which code hosts and editors read: one run, its rules, and a result a problem.

Rules kept here: columns are code points, and the log says so; a path of the repository is a relative URI, any other an
absolute one; a suggestion is told with its applicability and never as a fix, which tools may apply unasked.

Source: OASIS SARIF 2.1.0, §3.
"""

import hashlib
from collections.abc import Sequence
from pathlib import PurePath
from urllib.parse import quote

import msgspec

from cutter import __version__
from cutter.report.problems import Problem, Rule

SCHEMA = "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json"


class _Keys(msgspec.Struct, frozen=True, kw_only=True, rename="camel", omit_defaults=True):
    """The base of every object of the log."""


class Message(_Keys, frozen=True, kw_only=True):
    """A text."""

    text: str


class SarifRule(_Keys, frozen=True, kw_only=True):
    """A code of problems (reportingDescriptor)."""

    id: str
    name: str = ""
    short_description: Message


class Driver(_Keys, frozen=True, kw_only=True):
    """The program that found the problems (toolComponent)."""

    name: str
    semantic_version: str
    rules: tuple[SarifRule, ...]


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
    """What is wrong, on one line; `end_column` is the one after it, 0 where that is not known."""

    start_line: int
    start_column: int
    end_column: int = 0


class PhysicalLocation(_Keys, frozen=True, kw_only=True):
    """A place in a file."""

    artifact_location: ArtifactLocation
    region: Region


class LogicalLocation(_Keys, frozen=True, kw_only=True):
    """A place by the names of its file, such as a YAML path."""

    fully_qualified_name: str


class Location(_Keys, frozen=True, kw_only=True):
    """A place."""

    physical_location: PhysicalLocation
    logical_locations: tuple[LogicalLocation, ...] = ()


class SarifResult(_Keys, frozen=True, kw_only=True):
    """One problem; `properties` are what SARIF has no words for (propertyBag)."""

    rule_id: str
    rule_index: int
    level: str
    message: Message
    locations: tuple[Location, ...]
    partial_fingerprints: dict[str, str]
    properties: dict[str, str] = {}


class Invocation(_Keys, frozen=True, kw_only=True):
    """How the look ended; problems that were found are its success."""

    execution_successful: bool
    exit_code: int


class SarifRun(_Keys, frozen=True, kw_only=True):
    """One look."""

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


def sarif_log(problems: Sequence[Problem], files: Sequence[str], exit_code: int) -> SarifLog:
    """The log.

    Args:
        problems: of all files.
        files: that were looked at, those without a problem included; as `Problem.file`.
        exit_code: the command's.
    """
    rules = sorted({item.rule.code: item.rule for item in problems}.values(), key=lambda rule: rule.code)
    index = {rule.code: number for number, rule in enumerate(rules)}
    run = SarifRun(
        tool=Tool(driver=Driver(name="cutter", semantic_version=__version__, rules=tuple(map(_rule, rules)))),
        invocations=(Invocation(execution_successful=True, exit_code=exit_code),),
        column_kind="unicodeCodePoints",
        artifacts=tuple(Artifact(location=_location(file)) for file in files),
        results=tuple(_result(item, index[item.rule.code]) for item in problems),
    )
    return SarifLog(schema=SCHEMA, version="2.1.0", runs=(run,))


def _rule(rule: Rule) -> SarifRule:
    return SarifRule(id=rule.code, name=rule.word, short_description=Message(text=rule.meaning))


def _result(item: Problem, rule_index: int) -> SarifResult:
    end_column = item.column + item.length if item.length else 0
    region = Region(start_line=item.line, start_column=item.column, end_column=end_column)
    place = PhysicalLocation(artifact_location=_location(item.file), region=region)
    logical = (LogicalLocation(fully_qualified_name=item.path),) if item.path else ()
    return SarifResult(
        rule_id=item.rule.code,
        rule_index=rule_index,
        level=item.severity.value,
        message=Message(text=_escaped(item.sentence or item.message)),
        locations=(Location(physical_location=place, logical_locations=logical),),
        partial_fingerprints={"mistake/v1": _fingerprint(item)},
        properties=dict(item.facts),
    )


def _escaped(sentence: str) -> str:
    """The sentence with its brackets, which begin a link in SARIF, escaped."""
    return sentence.replace("\\", "\\\\").replace("[", "\\[").replace("]", "\\]")


def _fingerprint(item: Problem) -> str:
    """The same for the same problem after lines were moved."""
    return hashlib.sha256("\0".join((item.rule.code, item.path, item.message)).encode()).hexdigest()


def _location(file: str) -> ArtifactLocation:
    scheme = "file://" if PurePath(file).is_absolute() else ""
    return ArtifactLocation(uri=f"{scheme}{quote(file.encode('utf-8', 'surrogateescape'))}")
