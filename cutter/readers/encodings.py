"""That a file is UTF-8 text; of one that is not, what it seems to be.

Rules kept here: a guess is a suggestion in a refusal, and nothing is decoded by it; a refusal holds a place and the
name of a character set, never text.

Source: issue 5, Bad input. TCVN3 and VNI are encodings of fonts that no registry lists: they are told by what the
commonest Vietnamese words look like in them.
"""

import codecs
from importlib import import_module

from cutter.stops import Stop, StopCode

# What the words Điều, điều, được, của, người, luật, định and nước are in each encoding, read as Latin-1.
_SIGNATURES = (
    ("TCVN3 (ABC fonts)", ("§iÒu", "®iÒu", "®\xadîc", "cña", "ng\xadêi", "luËt", "®Þnh", "n\xadíc")),
    ("VNI", ("Ñieàu", "ñieàu", "ñöôïc", "cuûa", "ngöôøi", "luaät", "ñònh", "nöôùc")),
    ("windows-1258", ("Ðiê\xccu", "ðiê\xccu", "ðýõ\xf2c", "cu\xd2a", "ngýõ\xcci", "luâ\xf2t", "ði\xf2nh", "nýõ\xecc")),
)
_MARKS = (
    (codecs.BOM_UTF32_LE, "UTF-32 LE (byte order mark)"),
    (codecs.BOM_UTF32_BE, "UTF-32 BE (byte order mark)"),
    (codecs.BOM_UTF16_LE, "UTF-16 LE (byte order mark)"),
    (codecs.BOM_UTF16_BE, "UTF-16 BE (byte order mark)"),
)
# How much is looked at to guess; the words above are in every page of a Vietnamese text.
_SAMPLE = 256 * 1024
_SMALL_SAMPLE = 16 * 1024
# Of the second bytes of UTF-16 text in Vietnamese or English, well over a third are zero.
_ZEROS_OF_UTF16 = 0.25
# Controls that no text file has: more than a few, and one in fifty bytes, is no accident.
_CONTROLS = b"\x00\x01\x02\x03\x04\x05\x06\x07\x08\x0e\x0f\x10\x11\x12\x13\x14\x15\x16\x17\x18\x19\x1c\x1d\x1e\x1f\x7f"
_FEW_CONTROLS = 8
_MOST_CONTROLS = 0.02


def check_utf8(data: bytes) -> None:
    """That bytes are UTF-8 text without NUL.

    Raises:
        Stop: STOP_TEXT_NOT_UTF8 (detail `byte_N` from 0, or `nul_byte_N`; found: the line, and what it seems to be),
            STOP_FILE_UNSUPPORTED (detail `binary`), STOP_TEXT_EMPTY.
    """
    if not data:
        raise Stop(StopCode.STOP_TEXT_EMPTY, "byte_0")
    bad, nul = _first_bad(data), data.find(b"\0")
    if bad is None and nul < 0:
        return
    detail, place = (f"byte_{bad}", bad) if bad is not None else (f"nul_byte_{nul}", nul)
    if seems := _wide(data):
        raise _not_utf8(data, detail, place, seems)
    if _is_binary(data):
        raise Stop(StopCode.STOP_FILE_UNSUPPORTED, "binary")
    raise _not_utf8(data, detail, place, "" if bad is None else _guess(data, place))


def _first_bad(data: bytes) -> int | None:
    try:
        data.decode()
    except UnicodeDecodeError as error:
        return error.start
    return None


def _not_utf8(data: bytes, detail: str, place: int, seems: str) -> Stop:
    ends = [data.count(end, 0, place) for end in (b"\n", b"\r", b"\r\n")]
    line = ends[0] + ends[1] - ends[2] + 1
    found = f"line {line}" + (f"; seems to be {seems}" if seems else "")
    return Stop(StopCode.STOP_TEXT_NOT_UTF8, detail, found=found, needed="UTF-8")


def _wide(data: bytes) -> str:
    """The name of a character set of two or four bytes, by its mark or by where the zeros stand."""
    for mark, name in _MARKS:
        if data.startswith(mark):
            return name
    sample = data[:_SMALL_SAMPLE]
    if len(sample) < 4:
        return ""
    zeros = [sample[start::4].count(0) / len(sample[start::4]) for start in range(4)]
    wide = [share > _ZEROS_OF_UTF16 for share in zeros]
    names = {
        (False, True, False, True): "UTF-16 LE",
        (True, False, True, False): "UTF-16 BE",
        (False, True, True, True): "UTF-32 LE",
        (True, True, True, False): "UTF-32 BE",
        (False, False, True, True): "UTF-32 LE",
        (True, True, False, False): "UTF-32 BE",
    }
    return names.get((wide[0], wide[1], wide[2], wide[3]), "")


def _is_binary(data: bytes) -> bool:
    sample = data[:_SAMPLE]
    controls = len(sample) - len(sample.translate(None, _CONTROLS))
    return controls > max(_FEW_CONTROLS, len(sample) * _MOST_CONTROLS)


def _guess(data: bytes, place: int) -> str:
    """The name of a character set of one byte; empty when nothing speaks for any."""
    sample = data[max(0, place - 1024) : place + _SAMPLE]
    counts = [(sum(sample.count(word.encode("latin-1")) for word in words), name) for name, words in _SIGNATURES]
    most, name = max(counts)
    return name if most else _library_guess(sample[:_SMALL_SAMPLE])


def _library_guess(sample: bytes) -> str:
    try:
        library = import_module("charset_normalizer")
    except ImportError:
        return ""
    best = library.from_bytes(sample).best()
    name = "" if best is None else str(best.encoding).replace("_", "-")
    return {"cp1258": "windows-1258", "cp1252": "windows-1252"}.get(name, name) if name.isascii() else ""
