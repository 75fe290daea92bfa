"""What people read, in their language: gettext messages, numbers.

Rules kept here: the English text is the message's id, so that a missing translation is English and never an empty
screen; values are put in after the translation; codes, ids, keys, JSON and what is stored are never translated, so
nothing of this module is called on their way. The language is a property of the process, chosen once at its start.

Source: command-line.md §1 row 13; issue 6, part 2.
"""

import gettext
from collections.abc import Mapping
from contextvars import ContextVar
from functools import cache
from pathlib import Path

LANGUAGES = ("en", "vi")
DOMAIN = "cutter"
CATALOGUES = Path(__file__).parent

# In this order, as GNU gettext has it, after what was asked for by name.
_VARIABLES = ("CUTTER_LANG", "LANGUAGE", "LC_ALL", "LC_MESSAGES", "LANG")

_language: ContextVar[str] = ContextVar("language", default="en")


def chosen_language(asked: str, environ: Mapping[str, str]) -> str:
    """The language of a process: what was asked for, else the first variable that is set; English for any other.

    Args:
        asked: the value of `--lang`; empty for none.
        environ: the environment.
    """
    value = asked or next((environ[name] for name in _VARIABLES if environ.get(name)), "")
    first = value.partition(":")[0].partition(".")[0].partition("@")[0].partition("_")[0].partition("-")[0].lower()
    return first if first in LANGUAGES else LANGUAGES[0]


def use_language(language: str) -> None:
    """Let all messages of this process be in a language of `LANGUAGES`."""
    _language.set(language)


def language() -> str:
    """The language of this process."""
    return _language.get()


def _(text: str, /, **values: object) -> str:
    """A message in the language of the process; `{name}` in it stands for the value of that name."""
    found = _catalogue(_language.get()).gettext(text)
    return found.format(**values) if values else found


def number(value: int) -> str:
    """An integer with its thousands grouped as the language does: 48,112 or 48.112."""
    grouped = f"{value:,}"
    return grouped.replace(",", ".") if _language.get() == "vi" else grouped


@cache
def _catalogue(language: str) -> gettext.NullTranslations:
    return gettext.translation(DOMAIN, CATALOGUES, languages=[language], fallback=True)
