"""Texts for benchmarks: law-like, of a wanted number of units."""


def law(units: int) -> str:
    """A law with about this many units: articles of four clauses, ten articles a chapter."""
    lines = ["LUẬT", "ĐO TỐC ĐỘ", "Căn cứ Hiến pháp;"]
    made, article, chapter = 1, 0, 0
    while made < units:
        if article % 10 == 0:
            chapter += 1
            lines += [f"Chương {_roman(chapter)}", "QUY ĐỊNH CHUNG"]
            made += 1
        article += 1
        lines.append(f"Điều {article}. Phạm vi điều chỉnh số {article}")
        made += 1
        for clause in range(1, 5):
            lines.append(
                f"{clause}. Cơ quan, tổ chức, cá nhân thực hiện quy định tại khoản này theo Luật số {article}."
            )
            made += 1
    return "\n".join(lines) + "\n"


def _roman(number: int) -> str:
    out = ""
    for value, letters in (
        (1000, "M"),
        (900, "CM"),
        (500, "D"),
        (400, "CD"),
        (100, "C"),
        (90, "XC"),
        (50, "L"),
        (40, "XL"),
        (10, "X"),
        (9, "IX"),
        (5, "V"),
        (4, "IV"),
        (1, "I"),
    ):
        while number >= value:
            out += letters
            number -= value
    return out
