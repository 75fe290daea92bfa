"""The filter that sees argv first: what tries to give what cutter discovers, or to skip a check, is refused.

Rules kept here (closed; a table of cases tests each):

- an option is refused by the words of its name: a connection, a secret, a digest, a count, SQL, force, skip, no, ignore
  and their like; a test walks the command tree and proves that no option of cutter's own has such a name;
- any value is refused that is a connection string, a URL with a password, or a libpq setting such as `password=`; a
  positional one also when it is a digest or SQL;
- what is refused is told by name and place only. A name is echoed word by word, and a word that is not in this module
  is masked, because a secret can be glued to an option.

Source: issue 3 ("Bad input"); DESIGN §1.1, §7; approvals-and-evidence §7 row 42.
"""

import re
from collections.abc import Sequence

from cutter.stops import Stop, StopCode

MASK = "•••"

# An option with one of these words anywhere in its name is refused.
_REFUSED_WORDS = frozenset(
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
_REFUSED_STEMS = ("password", "passwd", "passphrase", "secret", "token", "dsn", "conninfo")

# Harmless words that are echoed beside a refused one.
_PLAIN_WORDS = frozenset(
    (
        *("plan", "change", "set", "changeset", "decision", "id", "run", "database", "db", "url", "uri", "verify"),
        *("verification", "verified", "check", "checks", "backup"),
        *("backups", "gate", "gates", "approval", "approvals", "survey", "surveys", "lock", "drill", "ledger"),
        *("wait", "confirm", "fail", "on", "all", "api", "key", "private"),
        *("assume", "unit", "errors", "error", "drift", "review", "pipeline", "document", "body", "text", "manifest"),
        *("region"),
    )
)

_DASHES = "-‐‑‒–—―−﹣－"  # what a word processor makes of `--` counts too
_NAME = re.compile(rf"[{_DASHES}]+(?P<name>[^{_DASHES}=:\s][^=:\s]*)(?P<rest>.*)", re.DOTALL)
_SEPARATORS = re.compile(rf"[{_DASHES}_.]+")

_CONNECTIONS = (
    re.compile(
        r"\b(?:postgres(?:ql)?|pgsql|postgis|mysql|mariadb|mongodb|redis|amqp)(?:\+\w+)?(?::|%3a)(?:/|%2f){2}",
        re.IGNORECASE,
    ),
    re.compile(r"\b[a-z][a-z0-9+.-]*://[^\s/?#]*@", re.IGNORECASE),
    re.compile(r"\bjdbc:", re.IGNORECASE),
    re.compile(
        r"(?:^|[\s'\"?&=,;])(?:host|hostaddr|port|dbname|user|password|passfile|service|sslmode|sslkey|sslpassword)\s*=",
        re.IGNORECASE,
    ),
    re.compile(r"(?:^|\s)(?:PG[A-Z]{3,}|DATABASE_URL|CUTTER_DSN)\s*=", re.IGNORECASE),
)

_DIGEST = re.compile(r"(?:sha256[:=])?[0-9a-f]{64}", re.IGNORECASE)
_SQL = re.compile(
    r"\s*(?:select\s|with\s+\w+\s+as\s|insert\s+into\s|update\s+\S+\s+set\s|delete\s+from\s|truncate\s"
    r"|(?:drop|alter|create)\s+(?:table|schema|database|role|user|function|view|index)\s|grant\s.+\sto\s)",
    re.IGNORECASE | re.DOTALL,
)


def refuse(arguments: Sequence[str]) -> None:
    """Refuse arguments that give what cutter discovers, or that would skip a check.

    Args:
        arguments: the words after the program's name.

    Raises:
        Stop: STOP_REFUSED_INPUT; `found` is the argument with its value masked, `where` its number, from 1.
    """
    for index, word in enumerate(arguments):
        follows_option = index > 0 and _NAME.fullmatch(arguments[index - 1]) is not None
        found = _refused_option(word, has_next=index + 1 < len(arguments)) or _refused_value(word, follows_option)
        if found:
            raise Stop(StopCode.STOP_REFUSED_INPUT, found=found, where=f"argument {index + 1}")


def is_refused_name(name: str) -> bool:
    """Whether an option of this name (with or without dashes) is refused."""
    words = _words(name)
    if any(_is_refused_word(word) for word in words):
        return True
    return any(_has_phrase(words, phrase) for phrase in _REFUSED_PHRASES)


def _refused_option(word: str, *, has_next: bool) -> str:
    """The option as it may be shown, when it is refused; else nothing."""
    match = _NAME.fullmatch(word)
    if match is None or not is_refused_name(match["name"]):
        return ""
    shown = "--" + "-".join(_show(part) for part in _words(match["name"]))
    if match["rest"]:
        return f"{shown}={MASK}"
    return f"{shown} {MASK}" if has_next else shown


def _refused_value(word: str, follows_option: bool) -> str:
    """What kind of value it is, when it is refused; else nothing. The value itself is never told."""
    if any(pattern.search(word) for pattern in _CONNECTIONS):
        return "a connection string"
    positional = not follows_option and _NAME.fullmatch(word) is None
    if positional and _DIGEST.fullmatch(word):
        return "a digest"
    return "SQL" if positional and _SQL.match(word) else ""


def _words(name: str) -> list[str]:
    return [word for word in _SEPARATORS.split(name.casefold()) if word]


def _is_refused_word(word: str) -> bool:
    return word in _REFUSED_WORDS or word.startswith(_REFUSED_STEMS)


def _has_phrase(words: Sequence[str], phrase: tuple[str, ...]) -> bool:
    return any(tuple(words[at : at + len(phrase)]) == phrase for at in range(len(words)))


def _show(word: str) -> str:
    if word in _REFUSED_WORDS or word in _PLAIN_WORDS:
        return word
    stem = next((stem for stem in _REFUSED_STEMS if word.startswith(stem)), "")
    return f"{stem}{MASK}"
