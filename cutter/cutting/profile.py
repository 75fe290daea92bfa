"""What a family of documents looks like, as one frozen value: words, numbering, rank order, opaque zones.

The stages of a cut know no language; they read a `Profile`. Another language is another value.

Source: cutting.md §1 (types and rules), §2 (Vietnamese letters), §3 (cases 6, 15–18).
"""

from dataclasses import dataclass
from enum import Enum

from cutter.cutting.numbers import Decimal, Letters, NumberSystem, OrdinalWords, Roman


class Rank(Enum):
    """How a unit stands in the structure; a column of its own beside the type (cutting.md §1, rule 1)."""

    CONTAINER = "container"  # groups basic units: Phần, Chương, Mục
    BASIC = "basic"  # the unit that people cite: Điều
    SUB = "sub"  # inside a basic unit: Khoản, Điểm
    ZONE = "zone"  # text without structure of its own: front matter, preamble, quotation, annex, signatures, tail


class Run(Enum):
    """Where the numbers of a level run on, and where they begin again."""

    THROUGH = "through"  # through the whole document: Điều
    WITHIN = "within"  # again from the first number in every parent: Mục, Khoản, Điểm
    EITHER = "either"  # Chương: through the document, or again in every Phần


# The parent of a level that may stand at the top of a document.
TOP = ""


@dataclass(frozen=True, slots=True)
class Level:
    """One level of the structure.

    Args:
        type: the address TYPE.
        rank: container, basic, sub, or zone for an opaque level, inside which nothing is recognised.
        words: the keywords that open a heading, in each letter case that counts; empty for bare numbers.
        systems: how its numbers are printed, most likely first.
        run: where the run of numbers begins again.
        parents: the TYPEs that may hold it; `TOP` allows the document itself.
        pad: digits that the number is padded to in an address.
        closing: what must stand after a bare number, such as `.` or `)`.
        unnumbered: a heading of the keyword alone counts (one annex needs no number).
    """

    type: str
    rank: Rank
    words: tuple[str, ...]
    systems: tuple[NumberSystem, ...]
    run: Run
    parents: tuple[str, ...]
    pad: int = 0
    closing: str = ""
    unnumbered: bool = False


@dataclass(frozen=True, slots=True)
class Profile:
    """A family of documents.

    Args:
        id: the name of the profile.
        levels: from the outermost to the innermost; their order is the rank order.
        suffixes: letters of inserted numbers (5a, 5b) in their order.
        ascii_alias: pairs (letter, ASCII letters) for the alias of an address.
        preamble: headings (as printed, in capitals) that open a preamble.
        adoption: regular expression of the sentence that opens the closing block.
        signature: regular expression of the start of a signature or distribution line.
        quotes: the opening mark, its closing mark, and the plain mark that may stand for either.
    """

    id: str
    levels: tuple[Level, ...]
    suffixes: str
    ascii_alias: tuple[tuple[str, str], ...]
    preamble: tuple[str, ...]
    adoption: str
    signature: str
    quotes: tuple[str, str, str]


# No f, j, w, z (cutting.md §2).
_VIETNAMESE_LETTERS = "abcdđeghiklmnopqrstuvxy"

_VIETNAMESE_ORDINALS = (
    *("nhất", "hai", "ba", "tư", "năm", "sáu", "bảy", "tám", "chín", "mười"),
    *(f"mười {one}" for one in ("một", "hai", "ba", "bốn", "lăm", "sáu", "bảy", "tám", "chín")),
    *(f"hai mươi {one}".rstrip() for one in ("", "mốt", "hai", "ba", "tư", "lăm", "sáu", "bảy", "tám", "chín")),
)

_WITH_SUFFIX = Decimal(_VIETNAMESE_LETTERS)
_ROMAN_WITH_SUFFIX = Roman(_VIETNAMESE_LETTERS)

VIETNAMESE_LAW = Profile(
    id="vi.law",
    levels=(
        Level(
            "ANX",
            Rank.ZONE,
            ("Phụ lục", "PHỤ LỤC"),
            (Roman(), Decimal(), Letters("ABCDEFGHIKLMNOPQRSTUVXY")),
            Run.THROUGH,
            (TOP,),
            pad=2,
            unnumbered=True,
        ),
        Level(
            "PART",
            Rank.CONTAINER,
            ("Phần", "PHẦN"),
            (OrdinalWords("thứ", _VIETNAMESE_ORDINALS), _ROMAN_WITH_SUFFIX, _WITH_SUFFIX),
            Run.THROUGH,
            (TOP,),
            pad=2,
        ),
        Level(
            "CH",
            Rank.CONTAINER,
            ("Chương", "CHƯƠNG"),
            (_ROMAN_WITH_SUFFIX, _WITH_SUFFIX, OrdinalWords("thứ", _VIETNAMESE_ORDINALS)),
            Run.EITHER,
            ("PART", TOP),
            pad=2,
        ),
        Level(
            "SEC",
            Rank.CONTAINER,
            ("Mục", "MỤC"),
            (_WITH_SUFFIX, _ROMAN_WITH_SUFFIX),
            Run.WITHIN,
            ("CH", "PART", TOP),
            pad=2,
        ),
        Level("SSEC", Rank.CONTAINER, ("Tiểu mục", "TIỂU MỤC"), (_WITH_SUFFIX,), Run.WITHIN, ("SEC",), pad=2),
        Level(
            "ART",
            Rank.BASIC,
            ("Điều", "ĐIỀU"),
            (_WITH_SUFFIX,),
            Run.THROUGH,
            ("SSEC", "SEC", "CH", "PART", TOP),
            pad=2,
        ),
        Level("CL", Rank.SUB, (), (_WITH_SUFFIX,), Run.WITHIN, ("ART",), closing="."),
        Level("PT", Rank.SUB, (), (Letters(_VIETNAMESE_LETTERS),), Run.WITHIN, ("CL", "ART"), closing=")"),
    ),
    suffixes=_VIETNAMESE_LETTERS,
    ascii_alias=(("đ", "dd"),),
    preamble=("LỜI NÓI ĐẦU", "LỜI MỞ ĐẦU"),
    adoption=r"\w[\w ]* này (?:đã )?được [^.;:]{0,200}thông qua [^.;:]{0,100}ngày ",
    signature=(
        r"(?:(?:TM|KT|TL|TUQ|Q)\. ?|T/M )?"
        r"(?:CHỦ TỊCH|PHÓ CHỦ TỊCH|THỦ TƯỚNG|PHÓ THỦ TƯỚNG|BỘ TRƯỞNG|THỨ TRƯỞNG|TỔNG THƯ KÝ|CHÁNH VĂN PHÒNG"
        r"|CHÁNH ÁN|VIỆN TRƯỞNG|GIÁM ĐỐC|TỔNG GIÁM ĐỐC|CHÍNH PHỦ|ỦY BAN THƯỜNG VỤ QUỐC HỘI|ỦY BAN NHÂN DÂN)\b"
        r"|(?:Nơi nhận|NƠI NHẬN) ?:"
    ),
    quotes=("“", "”", '"'),
)
