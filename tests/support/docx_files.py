"""Word documents for tests, written part by part: what python-docx cannot write, and what hostile files hold."""

from io import BytesIO
from zipfile import ZIP_DEFLATED, ZipFile

W = "http://schemas.openxmlformats.org/wordprocessingml/2006/main"
_RELATIONS = "http://schemas.openxmlformats.org/package/2006/relationships"
_OFFICE = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
_NAMESPACES = (
    f'xmlns:w="{W}" xmlns:m="http://schemas.openxmlformats.org/officeDocument/2006/math" '
    'xmlns:mc="http://schemas.openxmlformats.org/markup-compatibility/2006" '
    'xmlns:v="urn:schemas-microsoft-com:vml" xmlns:x="urn:other"'
)


def part(root: str, inside: str) -> str:
    """A part of a package: one root element of Word's vocabulary."""
    return f'<?xml version="1.0" encoding="UTF-8"?><w:{root} {_NAMESPACES}>{inside}</w:{root}>'


def relations(*pairs: tuple[str, str]) -> str:
    """A part of relations: the last words of types, and targets."""
    rows = (
        f'<Relationship Id="r{number}" Type="{_OFFICE}/{kind}" Target="{target}"/>'
        for number, (kind, target) in enumerate(pairs)
    )
    return f'<Relationships xmlns="{_RELATIONS}">{"".join(rows)}</Relationships>'


def entries(body: str, **parts: str) -> dict[str, str]:
    """The entries of a document with this body, and other parts by type (`numbering`, `styles`, `footnotes` …)."""
    found = {
        "[Content_Types].xml": '<Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types"/>',
        "_rels/.rels": relations(("officeDocument", "word/document.xml")),
        "word/document.xml": part("document", f"<w:body>{body}</w:body>"),
        "word/_rels/document.xml.rels": relations(*((kind.rstrip("123"), f"{kind}.xml") for kind in parts)),
    }
    roots = {"header": "hdr", "footer": "ftr"}
    for kind, inside in parts.items():
        found[f"word/{kind}.xml"] = part(roots.get(kind.rstrip("123"), kind), inside)
    return found


def package(files: dict[str, str]) -> bytes:
    """A zip of these entries."""
    target = BytesIO()
    with ZipFile(target, "w", ZIP_DEFLATED) as archive:
        for name, text in files.items():
            archive.writestr(name, text)
    return target.getvalue()


def docx(body: str, **parts: str) -> bytes:
    """A document with this body and these parts."""
    return package(entries(body, **parts))


def p(text: str = "", properties: str = "") -> str:
    """A paragraph with one run."""
    return f"<w:p><w:pPr>{properties}</w:pPr>{r(text)}</w:p>"


def r(text: str, properties: str = "") -> str:
    """A run."""
    return f'<w:r><w:rPr>{properties}</w:rPr><w:t xml:space="preserve">{text}</w:t></w:r>' if text else ""


def numbered(text: str, list_id: int, level: int = 0) -> str:
    """A paragraph that a list numbers."""
    return p(text, f'<w:numPr><w:ilvl w:val="{level}"/><w:numId w:val="{list_id}"/></w:numPr>')


def level(number: int, form: str, text: str, more: str = "", start: int = 1) -> str:
    """A level of a list."""
    return (
        f'<w:lvl w:ilvl="{number}"><w:start w:val="{start}"/><w:numFmt w:val="{form}"/>{more}'
        f'<w:lvlText w:val="{text}"/></w:lvl>'
    )


def definition(number: int, *levels: str) -> str:
    """A definition of lists (`abstractNum`)."""
    return f'<w:abstractNum w:abstractNumId="{number}">{"".join(levels)}</w:abstractNum>'


def num(number: int, its_definition: int, more: str = "") -> str:
    """A list (`num`)."""
    return f'<w:num w:numId="{number}"><w:abstractNumId w:val="{its_definition}"/>{more}</w:num>'


def start_override(number: int, start: int) -> str:
    """Where a list starts a level anew."""
    return f'<w:lvlOverride w:ilvl="{number}"><w:startOverride w:val="{start}"/></w:lvlOverride>'
