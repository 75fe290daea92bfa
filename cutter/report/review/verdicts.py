"""The eight verdicts of the page: what was checked here, with the answer in words; and what could not be checked.

Rules kept here: a verdict is computed from the case, never copied from a claim where it can be computed (the text is
put together again, addresses are counted); what is not known is `LATER` or stands in the list of what was not checked,
and never passes as good.

Source: command-line.md §4 (2).
"""

import itertools
from collections import Counter
from enum import Enum
from typing import NamedTuple

from cutter import canon
from cutter.cutting import Cut, DoubtCode, counts, manifest_sha256, reassemble
from cutter.model import Mode
from cutter.operation import ANY_TABLE
from cutter.policies.decision import Decision
from cutter.policies.policy import Verdict as Allowed
from cutter.report.policies.words import named, rule_name
from cutter.report.review.case import AskedSurvey, ReviewCase, ReviewedDocument
from cutter.report.review.decision import is_unknown_effect, verdict_words
from cutter.report.review.words import Words, counted, elapsed, listed, number, role, seconds_between
from cutter.report.review.writing import backup_phases, only_decides, rows_per_table, unknown_operations

PLAN_CUT = "library.plan_cut"
DISCOVER = "documents.discover"
FRESH = 24 * 3600  # seconds: an older answer deserves a look, though it is asked again before anything is written


class State(Enum):
    """What a verdict says."""

    GOOD = "good"
    DOUBTFUL = "doubtful"
    BAD = "bad"
    LATER = "later"


class Verdict(NamedTuple):
    """One verdict: a word that names it, what was asked, how it stands, and why."""

    name: str
    question: Words
    state: State
    answer: Words


def verdicts(case: ReviewCase) -> tuple[Verdict, ...]:
    """The verdicts, in the order of the page; those about a document only where there is one."""
    about = _unseen(case) if case.document is None else _about(case, case.document)
    if case.decided is not None:
        return (*_decided(case, case.decided), _surveys(case), _taken_back(case), _touched(case), _signers(case))
    return (*about, _surveys(case), _backup(case), _touched(case), _signers(case))


def not_checked(case: ReviewCase) -> tuple[Words, ...]:
    """What this page cannot know, said aloud."""
    unknown = [
        Words(
            "Whether a signature is real: the run judges each before it goes on, with the keys of the trust bundle.",
            "Chữ ký có thật hay không: lượt chạy xét từng chữ ký, theo khoá trong gói tin cậy, trước khi đi tiếp.",
        ),
        Words(
            "What changes after this page was made: every survey is asked again inside the write transaction.",
            "Thay đổi sau khi trang này được lập: mọi khảo sát được hỏi lại trong chính giao dịch ghi.",
        ),
    ]
    if case.decided is not None:
        unknown.append(
            Words(
                "Whose address the recipient has: it is looked up in the directory when it is sent, and kept nowhere.",
                "Người nhận có địa chỉ nào: chỉ tra trong danh bạ lúc gửi, không lưu ở đâu.",
            )
        )
    document = case.document
    if document is None:
        return tuple(unknown)
    unknown.append(
        Words(
            "Whether the source text is the official one: this page knows its bytes, not where they come from.",
            "Văn bản nguồn có đúng là bản chính thức không: trang này biết các byte, không biết xuất xứ.",
        )
    )
    if not document.declared:
        unknown.append(
            Words(
                "Counts made by hand: none were given for this document.",
                "Số đếm bằng tay: văn bản này chưa có số đếm nào được khai.",
            )
        )
    if document.previous is None:
        unknown.append(
            Words(
                "Changes against a last version: there is none that was cut.",
                "Thay đổi so với phiên bản trước: không có phiên bản nào đã cắt.",
            )
        )
    return tuple(unknown)


