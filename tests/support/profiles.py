"""The profiles that tests cut with, and pieces of those that they make."""

from cutter.custody.profiles import shipped_profile
from cutter.cutting.profile import AmendingWords, Level, Rank, Run, Title

VIETNAMESE_LAW = shipped_profile("vi.law")

VIETNAMESE_ARTICLE = Level(
    "article",
    "ART",
    Rank.BASIC,
    ("document",),
    words=("Điều",),
    numbers=("decimal",),
    pad=2,
    run=Run.THROUGH,
    title=Title.LINE,
)

# Words of a law that changes another one.
VIETNAMESE_AMENDING = AmendingWords(
    amend=("sửa đổi(?:,? bổ sung)?",),
    insert=("bổ sung",),
    repeal=("bãi bỏ",),
    replace=("thay thế", "bỏ"),
    passive=("(?<!đã )được sửa đổi[^.;\n]{0,60}như sau",),
    words=("(?:một số )?(?:cụm từ|từ|dấu|số)",),
    into=("vào", "vào đầu"),
    beside=("vào sau", "vào trước"),
    titles={"ART": ("tên điều",)},
)
