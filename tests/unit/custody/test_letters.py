"""Letters on the wire: headers that nothing can end, lines that only CRLF ends, dots that stay."""

import email
import email.policy
import re

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from cutter.custody.letters import check_letter, dotted, render
from cutter.stops import Stop, StopCode
from tests.support.mail_cases import ADDRESS, LETTER, SENDER

REFUSED = {
    "a line end in the subject": ("subject", "a\nBcc: b@example.org"),
    "a carriage return in the subject": ("subject", "a\rb"),
    "a line separator in the subject": ("subject", "a\u2028b"),
    "a next line in the subject": ("subject", "a\x85b"),
    "a half of a letter in the subject": ("subject", "a\ud800"),
    "a subject of blanks": ("subject", "   "),
    "no subject": ("subject", ""),
    "a long subject": ("subject", "x" * 201),
    "a zero byte in the text": ("body", "a\0b"),
    "a bare carriage return in the text": ("body", "a\rb"),
    "a paragraph separator in the text": ("body", "a\u2029b"),
    "a half of a letter in the text": ("body", "\udfff"),
    "no text": ("body", ""),
    "a long text": ("body", "x" * 65537),
    "a Message-ID with an end": ("message_id", "a>\r\nBcc: b"),
    "a Message-ID with a line end at its end": ("message_id", "ab\n"),
    "a Message-ID with a domain": ("message_id", "a@b"),
    "a long Message-ID": ("message_id", "a" * 129),
    "no correlation": ("correlation_id", ""),
    "words for a date": ("date", "now"),
    "a date that does not exist": ("date", "2026-02-30T08:00:00Z"),
    "a local time": ("date", "2026-03-01T08:00:00"),
    "another zone": ("date", "2026-03-01T08:00:00+07:00"),
}


@pytest.mark.parametrize("name", REFUSED)
def test_what_is_no_letter_is_refused(name: str) -> None:
    """Without it a template's text could write headers of its own, or end the letter for one server and not another."""
    field, value = REFUSED[name]
    with pytest.raises(Stop) as caught:
        check_letter(msgspec.structs.replace(LETTER, **{field: value}))

    assert (caught.value.code, caught.value.detail) == (StopCode.STOP_CONFIG_INVALID, f"letter_{field}")
    assert value.strip() == "" or value not in f"{caught.value} {vars(caught.value)}"


DOTS = {
    b"a\r\n.b\r\n": b"a\r\n..b\r\n",
    b".\r\n": b"..\r\n",
    b"..": b"...\r\n",
    b"a.\r\n b": b"a.\r\n b\r\n",
    b"a\n.\nb": b"a\r\n..\r\nb\r\n",
    b"a\r.\rb": b"a\r\n..\r\nb\r\n",
    b"a\n\r.\r\n\nb": b"a\r\n\r\n..\r\n\r\nb\r\n",
    b"a\r\n\r\n": b"a\r\n\r\n",
}


@pytest.mark.parametrize("text", DOTS)
def test_no_line_is_the_final_dot(text: bytes) -> None:
    """Without it a text with a line of one dot would end the letter, and what follows would be commands."""
    assert dotted(text) == DOTS[text]


LETTERS = st.characters(exclude_categories=("Cs", "Cc", "Zl", "Zp"))
TEXTS = st.text(st.one_of(LETTERS, st.sampled_from(".\n\t ")), min_size=1, max_size=400)
SUBJECTS = st.text(LETTERS, min_size=1, max_size=120).filter(lambda text: text.strip())


@given(subject=SUBJECTS, body=TEXTS)
def test_every_letter_is_one_letter(subject: str, body: str) -> None:
    """Without it some text would break a line, leave ASCII, be too long for a server, or arrive as another."""
    letter = msgspec.structs.replace(LETTER, subject=subject, body=body)
    check_letter(letter)

    wire = render(letter, SENDER, ADDRESS)

    assert wire == render(letter, SENDER, ADDRESS), "the same letter has the same bytes"
    assert wire.endswith(b"\r\n")
    assert wire.isascii()
    assert re.search(rb"(?<!\r)\n|\r(?!\n)|\r\n\.\r\n|\A\.\r\n|\0", wire) is None
    assert max(map(len, wire.split(b"\r\n"))) <= 998
    undone = re.sub(rb"(?m)^\.", b"", wire)
    message = email.message_from_bytes(undone, policy=email.policy.SMTP)
    assert sorted(message.keys()) == [
        "Auto-Submitted",
        "Content-Transfer-Encoding",
        "Content-Type",
        "Date",
        "From",
        "MIME-Version",
        "Message-ID",
        "Subject",
        "To",
        "X-Correlation-ID",
    ]
    assert str(message["To"]) == ADDRESS
    read = message.get_content().replace("\r\n", "\n")
    assert read == body if body.endswith("\n") else read == body + "\n"


@pytest.mark.parametrize("length", [1, 30, 64])
def test_long_addresses_arrive_whole(length: int) -> None:
    """Without it a header that is folded within an address would name nobody."""
    address = "a" * length + "@" + ".".join(["b" * 60] * 3) + ".example.org"
    wire = render(LETTER, address, address)
    message = email.message_from_bytes(wire, policy=email.policy.SMTP)

    assert message["To"].addresses[0].addr_spec == address
    assert message["From"].addresses[0].addr_spec == address
    assert address.encode() in wire, "as it is, not encoded"
