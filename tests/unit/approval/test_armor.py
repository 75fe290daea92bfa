"""Armour is taken off a signature, and nothing else is taken along."""

import base64

import pytest

from cutter.approval.armor import binary_signature
from cutter.stops import Stop, StopCode

SIGNATURE = bytes(range(200))
BODY = "\n".join(base64.b64encode(SIGNATURE).decode()[at : at + 64] for at in range(0, 268, 64))
ARMOURED = f"-----BEGIN PGP SIGNATURE-----\n\n{BODY}\n=abcd\n-----END PGP SIGNATURE-----\n"

GOOD = {
    "binary": SIGNATURE,
    "armoured": ARMOURED.encode(),
    "with a header": ARMOURED.replace("-\n\n", "-\nVersion: GnuPG v2\n\n", 1).encode(),
    "without a checksum": ARMOURED.replace("=abcd\n", "").encode(),
    "with the line ends of Windows": ARMOURED.replace("\n", "\r\n").encode(),
    "white space around it": f"\n  {ARMOURED}\n\n".encode(),
}


@pytest.mark.parametrize("name", GOOD)
def test_a_signature_however_it_came(name: str) -> None:
    """People send signatures by mail: armour, its headers and line ends differ, the signature does not."""
    assert binary_signature(GOOD[name]) == SIGNATURE


BAD = {
    "text before it": f"-----\nI agree\n{ARMOURED}".encode(),
    "text after it": f"{ARMOURED}I agree\n".encode(),
    "two of them": (ARMOURED * 2).encode(),
    "a clear-signed message": b"-----BEGIN PGP SIGNED MESSAGE-----\nHash: SHA256\n\nyes\n" + ARMOURED.encode(),
    "a message": ARMOURED.replace("SIGNATURE", "MESSAGE").encode(),
    "a key": ARMOURED.replace("SIGNATURE", "PUBLIC KEY BLOCK").encode(),
    "broken base64": ARMOURED.replace("=abcd\n", "A\n").encode(),
    "no end": ARMOURED.partition("-----END")[0].encode(),
}


@pytest.mark.parametrize("name", BAD)
def test_what_is_not_one_armoured_signature_is_refused(name: str) -> None:
    """Text around a signature could say what nobody signed (approvals-and-evidence §7 row 10)."""
    with pytest.raises(Stop) as refused:
        binary_signature(BAD[name])

    assert (refused.value.code, refused.value.detail) == (StopCode.STOP_SIGNATURE_REFUSED, "armour")
