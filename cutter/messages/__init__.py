"""What people read, in their language: gettext messages, numbers, counted words.

Rules kept here: the English text is the message's id, so that a missing translation is English and never an empty
screen; values are put in after the translation; codes, ids, keys, JSON and what is stored are never translated, so
nothing of this module is called on their way. The language is a property of the process, chosen once at its start.

A message is a whole phrase: nothing is put together from translated words. A text that stands in a table is marked
(`Message`, `Countable`), so that `tools/messages.py` finds it; it is translated where it is shown.

Source: command-line.md §1 row 13; issue 6, part 2.
"""

import gettext
from collections.abc import Iterator, Mapping
from contextvars import ContextVar
from functools import cache
from pathlib import Path

LANGUAGES = ("en", "vi")
DOMAIN = "cutter"
CATALOGUES = Path(__file__).parent

# In this order, as GNU gettext has it, after what was asked for by name.
_VARIABLES = ("CUTTER_LANG", "LANGUAGE", "LC_ALL", "LC_MESSAGES", "LANG")
_LABEL = "label"  # the context of the short names of commands that come next

_language: ContextVar[str] = ContextVar("language", default="en")


class Message(str):
    """A text that stands in a table; it is translated where it is shown."""

    __slots__ = ()


class Countable(str):
    """What is counted, in a table: `unit`, or `delete up to {count} draft|delete up to {count} drafts`."""

    __slots__ = ()


def chosen_language(asked: str, environ: Mapping[str, str]) -> str:
    """The language of a process: what was asked for, else the first variable that is set; English for any other.

    Args:
        asked: the value of `--lang`; empty for none.
        environ: the environment.
    """
    value = asked or next((environ[name] for name in _VARIABLES if environ.get(name)), "")
    return next((name for name in _named(value) if name in LANGUAGES), LANGUAGES[0])


def _named(value: str) -> Iterator[str]:
    """The languages that a variable names, the preferred first: of `fr_CA.UTF-8:vi`, French and Vietnamese."""
    for name in value.split(":"):
        yield name.partition(".")[0].partition("@")[0].partition("_")[0].partition("-")[0].lower()


def use_language(language: str) -> None:
    """Let all messages of this process be in a language of `LANGUAGES`."""
    _language.set(language)


def language() -> str:
    """The language of this process."""
    return _language.get()


def _(text: str, /, **values: object) -> str:
    """A message in the language of the process; `{name}` in it stands for the value of that name."""
    found = _catalogue(_language.get()).gettext(text) if text else ""
    return found.format(**values) if values else found


def label(text: str) -> str:
    """The short name of a command that comes next (`run`, `sign`), which may be another word elsewhere."""
    catalogue = _catalogue(_language.get())
    found = catalogue.pgettext(_LABEL, text)
    return found if found != text else catalogue.gettext(text) if text else ""


def number(value: int) -> str:
    """An integer with its thousands grouped as the language does: 48,112 or 48.112."""
    grouped = f"{value:,}"
    return grouped.replace(",", ".") if _language.get() == "vi" else grouped


def counted(count: int, what: str, /, **values: object) -> str:
    """A number with what is counted: `1 unit`, `2,000 units`, `2.000 đơn vị`.

    Args:
        count: the number.
        what: the English singular, and behind a bar its plural where that is not made with an s; the number stands
            where `{count}` does, else first.
        values: of other names in it.
    """
    one, many = plural_forms(what)
    found = _catalogue(_language.get()).ngettext(one, many, count)
    return found.format(count=number(count), **values)


def plural_forms(what: str) -> tuple[str, str]:
    """The two English messages of something that is counted, as catalogues have them."""
    one, _bar, many = what.partition("|")
    forms = (one, many or f"{one}s")
    return forms if "{count}" in one else (f"{{count}} {forms[0]}", f"{{count}} {forms[1]}")


def seconds(milliseconds: int) -> str:
    """A short span of time: `1.9 s`, `4 ms`."""
    if milliseconds < 1000:
        return _("{count} ms", count=number(milliseconds))
    tenths = f"{milliseconds / 1000:.1f}"
    return _("{count} s", count=tenths.replace(".", ",") if _language.get() == "vi" else tenths)


@cache
def _catalogue(language: str) -> gettext.NullTranslations:
    return gettext.translation(DOMAIN, CATALOGUES, languages=[language], fallback=True)
