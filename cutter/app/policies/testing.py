"""The tables of tests: whether the policies decide what the rows say, and which changes of a rule no row notices.

Rules kept here: a file of tables that is named has to be there; what is generated expects nothing, and never takes the
place of a file.

Source: policies.md §3.5, §3.6.
"""

from collections.abc import Sequence
from pathlib import Path

from cutter.app.policies.loading import Loaded, folder_and_files, load, policies_folder, too_large, words_of
from cutter.custody.files import create_exclusive, names_in
from cutter.custody.policy_tables import LoadedTable, read_table, written_table
from cutter.policies.analysis.mutation import Survivor, generate, mutate
from cutter.policies.analysis.regions import TooLarge
from cutter.policies.analysis.selections import fields_of_type
from cutter.policies.analysis.tables import Failure, Row, run_tables, witness_of_row
from cutter.policies.policy import Selection
from cutter.report.next_steps import command
from cutter.report.policies.results import ShownWitness
from cutter.report.policies.tables import GeneratedRows, PolicyTests, ShownScore, SurvivedMutant, TableFailure
from cutter.report.policies.witnesses import shown_witness
from cutter.report.policies.words import rule_name
from cutter.report.result import NextStep
from cutter.settings import Settings
from cutter.stops import Exit, Stop, StopCode

TABLES, MISSING = "tests", "missing.yaml"
_PLAIN = 0o644


def run_policy_tests(
    settings: Settings, files: Sequence[Path], folder: Path | None = None, *, mutated: bool
) -> PolicyTests:
    """Run tables of tests.

    Args:
        settings: the workspace.
        files: the tables, of whose policies the rules are tested; none: all of the folder's `tests`, and every rule. A
            folder of policies may stand here.
        folder: another folder of policies, or a file of one; None: the workspace's.
        mutated: also change the rules, and see which changes no row notices; where every row holds.

    Raises:
        Stop: STOP_SOURCE_MISSING, STOP_CONFIG_INVALID with the place.
    """
    folder, files = folder_and_files(files, folder)
    loaded = load(policies_folder(settings, folder))
    tables = _tables(loaded, files)
    tested = _tested(files, tables)
    found = run_tables(loaded.selection, tuple(table.table for table in tables), tested)
    score = _score(loaded, tables, tested) if mutated and found.passed else None
    good = found.passed and not (score and score.survived)
    stop = None if good else StopCode.STOP_POLICY_TESTS_FAILED
    return PolicyTests(
        folder=str(loaded.place.folder),
        tables=tuple(table.table.name for table in tables),
        rows=found.rows,
        passed=found.passed_rows,
        rules=found.rules,
        witnessed=found.witnessed_rules,
        failures=tuple(_failure(failure, tables) for failure in found.failures),
        score=score,
        stop_code=stop.name if stop else None,
        exit_code=int(stop.exit if stop else Exit.DONE),
        next=_steps(folder, files, tables=bool(tables), passed=found.passed, score=score),
    )


def generate_rows(
    settings: Settings, files: Sequence[Path], path: Path | None, folder: Path | None = None
) -> GeneratedRows:
    """The rows that the tables lack to notice every change of a rule; all of them where there is no table.

    Args:
        settings: the workspace.
        files: the tables, or a folder, as of `run_policy_tests`.
        path: a new file that they are written into; None: none.
        folder: another folder of policies, or a file of one; None: the workspace's.

    Raises:
        Stop: STOP_POLICY_TESTS_FAILED (the first row that does not hold), STOP_INVALID_INPUT (detail `file_exists`),
            and as `run_policy_tests`.
    """
    folder, files = folder_and_files(files, folder)
    loaded = load(policies_folder(settings, folder))
    tables = _tables(loaded, files)
    rows = _missing(loaded, tables, _tested(files, tables)) if tables else _all(loaded)
    text = written_table(rows, loaded.selection)
    if path is not None:
        try:
            create_exclusive(path.absolute(), text.encode(), _PLAIN)
        except FileExistsError:
            raise Stop(StopCode.STOP_INVALID_INPUT, "file_exists", where=str(path)) from None
    return GeneratedRows(
        folder=str(loaded.place.folder),
        path=str(path) if path is not None else "",
        rows=len(rows),
        text=text,
        next=(NextStep("then", _with_rows(loaded, folder, tables, path)),),
    )


