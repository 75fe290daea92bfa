"""The parts of the page that only a run which a policy started has: what was decided, and the text that it leads to.

Rules kept here: the recipient is told by reference, for an address is looked up when the message is sent; the text is
the template's with the trigger's values, whole; fields that the policies could not do without are told by name.

Source: issue 7, rules 4 and 6; command-line.md §4 (1, 2, 3).
"""

from typing import assert_never

from cutter.policies.decision import PROCEED, Decision
from cutter.policies.policy import SEND_MESSAGE, Verdict
from cutter.report.decisions.words import recipient_of
from cutter.report.policies.words import named, rule_name, value_word
from cutter.report.review.case import ReviewCase
from cutter.report.review.markup import NOTHING, Html, code, element, join, paragraph, say, section, source, table, text
from cutter.report.review.words import Words

GLOSSARY = (
    Words(
        "trigger: what came from outside, closed fields only", "tín hiệu: điều đến từ bên ngoài, chỉ gồm trường đóng"
    ),
    Words("policy: a versioned file of rules", "chính sách: tệp quy tắc có phiên bản"),
    Words("decision: what the policies say of a trigger", "quyết định: điều chính sách nói về một tín hiệu"),
    Words("view: a question to the database with closed answers", "khung nhìn: câu hỏi cơ sở dữ liệu, đáp án đóng"),
    Words("template: a text whose slots take closed values", "mẫu: văn bản có chỗ điền giá trị đóng"),
    Words(
        "reference: stands for a person; issued, never an address",
        "mã tham chiếu: thay cho một người, không là địa chỉ",
    ),
)


def asks_option(case: ReviewCase) -> bool:
    """Whether people answer with an option: a policy left it open, or nobody knows whether a message was sent."""
    return case.decided is not None and (case.gate.kind == "decision" or is_unknown_effect(case))


def is_unknown_effect(case: ReviewCase) -> bool:
    """Whether people decide if a message counts as sent: the run failed in the phase that sends it."""
    return case.is_escalation and case.decided is not None and SEND_MESSAGE in case.covers


def options(case: ReviewCase) -> tuple[str, ...]:
    """What people can answer; empty where they only sign."""
    if not asks_option(case) or case.decided is None:
        return ()
    return ("sent", "not_sent", "resend") if is_unknown_effect(case) else case.decided.options


def deed(case: ReviewCase) -> Words | None:
    """What is asked, where it is not an operation that runs: to go on, or to count a message as sent."""
    if is_unknown_effect(case):
        return Words(
            "to count one message as sent, of which nobody knows whether it was",
            "coi một thư là đã gửi, dù không ai biết nó đã đi hay chưa",
        )
    if case.decided is None or case.covers:
        return None
    if PROCEED not in case.decided.options:
        return Words("nothing; people can only say no", "không gì cả; chỉ có thể trả lời không")
    return Words(
        "to go on to the people who authorize it, which the policies left open",
        "được đi tiếp tới người cho phép, vì chính sách để ngỏ",
    )


def decision_section(case: ReviewCase) -> Html:
    """What was decided, on what, and what a yes leads to."""
    decision = case.decided
    if decision is None:
        return NOTHING
    heads = (say("what", "mục"), say("value", "giá trị"))
    rows = [
        (say("decided", "quyết định"), verdict_words(decision.verdict).html),
        (say("reason", "lý do"), code(decision.reason)),
        (say("rule", "quy tắc"), _rule(decision)),
        (say("uncertain fields", "trường chưa rõ"), _codes(decision.uncertain)),
        (say("trigger", "tín hiệu"), join((code(decision.trigger_type), code(decision.trigger)), " ")),
        (say("as of", "tính đến"), code(decision.as_of)),
        *_to_look_for(case),
    ]
    made = table(say("Decision", "Quyết định"), heads, rows)
    said = [(code(item.name), code(value_word(item.value))) for item in decision.fields]
    heads = (say("field", "trường"), say("value", "giá trị"))
    fields = table(say("What the trigger and the views say", "Tín hiệu và khung nhìn nói gì"), heads, said)
    return section("decision", "What was decided", "Điều đã quyết định", made, fields, _letter(case, decision))


def verdict_words(verdict: Verdict) -> Words:
    """A verdict in words."""
    match verdict:
        case Verdict.DENY:
            return Words("denied", "từ chối")
        case Verdict.ESCALATE:
            return Words("left to people", "để người quyết định")
        case Verdict.ALLOW:
            return Words("allowed", "cho phép")
        case _ as never:
            assert_never(never)


def _letter(case: ReviewCase, decision: Decision) -> Html:
    """The text, and for whom."""
    action = decision.action
    if action is None:
        return paragraph("It leads to nothing: people can only say no.", "Không dẫn tới gì: chỉ có thể trả lời không.")
    title = element("h3", say("What would be told", "Nội dung sẽ báo"))
    heads = (say("what", "mục"), say("value", "giá trị"))
    rows = [
        (say("operation", "thao tác"), code(action.operation)),
        (say("template", "mẫu"), code(named(action.template, action.template_version))),
        (say("for", "cho"), code(recipient_of(decision))),
    ]
    about = table(say("By what and for whom", "Bằng gì và cho ai"), heads, rows)
    if case.letter is None:
        told = paragraph("The text cannot be shown here.", "Không hiển thị được nội dung ở đây.")
        return element("article", title, about, told, class_="phase")
    subject = element("p", element("strong", text(case.letter.subject))) if case.letter.subject else NOTHING
    body = element("pre", source(case.letter.body), class_="doc text", tabindex="0")
    return element("article", title, about, subject, body, class_="phase")


def _to_look_for(case: ReviewCase) -> tuple[tuple[Html, Html], ...]:
    """By what people find out what became of a message of which nobody knows."""
    if not case.message_id:
        return ()
    name = say("Message-ID, to look for in the mail server's log", "Message-ID để tìm trong nhật ký máy chủ thư")
    return ((name, code(case.message_id)),)


def _rule(decision: Decision) -> Html:
    if not decision.policy:
        return say("no rule", "không có quy tắc")
    return code(rule_name(named(decision.policy, decision.policy_version), decision.rule))


def _codes(names: tuple[str, ...]) -> Html:
    return join((code(name) for name in names), ", ") if names else say("none", "không có")
