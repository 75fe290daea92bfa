"""What a program reads: one JSON document and a newline, in UTF-8, whatever the terminal is.

Source: DESIGN §7 (`--output json`).
"""

import msgspec


def encode(document: msgspec.Struct) -> bytes:
    """The bytes of one document; the keys stand in the order in which its type declares them."""
    return msgspec.json.encode(document) + b"\n"


def encoded_line(document: msgspec.Struct) -> str:
    """The same as a line of a screen, for a form that is a document itself."""
    return encode(document).decode().removesuffix("\n")
