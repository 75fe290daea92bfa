"""The words of these screens: TYPEs as a document's own readers call them, doubts, verdicts, remarks.

Rules kept here: what is counted is named in the language of the document, because that is how its readers cite it; all
else is in the language of the process.

Source: command-line.md §1 row 13.
"""

import re
from collections.abc import Iterator, Mapping
from types import MappingProxyType

from cutter.cutting import DoubtCode
from cutter.cutting.explanation import Verdict
from cutter.cutting.profile import CitationStyle, Profile
from cutter.cutting.quotes import Variation
from cutter.messages import Message, _, number

_NUMBER = re.compile(r"\W*\{\w+\}\W*")
# TYPEs that people call by the word of another one: the (i) below an (a) is a point too.
_LIKE = MappingProxyType({"SPT": "PT"})
_SHORT = re.compile(r"\w{1,3}\.")

# What a doubt of each code says.
DOUBT_MEANINGS: Mapping[DoubtCode, Message] = MappingProxyType(
    {
        DoubtCode.GAP: Message("numbers are missing in a run"),
        DoubtCode.REPEATED: Message("a number that its run already had"),
        DoubtCode.UNBALANCED_QUOTE: Message("a quotation mark without its partner"),
        DoubtCode.HEADING_REFUSED: Message("a line like a heading that was not taken"),
        DoubtCode.AMBIGUOUS_TAIL: Message("text after the last point, which may belong to the unit around it"),
        DoubtCode.UNRESOLVED_REFERENCE: Message("it cites a unit of this document that is not there, or not alone"),
        DoubtCode.MIXED_NORMAL_FORMS: Message("composed and decomposed letters in one text"),
    }
)


def type_counts(profile: Profile, counts: Mapping[str, int]) -> str:
    """Units by TYPE, outermost first, in the document's own words where its profile has some: `3 Articles · 9 points`.

    TYPEs that have one word in common (the (a) and the (i) are both points) are counted together.
    """
    order = list(dict.fromkeys(level.type for level in profile.levels))
    summed: dict[tuple[str, bool], int] = {}
    for type_ in sorted(counts, key=lambda type_: (order.index(type_) if type_ in order else len(order), type_)):
        own = next(_own_words(profile, type_), "")
        word = (own or _general_word(type_), bool(own))
        summed[word] = summed.get(word, 0) + counts[type_]
    return " · ".join(_counted(profile, word, count, own=own) for (word, own), count in summed.items())


def count_words(profile: Profile, counts: Mapping[str, int]) -> str:
    """Units by TYPE, and their sum."""
    total = sum(counts.values())
    units = _("1 unit") if total == 1 else _("{count} units", count=number(total))
    return f"{type_counts(profile, counts)} = {units}"


def _counted(profile: Profile, word: str, count: int, *, own: bool) -> str:
    """`3 Articles`, `3 Điều`; of a general word, which has one form only, `3 × preamble`."""
    if not own:
        return f"{number(count)} × {word}"
    many = count != 1 and profile.language.startswith("en")
    return f"{number(count)} {_plural(word) if many else word}"


def _own_words(profile: Profile, type_: str) -> Iterator[str]:
    """Words for a TYPE: those that citations write, then those of numbered headings; what is all capitals is markup."""
    for style in _styles(profile):
        word = _NUMBER.sub("", style.parts.get(type_, "")).strip()
        if any(sign.isalpha() for sign in word) and not _SHORT.fullmatch(word):
            yield word
    levels = [level for level in profile.levels if level.type == type_ and level.numbers]
    words = [word for level in levels for word in (*level.words, *level.words_after)]
    yield from (word for word in words if not word.isupper())
    if type_ in _LIKE:
        yield from _own_words(profile, _LIKE[type_])


def _styles(profile: Profile) -> Iterator[CitationStyle]:
    """The citation styles in the document's language: its plain one, then the full one."""
    for name in (profile.language, f"{profile.language}.full"):
        if name in profile.citations:
            yield profile.citations[name]


