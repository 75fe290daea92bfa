"""What no option and no input of a pipeline may be called: it would give what cutter discovers, or skip a check.

Rules kept here: the table is closed, and it is one for both sides: the command line refuses such an option before
anything reads it, and a pipeline that declares such an input does not lint, because nobody could ever give it. Nothing
is imported for it, so that help stays quick.

Source: issue 3 ("Bad input"); DESIGN §1.1, §7; approvals-and-evidence §7 row 42.
"""

import re
from collections.abc import Sequence

# An option with one of these words anywhere in its name is refused.
REFUSED_WORDS = frozenset(
    (
        *("dsn", "conninfo", "connection", "connstr", "host", "hostaddr", "hostname", "port", "dbname", "user"),
        *("username", "login", "service"),
        *("password", "passwd", "passphrase", "pwd", "pw", "token", "secret", "secrets", "credential", "credentials"),
        *("apikey", "jwt"),
        *("digest", "sha1", "sha256", "sha512", "md5", "hash", "checksum", "fingerprint", "count", "counts", "units"),
        *("sql", "query", "psql", "force", "forced", "yes", "unsafe", "insecure", "bypass", "override", "skip"),
        *("ignore", "disable", "without", "no", "allow", "trust"),
    )
)

# These words together, in this order, anywhere in its name.
_REFUSED_PHRASES = frozenset(
    {
        ("database", "url"),
        ("database", "uri"),
        ("db", "url"),
        ("db", "uri"),
        ("change", "set"),
        ("changeset",),
        ("decision", "id"),
        ("decision",),
        ("api", "key"),
        ("private", "key"),
        ("assume", "yes"),
    }
)

# A word that begins so is refused however it goes on (`--passwordhunter2`).
REFUSED_STEMS = ("password", "passwd", "passphrase", "secret", "token", "dsn", "conninfo")

# What the commands of pipelines have of their own.
OWN_OPTIONS = frozenset(
    {"mode", "actor", "approval_kb_id", "output", "color", "lang", "help", "version", "report", "report_to"}
)

DASHES = "-‐‑‒–—―−﹣－"  # what a word processor makes of `--` counts too
_SEPARATORS = re.compile(rf"[{DASHES}_.]+")


def is_refused_name(name: str) -> bool:
    """Whether an option of this name (with or without dashes) is refused."""
    words = words_of(name)
    if any(_is_refused_word(word) for word in words):
        return True
    return any(_has_phrase(words, phrase) for phrase in _REFUSED_PHRASES)


def words_of(name: str) -> list[str]:
    """The words of a name, in small letters."""
    return [word for word in _SEPARATORS.split(name.casefold()) if word]


def _is_refused_word(word: str) -> bool:
    return word in REFUSED_WORDS or word.startswith(REFUSED_STEMS)


def _has_phrase(words: Sequence[str], phrase: tuple[str, ...]) -> bool:
    return any(tuple(words[at : at + len(phrase)]) == phrase for at in range(len(words)))