def _with_rows(loaded: Loaded, folder: Path | None, tables: Sequence[LoadedTable], path: Path | None) -> str:
    """The command that runs what was written together with what was there."""
    if path is None or path.absolute().parent == (loaded.place.folder / TABLES).absolute():
        return command("policies", "test", *words_of(folder))
    return command("policies", "test", *words_of(folder, (*(Path(table.table.name) for table in tables), path)))


def _tested(files: Sequence[Path], tables: Sequence[LoadedTable]) -> frozenset[str] | None:
    """The policies whose rules are tested; None: all."""
    return frozenset(policy for table in tables for policy, _ in table.table.policies) if files else None


def _tables(loaded: Loaded, files: Sequence[Path]) -> tuple[LoadedTable, ...]:
    folder = loaded.place.folder / TABLES
    own = [folder / name for name in names_in(folder) if name.endswith(".yaml")]
    try:
        return tuple(read_table(path, str(path)) for path in files or own)
    except FileNotFoundError as error:
        raise Stop(StopCode.STOP_SOURCE_MISSING, where=str(error.filename or "")) from None


def _missing(loaded: Loaded, tables: Sequence[LoadedTable], tested: frozenset[str] | None) -> tuple[Row, ...]:
    plain = tuple(table.table for table in tables)
    failed = next((f for f in run_tables(loaded.selection, plain, tested).failures if f.row), None)
    if failed is not None:
        shown = _failure(failed, tables)
        raise Stop(
            StopCode.STOP_POLICY_TESTS_FAILED,
            detail=shown.fault.value,
            where=shown.place,
            found=shown.found or shown.name,
            needed=shown.expected,
        )
    try:
        score = mutate(loaded.selection, plain, tested)
    except TooLarge as large:
        raise too_large(large, loaded.place) from None
    return tuple(dict.fromkeys(survivor.row for survivor in score.survivors))


def _all(loaded: Loaded) -> tuple[Row, ...]:
    try:
        return generate(loaded.selection)
    except TooLarge as large:
        raise too_large(large, loaded.place) from None


def _failure(failure: Failure, tables: Sequence[LoadedTable]) -> TableFailure:
    places = next((table.places for table in tables if table.table.name == failure.table), ())
    return TableFailure(
        table=failure.table,
        row=failure.row,
        place=places[failure.row] if failure.row < len(places) else "",
        fault=failure.fault,
        name=failure.name,
        expected=failure.expected,
        found=failure.found,
    )


def _score(loaded: Loaded, tables: Sequence[LoadedTable], tested: frozenset[str] | None) -> ShownScore:
    try:
        score = mutate(loaded.selection, tuple(table.table for table in tables), tested)
    except TooLarge as large:
        raise too_large(large, loaded.place) from None
    survived = tuple(_survivor(survivor, loaded.selection) for survivor in score.survivors)
    return ShownScore(mutants=score.mutants, killed=score.killed, equivalent=score.equivalent, survived=survived)


def _survivor(survivor: Survivor, selection: Selection) -> SurvivedMutant:
    mutant = survivor.mutant
    return SurvivedMutant(
        rule=rule_name(mutant.policy, mutant.rule),
        kind=mutant.kind,
        field=mutant.field,
        detail=mutant.detail,
        row=_row(survivor.row, selection),
    )


def _row(row: Row, selection: Selection) -> ShownWitness:
    """A row as a witness."""
    return shown_witness(witness_of_row(row, fields_of_type(selection, row.trigger_type)), selection)


def _steps(
    folder: Path | None, files: Sequence[Path], *, tables: bool, passed: bool, score: ShownScore | None
) -> tuple[NextStep, ...]:
    other, named = words_of(folder), words_of(folder, files)
    if not tables:
        return (NextStep("missing rows", command("policies", "test", *other, "--generate", MISSING)),)
    if not passed:
        lint = NextStep("lint", command("policies", "lint", *other))
        return (NextStep("policies", command("policies", "list", *other)), lint)
    if score is None:
        return (NextStep("mutants", command("policies", "test", *named, "--mutate")),)
    if score.survived:
        return (NextStep("missing rows", command("policies", "test", *named, "--generate", MISSING)),)
    return (NextStep("prove", command("policies", "prove", *other)),)
