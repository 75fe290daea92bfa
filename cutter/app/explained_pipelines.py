"""What the words of pipelines mean: gates, operations, and the mistakes that lint finds. No database.

Rules kept here: a gate is told as the pipelines that can be named here declare it; what an office asks for beyond that
stands in its trust bundle, and is told where a run waits.

Source: issue 6, part 6; DESIGN §5.
"""

from collections.abc import Iterator, Sequence

from cutter.app.explanations import Explanation, Fact, normal_name
from cutter.app.operations import DescribedOperation, show_operation
from cutter.app.pipelines import good_pipelines
from cutter.approval.request import ESCALATION
from cutter.messages import Message
from cutter.model import GatePhase, OperationPhase, Pipeline
from cutter.operations import OPERATIONS
from cutter.pipeline import Code
from cutter.report.lines import role_phrase
from cutter.report.next_steps import command
from cutter.report.result import NextStep
from cutter.settings import Settings
from cutter.stops import Exit

_GATE = Message(
    "A gate: the run stops here until enough people have signed what it asks, and nothing after it happens before."
)
_GATE_CAUSE = Message(
    "A live run comes to a phase with this gate. It writes a request that names the plan, the database and what may "
    "follow, and ends with exit 10. A rehearsal only says that it would wait."
)
_GATE_REMEDY = Message(
    "Whoever has the role signs with cutter approve, and then the run goes on with cutter orchestrate resume. Silence "
    "is a no; cutter reject signs one."
)
_ESCALATION_CAUSE = Message(
    "A live run failed after it had committed something governed. Whether it goes on or is voided is for people to "
    "decide: those whom the gate before asked."
)
_OPERATION_CAUSE = Message("A phase of a pipeline uses it, with the parameters that the phase gives under `with`.")
_MISTAKE_CAUSE = Message("cutter pipelines lint finds it in a pipeline's file, and shows its place with a caret.")
_FACTS = (
    *(
        Message("effect"),
        Message("governs"),
        Message("undo"),
        Message("with"),
        Message("outcome"),
        Message("pipelines"),
    ),
    *(Message("pipeline"), Message("needed"), Message("to sign"), Message("to go on"), Message("covers")),
    Message("word"),
)
_MISTAKE_REMEDY = Message("Mend the file at that place, and lint it again. A pipeline with a mistake is not run.")


def explain_pipeline_word(word: str, settings: Settings | None) -> Explanation | None:
    """What a gate, an operation or a mistake means; None for any other word.

    Args:
        word: `GATE_…`, `library.cut_leg_a` with or without `@1`, `P301` or `write-before-gate`.
        settings: the workspace, whose pipelines have gates of their own; None where it cannot be read.
    """
    name = normal_name(word)
    for code in Code:
        if name in (code.value, code.name):
            return _explain_mistake(code)
    for operation in OPERATIONS:
        if word.strip().lower() in (operation.name, f"{operation.name}@{operation.version}"):
            return _explain_operation(show_operation(settings, f"{operation.name}@{operation.version}"))
    return _explain_gate(name, _pipelines(settings))


def pipeline_words(settings: Settings | None) -> tuple[str, ...]:
    """Every gate, operation and mistake that can be explained."""
    gates = {phase.gate.id for pipeline in _pipelines(settings) for phase in _gates(pipeline)}
    operations = (operation.name for operation in OPERATIONS)
    return (*sorted(gates | {ESCALATION}), *operations, *(code.value for code in Code), *(code.word for code in Code))


def pipeline_texts() -> Iterator[str]:
    """Every text here that people read, for the catalogues of translations."""
    yield from (_GATE, _GATE_CAUSE, _GATE_REMEDY, _ESCALATION_CAUSE, _OPERATION_CAUSE, _MISTAKE_CAUSE, _MISTAKE_REMEDY)
    yield from (operation.summary for operation in OPERATIONS)
    yield from (code.meaning for code in Code)
    yield from _FACTS


def _explain_mistake(code: Code) -> Explanation:
    return Explanation(
        kind="mistake",
        name=code.value,
        meaning=str(code.meaning),
        cause=str(_MISTAKE_CAUSE),
        remedy=str(_MISTAKE_REMEDY),
        exit_code=int(Exit.CONFIGURATION),
        exit_meaning=str(Exit.CONFIGURATION.meaning),
        facts=(Fact("word", code.word),),
        next=(NextStep("see", command("pipelines", "lint")),),
    )


def _explain_operation(found: DescribedOperation) -> Explanation:
    facts = (
        Fact("effect", found.kind),
        Fact("governs", ", ".join(found.governs)),
        Fact("undo", found.undo),
        Fact("with", ", ".join(field.name for field in found.params)),
        Fact("outcome", ", ".join(field.name for field in found.outcome)),
        Fact("pipelines", ", ".join(found.pipelines)),
    )
    return Explanation(
        kind="operation",
        name=found.name,
        meaning=found.summary,
        cause=str(_OPERATION_CAUSE),
        facts=tuple(fact for fact in facts if fact.value),
        next=(NextStep("see", command("operations", "show", found.name.partition("@")[0])),),
    )


def _explain_gate(name: str, pipelines: Sequence[Pipeline]) -> Explanation | None:
    names = (name, f"GATE_{name}")
    if ESCALATION in names:
        return _gate(ESCALATION, _ESCALATION_CAUSE, ())
    facts: list[Fact] = []
    found = ""
    for pipeline in pipelines:
        for phase in _gates(pipeline):
            if phase.gate.id in names:
                found = phase.gate.id
                facts += [
                    Fact("pipeline", f"{pipeline.id}, phase {phase.id}"),
                    Fact("needed", role_phrase(phase.gate.quorum)),
                    Fact("to sign", _hours(phase.gate.approve_within)),
                    Fact("to go on", _hours(phase.gate.execute_within)),
                    Fact("covers", ", ".join(_covered(pipeline, phase))),
                ]
    return _gate(found, _GATE_CAUSE, tuple(fact for fact in facts if fact.value)) if found else None


def _gate(name: str, cause: str, facts: tuple[Fact, ...]) -> Explanation:
    return Explanation(
        kind="gate",
        name=name,
        meaning=str(_GATE),
        cause=str(cause),
        remedy=str(_GATE_REMEDY),
        exit_code=int(Exit.WAITING),
        exit_meaning=str(Exit.WAITING.meaning),
        facts=facts,
        next=(
            NextStep("topic", command("help", "gates")),
            NextStep("runs", command("runs", "list")),
            NextStep("people", command("trust", "show")),
        ),
    )


def _covered(pipeline: Pipeline, gate: GatePhase) -> Iterator[str]:
    """The operations up to the next gate."""
    after = pipeline.phases[pipeline.phases.index(gate) + 1 :]
    for phase in after:
        if isinstance(phase, GatePhase):
            return
        if isinstance(phase, OperationPhase):
            yield phase.uses


def _pipelines(settings: Settings | None) -> tuple[Pipeline, ...]:
    return good_pipelines(settings) if settings is not None else ()


def _gates(pipeline: Pipeline) -> tuple[GatePhase, ...]:
    return tuple(phase for phase in pipeline.phases if isinstance(phase, GatePhase))


def _hours(seconds: int) -> str:
    hours, rest = divmod(seconds, 3600)
    return f"{seconds} s" if rest else f"{hours} h"
