"""What can be wrong in a pipeline file: the table of codes, and a mistake at its place.

Rules kept here: a code names one mistake for ever; text of the file is told with its control characters visible.

Source: DESIGN §5; command-line.md §1 row 5 (the error form).
"""

import unicodedata
from enum import Enum

import msgspec


class Code(Enum):
    """The mistakes. P0: the text is not plain YAML; P1: form; P2: meaning; P3: the order of phases."""

    TOO_LARGE = "P001"
    NOT_UTF8 = "P002"
    FORBIDDEN_CHARACTER = "P003"
    TAB = "P004"
    NOT_YAML = "P005"
    EMPTY = "P006"
    SEVERAL_DOCUMENTS = "P007"
    DIRECTIVE = "P008"
    ANCHOR = "P009"
    ALIAS = "P010"
    MERGE_KEY = "P011"
    TAG = "P012"
    DUPLICATE_KEY = "P013"
    TOO_DEEP = "P014"
    UNQUOTED = "P015"
    LARGE_INTEGER = "P016"
    KEY_FORM = "P017"

    UNKNOWN_KEY = "P101"
    MISSING_KEY = "P102"
    WRONG_TYPE = "P103"
    WRONG_VALUE = "P104"
    DUPLICATE_ID = "P105"
    REFUSED_NAME = "P106"

    UNKNOWN_OPERATION = "P201"
    UNKNOWN_PARAMETER = "P202"
    MISSING_PARAMETER = "P203"
    TYPE_MISMATCH = "P204"
    PARTIAL_REFERENCE = "P205"
    UNKNOWN_INPUT = "P206"
    UNKNOWN_PHASE = "P207"
    FORWARD_REFERENCE = "P208"
    UNKNOWN_FIELD = "P209"
    UNKNOWN_STOP_CODE = "P210"
    REFERENCE_IN_SQL = "P211"
    BIND_MISMATCH = "P212"

    WRITE_BEFORE_GATE = "P301"
    NO_IDEMPOTENCY = "P302"
    NO_UNDO = "P303"
    KEY_AFTER_GATE = "P304"
    NO_BACKUP = "P305"
    NOT_FOR_POLICY = "P306"
    NO_DECISION = "P307"

    @property
    def word(self) -> str:
        """The code in words, such as `unknown-key`."""
        return self.name.lower().replace("_", "-")

    @property
    def meaning(self) -> str:
        """What the mistake is, in a sentence."""
        return _MEANINGS[self.value]


_MEANINGS = {
    "P001": "The file has more bytes or more values than a pipeline may have.",
    "P002": "The file is not valid UTF-8.",
    "P003": "A control character, a character that turns the direction of text, or a byte order mark.",
    "P004": "A tab; YAML is indented with spaces.",
    "P005": "The text is not YAML.",
    "P006": "The file holds no values.",
    "P007": "The file holds more than one YAML document.",
    "P008": "A YAML directive; a pipeline file is YAML 1.2 without any.",
    "P009": "An anchor; every value is written where it stands.",
    "P010": "An alias; every value is written where it stands.",
    "P011": "A merge key; every key is written where it stands.",
    "P012": "A tag; values are text, integers, booleans and null.",
    "P013": "A key that the mapping already has.",
    "P014": "Values stand more deeply inside one another than in any pipeline.",
    "P015": "A number, date or time that readers of YAML disagree about, without quotes.",
    "P016": "An integer that JSON cannot carry exactly (2^53 or more).",
    "P017": "A key that is not ASCII text.",
    "P101": "A key that means nothing at this place.",
    "P102": "A key that this place needs.",
    "P103": "A value of another type than this place needs.",
    "P104": "A value that is not one of those allowed here, or has another form.",
    "P105": "A name that another phase, survey or guard already has.",
    "P106": "An input that the command line refuses as an option, or has of its own; a gate that is cutter's own.",
    "P201": "An operation that the catalogue does not have.",
    "P202": "A parameter that the operation does not have.",
    "P203": "A parameter that the operation needs.",
    "P204": "A value or reference of another type than is needed.",
    "P205": "A reference that is not a whole value of a known form.",
    "P206": "A reference to an input that the pipeline does not declare.",
    "P207": "A reference to a phase that does not exist.",
    "P208": "A reference to a phase that has not run yet at this place.",
    "P209": "A reference to a field that the outcome does not have.",
    "P210": "A stop code that does not exist.",
    "P211": "A reference inside SQL.",
    "P212": "The variables of the SQL are not exactly the names under `bind`.",
    "P301": "An operation with an effect stands before the first gate.",
    "P302": "A governed write without idempotency.",
    "P303": "A governed write by an operation that nothing can undo.",
    "P304": "A key refers to an outcome that comes after the first gate.",
    "P305": "A governed write that a backup undoes, and no backup stands between its gate and it.",
    "P306": "What a policy starts writes messages and notifications only, and nothing else writes these.",
    "P307": "What a policy starts decides before its first gate, and only there stand gates of kind `decision`.",
}


class Diagnostic(msgspec.Struct, frozen=True, kw_only=True):
    """A mistake at its place.

    `line` and `column` count from 1, `column` and `length` in characters (code points), as editors do; `path` is the
    YAML path, `suggestion` the nearest valid word or empty.
    """

    file: str
    line: int
    column: int
    code: Code
    path: str
    message: str
    found: str = ""
    needed: str = ""
    help: str = ""
    suggestion: str = ""
    length: int = 1


class Refused(msgspec.Struct, frozen=True):
    """Why a file is not a pipeline: all its mistakes, in the order of their places."""

    diagnostics: tuple[Diagnostic, ...]


# Controls, formats (directions, zero width), surrogates, line and paragraph separators.
_UNSEEN = frozenset({"Cc", "Cf", "Cs", "Zl", "Zp"})


def visible(text: str) -> str:
    r"""Text with every unseen character as an escape: `\x1b`, `\u202e`."""
    if text.isascii() and text.isprintable():
        return text
    return "".join(_show(character) for character in text)


def _show(character: str) -> str:
    if unicodedata.category(character) not in _UNSEEN:
        return character
    number = ord(character)
    if number < 0x100:
        return f"\\x{number:02x}"
    return f"\\u{number:04x}" if number < 0x10000 else f"\\U{number:08x}"