def _plural(word: str) -> str:
    return f"{word}es" if word.endswith(("s", "x")) else f"{word}s"


def _general_word(type_: str) -> str:
    """The word for a TYPE of which a profile says nothing; the TYPE itself where nobody has one."""
    words = {
        "ANX": _("annex"),
        "APP": _("appendix"),
        "ART": _("article"),
        "CH": _("chapter"),
        "CL": _("clause"),
        "DIV": _("division"),
        "ENA": _("enacting words"),
        "FN": _("footnote"),
        "FRONT": _("front matter"),
        "HEAD": _("introduction"),
        "ITEM": _("list item"),
        "PART": _("part"),
        "PRE": _("preamble"),
        "PT": _("point"),
        "QS": _("quotation"),
        "SCH": _("schedule"),
        "SEC": _("section"),
        "SIG": _("signatures"),
        "SPART": _("subpart"),
        "SPT": _("point"),
        "SSEC": _("subsection"),
        "TAIL": _("closing words"),
        "TBL": _("table"),
        "TTL": _("title"),
    }
    return words.get(type_, type_)


def doubt_count(count: int) -> str:
    """`1 doubt`, `12 doubts`."""
    return _("1 doubt") if count == 1 else _("{count} doubts", count=number(count))


def doubt_meaning(code: DoubtCode) -> str:
    """What a doubt of this code says."""
    return _(DOUBT_MEANINGS[code])


def verdict_meaning(verdict: Verdict) -> str:
    """What was decided about a line, and by which rule."""
    match verdict:
        case Verdict.BLANK:
            return _("It shows nothing. Blank lines belong to the unit before them.")
        case Verdict.HEADING:
            return _("It was taken: a unit begins here, because its number begins or continues a run at this place.")
        case Verdict.QUOTED:
            return _("A quoted passage begins here. It is kept as one unit, and nothing inside it gets an address.")
        case Verdict.OPAQUE:
            return _("It was not taken: it stands inside a quotation, code, contents or a table, where nothing is cut.")
        case Verdict.PROSE:
            return _("It was not taken: it begins like a heading, but the rest of the line reads as a sentence.")
        case Verdict.REFUSED:
            return _("It was not taken: it looks like a heading, but neither begins nor continues a run at this place.")
        case Verdict.UNLIKE:
            return _("It was not taken: no level of the profile has headings like it.")


def variation_word(variation: Variation) -> str:
    """In what an equal quotation differs from the text."""
    match variation:
        case Variation.NORMAL_FORM:
            return _("in how letters are composed")
        case Variation.WHITE_SPACE:
            return _("in spaces and line breaks")
        case Variation.QUOTE_MARKS:
            return _("in quotation marks")
        case Variation.LETTER_CASE:
            return _("in capital letters")


def remark_words(code: str, count: int) -> str:
    """What of an original is not in its text as it stood."""
    match code:
        case "inserted_text":
            said = _("tracked insertions, taken as if accepted")
        case "deleted_text":
            said = _("tracked deletions, left out as if accepted")
        case "struck_text":
            said = _("passages that are struck through, taken")
        case "hidden_text":
            said = _("hidden passages, left out")
        case "footnote":
            said = _("footnotes, taken to the end")
        case "text_box":
            said = _("text boxes, taken before the paragraph that they hang on")
        case "margin":
            said = _("headers and footers of pages, left out")
        case "comment":
            said = _("comments, left out")
        case "picture":
            said = _("pictures, not read")
        case "embedded":
            said = _("embedded files, left out")
        case "symbol":
            said = _("signs of a symbol font, which may mean others")
        case "number_format":
            said = _("automatic numbers in an unknown form, written in digits")
        case "number_skipped":
            said = _("automatic numbers below one that was never counted")
        case "number_field":
            said = _("numbers that only Word can compute, left out")
        case _:
            said = code
    return f"{number(count)} × {said}"
