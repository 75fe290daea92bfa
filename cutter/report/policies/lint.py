"""What is wrong with policies (`cutter.policies-lint/1`): gaps, conflicts, rules that decide nothing; with witnesses.

Rules kept here: every finding is at the place of the rule, or of the trigger type, that it is about; it has a trigger
that shows it, which `cutter policies explain` reads; a mistake in a file is told in the same way as what was analysed.

Source: policies.md §3.2; command-line.md §1 rows 5, 6.
"""

from collections.abc import Iterator, Sequence

import msgspec

from cutter.messages import Countable, Message, _, counted
from cutter.policies.analysis.regions import Region
from cutter.report.lines import block, exit_part, head, next_lines
from cutter.report.paragraphs import Line
from cutter.report.policies.results import ShownWitness
from cutter.report.policies.witnesses import witness_phrase
from cutter.report.policies.words import region_phrase
from cutter.report.problems import Problem, Rule, Severity
from cutter.report.result import NextStep
from cutter.report.visible import visible
from cutter.stops import StopCode

TOO_LARGE = "too_large"


class PolicyFinding(msgspec.Struct, frozen=True, kw_only=True):
    """Something that is wrong with policies, or in a file of theirs.

    Attributes:
        code: `gap`, `conflict`, `dead`, `redundant`, `unsatisfiable`, `not_selected`, `withdrawn`, `too_large`; of a
            mistake in a file the stop.
        severity: warnings are told and stop nothing.
        file, line, column: where; from 1, in characters.
        trigger: the type of trigger, or several with commas; empty of a mistake in a file.
        rules: that it is about, as `POLICY/RULE`.
        field: of a rule whose conditions cannot be met: which of them.
        region: where it is so; None of a mistake in a file.
        detail, found, needed: of a mistake in a file, what the stop says of it; of what is not selected or withdrawn,
            which version is, and which has to be.
        witness: a trigger for which it is so; None where no trigger can show it.
    """

    code: str
    severity: Severity
    file: str
    line: int
    column: int
    trigger: str = ""
    rules: tuple[str, ...] = ()
    field: str = ""
    region: Region | None = None
    detail: str = ""
    found: str = ""
    needed: str = ""
    witness: ShownWitness | None = None


class PolicyLint(msgspec.Struct, frozen=True, kw_only=True):
    """All of one lint: what was looked at, and what was found."""

    format: str = "cutter.policies-lint/1"
    folder: str
    files: tuple[str, ...]
    policies: int
    rules: int
    triggers: int
    findings: tuple[PolicyFinding, ...]
    errors: int
    warnings: int
    exit_code: int
    next: tuple[NextStep, ...]


_MEANINGS = {
    "gap": Message("No rule says what happens here, and no policy says that this is meant."),
    "conflict": Message("Rules hold here together that say different things: the stronger decides, or a person."),
    "dead": Message(
        "The rule never decides: where it holds, a stronger one does too, or an equally strong one that comes first "
        "by the names of policy and rule."
    ),
    "redundant": Message("Without this rule everything is decided as with it."),
    "unsatisfiable": Message("No trigger can meet the conditions of this rule."),
    "not_selected": Message(
        "What this needs is not selected in that version: the triggers that come to it are denied."
    ),
    "withdrawn": Message("What is selected is withdrawn: the triggers that come to it are denied."),
    TOO_LARGE: Message("The rules of this type name too much together to be proved."),
    StopCode.STOP_CONFIG_INVALID.name: Message("A file is not well formed."),
}


FINDINGS = tuple(code for code in _MEANINGS if code not in StopCode.__members__)
"""Every code that is no stop."""


def meaning_of(code: str) -> str:
    """What a finding's code means, in English; `_` translates it."""
    return str(_MEANINGS.get(code, code))


def problems_of(found: Sequence[PolicyFinding]) -> Iterator[Problem]:
    """The findings as the forms for tools have them."""
    for item in found:
        message = _message(item)
        yield Problem(
            file=item.file,
            line=item.line,
            column=item.column,
            rule=Rule(code=item.code, meaning=meaning_of(item.code)),
            severity=item.severity,
            message=message,
            sentence=f"{meaning_of(item.code)} {message}",
            path="+".join(item.rules),
            facts=tuple(_facts(item)),
        )


def lint_lines(found: PolicyLint) -> Iterator[str]:
    """The screen: the state, what was looked at, each finding with its place and its witness, what next."""
    state = _("REFUSED") if found.errors else _("GOOD")
    status = exit_part(found.exit_code) if found.exit_code else ""
    yield head(state, (visible(found.folder, compose=False), *_counts(found), status))
    yield block(_("Looked"), _looked(found))
    for item in found.findings:
        yield ""
        yield from _finding_lines(item)
    if found.findings:
        yield ""
    yield from next_lines(found.next)


def _counts(found: PolicyLint) -> Iterator[str]:
    yield counted(found.errors, Countable("mistake"))
    if found.warnings:
        yield counted(found.warnings, Countable("warning"))


def _looked(found: PolicyLint) -> str:
    policies = counted(found.policies, Countable("policy|policies"))
    rules = counted(found.rules, Countable("rule"))
    triggers = counted(found.triggers, Countable("trigger type"))
    return f"{policies} · {rules} · {triggers}"


def _finding_lines(item: PolicyFinding) -> Iterator[str]:
    word = _("error") if item.severity is Severity.ERROR else _("warning")
    yield Line(f"{word}[{item.code}]: {_(meaning_of(item.code))}", 4)
    yield f"  --> {visible(item.file, compose=False)}:{item.line}:{item.column}"
    rows = (
        (_("trigger"), item.trigger),
        (_("rules"), ", ".join(item.rules)),
        (_("field"), item.field),
        (_("where"), region_phrase(item.region) if item.region is not None else ""),
        (_("case"), item.detail),
        (_("found"), item.found),
        (_("needed"), item.needed),
        (_("witness"), witness_phrase(item.witness) if item.witness else ""),
        (_("file"), item.witness.path if item.witness else ""),
    )
    for name, said in rows:
        if said:
            yield Line(f"  = {name}: {visible(said)}", 6)


def _message(item: PolicyFinding) -> str:
    region = str(item.region) if item.region is not None else ""
    parts = (item.detail, item.found, item.trigger, " + ".join(item.rules), item.field, region)
    return " · ".join(part for part in parts if part)


def _facts(item: PolicyFinding) -> Iterator[tuple[str, str]]:
    witness = msgspec.json.encode(item.witness.trigger).decode() if item.witness else ""
    facts = (
        ("trigger", item.trigger),
        ("rules", " ".join(item.rules)),
        ("region", str(item.region) if item.region is not None else ""),
        ("needed", item.needed),
        ("witness", witness),
    )
    return (fact for fact in facts if fact[1])
