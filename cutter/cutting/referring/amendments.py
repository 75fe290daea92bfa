"""What a unit of an amending document changes in another one: quoted targets.

A unit that amends says what (Sửa đổi khoản 3 Điều 9; In section 58, after paragraph (a) insert), and mostly quotes the
new text. Rules kept here:

- Targets are addresses below the other document, as its own cut would call them; nothing is looked up in it.
- What the words leave out is taken from the same sentence (điểm a khoản 2; … tại khoản 3 Điều 29), then from the
  units around; a target without its basic unit is not given.
- Where the words name none, the number of the quoted heading is the target; where both speak, `agrees` says so.

Source: cutting.md §1 rule 8, §3 cases 4, 5, 7; issue 5, part 2.
"""

import re
from bisect import bisect_left
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from enum import Enum
from functools import cache
from typing import NamedTuple

import msgspec

from cutter.cutting.profile import AmendingWords, Profile, Rank
from cutter.cutting.referring.chains import Chain, Points, Step, form_of
from cutter.cutting.referring.mentions import Belongs, Mention, find_mentions, quoted_spans
from cutter.cutting.referring.passages import Passage
from cutter.cutting.referring.wording import Wording, wording
from cutter.cutting.unit import Cut, Unit

QUOTATION = "QS"
# Targets up to which the ranges of a statement are written out; of further ones the ends are given.
MOST_TARGETS = 1000
# How much of a quotation is looked at for its number.
_LABEL_WITHIN = 60
_LABEL = re.compile(r"\(?([^\W_]{1,8})([.)])")


class Amendment(Enum):
    """What is done to a target."""

    AMEND = "amend"
    INSERT = "insert"
    REPEAL = "repeal"
    REPLACE_WORDS = "replace_words"  # words are exchanged, put in or left out
    UNKNOWN = "unknown"


_KINDS = {"insert": Amendment.INSERT, "repeal": Amendment.REPEAL, "replace": Amendment.REPLACE_WORDS}


class QuotedTarget(msgspec.Struct, frozen=True):
    """What one sentence of a unit changes in another document.

    Args:
        address: of the unit that says it.
        kind: what is done.
        targets: what is changed, as addresses below the other document (ART-09/CL-3); of an insertion what comes in,
            or where it has no number what it comes into.
        titles: units of which the title is changed.
        beside: the unit that an insertion stands next to; None when it does not say.
        quotations: addresses of the QS units that hold the new text.
        agrees: whether a quotation begins with the number of a target; None when it begins with none.
        start, end: bytes of the source: from the verb, or the first unit before it, to the last unit that it names.
        line, column: of the start, from 1.
    """

    address: str
    kind: Amendment
    targets: tuple[str, ...]
    titles: tuple[str, ...]
    beside: str | None
    quotations: tuple[str, ...]
    agrees: bool | None
    start: int
    end: int
    line: int
    column: int


class _Verb(NamedTuple):
    """A verb in a text, and what it does."""

    kind: Amendment
    start: int
    end: int
    passive: bool
    exchanges: bool  # words that are exchanged stand behind it


class _Statement(NamedTuple):
    """A verb, and the citations that belong to it."""

    verb: _Verb
    mentions: tuple[Mention, ...]


@dataclass(frozen=True, slots=True)
class _Verbs:
    """The verbs of a profile."""

    active: re.Pattern[str]
    passive: re.Pattern[str]
    words: re.Pattern[str]
    leads: bool


def find_quoted_targets(made: Cut, profile: Profile) -> Iterator[QuotedTarget]:
    """What each unit changes in other documents, in document order; nothing where the profile has no amending words."""
    known = wording(profile)
    if known is None or profile.references is None or profile.references.amending is None:
        return
    reader = _Reader(known)
    waiting: Unit | None = None
    quotations: list[Unit] = []
    for unit in made.units:
        if unit.type == QUOTATION and waiting is not None and unit.parent_address == waiting.address:
            quotations.append(unit)
        elif unit.type != QUOTATION:
            if waiting is not None:
                yield from reader.read(waiting, quotations)
            waiting, quotations = unit, []
    if waiting is not None:
        yield from reader.read(waiting, quotations)


