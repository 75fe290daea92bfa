"""What of an element's children is in the document when all tracked changes are accepted.

Rules kept here: deletions and what was moved away are left out, insertions and what was moved here stay, both with a
remark; containers that only group (content controls, hyperlinks, smart tags) are passed through; of alternatives the
first is taken, so that nothing stands twice.

Source: ECMA-376 part 1 §17.13.5 (revisions), §17.5 (content controls); part 3 §9.3 (AlternateContent).
"""

from collections.abc import Callable, Iterator

from cutter.readers.docx.names import child, name_of
from cutter.readers.docx.package import Element
from cutter.readers.extracted import RemarkCode

_LEFT_OUT = frozenset({"del", "moveFrom"})
_INSERTED = frozenset({"ins", "moveTo"})
_PASSED = frozenset({"sdtContent", "customXml", "smartTag", "hyperlink", "dir", "bdo", "mc:Choice", "mc:Fallback"})

Remarking = Callable[[RemarkCode], None]


def flow(element: Element, remark: Remarking) -> Iterator[tuple[str, Element]]:
    """The children that count, with their short names, in order."""
    for inner in element:
        name = name_of(inner)
        if name in _LEFT_OUT:
            if len(inner):
                remark(RemarkCode.DELETED_TEXT)
        elif name in _INSERTED:
            if len(inner):
                remark(RemarkCode.INSERTED_TEXT)
            yield from flow(inner, remark)
        elif name == "sdt":
            if (content := child(inner, "sdtContent")) is not None:
                yield from flow(content, remark)
        elif name == "mc:AlternateContent":
            if (taken := _alternative(inner)) is not None:
                yield from flow(taken, remark)
        elif name in _PASSED:
            yield from flow(inner, remark)
        else:
            yield name, inner


def _alternative(element: Element) -> Element:
    choice = child(element, "mc:Choice")
    return child(element, "mc:Fallback") if choice is None else choice


def text_boxes(paragraph: Element) -> Iterator[Element]:
    """The outermost text boxes that hang on a paragraph, each once."""
    stack = [paragraph]
    while stack:
        element = stack.pop()
        name = name_of(element)
        if name == "txbxContent":
            yield element
        elif name == "mc:AlternateContent":
            if (taken := _alternative(element)) is not None:
                stack.append(taken)
        elif name not in _LEFT_OUT:
            stack.extend(reversed(element))
