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


def code(megabytes: int) -> str:
    """A code of this size, built as the Vietnamese Civil Code is: its headings, and its units of about 200 bytes.

    Of three articles one is a paragraph, two have three clauses, and of four clauses one has two points. Twenty-five
    articles make a chapter, forty chapters a part; articles are numbered through.
    """
    lines = ["BỘ LUẬT", "ĐO TỐC ĐỘ", "Căn cứ Hiến pháp nước Cộng hòa xã hội chủ nghĩa Việt Nam;"]
    size, article = 0, 0
    while size < megabytes * 1_000_000:
        begun = len(lines)
        part, chapter = article // 1000, article // 25 % 40
        if article % 1000 == 0:
            lines += [f"Phần {_roman(part + 1)}", "QUY ĐỊNH CHUNG"]
        if article % 25 == 0:
            lines += [f"Chương {_roman(chapter + 1)}", "XÁC LẬP, THỰC HIỆN VÀ BẢO VỆ QUYỀN DÂN SỰ"]
        article += 1
        lines += _article(article)
        size += sum(len(line.encode()) + 1 for line in lines[begun:])
    return "\n".join(lines) + "\n"


_PARAGRAPH = (
    "Cá nhân, pháp nhân xác lập, thực hiện, chấm dứt quyền, nghĩa vụ dân sự của mình trên cơ sở tự do, tự nguyện"
    " cam kết, thỏa thuận; mọi cam kết, thỏa thuận không vi phạm điều cấm của luật có hiệu lực thực hiện."
)


def _article(number: int) -> list[str]:
    lines = [f"Điều {number}. Nguyên tắc cơ bản của pháp luật dân sự số {number}"]
    if number % 3 == 0:
        return [*lines, _PARAGRAPH]
    for clause in range(1, 4):
        lines.append(f"{clause}. {_PARAGRAPH[: 110 + 30 * clause]}")
        if (number * 3 + clause) % 4 == 0:
            lines += [f"a) {_PARAGRAPH[20:110]};", f"b) {_PARAGRAPH[30:130]}."]
    return lines


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
