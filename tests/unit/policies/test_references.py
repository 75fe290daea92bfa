"""Issued references: their form, their check digits, and what a slip of the hand makes of them."""

import random

import pytest

from cutter.policies.references import is_issued, issue, payload_of

SIGNS = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ"


@pytest.mark.parametrize(
    ("prefix", "payload", "check"),
    [
        # ISO 13616 appends country and "00" to the account number, which comes to the same sum: computed with `bc`.
        ("TRG", "A5K8R2ME", "69"),
        ("PAT", "7KQ2M4XA", "55"),
        ("TEAM", "N4RTH", "33"),
    ],
)
def test_the_check_digits_are_those_of_the_standard(prefix: str, payload: str, check: str) -> None:
    """Without it references of other issuers' programs would be refused, and ours by theirs."""
    numbers = "".join(str(SIGNS.index(sign)) for sign in prefix + payload)
    assert int(numbers + check) % 97 == 1
    assert issue(prefix, payload) == f"{prefix}-{payload}-{check}"


FOREIGN = {
    "another issuer": "PAT-A5K8R2ME-69",
    "the issuer's name goes on": "TRGX-A5K8R2ME-69",
    "wrong check digits": "TRG-A5K8R2ME-70",
    "no check digits": "TRG-A5K8R2ME",
    "small letters": "trg-a5k8r2me-69",
    "a space before": " TRG-A5K8R2ME-69",
    "a line end after": "TRG-A5K8R2ME-69\n",
    "wide digits": "TRG-A5K8R2ME-６９",
    "other digits": "TRG-A5K8R2ME-٦٩",
    "empty": "",
    "too short": "TRG-A5K-69",
    "too long": "TRG-A5K8R2MEA5K8R2MEA-69",
    "a text": "john.doe@example.org",
}


@pytest.mark.parametrize("text", FOREIGN.values(), ids=FOREIGN)
def test_what_was_not_issued_is_refused(text: str) -> None:
    """Without it anything that looks like a reference would pass as one, and be stored."""
    assert not is_issued(text, "TRG")


def test_check_digits_are_written_in_one_way_only() -> None:
    """Without it 00 would stand for 97 and 99 for 02, and one thing would have two references."""
    twins = []
    for number in range(4000):
        reference = issue("TRG", f"{number:04d}")
        head, check = reference[:-2], int(reference[-2:])
        twins += [f"{head}{other:02d}" for other in (check - 97, check + 97) if 0 <= other <= 99]
    assert len(twins) > 50
    assert not any(is_issued(twin, "TRG") for twin in twins)


def test_one_wrong_sign_and_two_swapped_ones_are_found() -> None:
    """Without it a slip of the hand would send one person's message to another."""
    chance = random.Random(11)
    for _ in range(200):
        payload = "".join(chance.choices(SIGNS, k=8))
        check = issue("PAT", payload)[-2:]
        place = chance.randrange(8)
        for sign in SIGNS.replace(payload[place], ""):
            wrong = payload[:place] + sign + payload[place + 1 :]
            # A letter is two digits, so that a letter for a digit changes the length of the number; one sign of the
            # same kind is always found.
            if sign.isdigit() == payload[place].isdigit():
                assert not is_issued(f"PAT-{wrong}-{check}", "PAT")
        swapped = payload[:3] + payload[4] + payload[3] + payload[5:]
        if swapped != payload and payload[3].isdigit() == payload[4].isdigit():
            assert not is_issued(f"PAT-{swapped}-{check}", "PAT")


@pytest.mark.parametrize(("prefix", "payload"), [("P", "A5K8"), ("PAT", "abcd"), ("PAT", "A5K"), ("PAT", "A5K8\n")])
def test_nothing_else_is_issued(prefix: str, payload: str) -> None:
    """Without it a script could issue references that no reader takes."""
    with pytest.raises(ValueError, match="capital letters"):
        issue(prefix, payload)


def test_the_payload_is_what_is_looked_at() -> None:
    """Without it the tripwire would look at check digits, or at nothing."""
    assert payload_of("TRG-A5K8R2ME-69") == "A5K8R2ME"
    assert payload_of("no reference") == "no reference"