def _decided(case: ReviewCase, decision: Decision) -> tuple[Verdict, ...]:
    """What the policies say, and whether the text that it leads to can be read on the page."""
    words = verdict_words(decision.verdict)
    fields = ", ".join(decision.uncertain)
    rule = rule_name(decision.policy, decision.rule)
    by = Words(f"by {rule}" if rule else "by no rule", f"theo {rule}" if rule else "không theo quy tắc nào")
    unclear = Words(f"; uncertain: {fields}", f"; chưa rõ: {fields}") if fields else Words("", "")
    answer = Words(
        f"{words.en}, {decision.reason}, {by.en}{unclear.en}.", f"{words.vi}, {decision.reason}, {by.vi}{unclear.vi}."
    )
    allowed = decision.verdict is Allowed.ALLOW
    question = Words("Decided by the policies", "Chính sách quyết định")
    told = Verdict("decided", question, State.GOOD if allowed else State.DOUBTFUL, answer)
    if decision.action is None:
        return (told,)
    readable = Words("The whole text can be read here", "Đọc được toàn bộ nội dung tại đây")
    if case.letter is None:
        missing = Words(
            "Its template is not in this workspace: people would sign what they cannot read.",
            "Không có mẫu này trong thư mục làm việc: người ký sẽ ký điều không đọc được.",
        )
        return (told, Verdict("text", readable, State.BAD, missing))
    template = named(decision.action.template, decision.action.template_version)
    whole = Words(f"It is {template} with the trigger's values.", f"Đó là {template} với giá trị của tín hiệu.")
    return (told, Verdict("text", readable, State.GOOD, whole))


def _taken_back(case: ReviewCase) -> Verdict:
    question = Words("Can be taken back", "Có thể lấy lại")
    if not case.covers or is_unknown_effect(case):
        answer = Words("Nothing is sent or written behind this gate.", "Không gửi, không ghi gì sau cổng này.")
        return Verdict("taken_back", question, State.GOOD, answer)
    answer = Words(
        "No: what was sent or made stays so. It happens at most once.",
        "Không: điều đã gửi hoặc đã lập thì giữ nguyên. Việc này xảy ra nhiều nhất một lần.",
    )
    return Verdict("taken_back", question, State.DOUBTFUL, answer)


def _unseen(case: ReviewCase) -> tuple[Verdict, ...]:
    """A plan that cuts a document whose text is not here: people would sign what they cannot see."""
    if case.planned(PLAN_CUT) is None:
        return ()
    answer = Words(
        "The document's text is not in this workspace: nothing of it is shown or checked on this page.",
        "Văn bản không có trong thư mục làm việc này: trang này không hiển thị và không kiểm được gì về nó.",
    )
    question = Words("Source rebuilt byte for byte", "Ghép lại đúng văn bản nguồn từng byte")
    return (Verdict("rebuilt", question, State.BAD, answer),)


def _about(case: ReviewCase, document: ReviewedDocument) -> tuple[Verdict, ...]:
    return (_rebuilt(case, document), _counts(case, document), _addresses(document.cut), _numbering(document.cut))


def _rebuilt(case: ReviewCase, document: ReviewedDocument) -> Verdict:
    question = Words("Source rebuilt byte for byte", "Ghép lại đúng văn bản nguồn từng byte")
    whole = reassemble(document.text, [region for unit in document.cut.units for region in unit.regions])
    found = case.planned(DISCOVER) or {}
    planned = case.planned(PLAN_CUT) or {}
    sha256 = canon.sha256(document.text)
    size = counted(len(document.text), "byte", "byte")
    if whole != document.text:
        answer = Words("The units do not join to the source text.", "Các đơn vị không ghép lại thành văn bản nguồn.")
    elif found.get("text_sha256", sha256) != sha256:
        answer = Words("The text is not the one that the plan names.", "Văn bản không phải bản mà kế hoạch nêu.")
    elif planned.get("manifest_sha256", "") not in ("", manifest_sha256(document.cut)):
        answer = Words("The cut is not the one that the plan names.", "Phép cắt không phải bản mà kế hoạch nêu.")
    else:
        answer = Words(
            f"The units join to the {size.en} of sha256 {sha256[:16]}, which the plan names.",
            f"Các đơn vị ghép lại đúng {size.vi}, sha256 {sha256[:16]}, như kế hoạch nêu.",
        )
        return Verdict("rebuilt", question, State.GOOD, answer)
    return Verdict("rebuilt", question, State.BAD, answer)


def _counts(case: ReviewCase, document: ReviewedDocument) -> Verdict:
    question = Words("Counts as declared", "Số lượng đúng như đã khai")
    made = counts(document.cut)
    planned = {str(type_): int(count) for type_, count in (case.planned(PLAN_CUT) or {}).get("counts", made)}
    differs = _differing(dict(made), planned)
    by_hand = _differing(dict(made), dict(document.declared)) if document.declared else ()
    told = counted(len(document.cut.units), "unit", "đơn vị")
    if differs:
        names = ", ".join(differs)
        return Verdict("counts", question, State.BAD, Words(f"Not as planned: {names}.", f"Khác kế hoạch: {names}."))
    if by_hand:
        names = ", ".join(by_hand)
        answer = Words(f"Not as counted by hand: {names}.", f"Khác số đếm bằng tay: {names}.")
        return Verdict("counts", question, State.BAD, answer)
    if document.declared:
        answer = Words(f"{told.en}, as planned and as counted by hand.", f"{told.vi}, đúng kế hoạch và số đếm tay.")
        return Verdict("counts", question, State.GOOD, answer)
    answer = Words(f"{told.en}, as planned; nobody counted by hand.", f"{told.vi}, đúng kế hoạch; chưa ai đếm tay.")
    return Verdict("counts", question, State.DOUBTFUL, answer)


