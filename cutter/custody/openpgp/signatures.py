"""Detached OpenPGP signatures: making and judging one, with one gpg process each.

Rules kept here: what is not exactly one signature is refused before gpg sees it; the data goes through standard input
and the signature and keys are files of our own, so that nothing can be swapped in between.

Source: approvals-and-evidence §2, §3 checks 5 and 6.
"""

from collections.abc import Sequence
from contextlib import nullcontext
from pathlib import Path

import msgspec

from cutter.approval.packets import PublicKey, public_keys, refusal_of_signature
from cutter.approval.status import read_status
from cutter.contracts import SignatureReport
from cutter.custody import files
from cutter.custody.openpgp.process import Finished, Gpg, Limits, check_fingerprint, fresh_home
from cutter.stops import Stop, StopCode

# Somebody may have to find a card and type a passphrase.
_ATTENDED = Limits(seconds=300.0)


def verify(gpg: Gpg, signature: bytes, data: bytes, keys: Sequence[bytes]) -> SignatureReport:
    """What gpg says of a signature over these bytes by one of these binary public keys. Never raises a stop.

    Returns:
        The report; `key_bits` and `curve` are those of the (sub)key that signed.
    """
    if refusal := refusal_of_signature(signature):
        return SignatureReport(refusals=(refusal,))
    try:
        known = {key.fpr: key for binary in keys for key in public_keys(binary)}
    except ValueError:
        return SignatureReport(refusals=("key_unknown",))
    if not known:
        return SignatureReport(refusals=("key_unknown",))
    return _with_strength(_judge(gpg, signature, data, keys), known)


def sign(gpg: Gpg, home: Path, data: bytes, fpr: str, *, attended: bool) -> bytes:
    """A binary detached signature.

    Args:
        gpg: the program.
        home: the folder with the secret key.
        data: what is signed.
        fpr: the primary fingerprint; gpg signs with its newest signing subkey, or with the primary key.
        attended: the home is a person's own, whose agent may ask for a passphrase; else it is one of cutter's.

    Raises:
        Stop: STOP_INVALID_INPUT (detail `fingerprint`), STOP_KEY_UNUSABLE (`no_secret_key`),
            STOP_SIGNATURE_REFUSED (`gpg_failed`: cancelled, timed out, no gpg).
    """
    check_fingerprint(fpr)
    if not home.is_dir():
        raise Stop(StopCode.STOP_KEY_UNUSABLE, detail="no_secret_key", where=str(home))
    with nullcontext() if attended else gpg.agents(home):
        done = gpg.run(
            ["--detach-sign", "--local-user", fpr],
            home,
            data=data,
            secret=True,
            attended=attended,
            limits=_ATTENDED if attended else None,
        )
    return _signature(done, fpr)


def _judge(gpg: Gpg, signature: bytes, data: bytes, keys: Sequence[bytes]) -> SignatureReport:
    try:
        with fresh_home() as home:
            files.create_exclusive(home / "keys.gpg", b"".join(keys), 0o400, lasting=False)
            files.create_exclusive(home / "data.sig", signature, 0o400, lasting=False)
            found = gpg.run(
                ["--no-default-keyring", "--keyring", home / "keys.gpg", "--verify", home / "data.sig", "-"],
                home,
                data=data,
            )
    except Stop:
        return SignatureReport(refusals=("gpg_failed",))
    report = read_status(found.status, found.exit_code)
    if found.fault and not report.refusals:
        return msgspec.structs.replace(report, refusals=("gpg_failed",))
    return report


def _with_strength(report: SignatureReport, known: dict[str, PublicKey]) -> SignatureReport:
    """The report with what the key's own packet tells: gpg's status lines name neither size nor curve."""
    key = known.get(report.fpr)
    if key is None:
        return report if report.refusals else SignatureReport(refusals=("gpg_failed",))
    return msgspec.structs.replace(report, key_bits=key.bits, curve=key.curve)


def _signature(done: Finished, fpr: str) -> bytes:
    lines = [line.split(b" ") for line in done.status.split(b"\n") if line.startswith(b"[GNUPG:] ")]
    keywords = [line[1] for line in lines]
    if b"INV_SGNR" in keywords:
        raise Stop(StopCode.STOP_KEY_UNUSABLE, detail="no_secret_key", found=fpr)
    made = not done.fault and done.exit_code == 0 and keywords.count(b"SIG_CREATED") == 1
    if not made or refusal_of_signature(done.output):
        raise Stop(StopCode.STOP_SIGNATURE_REFUSED, detail="gpg_failed", found=fpr)
    return done.output
