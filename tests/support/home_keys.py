"""Which secret keys a home folder of gpg has, as gpg lists them."""

from contextlib import nullcontext
from pathlib import Path

from cutter.custody.openpgp.process import installed

_UNUSABLE = frozenset({"e", "r", "i", "d", "n"})


def secret_fingerprints(home: Path, *, attended: bool = False) -> tuple[str, ...]:
    """The primary fingerprints of the keys that can sign here: with a secret key or a card, not expired or revoked."""
    if not home.is_dir():
        return ()
    with nullcontext() if attended else installed().agents(home):
        done = installed().run(["--with-colons", "--list-secret-keys"], home, secret=True, attended=attended)
    # gpg ends with 2 where the home has no secret key at all
    assert (done.exit_code, done.fault) in ((0, ""), (2, "")), done
    return _able_to_sign(done.output.decode("utf-8", "replace"))


def _able_to_sign(listing: str) -> tuple[str, ...]:
    """Primary fingerprints from a listing of secret keys in colons: `sec` or `ssb`, then its `fpr`."""
    able: dict[str, bool] = {}
    kind, primary, usable = "", "", False
    for fields in (line.split(":") for line in listing.splitlines()):
        if fields[0] in ("sec", "ssb"):
            kind, usable = fields[0], _usable(fields)
        elif fields[0] == "fpr" and kind:
            primary = fields[9] if kind == "sec" else primary
            able[primary] = able.get(primary, False) or usable
    return tuple(fpr for fpr, can in able.items() if can)


def _usable(fields: list[str]) -> bool:
    """Field 2 is the validity, 12 what the key is for, 15 where the secret is (`#`: not here)."""
    return fields[1] not in _UNUSABLE and "s" in fields[11] and fields[14] not in ("", "#")
