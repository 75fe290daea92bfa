"""How to decide: who may sign, what has to be typed, and how to check the page without cutter.

Rules kept here: a command stands as it can be run; names are those of the trust bundle; whoever asks does not sign.

Source: command-line.md §4 (4, 5); approvals-and-evidence §3 (Envelope, People).
"""

import shlex

from cutter.model import Mode
from cutter.report.next_steps import trigger_file
from cutter.report.review.case import ReviewCase, Signer
from cutter.report.review.decision import options
from cutter.report.review.markup import (
    Html,
    code,
    commands,
    element,
    join,
    paragraph,
    say,
    section,
    table,
    text,
)
from cutter.report.review.words import Words, duration, moment, role

SIGNED_BYTES = "request-{run}.pae"  # where an exported request is written
SIGNATURE = "request-{run}.sig"


def decide_section(case: ReviewCase) -> Html:
    """Who signs, until when, and the commands."""
    title = ("How to decide", "Cách quyết định")
    if case.mode is Mode.DRYRUN:
        return section("decide", *title, _signers(case), _rehearsed(case))
    return section("decide", *title, _times(case), _signers(case), _commands(case))


def check_section(case: ReviewCase, file_name: str) -> Html:
    """How to find out, without cutter, whether this is the page that the request names."""
    title = ("How to check this page without cutter", "Cách kiểm trang này mà không cần cutter")
    if case.mode is Mode.DRYRUN:
        told = paragraph(
            "No request names this page: it is a rehearsal's.", "Không có bản trình nào nêu trang này: đây là diễn tập."
        )
        return section("check", *title, told)
    run = case.short_id
    told = paragraph(
        "The request holds the sha256 of this file as review_sha256; the file cannot hold its own. The exported "
        "request is readable text: compare the two lines. They must be the same 64 digits.",
        "Bản trình ghi sha256 của tệp này ở review_sha256; tệp không thể tự ghi mã của nó. Bản trình xuất ra là chữ "
        "đọc được: hãy so hai dòng sau. Cả 64 chữ số phải trùng nhau.",
    )
    exported = SIGNED_BYTES.format(run=run)
    compared = commands(f"sha256sum {file_name}", f"""grep -ao '"review_sha256":"[0-9a-f]*"' {exported}""")
    plan = paragraph(
        "The plan's digest is the sha256 of its canonical JSON (RFC 8785). Save the plan below as plan.json; "
        "the request names the digest as plan_sha256.",
        "Mã băm kế hoạch là sha256 của JSON chính tắc (RFC 8785). Lưu kế hoạch bên dưới thành plan.json; "
        "bản trình nêu mã này ở plan_sha256.",
    )
    return section("check", *title, told, compared, plan, commands("jq -jcS . plan.json | sha256sum"))


def _times(case: ReviewCase) -> Html:
    issued, until, executed = (moment(at) for at in (case.issued_at, case.approve_by, case.execute_by))
    return paragraph(
        f"Asked {issued.en}. Sign until {until.en}; silence means no. The run may write until {executed.en}.",
        f"Trình lúc {issued.vi}. Hạn ký {until.vi}; im lặng là không duyệt. Lượt chạy được ghi đến {executed.vi}.",
    )


def _signers(case: ReviewCase) -> Html:
    heads = (say("role", "vai"), say("signatures needed", "số chữ ký cần"), say("who may sign", "người được ký"))
    rows = [
        (role(asked.role).html, text(str(asked.persons)), _persons(case.eligible(asked.role)))
        for asked in case.gate.quorum
    ]
    note = paragraph(
        f"{case.requester} asks and therefore does not sign; a person counts for one role.",
        f"{case.requester} là người trình nên không ký; mỗi người chỉ tính cho một vai.",
    )
    return join((table(say("Signers", "Người ký"), heads, rows), note))


def _persons(signers: tuple[Signer, ...]) -> Html:
    if not signers:
        return say("nobody", "không có ai")
    return join((join((text(signer.name), code(signer.person_id)), " ") for signer in signers), ", ")


def _rehearsed(case: ReviewCase) -> Html:
    within = duration(case.gate.approve_within)
    told = paragraph(
        f"This was a rehearsal: there is nothing to sign. A live run would wait here for up to {within.en}:",
        f"Đây là diễn tập: không có gì để ký. Lượt chạy thật sẽ chờ ở đây, tối đa {within.vi}:",
    )
    positional = {declared.name for declared in case.pipeline.inputs if declared.positional}
    given = [item.value for item in case.plan.inputs.values if item.name in positional and item.value]
    words = ("cutter", "orchestrate", case.pipeline.id, *given, "--mode", "live")
    if case.decided is not None:
        words = ("cutter", "trigger", trigger_file(case.decided.trigger), "--mode", "live")
    return join((told, commands(" ".join(shlex.quote(word) for word in words))))


def _commands(case: ReviewCase) -> Html:
    run = case.short_id
    exported, signature = SIGNED_BYTES.format(run=run), SIGNATURE.format(run=run)
    elsewhere = commands(
        f"cutter approve {run} --export {exported}",
        f"gpg --output {signature} --detach-sign {exported}",
        f"cutter approve {run} --import {signature}",
    )
    if chosen := options(case):
        return _options(case, chosen)
    steps = (
        (say("Sign here", "Ký tại máy này"), commands(f"cutter approve {run}")),
        (say("Sign elsewhere, with plain gpg", "Ký ở máy khác, chỉ dùng gpg"), elsewhere),
        (say("Say no", "Không duyệt"), commands(f"cutter reject {run} --reason 'TEXT'")),
    )
    return element("div", *(element("div", element("h3", title), shown) for title, shown in steps), class_="ways")


_OPTIONS = {
    "proceed": Words("Yes: it goes on to the people who authorize it", "Đồng ý: đi tiếp tới người cho phép"),
    "refuse": Words("No: nothing is done, and the run ends", "Không: không làm gì, lượt chạy kết thúc"),
    "sent": Words("Yes: it counts as sent, and nothing is sent again", "Coi là đã gửi, không gửi lại"),
    "not_sent": Words("No: it does not count as sent, and the run ends", "Không coi là đã gửi, lượt chạy kết thúc"),
    "resend": Words("No, and it may be asked for anew", "Không coi là đã gửi, và có thể xin gửi lại"),
}


def _options(case: ReviewCase, chosen: tuple[str, ...]) -> Html:
    """What can be answered, each with its command; a no has a reason."""
    parts = []
    for option in chosen:
        words = _OPTIONS.get(option, Words(option, option))
        reason = "" if option in ("proceed", "sent") else " --reason 'TEXT'"
        shown = commands(f"cutter decide {case.short_id} --option {option}{reason}")
        parts.append(element("div", element("h3", words.html), shown))
    return element("div", *parts, class_="ways")


def summary_times(case: ReviewCase) -> Html:
    """Until when, in the sentence at the top."""
    if not case.approve_by:
        within = duration(case.gate.approve_within)
        return say(f"A live run would wait up to {within.en}.", f"Lượt chạy thật sẽ chờ tối đa {within.vi}.")
    until = moment(case.approve_by)
    return say(f"Sign until {until.en}; silence means no.", f"Hạn ký {until.vi}; im lặng là không duyệt.")
