"""`library.plan_cut@1`: cuts the text without writing, and freezes what the cut will be by digest.

Rules kept here: the outcome holds counts and digests, no ids, times or text, so that the same bytes give the same plan.

Source: DESIGN §5.1 (plan); cutting.md §2.
"""

import msgspec

from cutter import cutting
from cutter.operation import Broken, Held, ReadContext, ReadOperation, Verdict
from cutter.operations.library.source import read_source


class Params(msgspec.Struct, frozen=True):
    """Which text to cut, and the prefix of its addresses."""

    document_id: str
    text_sha256: str


class Outcome(msgspec.Struct, frozen=True):
    """What the cut will be: its profile and the language of that, counts (by address TYPE, sorted) and digests."""

    profile: str
    language: str
    row_count: int
    counts: tuple[tuple[str, int], ...]
    gaps: int
    doubts: int
    region_sha256: str
    manifest_sha256: str
    writer_sha256: str
    expected_after_sha256: str


def act(context: ReadContext, params: Params) -> Outcome:
    """Cut the text.

    Raises:
        Stop: STOP_TEXT_… when the text cannot be cut, STOP_PROFILE_UNKNOWN, STOP_SOURCE_CHANGED, STOP_SOURCE_MISSING.
    """
    source = read_source(context.texts, context.session, params.text_sha256)
    profile = context.texts.profile_of(params.document_id, source)
    made = cutting.cut(source, params.document_id, profile)
    return Outcome(
        profile=profile.id,
        language=profile.language,
        row_count=len(made.units),
        counts=tuple(cutting.counts(made)),
        gaps=sum(1 for doubt in made.doubts if doubt.code is cutting.DoubtCode.GAP),
        doubts=len(made.doubts),
        region_sha256=cutting.region_sha256(made),
        manifest_sha256=cutting.manifest_sha256(made),
        writer_sha256=cutting.writer_sha256(made),
        expected_after_sha256=cutting.expected_after_sha256(made),
    )


def verify(context: ReadContext, params: Params, outcome: Outcome) -> Verdict:
    """Cut again: the same bytes give the same digests."""
    again = act(context, params)
    if again != outcome:
        return Broken("other_cut", found=again.manifest_sha256[:16], needed=outcome.manifest_sha256[:16])
    return Held({"units": outcome.row_count})


OPERATION = ReadOperation(
    name="library.plan_cut",
    version=1,
    summary="Cuts the text in memory and freezes its counts and digests; writes nothing.",
    params=Params,
    outcome=Outcome,
    crosses=(),
    act=act,
    verify=verify,
)
