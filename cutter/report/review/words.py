"""The words of the page in English and Vietnamese: one word a concept, as the command line uses them.

Rules kept here: only what people read is translated; codes, ids, keys and commands stay as they are; numbers and times
are written as each language writes them, and a time never without its zone.

Source: command-line.md §1 row 13 (the glossary at its end), §4.
"""

from datetime import datetime, timedelta, timezone
from typing import NamedTuple

from cutter.cutting import DoubtCode
from cutter.report.review.markup import Html, say


class Words(NamedTuple):
    """A phrase in both languages."""

    en: str
    vi: str

    @property
    def html(self) -> Html:
        """The phrase as the page shows it."""
        return say(self.en, self.vi)


class DoubtWords(NamedTuple):
    """What a kind of doubt means, what was done, and what a person could do instead."""

    meaning: Words
    choice: Words
    other: Words


_VIETNAM = timedelta(hours=7)  # ahead of UTC, all year

GLOSSARY = (
    Words("rehearsal: a run in a transaction that the database refuses to commit", "diễn tập: chạy thử, không ghi"),
    Words("run: one passage through a pipeline, with an id of its own", "lượt chạy: một lần chạy, có mã riêng"),
    Words("phase: one step of a run", "giai đoạn: một bước của lượt chạy"),
    Words("gate: where a run waits until people have signed", "cổng: nơi lượt chạy chờ người ký"),
    Words("request: the exact bytes that people sign", "bản trình: đúng dãy byte mà người ký ký lên"),
    Words("requester: who asks; never counts as a signer", "người trình: người xin; không được tính là người ký"),
    Words("approval: enough signatures on a request; used once", "phê duyệt: đủ chữ ký trên bản trình; dùng một lần"),
    Words("sovereign: the person with authority", "người có thẩm quyền: người quyết định"),
    Words("refused: stopped because a rule was not met", "từ chối: dừng vì không đạt một điều kiện"),
    Words("stop code: the name of the rule, see cutter explain", "mã dừng: tên của điều kiện, xem cutter explain"),
    Words("unit: one addressed piece of a document", "đơn vị: một phần của văn bản, có địa chỉ"),
    Words("digest: sha256, which changes when one byte changes", "mã băm: sha256, đổi khi một byte đổi"),
    Words("ledger: the chained record of all events", "sổ cái: chuỗi ghi mọi sự kiện, nối bằng mã băm"),
    Words("doubt: a place where the cut is not sure", "chỗ ngờ: chỗ mà phép cắt không chắc"),
    Words("drill: a backup restored and compared", "diễn tập khôi phục: khôi phục thử và so với bản gốc"),
    Words("void: take back what was written; a run of its own", "thu hồi: huỷ điều đã ghi, bằng một lượt chạy riêng"),
)

ROLES = {
    "content": Words("content", "nội dung"),
    "form": Words("form", "thể thức"),
    "sovereign": Words("sovereign", "người có thẩm quyền"),
    "operator": Words("operator", "người vận hành"),
}

TYPES = {
    "PART": Words("part", "phần"),
    "CH": Words("chapter", "chương"),
    "SEC": Words("section", "mục"),
    "SSEC": Words("subsection", "tiểu mục"),
    "ART": Words("article", "điều"),
    "CL": Words("clause", "khoản"),
    "PT": Words("point", "điểm"),
    "ANX": Words("annex", "phụ lục"),
    "PRE": Words("preamble", "lời nói đầu"),
    "FRONT": Words("front matter", "phần mở đầu"),
    "SIG": Words("closing block", "phần kết, chữ ký"),
    "QS": Words("quoted passage", "đoạn trích dẫn"),
    "HEAD": Words("heading of a group", "tiêu đề nhóm"),
    "TAIL": Words("text after a child", "đoạn nối tiếp"),
}

# What the operations do, for the sentence at the top: {n} is the number of rows that the request allows.
DEEDS = {
    "library.cut_leg_a": Words("add {n} draft units", "thêm {n} đơn vị dự thảo"),
    "library.cut_leg_b": Words("bind them to their source", "gắn chúng với văn bản nguồn"),
    "library.enact": Words("put {n} draft units in force", "ban hành {n} đơn vị dự thảo"),
    "library.void": Words(
        "delete {n} draft units with their regions", "xoá {n} đơn vị dự thảo cùng các vùng của chúng"
    ),
    "custody.restore": Words(
        "put the document's units back as they are in a backup ({n} rows deleted and written)",
        "đưa các đơn vị của văn bản về như trong bản sao lưu (xoá và ghi {n} dòng)",
    ),
    "custody.recover_ledger": Words(
        "settle what was lost of the ledger when the database was set back",
        "công nhận phần sổ cái đã mất khi cơ sở dữ liệu bị lùi lại",
    ),
    "comm.send_message": Words("send one message", "gửi một thư"),
    "comm.create_notification": Words("make one notification", "lập một thông báo"),
    "report.publish": Words("publish the run's report", "công bố báo cáo của lượt chạy"),
}

# Operations that change nothing that people decide about: they read, prove or keep.
QUIET = frozenset({"custody.backup", "custody.backup_rows", "library.verify_cut"})

