"""An HTML page into lines of text, as a browser shows it with no style sheet.

Rules kept here:

- A block is a line, `br` ends one, a table row of several cells is one line with TAB between cells. Pages are laid out
  in tables too: a row of one cell, or with a cell that holds a table or more than twenty blocks, is no row, and the
  blocks in it are lines.
- Numbers of `ol` (type, start, reversed, value, and `list-style` in a `style` attribute) stand before their item as
  the browser shows them; an item of `ul` begins with a bullet, `q` gets its quotation marks.
- Digits of `sup` are superscript digits: Điều 3<sup>1</sup> is not Điều 31.
- What is not shown (`head`, `script`, `style`, `template`, `noscript`, `hidden`, `display: none`) is left out, hidden
  text with a remark. Text that `del` or `s` strikes is shown, so it stays, with a remark.
- Style sheets and scripts are not read: numbers or hiding that only they make are not seen.

Source: WHATWG HTML §15 (Rendering), §4.4.5–8 (lists); SOURCES.md of the collection.
"""

from collections.abc import Callable
from dataclasses import dataclass
from importlib import import_module
from typing import TYPE_CHECKING

from cutter.readers.charset import decode_page
from cutter.readers.extracted import Gathering, Reading, RemarkCode
from cutter.readers.html_elements import BLOCKS, DROPPED, PICTURES
from cutter.readers.html_lists import BULLET, List, Style, list_of, style_of
from cutter.readers.line_writer import MOST_BLOCKS_IN_CELL, LineWriter
from cutter.readers.numerals import raised
from cutter.stops import Stop, StopCode

if TYPE_CHECKING:
    from selectolax.lexbor import LexborNode

# The consolidated texts of whole codes have a few megabytes of HTML; the tree of the largest page takes about 1 GB.
LARGEST_PAGE = 32 * 1024 * 1024
MOST_TAGS = 2_000_000

_PREFORMATTED = frozenset({"listing", "plaintext", "pre", "xmp"})
_STRUCK = frozenset({"del", "s", "strike"})
_LISTS = frozenset({"ol", "ul", "menu", "dir"})
_BLOCK_DISPLAYS = frozenset({"block", "flex", "grid", "table", "list-item", "table-row", "flow-root"})
_QUOTES = (("“", "”"), ("‘", "’"))


def read_html(data: bytes) -> Reading:
    """The text of a page.

    Raises:
        Stop: STOP_READER_MISSING, STOP_FILE_UNREADABLE (detail `limit_N_bytes`, `limit_N_tags`), and what
            `decode_page` raises.
    """
    if len(data) > LARGEST_PAGE:
        raise _too_much(f"limit_{LARGEST_PAGE}_bytes", len(data))
    page = decode_page(data)
    if (tags := page.count("<")) > MOST_TAGS:
        raise _too_much(f"limit_{MOST_TAGS}_tags", tags)
    try:
        library = import_module("selectolax.lexbor")
    except ImportError:
        raise Stop(StopCode.STOP_READER_MISSING, "html", needed="pip install 'selectolax>=1.0,<2'") from None
    tree = library.LexborHTMLParser(page, options=library.LexborDocumentOptions.WO_EVENTS)
    gathering = Gathering()
    if tree.root is not None:
        _Walk(gathering).through(tree.root)
    return gathering.reading()


def _too_much(detail: str, found: int) -> Stop:
    return Stop(StopCode.STOP_FILE_UNREADABLE, detail, found=str(found))


@dataclass(frozen=True, slots=True)
class _Leaving:
    """A note on the stack: what to do when everything inside an element has been walked."""

    steps: tuple[Callable[[], None], ...]


