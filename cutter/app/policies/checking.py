"""Lint and proofs of the selected policies: what is found over every trigger, each with a witness.

Source: policies.md §3.2, §3.3.
"""

import re
from collections.abc import Iterator, Sequence
from pathlib import Path

from cutter.app.policies.loading import Loaded, folder_and_files, load, policies_folder, too_large, words_of
from cutter.app.policies.witnessing import keep_witness
from cutter.custody.policies import find_mistakes
from cutter.custody.policy_invariants import read_invariants
from cutter.policies.analysis.availability import Part, Unavailable, unavailable
from cutter.policies.analysis.findings import Finding
from cutter.policies.analysis.invariants import Proof, prove
from cutter.policies.analysis.lint import lint
from cutter.policies.analysis.regions import TooLarge, Witness
from cutter.policies.decision import Reason
from cutter.report.next_steps import command
from cutter.report.policies.lint import TOO_LARGE, PolicyFinding, PolicyLint
from cutter.report.policies.proofs import PolicyProofs, ShownProof
from cutter.report.policies.results import ShownWitness
from cutter.report.policies.witnesses import explain_steps, shown_witness
from cutter.report.policies.words import named, rule_name
from cutter.report.problems import Severity
from cutter.report.result import NextStep
from cutter.settings import Settings
from cutter.stops import Exit, Stop, StopCode

INVARIANTS = "invariants.yaml"
WITNESSES = "witnesses"
SELECTED_AS = {Part.POLICY: "policies", Part.VIEW: "views", Part.TEMPLATE: "templates"}
_MOST_STEPS = 3
_PLACED = re.compile(r":[0-9]+:[0-9]+\Z", re.ASCII)


def lint_policies(settings: Settings, folder: Path | None, witnesses: Path | None) -> PolicyLint:
    """Everything that is wrong with the policies that a folder selects: in its files, or in what they decide.

    Args:
        settings: the workspace.
        folder: another folder of policies, or a file of one; None: the workspace's.
        witnesses: where each witness is written; None: nowhere.
    """
    place = policies_folder(settings, folder)
    try:
        loaded = load(place)
    except Stop as stop:
        if stop.code is not StopCode.STOP_CONFIG_INVALID:
            raise
        mistakes = find_mistakes(place.folder, place.selection) or (stop,)
        return _report(str(place.folder), None, tuple(_mistake(each) for each in mistakes), _again(folder))
    found = tuple(_unavailable(each, loaded) for each in unavailable(loaded.selection))
    try:
        findings = enumerate(lint(loaded.selection), start=1)
        found += tuple(_finding(item, number, loaded, witnesses) for number, item in findings)
    except TooLarge as large:
        found += (_too_large(large, loaded),)
    found = tuple(sorted(found, key=lambda item: item.severity is not Severity.ERROR))
    return _report(str(place.folder), loaded, found, _steps(found, folder, witnesses))


def prove_invariants(
    settings: Settings, path: Path | None, witnesses: Path | None, folder: Path | None = None
) -> PolicyProofs:
    """Whether invariants hold for every trigger.

    Args:
        settings: the workspace.
        path: the file of invariants; None: `invariants.yaml` of the policies. A folder of policies may stand here.
        witnesses: where each counter-example is written; None: nowhere.
        folder: another folder of policies, or a file of one; None: the workspace's.

    Raises:
        Stop: STOP_CONFIG_INVALID, STOP_SOURCE_MISSING.
    """
    folder, files = folder_and_files((path,) if path is not None else (), folder)
    place = policies_folder(settings, folder)
    loaded = load(place)
    file = files[0] if files else place.folder / INVARIANTS
    try:
        invariants = read_invariants(file, loaded.selection)
    except FileNotFoundError:
        raise Stop(StopCode.STOP_SOURCE_MISSING, where=str(file)) from None
    try:
        proofs = prove(loaded.selection, invariants)
    except TooLarge as large:
        raise too_large(large, place) from None
    shown = tuple(_proof(proof, loaded, witnesses) for proof in proofs)
    failed = sum(1 for proof in shown if not proof.holds)
    stop = StopCode.STOP_POLICY_TESTS_FAILED if failed else None
    return PolicyProofs(
        folder=str(place.folder),
        path=str(file),
        proofs=shown,
        failed=failed,
        stop_code=stop.name if stop else None,
        exit_code=int(stop.exit if stop else Exit.DONE),
        next=_after_proofs(shown, folder, files, kept=witnesses is not None),
    )


def _report(
    folder: str, loaded: Loaded | None, found: tuple[PolicyFinding, ...], steps: tuple[NextStep, ...]
) -> PolicyLint:
    errors = sum(1 for item in found if item.severity is Severity.ERROR)
    policies = loaded.selection.policies if loaded else ()
    return PolicyLint(
        folder=folder,
        files=loaded.files if loaded else tuple(item.file for item in found),
        policies=len(policies),
        rules=sum(len(policy.rules) for policy in policies),
        triggers=len(loaded.selection.triggers.types) if loaded else 0,
        findings=found,
        errors=errors,
        warnings=len(found) - errors,
        exit_code=int(Exit.CONFIGURATION if errors else Exit.DONE),
        next=steps,
    )


