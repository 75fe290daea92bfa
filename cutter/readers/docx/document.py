"""A Word document into lines of text, as its pages show it when all tracked changes are accepted.

Rules kept here:

- A paragraph is a line, with its automatic number; a line or page break inside it ends a line; tabs are spaces. A
  table row of several cells is one line with TAB between cells; a row of one cell, or with a cell that holds a table
  or more than twenty paragraphs, is a layout, and the paragraphs in it are lines.
- Text of footnotes and endnotes stands at the end, each note beginning with its mark `[1]` or `[i]`, which also stands
  where the note is called. Text boxes stand before the paragraph that they hang on.
- Headers, footers, comments and hidden text are left out; each is remarked.
- Capitals that only the format makes are written as capitals.

Source: ECMA-376 part 1 §17; issue 5, part 3.
"""

from cutter.readers.docx.flow import flow, text_boxes
from cutter.readers.docx.names import attribute, child, name_of
from cutter.readers.docx.numbering import Numbering
from cutter.readers.docx.package import Element, Package
from cutter.readers.docx.runs import Notes, Runs
from cutter.readers.docx.styles import Styles, numbered_of
from cutter.readers.extracted import Gathering, Reading, RemarkCode
from cutter.readers.line_writer import MOST_BLOCKS_IN_CELL, LineWriter
from cutter.stops import Stop, StopCode

_MARGINS = frozenset({"header", "footer"})
_EMBEDDED = frozenset({"altChunk", "subDoc"})
_NOTES = (("footnotes", "footnote"), ("endnotes", "endnote"))


def read_docx(data: bytes) -> Reading:
    """The text of a Word document.

    Raises:
        Stop: STOP_FILE_UNSUPPORTED, STOP_FILE_UNREADABLE, STOP_READER_MISSING (see `Package`).
    """
    package = Package(data)
    root = package.part(package.main)
    body = None if root is None or name_of(root) != "document" else child(root, "body")
    if body is None:
        raise Stop(StopCode.STOP_FILE_UNREADABLE, "no_body")
    parts = dict(reversed(package.related(package.main)))
    styles = Styles(_part(package, parts, "styles"))
    numbers = _part(package, parts, "numbering")
    gathering, notes = Gathering(), Notes()
    _Story(gathering, styles, Numbering(numbers, styles), notes).write(body)
    for part, kind in _NOTES:
        _write_notes(gathering, styles, notes, _part(package, parts, part), kind)
    _gather_margins(gathering, package, styles)
    return gathering.reading()


def _part(package: Package, parts: dict[str, str], kind: str) -> Element:
    return package.part(parts[kind]) if kind in parts else None


def _write_notes(gathering: Gathering, styles: Styles, notes: Notes, root: Element, kind: str) -> None:
    """The notes that the text calls, in the order of their calls."""
    held = {attribute(note, "id"): note for note in (() if root is None else root) if name_of(note) == kind}
    for note_id, mark in notes.called(kind):
        if (note := held.get(note_id)) is not None:
            gathering.remark(RemarkCode.FOOTNOTE)
            _Story(gathering, styles, Numbering(None, styles), Notes()).write(note, mark)


def _gather_margins(gathering: Gathering, package: Package, styles: Styles) -> None:
    """The lines of headers and footers: not part of the text, but seen by whoever looks for stamps."""
    for kind, part in package.related(package.main):
        root = package.part(part) if kind in _MARGINS else None
        if root is None:
            continue
        margin = Gathering()
        _Story(margin, styles, Numbering(None, styles), Notes()).write(root)
        reading = margin.reading()
        if reading.text:
            gathering.remark(RemarkCode.MARGIN)
        for line in (*reading.text.replace("\t", "\n").splitlines(), *reading.apart):
            gathering.add_margin(line)


def _is_laid_out(cell: Element) -> bool:
    """Whether a cell holds a table, or more paragraphs than a cell of data has."""
    names = [name_of(inner) for inner in cell]
    return "tbl" in names or names.count("p") > MOST_BLOCKS_IN_CELL


class _Story:
    """One run of blocks (the body, a note, a header) on its way into lines."""

    def __init__(self, gathering: Gathering, styles: Styles, numbering: Numbering, notes: Notes) -> None:
        self._gathering = gathering
        self._out = LineWriter(gathering)
        self._styles = styles
        self._numbering = numbering
        self._runs = Runs(gathering, self._out, styles, notes)

    def write(self, element: Element, mark: str = "") -> None:
        """All blocks of an element; a note begins with its mark."""
        if mark:
            self._out.announce(mark)
        self._blocks(element)
        self._out.end_item()

    def _blocks(self, element: Element) -> None:
        joined: list[Element] = []
        for name, block in flow(element, self._gathering.remark):
            if name == "p":
                joined.append(block)
                if not self._runs_on(block):
                    self._paragraph(joined, numbered=True)
                    joined.clear()
            elif name == "tbl":
                self._paragraph(joined, numbered=False)
                joined.clear()
                self._table(block)
            elif name in _EMBEDDED:
                self._gathering.remark(RemarkCode.EMBEDDED)
        self._paragraph(joined, numbered=False)

    def _runs_on(self, paragraph: Element) -> bool:
        """Whether the end of a paragraph is deleted or hidden, so that the next one continues its line."""
        mark = child(paragraph, "pPr", "rPr")
        if mark is None:
            return False
        deleted = child(mark, "del") is not None or child(mark, "moveFrom") is not None
        return deleted or self._runs.is_hidden(mark, "")

    def _paragraph(self, joined: list[Element], *, numbered: bool) -> None:
        """One line: a paragraph with its number, after those whose ends are gone. The last one says the number."""
        if not joined:
            return
        for paragraph in joined:
            for box in text_boxes(paragraph):
                self._gathering.remark(RemarkCode.TEXT_BOX)
                self._out.end_line()
                self._blocks(box)
        if numbered:
            self._number(joined[-1])
        for paragraph in joined:
            self._runs.write(paragraph, self._style(paragraph))
        self._out.end_item()

    def _style(self, paragraph: Element) -> str:
        style = child(paragraph, "pPr", "pStyle")
        return self._styles.default if style is None else attribute(style) or ""

    def _number(self, paragraph: Element) -> None:
        label = self._numbering.label(numbered_of(child(paragraph, "pPr")), self._style(paragraph))
        if label is None:
            return
        for remark in label.remarks:
            self._gathering.remark(remark)
        if label.apart:
            self._out.announce(label.text)
        else:
            self._out.add_text(label.text)

    def _table(self, table: Element) -> None:
        for name, row in flow(table, self._gathering.remark):
            if name == "tr" and not self._is_gone(row, "trPr", "del"):
                cells = [cell for inner, cell in flow(row, self._gathering.remark) if inner == "tc"]
                self._row([cell for cell in cells if not self._is_gone(cell, "tcPr", "cellDel")])

    def _is_gone(self, element: Element, properties: str, deletion: str) -> bool:
        if child(element, properties, deletion) is not None:
            self._gathering.remark(RemarkCode.DELETED_TEXT)
            return True
        if properties == "trPr" and child(element, properties, "hidden") is not None:
            self._gathering.remark(RemarkCode.HIDDEN_TEXT)
            return True
        return False

    def _row(self, cells: list[Element]) -> None:
        opens = len(cells) > 1 and not self._out.in_row and not any(_is_laid_out(cell) for cell in cells)
        if opens:
            self._out.open_row()
        for cell in cells:
            self._blocks(cell)
            self._out.end_line()
            if opens:
                self._out.end_cell()
        if opens:
            self._out.close_row()