def _differing(made: dict[str, int], declared: dict[str, int]) -> tuple[str, ...]:
    """Types whose numbers differ, as `ART 60≠61`: what was cut, what was declared."""
    types = sorted({*made, *declared})
    found = ((type_, made.get(type_, 0), declared.get(type_, 0)) for type_ in types)
    return tuple(f"{type_} {cut_}≠{said}" for type_, cut_, said in found if cut_ != said)


def _addresses(made: Cut) -> Verdict:
    question = Words("Addresses unique", "Địa chỉ không trùng")
    again = [address for address, times in Counter(unit.address for unit in made.units).items() if times > 1]
    aliases = len({unit.address_ascii for unit in made.units}) == len(made.units)
    if again or not aliases:
        told = f"{again[0]}" if again else "ASCII"
        return Verdict("addresses", question, State.BAD, Words(f"Taken twice: {told}.", f"Bị trùng: {told}."))
    told_units = number(len(made.units))
    answer = Words(
        f"{told_units.en} addresses, each once, also in ASCII.",
        f"{told_units.vi} địa chỉ, mỗi địa chỉ một lần, kể cả dạng ASCII.",
    )
    return Verdict("addresses", question, State.GOOD, answer)


def _numbering(made: Cut) -> Verdict:
    question = Words("No gap in numbering", "Không khuyết số")
    lines = [doubt.line for doubt in made.doubts if doubt.code is DoubtCode.GAP]
    if not lines:
        answer = Words("Every run of numbers goes on without a gap.", "Mọi dãy số đều liên tục.")
        return Verdict("numbering", question, State.GOOD, answer)
    told = ", ".join(str(line) for line in lines[:5]) + (" …" if len(lines) > 5 else "")
    gaps = counted(len(lines), "gap", "chỗ khuyết")
    return Verdict(
        "numbering",
        question,
        State.DOUBTFUL,
        Words(f"{gaps.en}, at line {told}: see the doubts.", f"{gaps.vi}, ở dòng {told}: xem phần chỗ ngờ."),
    )


def _surveys(case: ReviewCase) -> Verdict:
    question = Words("Surveys answered as expected, and fresh", "Khảo sát đúng như mong đợi và còn mới")
    if not case.asked:
        answer = Words("No survey was asked.", "Không có khảo sát nào.")
        return Verdict("surveys", question, State.DOUBTFUL, answer)
    refused = [asked.survey for asked in case.asked if not as_expected(asked)]
    moved = _moved(case)
    if refused or moved:
        names = ", ".join(refused or moved)
        answer = Words(f"Not as expected, or not as in the plan: {names}.", f"Không đúng, hoặc khác kế hoạch: {names}.")
        return Verdict("surveys", question, State.BAD, answer)
    age = _age(case)
    total = number(len(case.asked))
    english, vietnamese = f"{total.en} of {total.en} as expected", f"{total.vi}/{total.vi} đúng như mong đợi"
    if age is None:
        answer = Words(f"{english}; their age is not known.", f"{vietnamese}; không rõ đã hỏi từ bao lâu.")
        return Verdict("surveys", question, State.DOUBTFUL, answer)
    told = elapsed(age)
    answer = Words(f"{english}, {told.en} before this page.", f"{vietnamese}, hỏi {told.vi} trước khi lập trang này.")
    return Verdict("surveys", question, State.GOOD if age <= FRESH else State.DOUBTFUL, answer)


def as_expected(asked: AskedSurvey) -> bool:
    """Whether a survey's answer is what was expected; text and patterns, told by digest, were judged by the run."""
    return all(column in asked.found and _holds(value, asked.found[column]) for column, value in asked.expected.items())


def _holds(expected: object, found: object) -> bool:
    kind, _, bound = expected.partition(":") if isinstance(expected, str) else ("", "", "")
    if kind in ("at_least", "at_most") and isinstance(found, int):
        return found >= int(bound) if kind == "at_least" else found <= int(bound)
    if kind in ("one_of", "matches"):
        return True
    return type(expected) is type(found) and expected == found


