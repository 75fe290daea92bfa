"""What is read from gpg's status lines, case by case. The lines are gpg's own, of versions 2.2.40 and 2.4."""

import pytest

from cutter.approval.status import read_status, weaknesses
from cutter.contracts import SignatureReport

KEY = "7AD3E443AB52D108C111704C30F5A30750A736A0"
SUBKEY = "52DDA15B5131FC481989221ED08A803D5E048CA7"
NEW = "[GNUPG:] NEWSIG\n"
GOOD = f"[GNUPG:] GOODSIG {KEY[-16:]} Somebody\n"
VALID = f"[GNUPG:] VALIDSIG {SUBKEY} 2026-11-21 1795271408 0 4 0 22 10 00 {KEY}\n"
ALL = NEW + GOOD + VALID
MISSING = f"[GNUPG:] ERRSIG {KEY[-16:]} 22 8 00 1795271408 9 {KEY}\n[GNUPG:] NO_PUBKEY {KEY[-16:]}\n"
FAILURE = "[GNUPG:] FAILURE gpg-exit 33554433\n"

READ = {
    "good": (ALL, 0, ()),
    "an old subkey of the key expired": (f"{NEW}[GNUPG:] KEYEXPIRED 1577923200\n{GOOD}{VALID}", 0, ()),
    "a validity is told too": (f"{ALL}[GNUPG:] TRUST_FULLY 0 always\n", 0, ()),
    "bad": (f"{NEW}[GNUPG:] BADSIG {KEY[-16:]} Somebody\n{FAILURE}", 1, ("sig_bad",)),
    "no data": ("[GNUPG:] NODATA 4\n" + FAILURE, 2, ("sig_bad",)),
    "an opaque message": (f"{NEW}[GNUPG:] PLAINTEXT 62 1795271408 \n{GOOD}{VALID}", 0, ("sig_bad",)),
    "unexpected": (f"{ALL}[GNUPG:] UNEXPECTED 0\n", 0, ("sig_bad",)),
    "the key is not known": (NEW + MISSING + FAILURE, 2, ("key_unknown",)),
    "an algorithm that gpg lacks": (f"{NEW}[GNUPG:] ERRSIG {KEY[-16:]} 99 8 00 1795271408 4 -\n", 2, ("sig_bad",)),
    "the signature expired": (f"{NEW}[GNUPG:] EXPSIG {KEY[-16:]} Somebody\n{VALID}", 0, ("sig_expired",)),
    "the key expired": (f"{NEW}[GNUPG:] EXPKEYSIG {KEY[-16:]} Somebody\n{VALID}", 0, ("key_expired",)),
    "the key is revoked": (f"{NEW}[GNUPG:] REVKEYSIG {KEY[-16:]} Somebody\n{VALID}", 0, ("key_revoked",)),
    "the key is revoked, said otherwise": (f"{NEW}[GNUPG:] KEYREVOKED\n{GOOD}{VALID}", 0, ("key_revoked",)),
    "revoked and good": (
        f"{NEW}[GNUPG:] REVKEYSIG {KEY[-16:]} Somebody\n{VALID}{ALL}",
        0,
        ("sig_multiple", "key_revoked"),
    ),
    "good twice": (ALL + ALL, 0, ("sig_multiple",)),
    "good said twice of one": (NEW + GOOD + GOOD + VALID, 0, ("sig_multiple",)),
    "not announced": (GOOD + VALID, 0, ("gpg_failed",)),
    "not called good": (NEW + VALID, 0, ("gpg_failed",)),
    "not called valid": (NEW + GOOD, 0, ("gpg_failed",)),
    "an exit status of its own": (ALL, 2, ("gpg_failed",)),
    "a failure after all": (ALL + FAILURE, 0, ("gpg_failed",)),
    "an error after all": (f"{ALL}[GNUPG:] ERROR keydb_search 33554445\n", 0, ("gpg_failed",)),
    "nothing": ("", 0, ("gpg_failed",)),
    "not a status line": (f"gpg: Good signature\n{ALL}", 0, ("gpg_failed",)),
    "a status line that is indented": (f"{NEW} {GOOD}{VALID}", 0, ("gpg_failed",)),
    "a status line inside a name": (
        f"{NEW}[GNUPG:] BADSIG {KEY[-16:]} x [GNUPG:] GOODSIG {KEY[-16:]}\n",
        1,
        ("sig_bad",),
    ),
    "nine fields": (NEW + GOOD + VALID.rsplit(" ", 1)[0] + "\n", 0, ("gpg_failed",)),
    "a time that is no number": (ALL.replace("1795271408", "20261121T120000"), 0, ("gpg_failed",)),
    "a keyword that is not ASCII": ("[GNUPG:] GÜT\n" + ALL, 0, ("gpg_failed",)),
}


