"""The reviewer's page as a whole: one file without script, the same bytes for the same case.

Rules kept here: the order is that in which people decide (one sentence, verdicts, what needs eyes, how to decide), the
rest folded below; no network, no script, no font but the reader's own; both languages everywhere, each marked with its
own `lang`; nothing is said by colour alone.

Source: command-line.md §4.
"""

import msgspec

from cutter import canon
from cutter.events import Facts
from cutter.model import Mode
from cutter.report.review.case import ReviewCase, ReviewedDocument
from cutter.report.review.deciding import check_section, decide_section, summary_times
from cutter.report.review.decision import GLOSSARY as POLICY_GLOSSARY
from cutter.report.review.decision import decision_section, is_unknown_effect
from cutter.report.review.document import changes_section, doubts_section, drawn_section
from cutter.report.review.lines import Lines
from cutter.report.review.markup import (
    NOTHING,
    Html,
    code,
    element,
    folded,
    halves,
    join,
    paragraph,
    say,
    section,
    source,
    table,
    text,
)
from cutter.report.review.tree import tree_section
from cutter.report.review.verdicts import State, Verdict, as_expected, not_checked, verdicts
from cutter.report.review.words import GLOSSARY, Words, role
from cutter.report.review.writing import deeds, writes_section
from cutter.resources import statement

POLICY = "default-src 'none'; style-src 'unsafe-inline'"

_STATES = {
    State.GOOD: ("✓", Words("holds", "đạt")),
    State.DOUBTFUL: ("?", Words("look", "cần xem")),
    State.BAD: ("✗", Words("fails", "không đạt")),
    State.LATER: ("…", Words("to come", "sẽ có")),
}

_LANGUAGES = (("both", "English + Tiếng Việt"), ("only-en", "English"), ("only-vi", "Tiếng Việt"))


def make_page(case: ReviewCase) -> bytes:
    """The page as the bytes of a UTF-8 file.

    Args:
        case: everything that is on it.
    """
    about = f"{_subject(case)} · {case.gate.id} · {case.short_id}"
    head = element(
        "head",
        Html('<meta charset="utf-8">'),
        Html(f'<meta http-equiv="Content-Security-Policy" content="{POLICY}">'),
        Html('<meta name="viewport" content="width=device-width, initial-scale=1">'),
        Html('<meta name="color-scheme" content="light dark">'),
        Html('<meta name="referrer" content="no-referrer">'),
        element("title", text(about)),
        Html(f"<style>{statement('report/review/page.css')}</style>"),
    )
    parts = (_banner(case), _sentence(case), _verdicts(case), _eyes(case), decide_section(case), _below(case))
    body = element("body", _languages(), _heading(case), element("main", *parts), _foot())
    # A section a line, so that two pages can be compared by their lines.
    whole = element("html", head, body, lang="en").replace("<section", "\n<section").replace("<article", "\n<article")
    return f"<!doctype html>\n{whole}\n".encode()


def file_name(gate: str) -> str:
    """How the page of a gate is called in the run's folder."""
    return f"review-{gate}.html"


def _subject(case: ReviewCase) -> str:
    return case.document.document_id if case.document else case.pipeline.id


def _languages() -> Html:
    """Which languages are shown: three radio buttons that the style sheet reads."""
    choices = []
    for name, label in _LANGUAGES:
        checked = ' checked=""' if name == "both" else ""
        choices.append(Html(f'<input type="radio" name="languages" id="{name}"{checked}>'))
        choices.append(element("label", text(label), for_=name))
    return element("div", *choices, class_="languages", role="radiogroup", aria_label="Languages")


