"""The characters of an HTML page: the charset by its byte order mark, then as it states it, else UTF-8; always strict.

Source: WHATWG Encoding (labels), WHATWG HTML §13.2.3.2 (looking for the charset before parsing).
"""

import codecs
import re

from cutter.readers.encodings import check_utf8
from cutter.stops import Stop, StopCode

# How far into a page its charset may be stated: browsers look at the first 1024 bytes, and many pages are later.
_PRESCAN = 8 * 1024
_COMMENT = re.compile(rb"<!--.*?-->", re.DOTALL)
_META = re.compile(rb"<meta\s[^>]{0,400}?charset\s{0,9}=\s{0,9}[\"']?\s{0,9}([A-Za-z0-9_:.+-]{1,40})", re.IGNORECASE)
_DECLARATION = re.compile(rb"\s{0,99}<\?xml\s[^>]{0,200}?encoding\s{0,9}=\s{0,9}[\"']([A-Za-z0-9_.-]{1,40})")

_MARKS = ((codecs.BOM_UTF8, "utf-8"), (codecs.BOM_UTF16_LE, "utf-16-le"), (codecs.BOM_UTF16_BE, "utf-16-be"))
# Labels that browsers read as a larger charset, by Python's names.
_AS_BROWSERS = {
    **{"ascii": "cp1252", "iso8859-1": "cp1252", "iso8859-9": "cp1254", "iso8859-11": "cp874", "tis-620": "cp874"},
    **{"gb2312": "gb18030", "gbk": "gb18030", "shift_jis": "cp932", "euc_kr": "cp949", "big5": "big5hkscs"},
    # A page that states UTF-16 in ASCII letters is none.
    **{"utf-16": "utf-8", "utf-16-le": "utf-8", "utf-16-be": "utf-8"},
}
_KNOWN = frozenset(
    {"utf-8", "cp866", "cp874", "cp932", "cp949", "koi8-r", "koi8-u", "gb18030", "big5hkscs", "euc_jp", "iso2022_jp"}
    | {f"cp125{digit}" for digit in range(9)}
    | {f"iso8859-{number}" for number in (2, 3, 4, 5, 6, 7, 8, 10, 13, 14, 15, 16)}
    | {"mac-roman", "mac-cyrillic"}
)


def decode_page(data: bytes) -> str:
    """The characters of a page, with LF as its only line end.

    Raises:
        Stop: STOP_TEXT_NOT_UTF8 (detail `byte_N`, `nul_byte_N`; found: the line, and the charset where the page states
            one), STOP_FILE_UNSUPPORTED (detail `charset_unknown`), STOP_TEXT_EMPTY.
    """
    mark, charset = next(((mark, name) for mark, name in _MARKS if data.startswith(mark)), (b"", ""))
    charset = charset or _stated(data[:_PRESCAN])
    if charset == "utf-8":
        check_utf8(data)
    try:
        text = data[len(mark) :].decode(charset)
    except UnicodeDecodeError as error:
        raise _wrong(data, f"byte_{error.start + len(mark)}", error.start, charset) from None
    if (nul := text.find("\0")) >= 0:
        raise _wrong(data, f"nul_character_{nul}", nul, charset)
    return text.replace("\r\n", "\n").replace("\r", "\n")


def _wrong(data: bytes, detail: str, place: int, charset: str) -> Stop:
    line = data.count(b"\n", 0, place) + 1
    return Stop(StopCode.STOP_TEXT_NOT_UTF8, detail, found=f"line {line}; the page states {charset}", needed=charset)


def _stated(head: bytes) -> str:
    """Python's name of the charset that a page states; `utf-8` when it states none."""
    if match := _DECLARATION.match(head) or _META.search(_COMMENT.sub(b"", head)):
        label = match[1].decode()
        try:
            name = codecs.lookup(label).name
        except LookupError:
            name = ""
        name = _AS_BROWSERS.get(name, name)
        if name not in _KNOWN:
            raise Stop(StopCode.STOP_FILE_UNSUPPORTED, "charset_unknown", found=label, needed="UTF-8")
        return name
    return "utf-8"
