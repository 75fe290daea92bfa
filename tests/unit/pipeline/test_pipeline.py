"""What is built from a good file: the phases of `cut`, a digest that layout does not move, inputs, references."""

import io
import random
from collections.abc import Mapping
from typing import Any

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from ruamel.yaml import YAML

from cutter import canon
from cutter.model import GatePhase, InputReference, Inputs, InputValue, Literal, OutcomeReference, Pipeline, SurveyPhase
from cutter.operation import Held, Operation, ReadOperation, TargetOperation, Undo
from cutter.operations import CATALOGUE
from cutter.pipeline import Code, Refused, build, load, parse_inputs, rebuild
from cutter.pipeline.references import resolve
from cutter.report.lint.findings import LintedFile, finding
from cutter.report.lint.full import full_lines
from cutter.stops import Stop, StopCode
from tests.architecture.source import ROOT
from tools.schemas import schemas

CUT = (ROOT / "pipelines" / "cut.yaml").read_text(encoding="utf-8")
GOOD = (ROOT / "tests" / "golden" / "pipelines" / "good.yaml").read_text(encoding="utf-8")


def built(text: str) -> Pipeline:
    """A pipeline that must be good."""
    document = load(text.encode(), "sample.yaml")
    assert not isinstance(document, Refused), document.diagnostics
    found = build(document, CATALOGUE)
    assert not isinstance(found, Refused), found.diagnostics
    return found


PIPELINE = built(GOOD)


def test_cut_has_its_twelve_phases() -> None:
    """Without it a phase could be lost or moved, a gate among them, and the file would still lint."""
    pipeline = built(CUT)
    assert [phase.id for phase in pipeline.phases] == [
        "discover",
        "survey",
        "plan",
        "authorize_cut",
        "backup",
        "cut_leg_a",
        "cut_leg_b",
        "verify",
        "authorize_enact",
        "backup_enact",
        "enact",
        "report",
    ]
    assert [p.gate.id for p in pipeline.phases if isinstance(p, GatePhase)] == [
        "GATE_CUT_AUTHORIZATION",
        "GATE_LIFECYCLE_ENACT_AUTHORIZATION",
    ]
    assert [p.id for p in pipeline.phases if isinstance(p, SurveyPhase)] == ["survey"]
    assert (pipeline.limits.phase, pipeline.limits.run) == (15 * 60, 60 * 60)


def _shuffled(tree: Any, dice: random.Random) -> Any:
    match tree:
        case dict():
            keys = list(tree)
            dice.shuffle(keys)
            return {key: _shuffled(tree[key], dice) for key in keys}
        case list():
            return [_shuffled(item, dice) for item in tree]
        case _:
            return tree


@pytest.mark.parametrize("seed", range(3))
def test_layout_comments_and_key_order_do_not_move_the_digest(seed: int) -> None:
    """Without it a comment would void an approval that people have signed."""
    out = io.StringIO()
    out.write("# another comment\n")
    YAML(typ="safe").dump(_shuffled(YAML(typ="safe").load(CUT), random.Random(seed)), out)
    again = built(out.getvalue())
    assert again == built(CUT)


def test_a_changed_value_moves_the_digest() -> None:
    """Without it an approval would hold for another pipeline than the one that was signed."""
    assert built(CUT.replace("PT72H", "PT71H", 1)).sha256 != built(CUT).sha256


@pytest.mark.parametrize("text", [CUT, GOOD], ids=["cut", "good"])
def test_a_stored_pipeline_is_the_same_pipeline(text: str) -> None:
    """Without it a resumed run could have another order of inputs, and so another plan, than the one it began with."""
    pipeline = built(text)
    assert rebuild(pipeline.source, CATALOGUE) == pipeline
    assert pipeline.sha256 == canon.sha256(pipeline.source)