_LEFT_AS_TEXT = Words("left the line as text of the unit above", "để dòng này là nội dung của đơn vị phía trên")
_AS_HEADING = Words("take the line as a heading", "coi dòng này là tiêu đề")

DOUBTS = {
    DoubtCode.GAP: DoubtWords(
        Words("a number is missing in the run", "khuyết số trong dãy"),
        _LEFT_AS_TEXT,
        Words("take it as a heading, or add the missing one", "coi là tiêu đề, hoặc bổ sung số bị khuyết"),
    ),
    DoubtCode.REPEATED: DoubtWords(
        Words("a number that the run already had", "số đã có trong dãy"), _LEFT_AS_TEXT, _AS_HEADING
    ),
    DoubtCode.UNBALANCED_QUOTE: DoubtWords(
        Words("a quotation mark without its partner", "dấu ngoặc kép thiếu một bên"),
        Words("took the mark as text and made no quotation", "coi dấu là chữ thường, không lập đoạn trích dẫn"),
        Words("mend the source text, then cut again", "sửa văn bản nguồn rồi cắt lại"),
    ),
    DoubtCode.HEADING_REFUSED: DoubtWords(
        Words("a line like a heading, followed by prose", "dòng giống tiêu đề nhưng nối tiếp là câu văn"),
        _LEFT_AS_TEXT,
        _AS_HEADING,
    ),
    DoubtCode.AMBIGUOUS_TAIL: DoubtWords(
        Words("text after the last point", "đoạn chữ sau điểm cuối cùng"),
        Words("gave the text to the last point", "tính đoạn chữ vào điểm cuối cùng"),
        Words("give it to the clause or article that holds the point", "tính vào khoản hoặc điều chứa điểm đó"),
    ),
    DoubtCode.MIXED_NORMAL_FORMS: DoubtWords(
        Words("composed and decomposed letters in one text", "văn bản lẫn chữ dựng sẵn và chữ tổ hợp"),
        Words("kept every byte as it is", "giữ nguyên từng byte"),
        Words("have the source text written anew in one form", "cho viết lại văn bản nguồn theo một dạng"),
    ),
}

_GAP_TAKEN = Words("took the line as a heading all the same", "vẫn coi dòng này là tiêu đề")
_GAP_OTHER = Words("leave it as text, or find the missing number", "để là nội dung, hoặc tìm số bị khuyết")


def doubt_words(kind: DoubtCode, detail: str) -> DoubtWords:
    """The words for a doubt; a gap is one of two, by what was done."""
    words = DOUBTS[kind]
    if kind is DoubtCode.GAP and detail.endswith("_taken"):
        return DoubtWords(words.meaning, _GAP_TAKEN, _GAP_OTHER)
    return words


def number(count: int) -> Words:
    """A count with its thousands marked."""
    english = f"{count:,}"
    return Words(english, english.replace(",", "."))


def counted(count: int, singular: str, vi: str, plural: str = "") -> Words:
    """A count with what is counted."""
    told = number(count)
    return Words(f"{told.en} {singular if count == 1 else plural or f'{singular}s'}", f"{told.vi} {vi}")


def moment(stated: str) -> Words:
    """A time of the request (`YYYY-MM-DDTHH:MM:SSZ`), in UTC and as Vietnam's clocks show it."""
    when = datetime.fromisoformat(stated)
    there = when.astimezone(timezone(_VIETNAM))
    return Words(
        f"{when:%Y-%m-%d %H:%M} UTC ({there:%Y-%m-%d %H:%M} +07:00)",
        f"{there:%H:%M} ngày {there:%d/%m/%Y} (+07:00)",
    )


def seconds_between(since: str, until: str) -> int:
    """Whole seconds from one moment to a later one; 0 when it is not later."""
    return max(0, int((datetime.fromisoformat(until) - datetime.fromisoformat(since)).total_seconds()))


def elapsed(seconds: int) -> Words:
    """A stretch of time in seconds, minutes or hours, whichever says it best."""
    if seconds < 120:
        return counted(seconds, "second", "giây")
    if seconds < 7200:
        return counted(seconds // 60, "minute", "phút")
    return counted(seconds // 3600, "hour", "giờ")


def duration(seconds: int) -> Words:
    """How long people have: whole hours, else minutes."""
    if seconds % 3600:
        return counted(seconds // 60, "minute", "phút")
    return counted(seconds // 3600, "hour", "giờ")


def role(name: str) -> Words:
    """A role's name."""
    return ROLES.get(name, Words(name, name))


def type_words(type_: str) -> Words:
    """What a unit's TYPE is called."""
    return TYPES.get(type_, Words(type_, type_))


def listed(phrases: list[Words]) -> Words:
    """Several phrases as one."""
    if not phrases:
        return Words("nothing", "không có gì")
    *first, last = phrases
    if not first:
        return last
    english = ", ".join(phrase.en for phrase in first)
    vietnamese = ", ".join(phrase.vi for phrase in first)
    return Words(f"{english} and {last.en}", f"{vietnamese} và {last.vi}")
