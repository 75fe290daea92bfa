"""What a family of documents looks like, as data: words, numbering, order of ranks, quotations, closing lines.

The stages of a cut know no language and no kind of document; they read a `Profile`. A profile is a YAML file
(`cutter.profile/1`): those that cutter ships stand in `profiles/`, and a workspace adds its own, without Python. One
that says `extends: vi.law` states only what is different from that.

A level says how its headings look. All that it states must hold of a line, read in its shadow: the column of its first
sign (`columns`), Markdown's number signs (`hashes`) or an underline below (`underline`), a word before or after the
number (`words`, `words_after`), the number with the signs around it (`opens`, `closes`), what it leaves of the line
(`alone`, `title`) and a blank line before it (`after_blank`).

Source: cutting.md §1 (types and rules), §2, §3.
"""

from enum import Enum
from typing import Annotated, Literal, TypeAlias

import msgspec

FORMAT = "cutter.profile/1"

# The level id of the document itself.
DOCUMENT = "document"


class Rank(Enum):
    """How a unit stands in the structure; a column of its own beside the type (cutting.md §1, rule 1)."""

    CONTAINER = "container"  # groups basic units: Phần, Chương, Mục
    BASIC = "basic"  # the unit that people cite: Điều, Article, Section
    SUB = "sub"  # inside a basic unit: Khoản, Điểm
    ZONE = "zone"  # text without structure of its own: front matter, preamble, quotation, signatures, tail


class Run(Enum):
    """Where the numbers of a level run on, and where they begin again."""

    THROUGH = "through"  # through the whole document, or schedule: Điều
    WITHIN = "within"  # again from the first number in every parent: Mục, Khoản, Điểm
    EITHER = "either"  # Chương: through the document, or again in every Phần
    COUNTED = "counted"  # numbers are not looked at: the position among its siblings counts (Markdown lists)


class Title(Enum):
    """Where the title of a heading stands."""

    NONE = "none"
    PRINTED = "printed"  # the heading as a whole: words without a number
    LINE = "line"  # on the line of the number
    BELOW = "below"  # on the line of the number, else below it, over several lines while they are in capitals
    NEXT = "next"  # on the line of the number, else on the next line that shows something
    ABOVE = "above"  # on the last shown line before it, which then belongs to the unit


