"""What the words of policies mean: the reasons of decisions, and what lint finds in policies. No database.

Rules kept here: `cutter/policies/reasons.toml` says what a reason means, once; a word that a stop, a status or a
category has too is told by these.

Source: issue 6, part 6; issue 7.
"""

import tomllib
from collections.abc import Iterator, Mapping
from pathlib import Path

import msgspec

from cutter.app.explanations import Explanation, normal_name
from cutter.messages import Message
from cutter.policies.decision import Reason
from cutter.report.next_steps import command
from cutter.report.policies.lint import FINDINGS, meaning_of
from cutter.report.result import NextStep
from cutter.stops import Exit, StopCode

_REASONS = Path(__file__).parents[1] / "policies" / "reasons.toml"
# After these people are asked; all others deny.
_ASKING = frozenset(
    reason.value for reason in (Reason.MISSING_FIELD, Reason.OUTSIDE_DOMAIN, Reason.CONFLICT, Reason.PACE_EXCEEDED)
)
_DECIDED = Message(
    "It is the reason of a decision of policies, where no rule's own reason is: of one that denies a trigger, or that "
    "asks people."
)
_FOUND = Message("cutter policies lint finds it in the policies that are selected, and shows its place.")
_MEND = Message("Mend the policies at that place, and lint them again; a witness is a trigger that shows it.")


class _Text(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One reason: a sentence what it means, one what to do, and words of commands below `cutter`."""

    meaning: str
    mend: str
    see: tuple[str, ...]


def explain_policy_word(word: str) -> Explanation | None:
    """What a reason of a decision, or a finding of lint, means; None for any other word."""
    name = normal_name(word)
    reasons = _reasons()
    if name in reasons:
        return _reason(name, reasons[name])
    code = name.lower()
    return _finding(code) if code in FINDINGS else None


def explain_reasons() -> Iterator[Explanation]:
    """Every reason of a decision that cutter has itself, in the order of the file."""
    return (_reason(name, text) for name, text in _reasons().items())


def policy_words() -> tuple[str, ...]:
    """Every reason and finding that can be explained."""
    return (*_reasons(), *FINDINGS)


def policy_texts() -> Iterator[str]:
    """Every text here that people read, for the catalogues of translations."""
    yield from (_DECIDED, _FOUND, _MEND)
    for told in explain_reasons():
        yield from (told.meaning, told.remedy)


def _reasons() -> Mapping[str, _Text]:
    return msgspec.convert(tomllib.loads(_REASONS.read_text(encoding="utf-8")), dict[str, _Text])


def _reason(name: str, text: _Text) -> Explanation:
    suspected = name == Reason.PHI_SUSPECTED.value
    code = StopCode.STOP_PHI_SUSPECTED if suspected else StopCode.STOP_POLICY_DENIED
    asks = name in _ASKING
    return Explanation(
        kind="reason",
        name=name,
        meaning=" ".join(text.meaning.split()),
        cause=str(_DECIDED),
        remedy=" ".join(text.mend.split()),
        exit_code=int(Exit.WAITING if asks else code.exit),
        exit_meaning=str((Exit.WAITING if asks else code.exit).meaning),
        codes=() if asks else (code.name,),
        next=tuple(_steps(text.see)),
    )


def _finding(code: str) -> Explanation:
    return Explanation(
        kind="finding",
        name=code,
        meaning=meaning_of(code),
        cause=str(_FOUND),
        remedy=str(_MEND),
        next=tuple(_steps(("policies lint",))),
    )


def _steps(see: tuple[str, ...]) -> Iterator[NextStep]:
    return (NextStep("see", command(*words.split())) for words in see)
