"""Text of foreign origin made safe to print: what could move a cursor, hide or reorder text is shown as an escape.

Rules kept here: every string that cutter did not write itself (a title, a heading, a file name, an input) passes
`visible` before its width is measured and before it is printed; bytes in files and JSON are never changed by it.

Source: command-line.md §3 rows 6, 7, 9; approvals-and-evidence §7 row 41.
"""

import unicodedata

# Controls (ESC, CR, C1), formats (bidi, zero width, tags), surrogates, line and paragraph separators.
_UNSEEN = frozenset({"Cc", "Cf", "Cs", "Zl", "Zp"})


def visible(text: str, *, compose: bool = True) -> str:
    r"""The text with every unseen character as an escape: `\x1b`, `\u202e`, `\U000e0001`.

    Args:
        text: any text.
        compose: bring it to NFC for display; not for a command, whose file names must stay as they are.
    """
    if text.isascii() and text.isprintable():
        return text
    return "".join(_show(character) for character in (unicodedata.normalize("NFC", text) if compose else text))


def width(text: str) -> int:
    """How many cells of a terminal a visible text takes."""
    if text.isascii():
        return len(text)
    return sum(_cells(character) for character in text)


def _show(character: str) -> str:
    if unicodedata.category(character) not in _UNSEEN:
        return character
    code = ord(character)
    if code < 0x100:
        return f"\\x{code:02x}"
    return f"\\u{code:04x}" if code < 0x10000 else f"\\U{code:08x}"


def _cells(character: str) -> int:
    if unicodedata.combining(character):
        return 0
    return 2 if unicodedata.east_asian_width(character) in ("W", "F") else 1