class Series(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Numbers that are listed: single `letters` in order, or `ordinals` (words in order from 1, any letter case).

    `before` is a word that stands before every ordinal word: `thứ` of `thứ nhất`.
    """

    letters: str = ""
    ordinals: tuple[str, ...] = ()
    before: str = ""


# `decimal` 12, `roman` XII, `small_roman` xii; `bullet` is - or * or +.
Numbers: TypeAlias = Literal["decimal", "roman", "small_roman", "bullet"] | Series
Columns: TypeAlias = tuple[Annotated[int, msgspec.Meta(ge=0)], Annotated[int, msgspec.Meta(ge=0)]]


class Level(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One level of the structure: how its headings look, and where it may stand.

    Args:
        id: its name in this profile.
        type: the address TYPE.
        rank: container, basic, sub, or zone.
        within: ids of the levels that may hold it, `document` for the top.
        words: keywords before the number, in each letter case that counts.
        words_after: keywords after the number (`First Amendment`).
        numbers: how its numbers are printed, most likely first.
        opens: signs of which one must stand before the number, such as `(`; empty for none.
        closes: signs of which one must stand behind the number, such as `.)`; empty for none.
        path: the number is printed behind those of the units around it, joined by dots: 3.2.1, 1.2.a.
        hashes: how many number signs Markdown puts before it.
        underline: signs of which the next line may be made, instead of number signs where both are stated.
        columns: first and last column (from 0) where it may begin.
        alone: nothing else stands on its line, but what the regular expression `behind` allows behind the number.
        after_blank: the line before it shows nothing.
        nested: a list that is told from its neighbours by its indent alone.
        run: where the run of numbers begins again.
        marked: its headings are markup: numbers are taken as they come, repeated and missing ones too.
        first: the first number of a run.
        pad: digits that the number is padded to in an address.
        title: where its title stands.
        unnumbered: a heading without a number counts.
        opaque: nothing but levels like it is recognised inside (annex tables), and it comes after all others.
        scope: runs through the document begin again in it (schedules), and short addresses begin with it.
    """

    id: str
    type: Annotated[str, msgspec.Meta(pattern=r"^[A-Z]{2,5}$")]
    rank: Rank
    within: Annotated[tuple[str, ...], msgspec.Meta(min_length=1)]
    words: tuple[str, ...] = ()
    words_after: tuple[str, ...] = ()
    numbers: tuple[Numbers, ...] = ()
    opens: str = ""
    closes: str = ""
    path: bool = False
    hashes: tuple[Annotated[int, msgspec.Meta(ge=1, le=20)], ...] = ()
    underline: str = ""
    columns: Columns | None = None
    alone: bool = False
    behind: str = ""
    after_blank: bool = False
    nested: bool = False
    run: Run = Run.WITHIN
    marked: bool = False
    first: Annotated[int, msgspec.Meta(ge=0, le=1)] = 1
    pad: Annotated[int, msgspec.Meta(ge=0, le=4)] = 0
    title: Title = Title.NONE
    unnumbered: bool = False
    opaque: bool = False
    scope: bool = False

    @property
    def strong(self) -> bool:
        """Its headings are told by more than a bare number."""
        return bool(self.words or self.words_after or self.hashes or self.underline or self.path)


class Evidence(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Lines by which a profile is recognised: a regular expression at the line's start, and how often at least."""

    lines: str
    at_least: Annotated[int, msgspec.Meta(ge=1)] = 1


class Quotes(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Quotation marks: opening, closing, and the plain mark that may stand for either."""

    opening: str
    closing: str
    plain: str


class Closing(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The block behind the last basic unit: its address TYPE, and regular expressions of its first line."""

    type: Annotated[str, msgspec.Meta(pattern=r"^[A-Z]{2,5}$")]
    lines: Annotated[tuple[str, ...], msgspec.Meta(min_length=1)]


class CitationStyle(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """How people write where a unit stands.

    Args:
        order: `inner_first` (điểm a khoản 2 Điều 5) or `outer_first` (Article 6(1)(f)).
        join: what stands between two parts.
        parts: by address TYPE, the words around its number: `{n}` as printed, `{value}` in decimals, `{roman}` in
            roman capitals, `{path}` with those of the units around it that are written so too (3.2.1). A TYPE without
            a number has words only (Lời nói đầu); one that is missing is written as in its address (TAIL-1).
        stuck: TYPEs that stand directly behind the part that holds them: the (1)(f) of Article 6(1)(f).
        also: by address TYPE, further words that are read before its number, or behind it where they end in the
            number (`{n} Amendment`); never written.
        between: words that may stand between two parts, the inner one first: của, of.
        itself: what the document calls itself, which says nothing of the place: Luật này, this Regulation.
        titled: a citation with the document's title: `{citation}` and `{title}`.
    """

    order: Literal["inner_first", "outer_first"]
    join: str
    parts: dict[str, str]
    stuck: tuple[str, ...] = ()
    also: dict[str, tuple[str, ...]] = {}
    between: tuple[str, ...] = ()
    itself: tuple[str, ...] = ()
    titled: str = "{citation}, {title}"


class AknName(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What a unit is in Akoma Ntoso: its element, and its part of an eId.

    Args:
        element: the name of the element.
        part: what stands before the number in an eId, such as `sec`.
        number: `printed`, as in the document (chp_I); `value`, as in the address (att_4); `none` (preamble).
        listed: the element stands in a blockList, one for each run of such siblings (list_1__item_a).
    """

    element: str
    part: Annotated[str, msgspec.Meta(pattern=r"^[A-Za-z]+$")]
    number: Literal["printed", "value", "none"] = "printed"
    listed: bool = False


class AmendingWords(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The words by which one document changes another, as regular expressions; a space is any white space.

    Args:
        amend, insert, repeal, replace: verbs, by what they do; `replace` changes words, or repeals units (Bỏ).
        leads: verbs stand at the beginning of a unit or sentence (Bãi bỏ Điều 5); else anywhere (after (a) insert).
        passive: behind what is amended, wherever they stand: được sửa đổi như sau, is amended.
        words: what stands before quoted words that are exchanged, such as cụm từ; where empty, a verb whose quotation
            stands on its line exchanges words.
        into: plain words before the unit that an insertion goes into: vào.
        beside: plain words before the unit that an insertion stands next to: vào sau, after.
        titles: by address TYPE, plain words for the title of such a unit: tên điều.
    """

    amend: tuple[str, ...] = ()
    insert: tuple[str, ...] = ()
    repeal: tuple[str, ...] = ()
    replace: tuple[str, ...] = ()
    leads: bool = True
    passive: tuple[str, ...] = ()
    words: tuple[str, ...] = ()
    into: tuple[str, ...] = ()
    beside: tuple[str, ...] = ()
    titles: dict[str, tuple[str, ...]] = {}


class ReferenceWords(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """How a document refers to its own units, besides the words of its levels and citations. Letter case is ignored.

    Args:
        singular, plural: by address TYPE, further words before one number, and those before several: các điều.
        conjunctions: và, and.
        ranges: words between the first and the last of a range: đến, to.
        from_words: words that may stand before the first of a range: từ.
        between: further words between an inner unit and the outer one that holds it: thuộc, of the.
        this_before, this_after: words that point at the unit in which they stand: this Article, Điều này.
        previous_before, previous_after: words that point at the one before it: the preceding paragraph, khoản trước.
        here: further names of the document itself behind a citation, as regular expressions.
        external: regular expressions of what stands directly behind a citation of another document (TFEU).
        external_before: the same, of at most 60 characters directly before it (RFC 822, section 5).
        compounds: words that end like one for a unit and are none: thời điểm, tài khoản.
        skipped: regular expressions of signs that do not end a citation (the ends of links).
        quotes: marks of passages of another text on one line, where the profile itself has no quotes.
        amending: the words by which it changes other documents; None where it does not.
    """

    singular: dict[str, tuple[str, ...]] = {}
    plural: dict[str, tuple[str, ...]] = {}
    conjunctions: tuple[str, ...] = ()
    ranges: tuple[str, ...] = ()
    from_words: tuple[str, ...] = ()
    between: tuple[str, ...] = ()
    this_before: tuple[str, ...] = ()
    this_after: tuple[str, ...] = ()
    previous_before: tuple[str, ...] = ()
    previous_after: tuple[str, ...] = ()
    here: tuple[str, ...] = ()
    external: tuple[str, ...] = ()
    external_before: tuple[str, ...] = ()
    compounds: tuple[str, ...] = ()
    skipped: tuple[str, ...] = ()
    quotes: Quotes | None = None
    amending: AmendingWords | None = None


class Profile(msgspec.Struct, frozen=True, forbid_unknown_fields=True, eq=False):
    """A family of documents. Two are the same when they are one object: what is compiled of it is kept by it.

    Args:
        format: `cutter.profile/1`.
        id: its name, the name of its file.
        title: what people call it, by language.
        language: that of its documents.
        levels: from the outermost to the innermost.
        evidence: by which it is recognised; all must be there. Without any it is only taken when named.
        instead_of: ids of the profiles that it is a special case of: where both are recognised, it is taken.
        suffixes: letters of inserted numbers (5a, 5b) in their order.
        ascii: pairs of a letter and what it becomes in the ASCII alias of an address.
        quotes: quotation marks; None where quotations may hold no structure.
        opaque: `fences` (Markdown code), `front_matter` (between --- lines at the start), `contents`.
        contents: headings of a table of contents (in capitals), which lasts until its first entry comes again.
        closing: the closing block; None for none.
        citations: how units are cited, by language (`vi`, `en`) and style (`vi.short`).
        akn: what a TYPE is in Akoma Ntoso where it is not as usual; `CL/CL` is a CL inside a CL.
        references: how units refer to one another; None where references are not looked for.
        stops: codes of doubts that stop a cut; the others only warn.
    """

    format: str
    id: Annotated[str, msgspec.Meta(pattern=r"^[a-z][a-z0-9_.]{1,40}$")]
    title: dict[str, str]
    language: str
    levels: Annotated[tuple[Level, ...], msgspec.Meta(min_length=1)]
    evidence: tuple[Evidence, ...] = ()
    instead_of: tuple[str, ...] = ()
    suffixes: str = ""
    ascii: tuple[tuple[str, str], ...] = ()
    quotes: Quotes | None = None
    opaque: tuple[Literal["fences", "front_matter"], ...] = ()
    contents: tuple[str, ...] = ()
    closing: Closing | None = None
    citations: dict[str, CitationStyle] = {}
    akn: dict[Annotated[str, msgspec.Meta(pattern=r"^[A-Z]{2,5}(/[A-Z]{2,5})?$")], AknName] = {}
    references: ReferenceWords | None = None
    stops: tuple[str, ...] = ()