def _moved(case: ReviewCase) -> list[str]:
    """Surveys whose answer in the plan has another digest than what was asked."""
    planned = {(fact.phase, fact.survey): fact.facts_sha256 for fact in case.plan.surveys}
    return [a.survey for a in case.asked if planned.get((a.phase, a.survey), a.facts_sha256) != a.facts_sha256]


def _age(case: ReviewCase) -> int | None:
    """How many seconds before the page the oldest of the surveys was asked."""
    asked = {answer.phase for answer in case.asked}
    times = [side.volatile.started_at for side in case.phases if side.phase in asked and side.volatile.started_at]
    return seconds_between(min(times), case.issued_at) if times and case.issued_at else None


def _backup(case: ReviewCase) -> Verdict:
    question = Words("Backup and drill", "Bản sao lưu và diễn tập khôi phục")
    if backup_phases(case.covered()):
        answer = Words(
            "After the signatures, before the write: the rows are kept, encrypted, restored and compared.",
            "Sau khi ký, trước khi ghi: các dòng được lưu, mã hoá, khôi phục thử và so lại.",
        )
        return Verdict("backup", question, State.LATER, answer)
    if only_decides(case):
        answer = Words(
            "A decision is recorded and nothing else: another decision replaces it, no backup is needed.",
            "Chỉ ghi một quyết định: quyết định khác sẽ thay nó, không cần sao lưu.",
        )
        return Verdict("backup", question, State.GOOD, answer)
    if case.row_count or rows_per_table(case) or unknown_operations(case):
        answer = Words("No backup stands before this write.", "Không có bản sao lưu nào trước lần ghi này.")
        return Verdict("backup", question, State.DOUBTFUL, answer)
    answer = Words("Nothing governed is written: no backup is needed.", "Không ghi gì được quản: không cần sao lưu.")
    return Verdict("backup", question, State.GOOD, answer)


def _touched(case: ReviewCase) -> Verdict:
    question = Words("Nothing else touched", "Không đụng đến gì khác")
    tables, unknown = rows_per_table(case), unknown_operations(case)
    if case.decided is not None and not case.covers:
        answer = Words("No operation runs behind this gate.", "Không thao tác nào chạy sau cổng này.")
        return Verdict("touched", question, State.GOOD, answer)
    if unknown or not tables or any(table == ANY_TABLE for table, _ in tables):
        names = ", ".join(unknown or (table for table, _ in tables)) or "-"
        answer = Words(
            f"Not every table is named here ({names}): read what will be changed.",
            f"Ở đây không nêu được hết các bảng ({names}): hãy đọc điều sẽ thay đổi.",
        )
        return Verdict("touched", question, State.DOUBTFUL, answer)
    told = listed([Words(f"{table}: {rows.en}", f"{table}: {rows.vi}") for table, rows in tables])
    limit = number(case.row_count)
    answer = Words(
        f"{told.en}. These operations govern no other table; the request's row_count is {limit.en}.",
        f"{told.vi}. Các thao tác này không quản bảng nào khác; row_count của bản trình là {limit.vi}.",
    )
    return Verdict("touched", question, State.GOOD, answer)


def _signers(case: ReviewCase) -> Verdict:
    question = Words("Signers still needed", "Còn cần người ký")
    needed = [_quorum(quorum.role, quorum.persons) for quorum in case.gate.quorum]
    told = listed(needed)
    short = lacking(case)
    if short:
        names = listed([role(name) for name in short])
        answer = Words(
            f"{told.en}; too few people can sign as {names.en}.",
            f"{told.vi}; không đủ người được ký với vai {names.vi}.",
        )
        return Verdict("signers", question, State.DOUBTFUL if case.mode is Mode.DRYRUN else State.BAD, answer)
    answer = Words(f"{told.en}; enough people can sign.", f"{told.vi}; có đủ người được ký.")
    return Verdict("signers", question, State.LATER, answer)


def _quorum(name: str, persons: int) -> Words:
    return Words(f"{role(name).en} {persons}", f"{role(name).vi} {persons}")


def lacking(case: ReviewCase) -> tuple[str, ...]:
    """The smallest set of roles for which there are too few distinct persons who may sign; empty when all can be met.

    A person counts for one role: by Hall's theorem the quorum can be met when every set of roles has enough persons.
    """
    quorum = case.gate.quorum
    for size in range(1, len(quorum) + 1):
        for roles in itertools.combinations(quorum, size):
            persons = {signer.person_id for asked in roles for signer in case.eligible(asked.role)}
            if len(persons) < sum(asked.persons for asked in roles):
                return tuple(asked.role for asked in roles)
    return ()
