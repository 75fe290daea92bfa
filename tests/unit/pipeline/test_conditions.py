"""What a phase may depend on, and that a policy's pipeline decides in every run, with an operation of our own."""

from collections.abc import Sequence
from typing import Any

import msgspec
import pytest

from cutter.model import GatePhase, OperationPhase, OutcomeReference, Pipeline, Starter
from cutter.operation import Held, Operation, ReadOperation
from cutter.operations import CATALOGUE
from cutter.pipeline import Refused, build, load
from tests.architecture.source import ROOT

NOTIFY = (ROOT / "pipelines" / "notify.yaml").read_text(encoding="utf-8")


class Nothing(msgspec.Struct, frozen=True):
    """No parameters."""


class Seen(msgspec.Struct, frozen=True):
    """An outcome to depend on."""

    yes: bool
    maybe: bool | None


LOOK: ReadOperation[Nothing, Seen] = ReadOperation(
    name="test.look",
    version=1,
    summary="Looks.",
    params=Nothing,
    outcome=Seen,
    crosses=(),
    act=lambda context, params: Seen(True, None),
    verify=lambda context, params, outcome: Held({}),
)


class WithLook:
    """The shipped operations, and one that looks."""

    def find(self, name: str, version: int) -> Operation | None:
        """The operation."""
        return LOOK if (name, version) == ("test.look", 1) else CATALOGUE.find(name, version)

    def names(self) -> Sequence[str]:
        """All of them."""
        return [*CATALOGUE.names(), "test.look@1"]


def built(*changes: tuple[str, str]) -> Pipeline | list[tuple[str, str]]:
    """The shipped pipeline of triggers with texts exchanged; or the codes of its mistakes, each with its path."""
    text = NOTIFY
    for before, after in changes:
        assert before in text
        text = text.replace(before, after, 1)
    document = load(text.encode(), "notify.yaml")
    assert not isinstance(document, Refused)
    found = build(document, WithLook())
    return [(d.code.word, d.path) for d in found.diagnostics] if isinstance(found, Refused) else found


LOOKING = ("phases:\n", "phases:\n  - id: look\n    uses: test.look@1\n")
DECIDES = "  - id: decide\n    uses: policy.decide@1\n"
ON = '    when: "${{ phases.%s }}"\n'


def test_what_a_phase_depends_on_is_kept() -> None:
    """Without it a `when` could be read, checked and forgotten, and the phase always be taken."""
    found = built()
    assert isinstance(found, Pipeline)
    assert found.started_by is Starter.POLICY
    on: dict[str, Any] = {p.id: p.when for p in found.phases if isinstance(p, (GatePhase, OperationPhase))}
    assert on == {
        "decide": None,
        "ask_people": OutcomeReference("decide", "escalated"),
        "authorize": None,
        "send": OutcomeReference("decide", "sends_message"),
        "create": OutcomeReference("decide", "creates_notification"),
    }


def test_an_outcome_goes_where_its_phase_goes() -> None:
    """Without it two phases that are left out together could not use each other's outcomes."""
    with_it = "  - id: more\n" + ON % "look.yes" + "    uses: test.look@1\n  - id: last\n"
    assert isinstance(
        built(LOOKING, (DECIDES, with_it + ON % "look.yes" + "    uses: test.look@1\n" + DECIDES)), Pipeline
    )
    without = built(LOOKING, (DECIDES, with_it + ON % "more.yes" + "    uses: test.look@1\n" + DECIDES))
    assert without == [("type-mismatch", "phases[2].when")]


REFUSED = {
    "what is decided only sometimes": (
        ((DECIDES, "  - id: decide\n" + ON % "look.yes" + "    uses: policy.decide@1\n"),),
        ("no-decision", "phases[3].gate"),
    ),
    "what may be absent": (
        (("phases.decide.escalated", "phases.look.maybe"),), ("type-mismatch", "phases[3].when"),
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", REFUSED)
def test_a_condition_that_cannot_be_told_is_refused(name: str) -> None:
    """Without it a policy's pipeline could ask people about a decision that was never reached."""
    changes, mistake = REFUSED[name]
    found = built(LOOKING, *changes)
    assert isinstance(found, list)
    assert mistake in found
