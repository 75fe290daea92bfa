"""A letter as it stands on the wire.

Rules kept here: a header never holds what could end it; the same letter to the same address has the same bytes; all of
it is ASCII, so that nothing depends on what the server offers; the address stands in `To` alone.

Source: RFC 5322, RFC 2045–2047, RFC 3834 (`Auto-Submitted`, so that no machine answers), RFC 5321 §4.5.2 (dots).
"""

import re
import unicodedata
from contextlib import suppress
from datetime import datetime
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import format_datetime

from cutter.contracts.policies import Letter
from cutter.stops import Stop, StopCode

_LONGEST_SUBJECT = 200  # characters
_LONGEST_BODY = 64 * 1024  # characters
_TOKEN = re.compile(r"[A-Za-z0-9._-]{1,128}")
_DATE = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}Z")
_LINES = {"\n", "\t"}
# What ends a line for some reader, and what has no encoding.
_REFUSED = frozenset({"Cc", "Cs", "Zl", "Zp"})


def check_letter(letter: Letter) -> None:
    """Check what becomes headers and text.

    Raises:
        Stop: STOP_CONFIG_INVALID, detail `letter_subject`, `letter_body` (their template is wrong),
            `letter_message_id`, `letter_correlation_id`, `letter_date`.
    """
    subject, body = letter.subject, letter.body.replace("\r\n", "\n")
    checks = {
        "letter_subject": 0 < len(subject.strip()) <= len(subject) <= _LONGEST_SUBJECT and _plain(subject, set()),
        "letter_body": 0 < len(body) <= _LONGEST_BODY and _plain(body, _LINES),
        "letter_message_id": _TOKEN.fullmatch(letter.message_id) is not None,
        "letter_correlation_id": _TOKEN.fullmatch(letter.correlation_id) is not None,
        "letter_date": _is_time(letter.date),
    }
    for detail, holds in checks.items():
        if not holds:
            raise Stop(StopCode.STOP_CONFIG_INVALID, detail)


def render(letter: Letter, sender: str, address: str) -> bytes:
    """The letter's bytes up to the final dot: lines that end with CRLF, and a dot doubled where it begins one.

    Args:
        letter: one that `check_letter` lets pass; the domain of its Message-ID is the sender's.
        sender: the address that it comes from.
        address: the recipient's.
    """
    message = EmailMessage(policy=SMTP.clone(cte_type="7bit"))
    message["Date"] = format_datetime(datetime.fromisoformat(letter.date))
    message["From"] = sender
    message["To"] = address
    message["Subject"] = letter.subject
    message["Message-ID"] = f"<{full_message_id(letter, sender)}>"
    message["X-Correlation-ID"] = letter.correlation_id
    message["Auto-Submitted"] = "auto-generated"
    message.set_content(letter.body.replace("\r\n", "\n"))
    return dotted(bytes(message))


def full_message_id(letter: Letter, sender: str) -> str:
    """What stands between the brackets of the letter's Message-ID: its own part, and the domain of the sender."""
    return f"{letter.message_id}@{sender.rpartition('@')[2]}"


def dotted(text: bytes) -> bytes:
    """Lines with CRLF and doubled dots (RFC 5321 §4.5.2), whatever ended them before."""
    lines = re.split(rb"\r\n|\r|\n", text)
    if not lines[-1]:
        lines.pop()
    return b"".join((b"." if line.startswith(b".") else b"") + line + b"\r\n" for line in lines)


def _plain(text: str, allowed: set[str]) -> bool:
    return all(letter in allowed or unicodedata.category(letter) not in _REFUSED for letter in text)


def _is_time(text: str) -> bool:
    """Whether it is a time of ours, `YYYY-MM-DDTHH:MM:SSZ`."""
    if not _DATE.fullmatch(text):
        return False
    with suppress(ValueError):
        datetime.fromisoformat(text)
        return True
    return False
