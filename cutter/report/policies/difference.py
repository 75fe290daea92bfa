"""What two selections of policies decide differently (`cutter.policies-difference/1`), and who said yes to it.

Rules kept here: what is newly allowed comes first and needs a second person, whose signature is over these very
differences; without it the screen waits, and says how it is given.

Source: policies.md §3.4.
"""

import shlex
from collections.abc import Iterator
from enum import Enum

import msgspec

from cutter.messages import Message, _, number
from cutter.policies.analysis.difference import Outcome, Replaced
from cutter.policies.analysis.regions import Region
from cutter.report.graph_words import span
from cutter.report.lines import block, exit_part, head, next_lines
from cutter.report.paragraphs import Line
from cutter.report.policies.results import ShownWitness
from cutter.report.policies.witnesses import witness_phrase
from cutter.report.policies.words import named, region_phrase
from cutter.report.result import NextStep
from cutter.report.visible import visible


class Newly(Enum):
    """What triggers become. `other`: what is done, or how often, changes, and nothing is newly allowed by it."""

    ALLOWED = "allowed"
    ESCALATED = "escalated"
    DENIED = "denied"
    OTHER = "other"


class ShownSide(msgspec.Struct, frozen=True, kw_only=True):
    """One of the two selections: where it is, and its digest."""

    path: str
    sha256: str


class ShownChange(msgspec.Struct, frozen=True, kw_only=True):
    """Triggers that are decided otherwise: where, how before and after (None: the type is unknown), an example."""

    newly: Newly
    trigger: str
    regions: tuple[Region, ...]
    before: Outcome | None
    after: Outcome | None
    witness: ShownWitness


class Consent(Enum):
    """Whether somebody has to say yes to the difference, and whether they have."""

    NOT_NEEDED = "not_needed"
    WANTED = "wanted"
    GIVEN = "given"


class PolicyDifference(msgspec.Struct, frozen=True, kw_only=True):
    """The difference. `difference_sha256` is the digest over its canonical bytes, which a second person signs.

    `exported` is the file that the bytes to be signed were written to; `signer` and `fpr` are of who signed.
    """

    format: str = "cutter.policies-difference/1"
    before: ShownSide
    after: ShownSide
    changes: tuple[ShownChange, ...]
    replaced: tuple[Replaced, ...]
    difference_sha256: str
    consent: Consent
    signer: str = ""
    fpr: str = ""
    exported: str = ""
    exit_code: int
    next: tuple[NextStep, ...]


_HEADINGS = {
    Newly.ALLOWED: Message("newly allowed"),
    Newly.ESCALATED: Message("newly escalated"),
    Newly.DENIED: Message("newly denied"),
    Newly.OTHER: Message("done otherwise"),
}
_MOST_REGIONS = 4


def difference_lines(found: PolicyDifference) -> Iterator[str]:
    """The screen: the state, what is newly allowed, escalated, denied, who said yes, what next."""
    sides = " → ".join(visible(side.path, compose=False) for side in (found.before, found.after))
    yield head(_state(found), (sides, exit_part(found.exit_code) if found.exit_code else ""))
    counts = {kind: sum(1 for change in found.changes if change.newly is kind) for kind in Newly}
    told = {kind: count for kind, count in counts.items() if count or kind is not Newly.OTHER}
    yield block(_("Changes"), " · ".join(f"{number(count)} {_(_HEADINGS[kind])}" for kind, count in told.items()))
    for kind, heading in _HEADINGS.items():
        if counts[kind]:
            yield f"  {_(heading)}"
        for change in found.changes:
            if change.newly is kind:
                yield from _change(change)
    for each in found.replaced:
        yield Line(f"  {_replaced(each)}", 4)
    yield from _consent(found)
    yield from next_lines(found.next)


def _state(found: PolicyDifference) -> str:
    match found.consent:
        case Consent.WANTED:
            return _("WAITING")
        case Consent.GIVEN:
            return _("APPROVED")
        case Consent.NOT_NEEDED:
            return _("DIFFERENT") if found.changes or found.replaced else _("EQUAL")


def _change(change: ShownChange) -> Iterator[str]:
    yield Line(f"    {change.trigger}  {_outcome(change.before)} → {_outcome(change.after)}", 6)
    for region in change.regions[:_MOST_REGIONS]:
        yield Line(f"      {_('where')} {region_phrase(region)}", 8)
    if len(change.regions) > _MOST_REGIONS:
        yield f"      {_('and {count} more', count=number(len(change.regions) - _MOST_REGIONS))}"
    yield Line(f"      {_('witness')} {witness_phrase(change.witness)}", 8)


def _outcome(outcome: Outcome | None) -> str:
    if outcome is None:
        return _("no such type")
    action, pace = outcome.action, outcome.pace
    done = f" {named(action.template, action.template_version)}" if action else ""
    often = f" ≤ {number(pace.at_most)}/{span(pace.within)}" if pace else ""
    return f"{outcome.verdict.value}{done}{often}"


def _replaced(each: Replaced) -> str:
    none = _("none")
    before, after = each.before_version or none, each.after_version or none
    what = named(each.id, f"{before} → {after}")
    if each.kind == "view":
        return _("view {name}: its fields may mean something else", name=what)
    return _("template {name}: it says something else", name=what)


def _consent(found: PolicyDifference) -> Iterator[str]:
    if found.consent is Consent.NOT_NEEDED:
        yield block(_("Needed"), _("nobody's signature: nothing is newly allowed"))
        return
    yield str(block(_("Digest"), f"sha256:{found.difference_sha256}"))
    if found.consent is Consent.GIVEN:
        yield block(_("Signed"), _("{person}, with {key}", person=visible(found.signer), key=found.fpr))
        return
    yield block(_("Needed"), _("the signature of a trusted person who does not run this"))
    if found.exported:
        file, signature = (
            visible(shlex.quote(name), compose=False) for name in (found.exported, f"{found.exported}.sig")
        )
        yield Line(f"  {_('where the key is, plain gpg signs them:')}", 2)
        yield f"    gpg --output {signature} --detach-sign {file}"
