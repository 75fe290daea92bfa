"""The text of one paragraph: its runs, without what is hidden, deleted, or an instruction to Word.

Source: ECMA-376 part 1 §17.3 (runs), §17.16 (fields), §17.11 (notes).
"""

import re
from collections.abc import Callable, Iterator

from cutter.readers.docx.flow import flow
from cutter.readers.docx.names import attribute, child, is_on
from cutter.readers.docx.package import Element
from cutter.readers.docx.styles import Styles
from cutter.readers.extracted import Gathering, RemarkCode
from cutter.readers.line_writer import LineWriter
from cutter.readers.numerals import raised, roman

# Fields that number by themselves and keep no result in the file.
_NUMBER_FIELD = re.compile(r"\s{0,99}(LISTNUM|AUTONUM|AUTONUMLGL|AUTONUMOUT)\b", re.IGNORECASE)
# Fields inside each other: people use two or three.
_MOST_FIELDS = 50
_PRIVATE_USE = range(0xE000, 0xF900)
_LETTERS = {"noBreakHyphen": "\u2011", "softHyphen": "\u00ad", "tab": " ", "ptab": " "}
_REMARKED = {
    "object": RemarkCode.EMBEDDED,
    "commentReference": RemarkCode.COMMENT,
}
_UNKNOWN_SYMBOL = "\ufffd"


class Notes:
    """The notes that a story calls, numbered in the order of their calls."""

    def __init__(self) -> None:
        self._calls: dict[str, dict[str | None, str]] = {"footnote": {}, "endnote": {}}

    def call(self, kind: str, note_id: str | None) -> str:
        """The mark of a note: `[1]` for a footnote, `[i]` for an endnote."""
        calls = self._calls[kind]
        number = len(calls) + 1
        return calls.setdefault(note_id, f"[{number if kind == 'footnote' else roman(number)}]")

    def called(self, kind: str) -> Iterator[tuple[str | None, str]]:
        """The ids and marks of the notes of a kind that were called."""
        yield from self._calls[kind].items()


class Runs:
    """Writes the runs of paragraphs. Fields may go on through several paragraphs."""

    def __init__(self, gathering: Gathering, out: LineWriter, styles: Styles, notes: Notes) -> None:
        self._gathering = gathering
        self._out = out
        self._styles = styles
        self._notes = notes
        self._fields: list[bool] = []  # of each open field, whether its instruction is still being given

    def write(self, paragraph: Element, style: str) -> None:
        """The text of a paragraph in this style."""
        self._inside(paragraph, style)
        # An instruction ends with its paragraph: a field that never does must not swallow the rest of the document.
        self._fields = [False] * len(self._fields)

    def _inside(self, element: Element, style: str) -> None:
        for name, inner in flow(element, self._gathering.remark):
            if name == "r":
                self._run(inner, style)
            elif name == "m:t":
                self._text(inner.text or "", capitals=False)
            elif name == "fldSimple":
                self._instruction(attribute(inner, "instr") or "")
                self._inside(inner, style)
            elif name.startswith("m:"):
                self._inside(inner, style)

    def is_hidden(self, properties: Element, style: str) -> bool:
        """Whether the properties of a run (`rPr`), or the style of its paragraph, hide it."""
        return self._switch(properties, "vanish", self._styles.hides, style)

    def _switch(self, properties: Element, name: str, inherited: Callable[[str], bool], style: str) -> bool:
        if properties is not None:
            if (direct := is_on(child(properties, name))) is not None:
                return direct
            own = child(properties, "rStyle")
            if own is not None and inherited(attribute(own) or ""):
                return True
        return inherited(style)

    def _run(self, run: Element, style: str) -> None:
        properties = child(run, "rPr")
        if self.is_hidden(properties, style):
            if any(name == "t" and part.text for name, part in flow(run, self._gathering.remark)):
                self._gathering.remark(RemarkCode.HIDDEN_TEXT)
            return
        capitals = self._switch(properties, "caps", self._styles.capitals, style)
        is_raised = _is_raised(properties)
        for name, part in flow(run, self._gathering.remark):
            if name == "t" and is_raised:
                self._text(raised(part.text or ""), capitals=capitals)
            else:
                self._part(name, part, capitals=capitals)

    def _part(self, name: str, part: Element, *, capitals: bool) -> None:
        match name:
            case "t" | "m:t":
                self._text(part.text or "", capitals=capitals)
            case "tab" | "ptab" | "noBreakHyphen" | "softHyphen":
                self._text(_LETTERS[name], capitals=False)
            case "br" | "cr":
                self._out.end_line()
            case "fldChar":
                self._field(attribute(part, "fldCharType") or "")
            case "instrText":
                self._instruction(part.text or "")
            case "sym":
                self._symbol(attribute(part, "char") or "")
            case "footnoteReference" | "endnoteReference":
                kind = name.removesuffix("Reference")
                self._text(self._notes.call(kind, attribute(part, "id")), capitals=False)
            case "drawing" | "pict":
                self._drawing(part)
            case "object" | "commentReference":
                self._gathering.remark(_REMARKED[name])
            case "ruby":
                if (base := child(part, "rubyBase")) is not None:
                    self._inside(base, "")
            case _:
                pass

    def _text(self, text: str, *, capitals: bool) -> None:
        if not any(self._fields):
            self._out.add_text(text.upper() if capitals else text)

    def _field(self, kind: str) -> None:
        if kind == "begin" and len(self._fields) < _MOST_FIELDS:
            self._fields.append(True)
        elif kind == "separate" and self._fields:
            self._fields[-1] = False
        elif kind == "end" and self._fields:
            self._fields.pop()

    def _instruction(self, text: str) -> None:
        if _NUMBER_FIELD.match(text):
            self._gathering.remark(RemarkCode.NUMBER_FIELD)

    def _symbol(self, code: str) -> None:
        try:
            number = int(code, 16) if len(code) <= 6 else 0
        except ValueError:
            number = 0
        if number < 0x20 or number > 0x10FFFF or number in _PRIVATE_USE or 0xD800 <= number < 0xE000:
            self._gathering.remark(RemarkCode.SYMBOL)
            self._text(_UNKNOWN_SYMBOL, capitals=False)
        else:
            self._text(chr(number), capitals=False)

    def _drawing(self, part: Element) -> None:
        """A picture; the text of a text box is written before the paragraph."""
        if not any(str(inner.tag).endswith("}txbxContent") for inner in part.iter()):
            self._gathering.remark(RemarkCode.PICTURE)


def _is_raised(properties: Element) -> bool:
    """Whether the properties of a run (`rPr`) raise it (§17.3.2.42, vertAlign)."""
    aligned = None if properties is None else child(properties, "vertAlign")
    return aligned is not None and attribute(aligned) == "superscript"