def amends_from(passage: Passage, known: Wording) -> int | None:
    """The position from which a text speaks of another document that it amends; None where it amends nothing."""
    references = known.profile.references
    if references is None or references.amending is None:
        return None
    first = next(iter(_verbs_in(passage, known)), None)
    if first is None:
        return None
    return first.start if references.amending.leads and not first.passive else 0


def speaks_throughout(known: Wording) -> bool:
    """Whether a unit that amends gives what stands below it the other document to speak of: (a) after paragraph (b)."""
    references = known.profile.references
    return references is not None and references.amending is not None and not references.amending.leads


@cache
def _verbs_of(profile: Profile) -> _Verbs:
    words = (profile.references and profile.references.amending) or AmendingWords()
    kinds = (("amend", words.amend), ("insert", words.insert), ("repeal", words.repeal), ("replace", words.replace))
    named = "|".join(f"(?P<{name}>{_any_of(several)})" for name, several in kinds if several) or "(?!)"
    lead = r"(?:\A|(?<=[.;:)]\s)|(?<=\n))" if words.leads else r"(?<!\w)"
    return _Verbs(
        re.compile(f"{lead}(?:{named})(?!\\w)", re.IGNORECASE),
        re.compile(_any_of(words.passive), re.IGNORECASE),
        re.compile(rf"\s?(?:{_any_of(words.words)})(?!\w)", re.IGNORECASE),
        words.leads,
    )


def _any_of(expressions: Sequence[str]) -> str:
    return "|".join(f"(?:{expression})" for expression in expressions).replace(" ", r"\s") or "(?!)"


def _verbs_in(passage: Passage, known: Wording) -> list[_Verb]:
    """The verbs of a text outside quotation marks, in order."""
    verbs = _verbs_of(known.profile)
    text = _without(passage.text, quoted_spans(passage.text, known.quotes))
    found = [(verb.start(), verb.end(), str(verb.lastgroup)) for verb in verbs.active.finditer(text, passage.begin)]
    found += [(verb.start(), verb.end(), "passive") for verb in verbs.passive.finditer(text, passage.begin)]
    return [
        _Verb(_KINDS.get(name, Amendment.AMEND), start, end, name == "passive", bool(verbs.words.match(text, end)))
        for start, end, name in sorted(found)
    ]


def _without(text: str, spans: Sequence[tuple[int, int]]) -> str:
    """A text of the same length in which what stands between the signs of each stretch is blotted out."""
    parts: list[str] = []
    last = 0
    for start, end in spans:
        parts += (text[last : start + 1], "\0" * (end - start - 2))
        last = end - 1
    return "".join((*parts, text[last:]))