@pytest.mark.parametrize(("text", "exit_code", "refusals"), READ.values(), ids=READ.keys())
def test_what_is_said_against_a_signature(text: str, exit_code: int, refusals: tuple[str, ...]) -> None:
    """Without it a revoked, expired, doubled or unfinished signature could open a gate: gpg ends with 0 for them."""
    assert read_status(text.encode(), exit_code).refusals == refusals


def test_the_fields_of_a_signature() -> None:
    """Without it the subkey could be taken for the person's key, or the hash for the key's algorithm."""
    assert read_status(ALL.encode(), 0) == SignatureReport(
        refusals=(),
        fpr=SUBKEY,
        primary_fpr=KEY,
        signed_at=1795271408,
        version=4,
        key_algorithm=22,
        hash_algorithm=10,
        signature_class="00",
    )


def test_a_name_in_no_encoding_does_no_harm() -> None:
    """Without it a key with a name in Latin-1 would end a resume with a traceback."""
    assert read_status(ALL.encode().replace(b"Somebody", b"\xff\xfe\xe2\x80\xae\x1b[31m"), 0).refusals == ()


STRONG = {"version": 4, "hash_algorithm": 8, "signature_class": "00", "key_algorithm": 22, "curve": "ed25519"}
RSA = {"key_algorithm": 1, "curve": ""}
WEAK = {
    "Ed25519": ({}, ()),
    "RSA 3072": (RSA | {"key_bits": 3072}, ()),
    "RSA 4096 with SHA-512": (RSA | {"key_bits": 4096, "hash_algorithm": 10}, ()),
    "NIST P-256": ({"key_algorithm": 19, "curve": "nistp256"}, ()),
    "version 5": ({"version": 5}, ()),
    "RSA 2048": (RSA | {"key_bits": 2048}, ("sig_weak",)),
    "DSA": ({"key_algorithm": 17, "key_bits": 3072, "curve": ""}, ("sig_weak",)),
    "another curve": ({"key_algorithm": 19, "curve": "secp256k1"}, ("sig_weak",)),
    "an unknown curve": ({"curve": ""}, ("sig_weak",)),
    "MD5": ({"hash_algorithm": 1}, ("sig_weak",)),
    "SHA-1": ({"hash_algorithm": 2}, ("sig_weak",)),
    "SHA-224": ({"hash_algorithm": 11}, ("sig_weak",)),
    "version 3": ({"version": 3}, ("sig_weak",)),
    "text mode": ({"signature_class": "01"}, ("sig_class",)),
    "a certificate": ({"signature_class": "13"}, ("sig_class",)),
    "text mode with SHA-1": ({"signature_class": "01", "hash_algorithm": 2}, ("sig_class", "sig_weak")),
}


@pytest.mark.parametrize(("changes", "words"), WEAK.values(), ids=WEAK.keys())
def test_what_is_too_weak(changes: dict[str, object], words: tuple[str, ...]) -> None:
    """Without it a signature whose document can be forged or rewrapped would count: gpg calls it good."""
    report = SignatureReport(refusals=(), **(STRONG | changes))  # type: ignore[arg-type]
    assert weaknesses(report) == words