def _mistake(stop: Stop) -> PolicyFinding:
    """A mistake in a file, as the reader of files tells it."""
    file, *place = stop.where.rsplit(":", 2) if _PLACED.search(stop.where) else (stop.where, "1", "1")
    return PolicyFinding(
        code=stop.code.name,
        severity=Severity.ERROR,
        file=file,
        line=int(place[0]),
        column=int(place[1]),
        detail=stop.detail,
        needed=stop.needed,
        found=stop.found,
    )


def _finding(item: Finding, number: int, loaded: Loaded, witnesses: Path | None) -> PolicyFinding:
    rules = tuple(rule_name(policy, rule) for policy, rule in item.rules)
    file, line, column = loaded.place_of(item.rules[0] if item.rules else None, item.trigger_type)
    name = (f"{number:02d}", item.kind.value, rules[0] if rules else item.trigger_type)
    return PolicyFinding(
        code=item.kind.value,
        severity=Severity(item.severity.value),
        file=file,
        line=line,
        column=column,
        trigger=item.trigger_type,
        rules=rules,
        field=item.field,
        region=item.region,
        witness=_witness(item.witness, loaded, witnesses, name),
    )


def _unavailable(each: Unavailable, loaded: Loaded) -> PolicyFinding:
    """What is not in force: at the rule that needs it, else where it is selected, else at the type that names it."""
    if each.rule is not None or each.reason is Reason.NOT_SELECTED:
        file, line, column = loaded.place_of(each.rule, each.trigger_types[0])
    else:
        file, line, column = loaded.place_of_selected(SELECTED_AS[each.part], each.id)
    wanted = f"{each.part.value} {named(each.id, each.version) if each.version else each.id}"
    missing = each.reason is Reason.NOT_SELECTED
    return PolicyFinding(
        code=each.reason.value.lower(),
        severity=Severity(each.severity.value),
        file=file,
        line=line,
        column=column,
        trigger=", ".join(each.trigger_types),
        rules=(rule_name(*each.rule),) if each.rule is not None else (),
        found=(named(each.id, each.selected) if each.selected else "") if missing else wanted,
        needed=wanted if missing else "",
    )


def _too_large(large: TooLarge, loaded: Loaded) -> PolicyFinding:
    file, line, column = loaded.place_of(None, large.trigger_type)
    return PolicyFinding(
        code=TOO_LARGE,
        severity=Severity.ERROR,
        file=file,
        line=line,
        column=column,
        trigger=large.trigger_type,
        needed=f"<= {large.bound}",
    )


def _steps(found: Sequence[PolicyFinding], folder: Path | None, witnesses: Path | None) -> tuple[NextStep, ...]:
    """How the first witnesses are explained; where they are not written, how they are."""
    shown = [item.witness for item in found if item.witness is not None]
    if not shown:
        return _again(folder) if found else (NextStep("tables", command("policies", "test", *words_of(folder))),)
    if witnesses is None:
        return (NextStep("examples", command("policies", "lint", *words_of(folder), "--witnesses", WITNESSES)),)
    return tuple(_explaining(shown[:_MOST_STEPS], *words_of(folder)))


def _again(folder: Path | None) -> tuple[NextStep, ...]:
    return (NextStep("again", command("policies", "lint", *words_of(folder))),)


def _explaining(shown: Sequence[ShownWitness], folder: str = "") -> Iterator[NextStep]:
    for witness in shown:
        yield from explain_steps(witness, folder)


def _witness(found: Witness | None, loaded: Loaded, folder: Path | None, words: tuple[str, ...]) -> ShownWitness | None:
    return None if found is None else keep_witness(shown_witness(found, loaded.selection), folder, words)


def _proof(proof: Proof, loaded: Loaded, witnesses: Path | None) -> ShownProof:
    name = ("counter-example", proof.invariant, proof.trigger_type)
    return ShownProof(
        invariant=proof.invariant,
        trigger=proof.trigger_type,
        holds=proof.holds,
        witness=_witness(proof.counterexample, loaded, witnesses, name),
        region=proof.region,
        decision=proof.verdict,
        rule=rule_name(proof.policy, proof.rule),
        reason=proof.reason,
        pace=proof.pace,
    )


def _after_proofs(
    shown: Sequence[ShownProof], folder: Path | None, files: Sequence[Path], *, kept: bool
) -> tuple[NextStep, ...]:
    if all(proof.holds for proof in shown):
        return (NextStep("tables", command("policies", "test", *words_of(folder))),)
    witnesses = [proof.witness for proof in shown if proof.witness is not None]
    if kept or not witnesses:
        steps = tuple(_explaining(witnesses[:_MOST_STEPS], *words_of(folder)))
        return steps or (NextStep("policies", command("policies", "list", *words_of(folder))),)
    again = command("policies", "prove", *words_of(folder, files), "--witnesses", WITNESSES)
    return (NextStep("examples", again),)
