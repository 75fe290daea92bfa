"""OpenPGP keys of a home folder: a public key for a trust bundle, a throw-away key.

Rules kept here: a key is named by its whole primary fingerprint; what is exported is exactly one public key; no agent
of a home of cutter's own is left running.

Source: approvals-and-evidence §2, §3 (People).
"""

import re
from pathlib import Path

from cutter.approval.packets import primary_fingerprint
from cutter.custody import files
from cutter.custody.openpgp.process import Finished, Gpg, check_fingerprint, installed
from cutter.stops import Stop, StopCode

# It stands in a parameter file of lines, and later among other people's keys.
_USER_ID = re.compile(r"[A-Za-z0-9][A-Za-z0-9 ._@+-]{0,98}[A-Za-z0-9]")
_PARAMETERS = """%no-protection
Key-Type: EDDSA
Key-Curve: ed25519
Key-Usage: sign
Subkey-Type: ECDH
Subkey-Curve: cv25519
Subkey-Usage: encrypt
Name-Real: {user_id}
Expire-Date: {days}
%commit
"""


def export_public(home: Path, fpr: str, *, attended: bool = False, gpg: Gpg | None = None) -> bytes:
    """The binary public key of a home, without other people's signatures on it.

    Args:
        home: the folder with the key.
        fpr: the primary fingerprint.
        attended: the home is a person's own, not one of cutter's.
        gpg: the program, when not the host's.

    Raises:
        Stop: STOP_INVALID_INPUT (detail `fingerprint`), STOP_KEY_UNUSABLE (`no_public_key`, `gpg_failed`).
    """
    check_fingerprint(fpr)
    arguments = ["--export-options", "export-minimal", "--export", fpr]
    done = (gpg or installed()).run(arguments, _existing(home), attended=attended)
    _require_success(done)
    if primary_fingerprint(done.output) != fpr:
        raise Stop(StopCode.STOP_KEY_UNUSABLE, detail="no_public_key", found=fpr, where=str(home))
    return done.output


def generate(home: Path, user_id: str, *, days: int = 0, gpg: Gpg | None = None) -> str:
    """Make a key without passphrase: Ed25519 for signatures, with a cv25519 subkey for encryption. For demos and tests.

    Args:
        home: a folder of cutter's own; it is made when missing.
        user_id: the name on the key: letters, digits and ` ._@+-`.
        days: after which it expires, 0: never.
        gpg: the program, when not the host's.

    Returns:
        The primary fingerprint.

    Raises:
        Stop: STOP_INVALID_INPUT (detail `user_id`), STOP_KEY_UNUSABLE (`gpg_failed`), STOP_PATH_UNSAFE, STOP_DISK.
    """
    if not _USER_ID.fullmatch(user_id):
        raise Stop(StopCode.STOP_INVALID_INPUT, detail="user_id", needed="letters, digits and  ._@+-")
    program = gpg or installed()
    parameters = _PARAMETERS.format(user_id=user_id, days=f"{days}d" if days else 0).encode()
    files.private_folder(home)
    with program.agents(home):
        done = program.run(["--generate-key"], home, data=parameters, secret=True)
    _require_success(done)
    created = re.search(rb"^\[GNUPG:\] KEY_CREATED B ([0-9A-F]{40}|[0-9A-F]{64})$", done.status, re.MULTILINE)
    if created is None:
        raise Stop(StopCode.STOP_KEY_UNUSABLE, detail="gpg_failed")
    return created[1].decode()


def _existing(home: Path) -> Path:
    if not home.is_dir():
        raise Stop(StopCode.STOP_KEY_UNUSABLE, detail="no_public_key", where=str(home))
    return home


def _require_success(done: Finished) -> None:
    if done.fault or done.exit_code != 0:
        raise Stop(StopCode.STOP_KEY_UNUSABLE, detail="gpg_failed", found=done.fault)
