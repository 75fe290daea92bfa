"""What may stand in a pipeline that a policy starts, and what only there."""

import pytest

from cutter.operations import CATALOGUE
from cutter.pipeline import Code, Diagnostic, Refused, build, load
from tests.architecture.source import ROOT

NOTIFY, CUT = ((ROOT / "pipelines" / f"{name}.yaml").read_text(encoding="utf-8") for name in ("notify", "cut"))
PUBLISHING = """
  - id: report
    uses: report.publish@1
    with: {about: "${{ inputs.trigger_id }}"}
"""


def mistakes(text: str) -> tuple[Diagnostic, ...]:
    """What lint says of a pipeline."""
    document = load(text.encode(), "sample.yaml")
    found = document if isinstance(document, Refused) else build(document, CATALOGUE)
    return found.diagnostics if isinstance(found, Refused) else ()


def test_the_shipped_pipelines_have_no_mistake() -> None:
    """Without it the tests below could find mistakes that are always there."""
    assert mistakes(NOTIFY) == mistakes(CUT) == ()


FOREIGN = {
    "another write": NOTIFY.replace("uses: comm.create_notification@1", "uses: library.enact@1"),
    "another effect outside": NOTIFY.replace("uses: comm.create_notification@1", "uses: custody.backup@1"),
    "one more write": NOTIFY + PUBLISHING,
    "a message that nobody's policy allows": NOTIFY.replace("started_by: policy", "started_by: person"),
}


@pytest.mark.parametrize("name", FOREIGN)
def test_a_policy_starts_two_writes_and_no_others(name: str) -> None:
    """Without it a pipeline could let a policy change a library, or a person send what no policy allows."""
    assert FOREIGN[name] != NOTIFY
    found = mistakes(FOREIGN[name])

    assert Code.NOT_FOR_POLICY in [mistake.code for mistake in found], found
    assert Code.NOT_FOR_POLICY.value == "P306"


def test_what_a_policy_starts_decides_first() -> None:
    """Without it people could be asked, or a message be sent, before any policy was looked at."""
    decide = NOTIFY[NOTIFY.index("  - id: decide\n") : NOTIFY.index("  - id: survey\n")]
    later = NOTIFY.replace(decide, "").replace("  - id: send\n", decide + "  - id: send\n")

    assert Code.NO_DECISION in [mistake.code for mistake in mistakes(later)]
    assert Code.NO_DECISION not in [mistake.code for mistake in mistakes(NOTIFY.replace("id: decide\n", "id: weigh\n"))]
