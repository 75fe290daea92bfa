"""OpenPGP bytes, read without gpg: what is one signature, one key, and how strong a key is."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cutter.approval.packets import primary_fingerprint, public_keys, refusal_of_signature, split
from tests.plugins.keys import Keys

CURVES = {
    "nistp256": ("ECDSA", 19),
    "nistp384": ("ECDSA", 19),
    "nistp521": ("ECDSA", 19),
    "brainpoolP256r1": ("ECDSA", 19),
    "secp256k1": ("ECDSA", 19),
    "ed25519": ("EDDSA", 22),
}


@pytest.mark.parametrize(("curve", "kind"), CURVES.items(), ids=CURVES.keys())
def test_the_curve_of_a_key(keys: Keys, curve: str, kind: tuple[str, int]) -> None:
    """Without it a key on a curve that is not allowed could not be told from one that is."""
    fpr = keys.make(curve, parameters=f"Key-Type: {kind[0]}\nKey-Curve: {curve}\nKey-Usage: sign\n")
    (key,) = public_keys(keys.public(curve))
    assert (key.fpr, key.primary, key.algorithm, key.bits, key.curve) == (fpr, True, kind[1], 0, curve)


def test_the_size_of_a_key(keys: Keys) -> None:
    """Without it a short RSA key would count."""
    fpr = keys.make("rsa 2048", parameters="Key-Type: RSA\nKey-Length: 2048\nKey-Usage: sign\n")
    (key,) = public_keys(keys.public("rsa 2048"))
    assert (key.fpr, key.algorithm, key.bits, key.curve) == (fpr, 1, 2048, "")


def test_the_subkey_of_a_key(keys: Keys) -> None:
    """Without it the strength of the subkey that signed could be taken from the primary key."""
    primary, subkey = public_keys(keys.public("content"))
    assert (primary.fpr, primary.primary) == (keys.fprs["content"], True)
    assert (subkey.primary, subkey.algorithm, subkey.curve) == (False, 18, "cv25519")


V5 = bytes.fromhex("05") + bytes(4) + b"\x16" + (50).to_bytes(4, "big") + b"\x09" + bytes.fromhex("2b06010401da470f01")
V6 = bytes.fromhex("06") + bytes(4) + b"\x1b" + (32).to_bytes(4, "big") + bytes(32)


@pytest.mark.parametrize("body", [V5, V6], ids=["version 5", "version 6"])
def test_keys_of_later_versions(body: bytes) -> None:
    """Without it keys of GnuPG 2.4 and of RFC 9580 would be taken for broken ones."""
    (key,) = public_keys(b"\xc6" + bytes([len(body)]) + body)
    assert len(key.fpr) == 64
    assert key.curve == "ed25519"


def test_what_is_not_one_public_key(keys: Keys) -> None:
    """Without it a secret key, two keys, or a keyring could go into the trust bundle as somebody's key."""
    one = keys.public("content")
    secret = keys.run(["--export-secret-keys", keys.fprs["content"]])[0]
    armored = keys.run(["--armor", "--export", keys.fprs["content"]])[0]
    signature = keys.sign("content", b"data")
    for data in (b"", one + one, one + keys.public("form"), secret, armored, signature, one[:-1], one[3:], b"\x00"):
        assert primary_fingerprint(data) == ""
    assert primary_fingerprint(one) == keys.fprs["content"]


@given(st.binary(max_size=200))
def test_any_bytes_are_refused_or_read(data: bytes) -> None:
    """Without it hostile bytes could end in a traceback instead of a refusal."""
    assert refusal_of_signature(data) in ("", "sig_bad", "sig_multiple")
    primary_fingerprint(data)
    for tag in (b"\xc6", b"\x98"):
        primary_fingerprint(tag + bytes([len(data)]) + data if len(data) < 192 else data)


LENGTHS = {
    "old, one byte": (b"\x88\x02ab", 1),
    "old, two bytes": (b"\x89\x00\x02ab", 1),
    "old, four bytes": (b"\x8a\x00\x00\x00\x02ab", 1),
    "new, one byte": (b"\xc2\x02ab", 1),
    "new, two bytes": (b"\xc2\xc0\x08" + bytes(200), 1),
    "new, five bytes": (b"\xc2\xff\x00\x00\x00\x02ab", 1),
    "two": (b"\x88\x02ab\xc2\x02ab", 2),
    "old, open": (b"\x8bab", 0),
    "new, in parts": (b"\xc2\xe1ab\x00", 0),
    "longer than it is": (b"\x88\x03ab", 0),
    "a length cut off": (b"\xc2\xff\x00\x00", 0),
    "no packet": (b"ab", 0),
}


@pytest.mark.parametrize(("data", "count"), LENGTHS.values(), ids=LENGTHS.keys())
def test_lengths(data: bytes, count: int) -> None:
    """Without it a second signature could hide behind a length that is read in another way than gpg does."""
    if count:
        assert [packet.tag for packet in split(data)] == [2] * count
    else:
        with pytest.raises(ValueError, match=r"packet|binary|number"):
            split(data)
    assert refusal_of_signature(data) == {0: "sig_bad", 1: "", 2: "sig_multiple"}[count]