class _Walk:
    """One walk through a tree, in document order, without recursion: pages may be nested as deep as they like."""

    def __init__(self, gathering: Gathering) -> None:
        self._gathering = gathering
        self._out = LineWriter(gathering)
        self._lists: list[List] = []
        self._quotes = 0
        self._preformatted = 0
        self._raised = 0
        self._cells = 0  # open cells of the row that is written; those of a table inside a cell are parts of it

    def through(self, root: "LexborNode") -> None:
        stack: list[LexborNode | _Leaving] = [root]
        while stack:
            node = stack.pop()
            if isinstance(node, _Leaving):
                for step in node.steps:
                    step()
            elif node.is_text_node:
                self._text(node.text_content or "")
            elif node.is_element_node:
                self._element(node, stack)
        self._out.end_item()

    def _text(self, text: str) -> None:
        if self._raised:
            text = raised(text)
        if self._preformatted:
            self._out.add_preformatted(text)
        else:
            self._out.add_text(text)

    def _element(self, node: "LexborNode", stack: "list[LexborNode | _Leaving]") -> None:
        tag = node.tag or ""
        if tag in DROPPED:
            return
        style = style_of(node)
        if style.hidden:
            self._remark_hidden(node)
        elif tag in PICTURES:
            self._gathering.remark(RemarkCode.PICTURE)
        elif tag == "br":
            self._out.end_line()
        else:
            stack.append(_Leaving(tuple(self._enter(node, tag, style))))
            stack.extend(reversed(_children(node)))

    def _enter(self, node: "LexborNode", tag: str, style: Style) -> "list[Callable[[], None]]":
        """Begin an element; what is to do at its end."""
        leaving: list[Callable[[], None]] = []
        if (tag in BLOCKS and style.display != "inline") or style.display in _BLOCK_DISPLAYS:
            self._out.end_line()
            leaving.append(self._out.end_line)
        if tag in _PREFORMATTED:
            self._preformatted += 1
            leaving.append(self._leave_preformatted)
        elif tag in _LISTS:
            self._lists.append(list_of(node, tag, style))
            leaving.append(self._leave_list)
        elif tag == "li":
            self._announce(node, style)
            leaving.insert(0, self._out.end_item)
        elif tag == "q":
            self._out.add_text(_QUOTES[self._quotes % 2][0])
            self._quotes += 1
            leaving.append(self._leave_quote)
        elif tag == "tr" and not self._out.in_row and _is_row(node):
            self._out.open_row()
            leaving.append(self._out.close_row)
        elif tag in ("td", "th") and self._out.in_row:
            self._cells += 1
            leaving.append(self._leave_cell)
        elif tag == "sup":
            self._raised += 1
            leaving.append(self._leave_raised)
        elif tag in _STRUCK:
            self._gathering.remark(RemarkCode.STRUCK_TEXT)
        return leaving

    def _announce(self, node: "LexborNode", style: Style) -> None:
        """The number or bullet of an item, and a line of its own for it."""
        marker = self._lists[-1].next_marker(node, style) if self._lists else BULLET
        if not self._preformatted:
            self._out.announce(marker)

    def _leave_cell(self) -> None:
        self._cells -= 1
        if not self._cells:
            self._out.end_cell()

    def _leave_preformatted(self) -> None:
        self._preformatted -= 1

    def _leave_raised(self) -> None:
        self._raised -= 1

    def _leave_list(self) -> None:
        self._lists.pop()

    def _leave_quote(self) -> None:
        self._quotes -= 1
        self._out.add_text(_QUOTES[self._quotes % 2][1])

    def _remark_hidden(self, node: "LexborNode") -> None:
        if any(part.is_text_node and (part.text_content or "").strip() for part in node.traverse(include_text=True)):
            self._gathering.remark(RemarkCode.HIDDEN_TEXT)


def _children(node: "LexborNode") -> "list[LexborNode]":
    found, child = [], node.child
    while child is not None:
        found.append(child)
        child = child.next
    return found


def _is_row(node: "LexborNode") -> bool:
    """Whether a table row shows several cells side by side, and is no layout of a page."""
    cells = [child for child in _children(node) if child.tag in ("td", "th") and not style_of(child).hidden]
    return len(cells) > 1 and not any(_is_laid_out(cell) for cell in cells)


def _is_laid_out(cell: "LexborNode") -> bool:
    """Whether a cell holds a table, or more blocks than a cell of data has."""
    blocks = 0
    for inner in cell.traverse():
        blocks += inner.tag in BLOCKS or inner.tag == "br"
        if inner.tag == "table" or blocks > MOST_BLOCKS_IN_CELL:
            return True
    return False
