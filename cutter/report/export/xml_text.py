"""Text and attribute values in XML. (What the standard library has for it loads its HTTP client first.)"""

from html import escape as _escape


def escape(text: str) -> str:
    """Text between tags."""
    return _escape(text, quote=False)


def quoteattr(text: str) -> str:
    """An attribute's value with its quotation marks; white space that a parser would change stands as references."""
    plain = escape(text).replace("\n", "&#10;").replace("\r", "&#13;").replace("\t", "&#9;")
    if '"' not in plain:
        return f'"{plain}"'
    return f"'{plain}'" if "'" not in plain else f'"{plain.replace(chr(34), "&quot;")}"'