@pytest.mark.parametrize(
    "source",
    [
        b"",
        b"{",
        b"[" * 100_000,
        b'{"a":1.5}',
        b'{"a":1,"a":2}',
        b'{ "a":1}',
        b"9" * 5000,
        '{"é":1}'.encode(),
        b"\xff",
        PIPELINE.source + b" ",
        PIPELINE.source.replace(b"library.enact@1", b"library.enact@9"),
    ],
    ids=lambda source: repr(source[:16]),
)
def test_a_stored_pipeline_that_was_altered_is_refused(source: bytes) -> None:
    """Without it a damaged record would end a resume in a traceback, or be run."""
    assert isinstance(rebuild(source, CATALOGUE), Refused)


def test_the_schema_is_generated_from_the_types() -> None:
    """Without it editors would check files against rules that the loader no longer has."""
    for name, text in schemas().items():
        assert (ROOT / "schemas" / name).read_text(encoding="utf-8") == text


# Operations that the shipped catalogue does not have


class _Params(msgspec.Struct, frozen=True):
    text: str
    note: str | None


class _Outcome(msgspec.Struct, frozen=True):
    text: str
    count: int | None


class _OneOperation:
    """A catalogue with one operation beside the shipped ones."""

    def __init__(self, operation: Operation) -> None:
        self._operation = operation

    def find(self, name: str, version: int) -> Operation | None:
        return self._operation if name == self._operation.name else CATALOGUE.find(name, version)

    def names(self) -> list[str]:
        return [self._operation.name, *CATALOGUE.names()]


def _found_with(operation: Operation, text: str) -> list[Code]:
    document = load(text.encode(), "sample.yaml")
    assert not isinstance(document, Refused)
    found = build(document, _OneOperation(operation))
    return [item.code for item in found.diagnostics] if isinstance(found, Refused) else []


READING: ReadOperation[_Params, _Outcome] = ReadOperation(
    name="sample.read",
    version=1,
    summary="",
    params=_Params,
    outcome=_Outcome,
    crosses=(),
    act=lambda context, params: _Outcome(params.text, None),
    verify=lambda context, params, outcome: Held({}),
)


@pytest.mark.parametrize(
    ("note", "codes"),
    [
        pytest.param('"${{ inputs.note }}"', [], id="an optional input"),
        pytest.param("null", [], id="null"),
        pytest.param('"${{ inputs.document_id }}"', [], id="an input that is always given"),
        pytest.param("3", [Code.TYPE_MISMATCH], id="a number"),
        pytest.param('"${{ phases.discover.text_size }}"', [Code.TYPE_MISMATCH], id="a number by reference"),
    ],
)
def test_a_parameter_that_may_be_null_takes_text_or_null(note: str, codes: list[Code]) -> None:
    """Without it an optional parameter could not be given, or would take anything."""
    with_ = f'with: {{text: "a", note: {note}}}'
    text = GOOD.replace("  - id: survey\n", f"  - id: look\n    uses: sample.read@1\n    {with_}\n  - id: survey\n")
    assert _found_with(READING, text) == codes


def test_a_governed_write_without_an_undo_is_refused() -> None:
    """Without it rows could be written that nothing brings back."""
    enact = CATALOGUE.find("library.enact", 1)
    assert isinstance(enact, TargetOperation)
    fixed = TargetOperation(
        name=enact.name,
        version=1,
        summary="",
        params=enact.params,
        outcome=enact.outcome,
        governs=enact.governs,
        undo=Undo.NONE,
        crosses=(),
        act=enact.act,
        verify=enact.verify,
    )
    assert _found_with(fixed, GOOD) == [Code.NO_UNDO]


# Inputs


