"""ASCII armour of OpenPGP signatures, taken off: the binary signature inside.

Rules kept here: exactly one signature and nothing around it but white space, so that no text can be carried along; the
checksum is not looked at (RFC 9580 §6.1 says it need not be), because the signature itself is verified.

Source: RFC 9580 §6 (Radix-64 Conversions).
"""

import base64
import binascii
import re

from cutter.stops import Stop, StopCode

_ARMOUR = re.compile(
    rb"\s*-----BEGIN PGP SIGNATURE-----[ \t]*\r?\n"
    rb"(?:[A-Za-z]+: [^\r\n]*\r?\n)*[ \t]*\r?\n"
    rb"(?P<body>(?:[A-Za-z0-9+/=]+[ \t]*\r?\n)+?)"
    rb"(?:=[A-Za-z0-9+/]{4}[ \t]*\r?\n)?"
    rb"-----END PGP SIGNATURE-----\s*"
)


def binary_signature(data: bytes) -> bytes:
    """A detached signature as binary, whether it came so or in armour.

    Raises:
        Stop: STOP_SIGNATURE_REFUSED, detail `armour`: what looks like armour is not one armoured signature.
    """
    if not data.lstrip().startswith(b"-----"):
        return data
    match = _ARMOUR.fullmatch(data)
    try:
        return base64.b64decode(b"".join(match["body"].split()), validate=True) if match else _refuse()
    except binascii.Error:
        return _refuse()


def _refuse() -> bytes:
    raise Stop(StopCode.STOP_SIGNATURE_REFUSED, detail="armour", needed="one detached signature")