def _heading(case: ReviewCase) -> Html:
    title = element("h1", say(case.pipeline.title_en, case.pipeline.title_vi))
    document = case.document
    named = NOTHING
    if document is not None:
        shown = element("span", text(document.title), lang=document.language, class_="doc")
        named = element("p", shown, Html(" · "), code(document.document_id), Html(" · "), code(document.version))
    gate = element("p", code(case.gate.id), Html(" · "), say("run", "lượt chạy"), Html(" "), code(case.run_id))
    held = paragraph(
        "Holds document text: mode 0600, not for forwarding." if document else "Mode 0600, not for forwarding.",
        "Có nội dung văn bản: quyền 0600, không chuyển tiếp." if document else "Quyền 0600, không chuyển tiếp.",
    )
    return element("header", title, named, gate, element("div", held, class_="held"))


def _banner(case: ReviewCase) -> Html:
    if case.mode is Mode.DRYRUN:
        told = paragraph(
            "REHEARSAL: nothing was written, and nothing is asked.", "DIỄN TẬP: chưa ghi gì, và không xin gì."
        )
        return element("aside", told, class_="banner", role="note")
    if is_unknown_effect(case):
        told = paragraph(
            "NOBODY KNOWS whether the message was sent. Yes counts it as sent; nothing sends it again by itself.",
            "KHÔNG AI BIẾT thư đã được gửi hay chưa. Đồng ý là coi như đã gửi; không gì tự gửi lại.",
        )
        return element("aside", told, class_="banner", role="note")
    if case.is_escalation:
        told = paragraph(
            "AFTER A FAILURE: the run failed after it had written. Signing lets it go on with what is listed here.",
            "SAU SỰ CỐ: lượt chạy gặp lỗi sau khi đã ghi. Ký là cho phép đi tiếp với những việc nêu ở đây.",
        )
        return element("aside", told, class_="banner", role="note")
    return NOTHING


def _sentence(case: ReviewCase) -> Html:
    done, where = deeds(case), case.target_label
    adds = any(phase.operation == "library.cut_leg_a" for phase in case.covered())
    rest = Words("; 0 changed, 0 deleted", "; 0 sửa, 0 xoá") if adds else Words("", "")
    about = Words(f"{_subject(case)} in database {where}", f"{_subject(case)} tại cơ sở dữ liệu {where}")
    if case.decided is not None:
        named = f"{case.decided.trigger_type} {case.decided.trigger}"
        about = Words(f"trigger {named}", f"tín hiệu {named}")
    sentence = halves(
        element("p", text(f"{case.requester} asks, for {about.en}: {done.en}{rest.en}.")),
        element("p", text(f"{case.requester} xin, cho {about.vi}: {done.vi}{rest.vi}.")),
    )
    digests = element(
        "dl",
        element("dt", say("plan", "kế hoạch")),
        element("dd", code(case.plan.sha256)),
        element("dt", say("surveys", "khảo sát")),
        element("dd", code(case.plan.survey_sha256)),
        class_="digests",
    )
    until = element("p", summary_times(case), class_="until")
    return section(
        "sentence", "What is asked", "Điều được xin", element("div", sentence, class_="lead"), until, digests
    )


def _verdicts(case: ReviewCase) -> Html:
    found = verdicts(case)
    items = [_verdict(verdict) for verdict in found]
    unknown = element("ul", *(element("li", words.html) for words in not_checked(case)), class_="unknown")
    missing = element("h3", say("What could not be checked here", "Điều chưa kiểm được ở đây"))
    return section(
        "verdicts",
        f"{len(found)} verdicts",
        f"{len(found)} kết luận",
        element("ul", *items, class_="verdicts"),
        missing,
        unknown,
    )


def _verdict(verdict: Verdict) -> Html:
    sign, word = _STATES[verdict.state]
    mark = element("span", text(sign), class_="sign", aria_hidden="true")
    state = element("span", mark, word.html, class_="state")
    told = element("p", verdict.answer.html)
    return element("li", state, element("h3", verdict.question.html), told, class_=f"verdict {verdict.state.value}")


def _eyes(case: ReviewCase) -> Html:
    """What needs eyes: of a document its doubts, changes and drawn units; else what will be changed, and why."""
    document = case.document
    if case.decided is not None:
        return join((decision_section(case), writes_section(case)))
    if document is None:
        return writes_section(case)
    lines = Lines.of(document.text)
    return join(
        (
            doubts_section(document, lines),
            changes_section(document),
            drawn_section(document, lines, case.plan.sha256),
        )
    )


