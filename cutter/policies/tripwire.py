"""A tripwire for what looks like a person's data, where the grammar admits text at all.

Rules kept here: the control is the closed grammar, not this; it runs on payloads of references and on texts of
templates, never on times, digests or numbers, where it would only cry wolf; what it found is never shown.

It knows mail addresses, phone, card and identity numbers (nine digits and more), and dates. It knows no names, and
nothing that is written in base64 or hexadecimal. A payload of nine digits and more is always suspected: issuers mix in
letters.

Source: issue 7, rule 6; policies.md §0.7, §2.
"""

import html
import re
import unicodedata
from urllib.parse import unquote

_ROUNDS = 3  # an encoding of an encoding of an encoding
_MAIL = re.compile(r"[^\s@]@[^\s@]+\.[^\s@]{2}|\w\s*[\[({]\s*at\s*[\])}]\s*\w", re.IGNORECASE)
_RUN = re.compile(r"\d(?:[\s.,:_/()·•‐‑–—-]{0,3}\d)*")
_ABROAD = re.compile(r"\+\s?\d(?:[\s.()-]{0,2}\d){6}")
_PARTED = re.compile(r"(?<!\d)(?:(?:19|20)\d\d[./-]\d{1,2}[./-]\d{1,2}|\d{1,2}[./-]\d{1,2}[./-](?:\d{4}|\d\d))(?!\d)")
_TOGETHER = re.compile(
    r"(?:19|20)\d\d(?:0[1-9]|1[0-2])(?:0[1-9]|[12]\d|3[01])"
    r"|(?:0[1-9]|[12]\d|3[01])(?:0[1-9]|1[0-2])(?:19|20)\d\d|(?:0[1-9]|1[0-2])(?:0[1-9]|[12]\d|3[01])(?:19|20)\d\d"
)
_SPELLED = re.compile(
    r"\d{1,2}\.?\s*(?:jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec)[a-z]*\.?,?\s*\d{2}"
    r"|(?:jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec)[a-z]*\.?\s*\d{1,2},?\s*\d{4}|\d\s*tháng\s*\d",
    re.IGNORECASE,
)
_LONGEST_RUN = 8


def suspicious(text: str) -> bool:
    """Whether a text looks as if it held an address, a number or a date of a person."""
    plain = _plain(text)
    if any(pattern.search(plain) for pattern in (_MAIL, _ABROAD, _PARTED, _SPELLED)):
        return True
    runs = [re.sub(r"\D", "", run) for run in _RUN.findall(plain)]
    return any(len(run) > _LONGEST_RUN or _TOGETHER.fullmatch(run) for run in runs)


def _plain(text: str) -> str:
    """The text as people see it: encodings undone, signs without width gone, wide letters and digits as plain ones."""
    for _ in range(_ROUNDS):
        text = html.unescape(unquote(text))
    seen = "".join(sign for sign in unicodedata.normalize("NFKC", text) if unicodedata.category(sign) != "Cf")
    return unicodedata.normalize("NFC", "".join(str(unicodedata.decimal(sign, sign)) for sign in seen))
