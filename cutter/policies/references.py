"""References that somebody issued: a prefix that says who, a payload that says nothing, two check digits.

Rules kept here: `PREFIX-PAYLOAD-CC`, capital letters and digits only, nothing around it; the check digits find every
single wrong character and every two that were swapped side by side. That a reference is well formed does not say that
it exists: that is the directory's to say.

Source: ISO/IEC 7064 (MOD 97-10), letters as in ISO 13616 (A = 10 … Z = 35); issue 7, rule 6.
"""

import re

PREFIX = "[A-Z]{2,6}"
PAYLOAD = "[0-9A-Z]{4,16}"
REFERENCE = re.compile(rf"(?P<prefix>{PREFIX})-(?P<payload>{PAYLOAD})-(?P<check>[0-9]{{2}})")

_PREFIX = re.compile(PREFIX)
_PAYLOAD = re.compile(PAYLOAD)
_SIGNS = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ"
_NUMBERS = {_SIGNS[number]: str(number) for number in range(len(_SIGNS))}


def is_issued(text: str, issuer: str) -> bool:
    """Whether a text is a reference of this issuer: form, prefix and check digits.

    Args:
        text: anything.
        issuer: the prefix that it must have.
    """
    match = REFERENCE.fullmatch(text)
    return match is not None and match["prefix"] == issuer and match["check"] == _check(issuer + match["payload"])


def payload_of(reference: str) -> str:
    """The payload of a text in a reference's form; the whole text where it has another form."""
    match = REFERENCE.fullmatch(reference)
    return reference if match is None else match["payload"]


def issue(prefix: str, payload: str) -> str:
    """The reference of a prefix and a payload, with its check digits.

    Raises:
        ValueError: the prefix or the payload has another form.
    """
    if not (_PREFIX.fullmatch(prefix) and _PAYLOAD.fullmatch(payload)):
        raise ValueError("a prefix is 2 to 6 capital letters, a payload 4 to 16 digits and capital letters")
    return f"{prefix}-{payload}-{_check(prefix + payload)}"


def _check(text: str) -> str:
    """The two digits, 02 to 98, that make the whole number leave 1 when divided by 97."""
    return f"{98 - int(''.join([_NUMBERS[sign] for sign in text])) * 100 % 97:02d}"