def _below(case: ReviewCase) -> Html:
    """What is there for whoever wants to know more, folded."""
    tree = () if case.document is None else (_tree(case.document), _fold("writes", writes_section(case)))
    told = (
        *tree,
        _fold("surveys", _surveys(case)),
        _fold("phases", _phases(case)),
        _fold("plan", _plan(case)),
        _fold("glossary", _glossary(case)),
        _fold("check", check_section(case, file_name(case.gate.id))),
    )
    return element("div", *told, class_="below")


_FOLDED = {
    "tree": Words("The whole document", "Toàn bộ văn bản"),
    "writes": Words("What will be changed", "Điều sẽ thay đổi"),
    "surveys": Words("Surveys, expected and found", "Khảo sát: mong đợi và thực tế"),
    "phases": Words("Phases so far", "Các giai đoạn đã qua"),
    "plan": Words("The plan", "Kế hoạch"),
    "glossary": Words("Glossary", "Giải nghĩa"),
    "check": Words("How to check this page without cutter", "Cách kiểm trang này mà không cần cutter"),
}


def _fold(name: str, inner: Html) -> Html:
    return folded(_FOLDED[name].html, inner)


def _tree(document: ReviewedDocument) -> Html:
    return _fold("tree", tree_section(document))


def _surveys(case: ReviewCase) -> Html:
    heads = (say("survey", "khảo sát"), say("expected", "mong đợi"), say("found", "thực tế"), say("held", "đúng"))
    rows = [
        (
            join((code(asked.phase), code(asked.survey)), " "),
            _facts(asked.expected),
            _facts(asked.found),
            say("yes", "đúng") if as_expected(asked) else say("no", "sai"),
        )
        for asked in case.asked
    ]
    return section("surveys", "Surveys", "Khảo sát", table(say("Answers", "Câu trả lời"), heads, rows))


def _facts(facts: Facts) -> Html:
    """Metadata as `name value`, one a line."""
    shown = (join((text(name), _fact(value)), " ") for name, value in sorted(facts.items()))
    return element("ul", *(element("li", item) for item in shown), class_="facts")


def _fact(value: object) -> Html:
    return code(value if isinstance(value, str) else msgspec.json.encode(value).decode())


def _phases(case: ReviewCase) -> Html:
    heads = (say("phase", "giai đoạn"), say("state", "trạng thái"), say("outcome", "kết quả"))
    rows = [(code(side.phase), code(side.status.value), _facts(side.outcome or {})) for side in case.phases]
    return section("phases", "Phases", "Giai đoạn", table(say("Phases so far", "Đã qua"), heads, rows))


def _plan(case: ReviewCase) -> Html:
    pretty = msgspec.json.format(canon.encode(case.plan), indent=2).decode()
    shown = element("pre", element("code", source(pretty)), class_="json", tabindex="0")
    return section("plan", "Plan", "Kế hoạch", element("p", code(case.plan.sha256)), shown)


def _glossary(case: ReviewCase) -> Html:
    items = []
    for words in sorted(GLOSSARY if case.decided is None else (*GLOSSARY, *POLICY_GLOSSARY)):
        (name, told), (name_vi, told_vi) = (half.split(": ", 1) for half in words)
        items.append(element("dt", say(name, name_vi)))
        items.append(element("dd", say(told, told_vi)))
    escape = say(
        "a framed sign like this stands for a character that cannot be seen",
        "ký hiệu có khung như thế này thay cho một ký tự không nhìn thấy",
    )
    items.append(element("dt", text("\u202e")))
    items.append(element("dd", escape))
    roles = [element("li", code(name), Html(": "), role(name).html) for name in ("content", "form", "sovereign")]
    return section("glossary", "Glossary", "Giải nghĩa", element("dl", *items), element("ul", *roles))


def _foot() -> Html:
    return element("footer", paragraph("The end of the page.", "Hết trang."))
