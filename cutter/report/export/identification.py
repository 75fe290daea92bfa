"""The metadata block of an Akoma Ntoso export: what the work, its expression and its file are (FRBR).

Rules kept here: the schema asks for a country, dates and authors, and a cut may know none of them. What is not known
is written with the value that stands for it: country `zz`, date 0001-01-01 (as `cobalt` writes it), language `und`,
author `unknown`; a date that is only a lower bound is not a date of the expression.

Source: Akoma Ntoso 1.0 part 1 §5 (metadata); Akoma Ntoso Naming Convention 1.0 §4 (IRIs); ISO 639-2.
"""

from collections.abc import Iterator
from urllib.parse import quote

from cutter.cutting.record import Anchor, DocumentFacts
from cutter.report.export.xml_text import quoteattr

_UNKNOWN_COUNTRY = "zz"
_UNKNOWN_DATE = "0001-01-01"
_UNKNOWN_LANGUAGE = "und"

# ISO 639-1 to ISO 639-2/T: the official languages of the EU, and others in which law is often exchanged.
_LANGUAGES = {
    **{"bg": "bul", "cs": "ces", "da": "dan", "de": "deu", "el": "ell", "en": "eng", "es": "spa", "et": "est"},
    **{"fi": "fin", "fr": "fra", "ga": "gle", "hr": "hrv", "hu": "hun", "it": "ita", "lt": "lit", "lv": "lav"},
    **{"mt": "mlt", "nl": "nld", "pl": "pol", "pt": "por", "ro": "ron", "sk": "slk", "sl": "slv", "sv": "swe"},
    **{"vi": "vie", "lo": "lao", "km": "khm", "th": "tha", "zh": "zho", "ja": "jpn", "ko": "kor", "id": "ind"},
    **{"ms": "msa", "my": "mya", "hi": "hin", "ar": "ara", "fa": "fas", "he": "heb", "tr": "tur", "ru": "rus"},
    **{"uk": "ukr", "no": "nor", "is": "isl", "cy": "cym", "sw": "swa", "af": "afr", "xh": "xho", "zu": "zul"},
}


def language_code(tag: str) -> str:
    """The three letters of a language tag; `und` where they are not known."""
    primary = tag.partition("-")[0].lower()
    return primary if len(primary) == 3 else _LANGUAGES.get(primary, _UNKNOWN_LANGUAGE)


def meta(document_id: str, facts: DocumentFacts, component: str = "") -> str:
    """The `meta` element of the document, or of a component (an attachment) of it."""
    return "".join(_meta(document_id, facts, component))


def _meta(document_id: str, facts: DocumentFacts, component: str) -> Iterator[str]:
    part = f"/!{quote(component)}" if component else ""
    since = facts.effective_from
    date = since.value if since.anchor is Anchor.EXACT and since.value else _UNKNOWN_DATE
    work = f"/akn/{_UNKNOWN_COUNTRY}/act/{_UNKNOWN_DATE}/{quote(document_id)}"
    expression = f"{work}/{language_code(facts.language)}{'' if date == _UNKNOWN_DATE else f'@{date}'}"
    yield '<meta><identification source="#cutter"><FRBRWork>'
    yield from _names(work, part)
    if facts.title and not component:
        yield f'<FRBRalias value={quoteattr(facts.title)} name="title"/>'
    yield _made(_UNKNOWN_DATE, "unknown", "unknown")
    yield f'<FRBRcountry value="{_UNKNOWN_COUNTRY}"/><FRBRnumber value={quoteattr(document_id)}/>'
    yield "</FRBRWork><FRBRExpression>"
    yield from _names(expression, part)
    yield _made(date, "unknown" if date == _UNKNOWN_DATE else "effective", "unknown")
    if facts.version:
        yield f"<FRBRversionNumber value={quoteattr(facts.version)}/>"
    yield f'<FRBRlanguage language="{language_code(facts.language)}"/></FRBRExpression><FRBRManifestation>'
    yield from _names(expression, part, ".xml")
    yield _made(_UNKNOWN_DATE, "unknown", "cutter")
    yield "</FRBRManifestation></identification>"
    if not component:
        yield '<references source="#cutter">'
        for organization in ("cutter", "unknown"):
            yield f'<TLCOrganization eId="{organization}" href="/akn/ontology/organization/{organization}" '
            yield f'showAs="{organization}"/>'
        yield "</references>"
    yield "</meta>"


def _names(iri: str, part: str, suffix: str = "") -> Iterator[str]:
    yield f"<FRBRthis value={quoteattr(iri + part + suffix)}/><FRBRuri value={quoteattr(iri + suffix)}/>"


def _made(date: str, name: str, author: str) -> str:
    return f'<FRBRdate date="{date}" name="{name}"/><FRBRauthor href="#{author}"/>'
