"""Names of WordprocessingML as the readers use them: `p`, `r`, `t` for Word's own, `m:t` for mathematics, `mc:Choice`.

Both forms of the standard, transitional and strict, have the same names under other namespaces.

Source: ECMA-376 part 1 §17, part 3 §10, part 4.
"""

from types import MappingProxyType

from cutter.readers.docx.package import Element

_WORD = (
    "http://schemas.openxmlformats.org/wordprocessingml/2006/main",
    "http://purl.oclc.org/ooxml/wordprocessingml/main",
)
_PREFIXES = MappingProxyType(
    {
        _WORD[0]: "",
        _WORD[1]: "",
        "http://schemas.openxmlformats.org/officeDocument/2006/math": "m:",
        "http://purl.oclc.org/ooxml/officeDocument/math": "m:",
        "http://schemas.openxmlformats.org/markup-compatibility/2006": "mc:",
    }
)
_OFF = frozenset({"0", "false", "off"})


def name_of(element: Element) -> str:
    """The short name of an element; empty for one of another vocabulary."""
    tag = element.tag
    if not isinstance(tag, str):
        return ""
    namespace, _, local = tag[1:].partition("}")
    prefix = _PREFIXES.get(namespace)
    return "" if prefix is None else prefix + local


def attribute(element: Element, name: str = "val") -> str | None:
    """An attribute of Word's own vocabulary."""
    for namespace in _WORD:
        value = element.get(f"{{{namespace}}}{name}")
        if value is not None:
            return str(value)
    return None


def child(element: Element, *names: str) -> Element:
    """The first child on a path of short names, or None."""
    for name in names:
        element = next((inner for inner in element if name_of(inner) == name), None)
        if element is None:
            return None
    return element


def is_on(element: Element) -> bool | None:
    """What a switch such as `vanish` says; None when it is not there."""
    return None if element is None else (attribute(element) or "1") not in _OFF


def integer(element: Element, otherwise: int = 0) -> int:
    """The whole number that an element's `val` holds."""
    value = None if element is None else attribute(element)
    try:
        return int(value) if value is not None and len(value) <= 10 else otherwise
    except ValueError:
        return otherwise
