"""Numbers as readers see them: automatic ones (letters, roman numerals, digits), and raised ones.

Source: CSS Counter Styles 3 §6 (lower-alpha, lower-roman …); ECMA-376 part 1 §17.18.59 (ST_NumberFormat).
"""

_ROMAN = (
    *((1000, "m"), (900, "cm"), (500, "d"), (400, "cd"), (100, "c"), (90, "xc"), (50, "l"), (40, "xl"), (10, "x")),
    *((9, "ix"), (5, "v"), (4, "iv"), (1, "i")),
)
# Up to which a browser and Word write roman numerals; beyond, digits.
_LARGEST_ROMAN = 3999
_RAISED = str.maketrans("0123456789+-\u2212", "⁰¹²³⁴⁵⁶⁷⁸⁹⁺⁻⁻")
_BRACKETS = frozenset("[](){}")


def roman(number: int) -> str:
    """`iv`; digits outside 1 to 3999."""
    if not 1 <= number <= _LARGEST_ROMAN:
        return str(number)
    written, left = "", number
    for value, letters in _ROMAN:
        times, left = divmod(left, value)
        written += letters * times
    return written


def counted_letters(number: int) -> str:
    """`a` to `z`, then `aa`, `ab` … as browsers count; digits below 1."""
    if number < 1:
        return str(number)
    written = ""
    while number:
        number, place = divmod(number - 1, 26)
        written = chr(ord("a") + place) + written
    return written


def repeated_letters(number: int) -> str:
    """`a` to `z`, then `aa`, `bb` … as Word counts; digits outside 1 to 780 (thirty letters)."""
    if not 1 <= number <= 26 * 30:
        return str(number)
    times, place = divmod(number - 1, 26)
    return chr(ord("a") + place) * (times + 1)


def raised(text: str) -> str:
    """Superscript with its digits as superscript digits, so that the call of a note is not read as part of a number.

    `Điều 3<sup>1</sup>` is `Điều 3¹`, not Article 31. Letters stay (14th), and so does what brackets set apart.
    """
    if _BRACKETS.intersection(text) or not any(map(str.isdecimal, text)):
        return text
    return text.translate(_RAISED)