class _Reader:
    """Reads units in document order, and knows what those around them speak of."""

    def __init__(self, known: Wording) -> None:
        self._known = known
        self._leads = _verbs_of(known.profile).leads
        self._sub = frozenset(level.type for level in known.profile.levels if level.rank is Rank.SUB)
        self._around: dict[str, tuple[Step, ...]] = {}

    def read(self, unit: Unit, quotations: Sequence[Unit]) -> Iterator[QuotedTarget]:
        """What a unit says that it changes, a statement at a time."""
        passage = Passage(unit)
        context = self._around.get(unit.parent_address or "", ())
        found = [m for m in find_mentions(passage.text, self._known, passage.begin) if m.belongs is not Belongs.HERE]
        verbs = _verbs_in(passage, self._known)
        quoted = [start for start, _ in quoted_spans(passage.text, self._known.quotes)]
        speaks: tuple[Step, ...] = ()
        for statement in self._statements(verbs, found, passage.text):
            cited = self._completed(statement, context)
            speaks = speaks or next((chain.steps for chain, _ in cited if chain.steps), ())
            said = self._target(passage, statement, cited, quoted, quotations)
            if said is not None:
                yield said
        if not verbs and quotations:
            yield self._unsaid(passage, quotations)
        if not verbs and len(found) == 1 and len(found[0].chains) == 1:
            speaks = self._complete(found[0].chains[0], (), context).steps
        self._around[unit.address] = speaks or context
        if speaks and any(verb.passive for verb in verbs) and unit.parent_address is not None and not quotations:
            self._around[unit.parent_address] = speaks

    def _statements(self, verbs: Sequence[_Verb], found: Sequence[Mention], text: str) -> Iterator[_Statement]:
        """Each verb with the citations that belong to it; all to the first where verbs stand anywhere."""
        if not verbs:
            return
        if not self._leads:
            kinds = {verb.kind for verb in verbs if not verb.passive} or {verbs[0].kind}
            kind = kinds.pop() if len(kinds) == 1 else Amendment.UNKNOWN
            stop = text.find("\n\n", verbs[0].end)  # what follows is the new text
            spoken = found if stop < 0 else [mention for mention in found if mention.start < stop]
            yield _Statement(verbs[0]._replace(kind=kind), tuple(spoken))
            return
        behind = 0
        places = [mention.start for mention in found]
        for at, verb in enumerate(verbs):
            next_start = verbs[at + 1].start if at + 1 < len(verbs) else len(text)
            start, stop = (behind, verb.start) if verb.passive else (verb.end, next_start)
            behind = verb.end if verb.passive else next_start
            yield _Statement(verb, tuple(found[bisect_left(places, start) : bisect_left(places, stop)]))

    def _completed(self, statement: _Statement, context: Sequence[Step]) -> list[tuple[Chain, bool]]:
        """The cited units of a statement, each with what its sentence leaves out, and whether it is stood next to."""
        cited = [(chain, mention.beside) for mention in statement.mentions for chain in mention.chains]
        completed: list[tuple[Chain, bool]] = []
        order = range(len(cited) - 1, -1, -1) if self._leads else range(len(cited))
        donor: tuple[Step, ...] = ()
        for at in order:
            chain, beside = cited[at]
            chain = self._complete(chain, donor, context)
            if chain.steps:
                donor = chain.steps
                completed.append((chain, beside))
        return completed[::-1] if self._leads else completed

    def _complete(self, chain: Chain, donor: Sequence[Step], context: Sequence[Step]) -> Chain:
        """A chain with the units that hold it, from its sentence or from the units around."""
        if any(step.points is not Points.NUMBER for step in chain.steps):
            return chain._replace(steps=())
        if self._is_whole(chain.steps):
            return chain
        for given in (donor, context):
            held = tuple(step for step in given if self._depth_of(given, step) < self._own_depth(chain))
            if self._is_whole(held):
                return chain._replace(steps=(*held, *chain.steps))
        return chain._replace(steps=())

    def _is_whole(self, steps: Sequence[Step]) -> bool:
        return any(type_ not in self._sub for step in steps for type_ in step.types)

    def _own_depth(self, chain: Chain) -> int:
        types = chain.steps[0].types if chain.steps else (chain.title,)
        depth = min((self._known.depth.get(type_, 0) for type_ in types), default=0)
        return depth if chain.steps else depth + 1

    def _depth_of(self, steps: Sequence[Step], step: Step) -> int:
        """How deep a step stands; a number in brackets a level below the word before it."""
        depth = 0
        for known in steps:
            depth = self._known.depth.get(known.types[0], 0) if known.types else depth + 1
            if known is step:
                break
        return depth

    def _target(
        self,
        passage: Passage,
        statement: _Statement,
        cited: Sequence[tuple[Chain, bool]],
        quoted: Sequence[int],
        quotations: Sequence[Unit],
    ) -> QuotedTarget | None:
        verb = statement.verb
        end = max([verb.end, *(mention.end for mention in statement.mentions)])
        start = min([verb.start, *(mention.start for mention in statement.mentions)])
        inline = bisect_left(quoted, start) < bisect_left(quoted, end)
        kind = self._kind(verb, inline)
        needs_text = self._leads and kind in {Amendment.AMEND, Amendment.INSERT}
        if not quotations and (needs_text or not cited) and not inline:
            return None
        beside = next((form_of(chain.steps, self._known) for chain, near in cited if near), None)
        targets = self._targets(cited)
        titles = [form_of(chain.steps, self._known) for chain, _ in cited if chain.title]
        labels = [label for label in map(self._label, quotations) if label]
        if not targets and not titles:
            targets = self._implied(beside, labels)
        agrees = any(label in form.split("/") for label in labels for form in (*targets, *titles)) if labels else None
        return self._made(passage, kind, (start, end), (targets, titles, beside), quotations, agrees)

    def _made(
        self,
        passage: Passage,
        kind: Amendment,
        span: tuple[int, int],
        said: tuple[Sequence[str], Sequence[str], str | None],
        quotations: Sequence[Unit],
        agrees: bool | None,
    ) -> QuotedTarget:
        place = passage.place(span[0])
        return QuotedTarget(
            passage.unit.address,
            kind,
            tuple(dict.fromkeys(said[0])),
            tuple(dict.fromkeys(said[1])),
            said[2],
            tuple(quotation.address for quotation in quotations),
            agrees,
            passage.byte(span[0]),
            passage.byte(span[1]),
            place.line,
            place.column,
        )

    def _unsaid(self, passage: Passage, quotations: Sequence[Unit]) -> QuotedTarget:
        """A unit that quotes without words that amend: only the quoted heading may say what it is."""
        labels = [label for label in map(self._label, quotations) if label]
        targets = self._implied(None, labels)
        span = passage.begin, len(passage.text)
        return self._made(passage, Amendment.UNKNOWN, span, (targets, (), None), quotations, None)

    def _kind(self, verb: _Verb, inline: bool) -> Amendment:
        if verb.kind is Amendment.REPLACE_WORDS:
            return verb.kind if inline else Amendment.REPEAL
        exchanges = verb.exchanges or (inline and not self._leads)
        return Amendment.REPLACE_WORDS if exchanges else verb.kind

    def _targets(self, cited: Sequence[tuple[Chain, bool]]) -> list[str]:
        """The addresses of the cited units; of a range, of all in it."""
        targets: list[str] = []
        for at, (chain, near) in enumerate(cited):
            if near or chain.title:
                continue
            steps, last = chain.steps, chain.steps[-1].number
            before = cited[at - 1][0].steps[-1].number if chain.through and at else ""
            known = before.isdecimal() and last.isdecimal() and len(targets) + int(last) - int(before) <= MOST_TARGETS
            for number in range(int(before) + 1, int(last)) if known else ():
                between = chain.steps[-1]._replace(number=str(number))
                targets.append(form_of((*steps[:-1], between), self._known))
            targets.append(form_of(steps, self._known))
        return targets

    def _implied(self, beside: str | None, labels: Sequence[str]) -> list[str]:
        """The targets of words that name none: what holds the neighbour of an insertion, else the quoted headings."""
        if beside is not None and "/" in beside:
            return [beside.rpartition("/")[0]]
        return [label for label in labels if label.partition("-")[0] not in self._sub]

    def _label(self, quotation: Unit) -> str:
        """The number that a quotation begins with, as a segment; empty for none."""
        text = Passage(quotation).text
        quotes = self._known.quotes
        start = len(text) - len(text.lstrip(f"{quotes.opening}{quotes.plain} \n" if quotes else " \n"))
        first = next(find_mentions(text[start : start + _LABEL_WITHIN], self._known), None)
        if first is not None and first.start == 0:
            return form_of(first.chains[0].steps, self._known)
        found = _LABEL.match(text, start)
        if found is None:
            return ""
        for level in self._known.profile.levels:
            if level.rank is Rank.SUB and found[2] in level.closes and not level.path:
                types = self._known.accepted((level.type,), f"({found[1]})")
                if types:
                    return self._known.segment(level.type, found[1])
        return ""
