"""Whose secret keys are in a home folder of gpg: whoever runs a command can sign with these.

Source: approvals-and-evidence §3 (People).
"""

from itertools import pairwise
from pathlib import Path

from cutter.custody.openpgp.process import Gpg, installed


def secret_fingerprints(home: Path, *, attended: bool = True, gpg: Gpg | None = None) -> tuple[str, ...]:
    """The primary fingerprints of the secret keys of a home, also of those that are on a card; none where gpg fails.

    Args:
        home: the folder; it may be missing.
        attended: it is a person's own, not one of cutter's.
        gpg: the program, when not the host's.
    """
    if not home.is_dir():
        return ()
    arguments = ["--with-colons", "--list-secret-keys"]
    done = (gpg or installed()).run(arguments, home, secret=True, attended=attended)
    rows = [line.split(":") for line in done.output.decode("utf-8", "replace").splitlines()]
    return tuple(after[9] for row, after in pairwise(rows) if row[0] == "sec" and after[0] == "fpr")
