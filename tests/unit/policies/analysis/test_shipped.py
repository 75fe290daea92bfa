"""The tables and invariants that cutter ships are as good as they claim."""

from pathlib import Path

import msgspec
import pytest

from cutter.custody.policies import load_selection
from cutter.custody.policy_invariants import read_invariants
from cutter.custody.policy_tables import read_table
from cutter.policies.analysis.findings import Severity
from cutter.policies.analysis.invariants import prove
from cutter.policies.analysis.lint import lint
from cutter.policies.analysis.mutation import generate, mutate
from cutter.policies.analysis.tables import Expected, Table, run_tables
from cutter.policies.policy import Selection, Verdict

FOLDER = Path(__file__).parents[4] / "policies"
TABLES = sorted((FOLDER / "tests").glob("*.yaml"))


@pytest.fixture(scope="module")
def shipped() -> Selection:
    """What the repository's own `selection.yaml` names."""
    return load_selection(FOLDER)


@pytest.fixture(scope="module")
def tables() -> tuple[Table, ...]:
    """All of its tables."""
    return tuple(read_table(path, path.name).table for path in TABLES)


def test_lint_finds_no_error(shipped: Selection) -> None:
    """Without it the demo would teach people policies with gaps, conflicts and dead rules."""
    assert [finding for finding in lint(shipped) if finding.severity is Severity.ERROR] == []


def test_every_row_holds_and_every_rule_is_witnessed(shipped: Selection, tables: tuple[Table, ...]) -> None:
    """Without it a policy could be changed and its tables be forgotten."""
    results = run_tables(shipped, tables)
    assert results.failures == ()
    assert results.witnessed_rules == results.rules == sum(len(policy.rules) for policy in shipped.policies)
    assert results.rows >= 40


def test_every_mutant_that_is_not_equivalent_is_killed(shipped: Selection, tables: tuple[Table, ...]) -> None:
    """Without it a rule could be loosened and no row would notice."""
    score = mutate(shipped, tables)
    assert score.survivors == ()
    assert score.killed > 100
    assert score.killed + score.equivalent == score.mutants


def test_no_row_is_kept_whose_flip_is_not_noticed(shipped: Selection, tables: tuple[Table, ...]) -> None:
    """Without it a row could be green whatever it expects."""
    for table in tables:
        for number, row in enumerate(table.rows):
            for verdict in Verdict:
                if verdict is row.expect.decision:
                    continue
                flipped = msgspec.structs.replace(row, expect=msgspec.structs.replace(row.expect, decision=verdict))
                rows = (*table.rows[:number], flipped, *table.rows[number + 1 :])
                failures = run_tables(shipped, (msgspec.structs.replace(table, rows=rows),)).failures
                assert number + 1 in {failure.row for failure in failures}


def test_generated_rows_expect_nothing(shipped: Selection) -> None:
    """Without it the program would write its own expectations, and every policy would be right."""
    rows = generate(shipped)
    assert rows
    assert {row.expect for row in rows} == {Expected(None, "", "")}


def test_the_invariants_hold(shipped: Selection) -> None:
    """Without it the demo would claim what its policies do not keep."""
    proofs = prove(shipped, read_invariants(FOLDER / "invariants.yaml", shipped))
    assert [proof for proof in proofs if not proof.holds] == []
    assert {proof.trigger_type for proof in proofs} == {kind.name for kind in shipped.triggers.types}
