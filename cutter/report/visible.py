"""Text of foreign origin made safe to print: what could move a cursor, hide or reorder text is shown as an escape.

Rules kept here: every string that cutter did not write itself (a title, a heading, a file name, an input) passes
`visible` before its width is measured and before it is printed; bytes in files and JSON are never changed by it.

Source: command-line.md §3 rows 6, 7, 9; approvals-and-evidence §7 row 41.
"""

import unicodedata

# Controls (ESC, CR, C1), formats (bidi, zero width, tags), surrogates, line and paragraph separators.
_UNSEEN = frozenset({"Cc", "Cf", "Cs", "Zl", "Zp"})

_JOINER, _PICTURE = "\u200d", "\ufe0f"  # joins emoji to one picture; asks for a picture
_SKINS = ("\U0001f3fb", "\U0001f3ff")  # colour the emoji before them


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
    """How many cells of a terminal a text takes, by what is drawn as one: a letter with its marks, an emoji."""
    if text.isascii():
        return len(text)
    wide, before = 0, ""
    for character in text:
        wide += _cells(character, before)
        # Two regional indicators are one flag: a third begins another.
        before = "" if _is_flag_half(character) and _is_flag_half(before) else character
    return wide


def _show(character: str) -> str:
    if unicodedata.category(character) not in _UNSEEN:
        return character
    code = ord(character)
    if code < 0x100:
        return f"\\x{code:02x}"
    return f"\\u{code:04x}" if code < 0x10000 else f"\\U{code:08x}"


def _cells(character: str, before: str) -> int:
    """How many cells a character adds behind another one."""
    if unicodedata.category(character) in ("Mn", "Me", "Cf") or _is_jamo_tail(character):
        # A selector makes a picture of what is text by itself, and a picture takes two cells.
        return 1 if character == _PICTURE and before and _alone(before) == 1 else 0
    if before == _JOINER or _SKINS[0] <= character <= _SKINS[1]:
        return 0
    if _is_flag_half(character):
        return 0 if _is_flag_half(before) else 2
    return _alone(character)


def _alone(character: str) -> int:
    return 2 if unicodedata.east_asian_width(character) in ("W", "F") else 1


def _is_flag_half(character: str) -> bool:
    return "\U0001f1e6" <= character <= "\U0001f1ff"


def _is_jamo_tail(character: str) -> bool:
    """Vowels and last consonants of Korean that are written apart from their first."""
    return "\u1160" <= character <= "\u11ff" or "\ud7b0" <= character <= "\ud7fb"
