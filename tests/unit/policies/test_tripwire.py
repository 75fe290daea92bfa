"""The tripwire: what it finds, in which disguises, and what it leaves alone."""

import random
import uuid

import pytest

from cutter.policies.references import issue, payload_of
from cutter.policies.tripwire import suspicious

FOUND = {
    "mail address": "jane.doe@example.org",
    "mail address in a text": "write to jane@example.org today",
    "zero-width signs in it": "jane\u200b@exam\u200dple.org",
    "soft hyphen in it": "jane@exam\u00adple.org",
    "written in per cent": "jane%40example.org",
    "per cent of per cent": "jane%2540example.org",
    "as an entity": "jane&#64;example.org",
    "wide letters": "ｊａｎｅ＠ｅｘａｍｐｌｅ．ｏｒｇ",
    "spelled out": "jane (at) example.org",
    "phone": "+84 90 123 45 67",
    "phone at home": "0901234567",
    "phone with dots": "090.123.4567",
    "short phone from abroad": "+84 901 234",
    "card": "4111 1111 1111 1111",
    "card without spaces": "4111111111111111",
    "social security": "078-05-1120",
    "identity card": "001085012345",
    "birth, ISO": "1985-03-12",
    "birth, day first": "12/03/1985",
    "birth, short": "12.03.85",
    "birth without separators": "19850312",
    "birth, day first, without separators": "12031985",
    "birth in letters": "A19850312B",
    "birth, spelled": "12 March 1985",
    "birth, spelled, month first": "March 12, 1985",
    "birth, spelled in a payload": "X12MAR1985Y",
    "birth in Vietnamese": "ngày 12 tháng 3 năm 1985",
    "wide digits": "１９８５-０３-１２",
    "other digits": "١٩٨٥-٠٣-١٢",
    "digits parted by zero-width signs": "1985\u200b03\u200b12",
}


@pytest.mark.parametrize("text", FOUND.values(), ids=FOUND)
def test_it_finds(text: str) -> None:
    """Without it a person's address, number or birth could pass as a payload or stand in a template."""
    assert suspicious(text)
    assert suspicious(f"before {text} after")


LEFT_ALONE = {
    "a text": "A result is ready for you at the North ward. Please sign in.",
    "a Vietnamese text": "Xin chào, Khoa Bắc đã có kết quả của bạn.",
    "small numbers": "2 of 20 in 24 hours, room 301, 98 %",
    "a version": "1.10.2",
    "a payload": "A5K8R2ME",
    "seven digits": "AB1234567",
    "slots": "{ward}: urgency {urgency} of 5",
    "empty": "",
}


@pytest.mark.parametrize("text", LEFT_ALONE.values(), ids=LEFT_ALONE)
def test_it_leaves_alone(text: str) -> None:
    """Without it every template and trigger would be refused, and people would switch it off."""
    assert not suspicious(text)


def test_payloads_with_letters_are_rarely_suspected() -> None:
    """Without it an issuer could not tell how many of its references are unusable."""
    chance = random.Random(5)
    payloads = ["".join(chance.choices("23456789ABCDEFGHJKMNPQRSTVWXYZ", k=8)) for _ in range(5000)]
    assert sum(suspicious(payload_of(issue("TRG", payload))) for payload in payloads) <= 5


def test_nothing_fails_on_any_text() -> None:
    """Without it a trigger made to break the tripwire would get past it, or end in a traceback that shows it."""
    chance = random.Random(6)
    for _ in range(2000):
        text = "".join(chr(chance.choice((chance.randrange(0x250), chance.randrange(0xD7FF)))) for _ in range(30))
        assert suspicious(text) in (True, False)
    assert not suspicious(uuid.UUID(int=0xABCDEFABCDEFABCDEFABCDEFABCDEFAB).hex)