@pytest.mark.parametrize(
    ("given_inputs", "detail"),
    [
        pytest.param({}, "missing", id="missing"),
        pytest.param({"document_id": None}, "missing", id="given as nothing"),
        pytest.param({"document_id": "abc"}, "pattern", id="another form"),
        pytest.param({"document_id": "ABC\n"}, "characters", id="a line break at the end"),
        pytest.param({"document_id": "A\x00B"}, "characters", id="NUL"),
        pytest.param({"document_id": "A\udcff"}, "characters", id="bytes that are no text"),
        pytest.param({"document_id": "A" * 5000}, "characters", id="too long"),
        pytest.param({"document_id": ""}, "pattern", id="empty"),
        pytest.param({"document_id": "ABC", "other": "x"}, "unknown", id="unknown"),
    ],
)
def test_an_input_is_refused_without_its_value(given_inputs: dict[str, str | None], detail: str) -> None:
    """Without it a value could slip past its form, or a refused secret could reach a screen or a log."""
    with pytest.raises(Stop) as caught:
        parse_inputs(PIPELINE, given_inputs)
    assert (caught.value.code, caught.value.detail) == (StopCode.STOP_INVALID_INPUT, detail)
    told = f"{caught.value.found} {caught.value.needed} {caught.value.where}"
    assert not any(value and value in told for value in given_inputs.values())


def test_inputs_are_all_declared_ones_with_defaults() -> None:
    """Without it two runs of the same request could have different plans."""
    pipeline = built(CUT)
    assert parse_inputs(pipeline, {"document_id": "AB-1"}) == parse_inputs(
        pipeline, {"scope": "enacted_only", "document_id": "AB-1"}
    )


INPUTS = Inputs((InputValue("document_id", "AB-1"),))
OUTCOMES: Mapping[str, Mapping[str, Any]] = {"plan": {"row_count": 3}}


def test_references_are_resolved() -> None:
    """Without it a phase could be given another value than the one that was approved."""
    assert resolve(Literal("${x}"), INPUTS, {}) == "${x}"
    assert resolve(InputReference("document_id"), INPUTS, {}) == "AB-1"
    assert resolve(OutcomeReference("plan", "row_count"), INPUTS, OUTCOMES) == 3
    with pytest.raises(KeyError):
        resolve(OutcomeReference("plan", "row_count"), INPUTS, {})


# Anything at all


def _check(data: bytes) -> None:
    document = load(data, "any.yaml")
    found = document if isinstance(document, Refused) else build(document, CATALOGUE)
    if isinstance(found, Pipeline):
        assert rebuild(found.source, CATALOGUE) == found
        return
    text = data.decode("utf-8", "backslashreplace")
    lines = text.split("\n")
    assert found.diagnostics
    for item in found.diagnostics:
        assert 1 <= item.line <= len(lines)
        assert 1 <= item.column <= len(lines[item.line - 1]) + 1
    findings = tuple(finding(item, text) for item in found.diagnostics)
    assert list(full_lines(LintedFile("any.yaml", findings, ""), text))


@given(st.binary(max_size=300) | st.text("[]{}:,-?&*!|>'\"%@` \n#ab1.~<=\\xU0", max_size=60).map(str.encode))
def test_any_bytes_are_a_pipeline_or_mistakes_in_the_file(data: bytes) -> None:
    """Without it a file could end the program in a traceback, or be refused at a place that it does not have."""
    _check(data)


PIECES = (
    "",
    "null",
    "3",
    "[1]",
    "{a: 1}",
    "true",
    '"${{ inputs.note }}"',
    "*x",
    "&a b",
    "!!int 3",
    "<<: {a: 1}",
    "é: 1",
)


@settings(max_examples=150, deadline=None)
@given(
    st.lists(
        st.tuples(st.integers(0, GOOD.count("\n") - 1), st.integers(0, 120), st.sampled_from(PIECES), st.booleans()),
        min_size=1,
        max_size=3,
    )
)
def test_a_mutated_pipeline_is_a_pipeline_or_mistakes_in_the_file(edits: list[tuple[int, int, str, bool]]) -> None:
    """Without it a slip of the pen that nobody thought of could end lint in a traceback."""
    lines = GOOD.split("\n")
    for number, column, piece, cut in edits:
        line = lines[number]
        lines[number] = line[:column] + piece + ("" if cut else line[column:])
    _check("\n".join(lines).encode())
