"""Which elements of HTML make blocks, show nothing, or show pictures.

Source: WHATWG HTML §15.3 (Rendering: flow content), §15.3.1 (hidden elements).
"""

_SECTIONS = frozenset(
    {"address", "article", "aside", "body", "center", "details", "dialog", "div", "footer", "header", "hgroup", "html"}
    | {"h1", "h2", "h3", "h4", "h5", "h6", "main", "nav", "search", "section", "summary"}
)
_PARAGRAPHS = frozenset({"blockquote", "figcaption", "figure", "hr", "listing", "p", "plaintext", "pre", "xmp"})
_LISTS = frozenset({"dd", "dir", "dl", "dt", "li", "menu", "ol", "ul"})
_TABLES = frozenset({"caption", "table", "tbody", "td", "tfoot", "th", "thead", "tr"})
_FORMS = frozenset({"fieldset", "form", "legend", "optgroup"})

# What begins and ends a line.
BLOCKS = _SECTIONS | _PARAGRAPHS | _LISTS | _TABLES | _FORMS

# What a page does not show, or (form fields, frames) shows from elsewhere.
DROPPED = frozenset(
    {"area", "base", "head", "link", "meta", "script", "style", "template", "title"}
    | {"col", "colgroup", "datalist", "param", "source", "track", "select", "textarea"}
    | {"iframe", "noembed", "noframes", "noscript", "annotation", "annotation-xml"}
)

PICTURES = frozenset({"audio", "canvas", "embed", "img", "object", "picture", "svg", "video"})
