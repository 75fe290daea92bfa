"""What gpg says of a signature, read from its status lines. Pure.

Rules kept here: a signature is good only when gpg says so exactly once and says nothing against it; the exit status
alone says nothing (it is 0 for revoked and expired keys); a line counts from its start only, because names of keys are
hostile text; what is not understood is `gpg_failed`.

Source: approvals-and-evidence §1.1–1.3, §3 checks 5 and 6; GnuPG doc/DETAILS.
"""

from collections import Counter
from collections.abc import Iterator

import msgspec

from cutter.contracts import SignatureReport

_PREFIX = b"[GNUPG:]"
_ONCE = ("NEWSIG", "GOODSIG", "VALIDSIG")
# Not KEYEXPIRED: gpg prints it for any old subkey of a healthy key.
_WORDS = {
    "BADSIG": "sig_bad",
    "NODATA": "sig_bad",
    "UNEXPECTED": "sig_bad",
    "PLAINTEXT": "sig_bad",
    "ERRSIG": "sig_bad",
    "NO_PUBKEY": "key_unknown",
    "EXPSIG": "sig_expired",
    "EXPKEYSIG": "key_expired",
    "REVKEYSIG": "key_revoked",
    "KEYREVOKED": "key_revoked",
}
# gpg ends many a refusal with these: they count where nothing else explains it.
_FAILURES = frozenset({"FAILURE", "ERROR"})
# What gpg cannot check because it lacks the key is not a bad signature.
_ERRSIG_NO_KEY = "9"

STRONG_HASHES = frozenset({8, 9, 10})
_RSA, _ECDSA, _EDDSA = frozenset({1, 3}), 19, frozenset({22, 27})
_RSA_BITS = 3072
_NIST = frozenset({"nistp256", "nistp384", "nistp521"})


def read_status(text: bytes, exit_code: int) -> SignatureReport:
    """The report on one detached signature.

    Args:
        text: all status lines of one `gpg --verify`.
        exit_code: its exit status.

    Returns:
        The report, without the size and the curve of the key, which status lines do not tell.
    """
    try:
        lines = list(_lines(text))
        fields = _valid_fields([arguments for keyword, arguments in lines if keyword == "VALIDSIG"])
    except ValueError:
        return SignatureReport(refusals=("gpg_failed",))
    refusals = _refusals(lines) or (("gpg_failed",) if exit_code or fields is None else ())
    return SignatureReport(refusals=refusals) if fields is None else msgspec.structs.replace(fields, refusals=refusals)


def weaknesses(report: SignatureReport) -> tuple[str, ...]:
    """What is too weak about a signature that gpg calls good: `sig_class`, `sig_weak`; none when it is strong.

    It must be over binary data (class 00), of version 4 or later, with SHA-256, -384 or -512, by RSA of 3072 bits or
    more, Ed25519 or a NIST curve.
    """
    found = [] if report.signature_class == "00" else ["sig_class"]
    strong = report.version >= 4 and report.hash_algorithm in STRONG_HASHES and _strong_key(report)
    return tuple(found if strong else [*found, "sig_weak"])


def _strong_key(report: SignatureReport) -> bool:
    algorithm = report.key_algorithm
    if algorithm in _RSA:
        return report.key_bits >= _RSA_BITS
    return (algorithm in _EDDSA and report.curve == "ed25519") or (algorithm == _ECDSA and report.curve in _NIST)


def _lines(text: bytes) -> Iterator[tuple[str, tuple[str, ...]]]:
    """Keyword and arguments of each line."""
    for line in text.split(b"\n"):
        if line:
            prefix, *words = line.split(b" ")
            if prefix != _PREFIX or not words:
                raise ValueError("not a status line")
            # Arguments may hold a name in any encoding; what is read of them is ASCII.
            yield words[0].decode("ascii"), tuple(word.decode("ascii", "replace") for word in words[1:])


def _refusals(lines: list[tuple[str, tuple[str, ...]]]) -> tuple[str, ...]:
    seen = Counter(keyword for keyword, _ in lines)
    words = dict.fromkeys(_word(keyword, arguments) for keyword, arguments in lines if keyword in _WORDS)
    if any(seen[keyword] > 1 for keyword in _ONCE):
        return ("sig_multiple", *words)
    if words:
        return tuple(words)
    good = all(seen[keyword] == 1 for keyword in _ONCE) and not seen.keys() & _FAILURES
    return () if good else ("gpg_failed",)


def _word(keyword: str, arguments: tuple[str, ...]) -> str:
    if keyword == "ERRSIG" and len(arguments) > 5 and arguments[5] == _ERRSIG_NO_KEY:
        return "key_unknown"
    return _WORDS[keyword]


def _valid_fields(found: list[tuple[str, ...]]) -> SignatureReport | None:
    """The ten fields of VALIDSIG: key, date, time, end, version, reserved, key and hash algorithm, class, primary."""
    if not found:
        return None
    if len(found[0]) != 10:
        raise ValueError("VALIDSIG has ten fields")
    fpr, _, signed_at, _, version, _, key_algorithm, hash_algorithm, signature_class, primary = found[0]
    return SignatureReport(
        refusals=(),
        fpr=fpr,
        primary_fpr=primary,
        signed_at=int(signed_at),
        version=int(version),
        key_algorithm=int(key_algorithm),
        hash_algorithm=int(hash_algorithm),
        signature_class=signature_class,
    )
