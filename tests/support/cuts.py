"""Cuts made by hand: units stated one by one, so that what reads a cut is tested apart from what makes one."""

from dataclasses import dataclass
from hashlib import sha256

from cutter.cutting.doubts import Doubt
from cutter.cutting.profile import Rank
from cutter.cutting.unit import Cut, Unit

RANKS = {"PART": Rank.CONTAINER, "CH": Rank.CONTAINER, "ART": Rank.BASIC, "CL": Rank.SUB, "PT": Rank.SUB}


@dataclass(frozen=True, slots=True)
class Piece:
    """A unit as a test states it: its path of segments, its own text, and what is printed in it."""

    path: str
    text: str
    number: str = ""
    heading: str | None = None


def made_of(*pieces: Piece, document_id: str = "LAW-1", doubts: tuple[Doubt, ...] = ()) -> Cut:
    """The cut whose units are these, in document order; a type of no known rank is a zone."""
    source = "".join(piece.text for piece in pieces).encode()
    units: list[Unit] = []
    siblings: dict[str, int] = {}
    start, line = 0, 1
    for piece in pieces:
        parent = piece.path.rpartition("/")[0]
        siblings[parent] = siblings.get(parent, 0) + 1
        own = piece.text.encode()
        type_ = piece.path.rpartition("/")[2].partition("-")[0]
        address = f"{document_id}/{piece.path}"
        units.append(
            Unit(
                source=source,
                address=address,
                short_address=address,
                address_ascii=address.replace("đ", "dd"),
                sort_key=f"{len(units) + 1:09d}",
                type=type_,
                rank=RANKS.get(type_, Rank.ZONE),
                number_raw=piece.number,
                ordinal=siblings[parent],
                parent_address=f"{document_id}/{parent}" if parent else None,
                heading=piece.heading,
                start=start,
                end=start + len(own),
                sha256=sha256(own).hexdigest(),
                line=line,
            )
        )
        start += len(own)
        line += len(own.splitlines())
    return Cut(document_id, "by.hand", units, doubts, len(source))


# A law with every kind of place: title, preamble, levels, a letter beyond ASCII, a quotation, a tail, an annex.
LAW = made_of(
    Piece("FRONT-1", "QUỐC HỘI\r\nLuật số 1\r\n\r\n"),
    Piece("PRE-1", "LỜI NÓI ĐẦU\nChúng tôi, <nhân dân> & Quốc hội;\n", heading="LỜI NÓI ĐẦU"),
    Piece("CH-01", "Chương I\n\nQUY ĐỊNH\nCHUNG\n", "I", "QUY ĐỊNH CHUNG"),
    Piece("CH-01/ART-01", "Điều 1. Phạm vi\n", "1", "Phạm vi"),
    Piece("CH-01/ART-01/CL-1", "1. Luật này gồm:\n", "1"),
    Piece("CH-01/ART-01/CL-1/PT-d", "d) một *điểm*;\n", "d"),
    Piece("CH-01/ART-01/CL-1/PT-đ", "đ) # không phải tiêu đề;\n", "đ"),
    Piece("CH-01/ART-01/CL-1/TAIL-1", "=1+1 là phần cuối.\n"),
    Piece("CH-01/ART-01/CL-2", "2. Sửa Điều 5 như sau:\n", "2"),
    Piece("CH-01/ART-01/CL-2/QS-1", "“Điều 5. Mới\n1. Một”\n"),
    Piece("CH-01/ART-01/CL-2/TAIL-1", "và bỏ Điều 6.\n"),
    Piece("CH-01/ART-02", "Điều 2. -2+3 không phải công thức\nHết.\n", "2", "-2+3 không phải công thức"),
    Piece("SIG-1", "CHỦ TỊCH\n"),
    Piece("ANX-01", "PHỤ LỤC I\nDANH MỤC\n1\tTên\n", "I", "DANH MỤC"),
)
LAW_EIDS = (
    "preface",
    "preamble",
    "chp_I",
    "chp_I__art_1",
    "chp_I__art_1__cl_1",
    "chp_I__art_1__cl_1__point_d",
    "chp_I__art_1__cl_1__point_đ",
    "chp_I__art_1__cl_1__wrapup_1",
    "chp_I__art_1__cl_2",
    "chp_I__art_1__cl_2__qstr_1",
    "chp_I__art_1__cl_2__wrapup_1",
    "chp_I__art_2",
    "conclusions",
    "att_1",
)
