"""The filter that sees argv first: what tries to give what cutter discovers, or to skip a check, is refused.

Rules kept here (closed; a table of cases tests each):

- an option is refused by the words of its name: a connection, a secret, a digest, a count, SQL, force, skip, no, ignore
  and their like; a test walks the command tree and proves that no option of cutter's own has such a name;
- any value is refused that is a connection string, a URL with a password, or a libpq setting such as `password=`; a
  positional one also when it is a digest or SQL;
- what is refused is told by name and place only. A name is echoed word by word, and a word that is not in these tables
  is masked, because a secret can be glued to an option.

Source: issue 3 ("Bad input"); DESIGN §1.1, §7; approvals-and-evidence §7 row 42.
"""

import re
from collections.abc import Sequence

from cutter.pipeline.names import DASHES, REFUSED_STEMS, REFUSED_WORDS, is_refused_name, words_of
from cutter.stops import Stop, StopCode

__all__ = ["MASK", "is_refused_name", "refuse"]

MASK = "•••"

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

_NAME = re.compile(rf"[{DASHES}]+(?P<name>[^{DASHES}=:\s][^=:\s]*)(?P<rest>.*)", re.DOTALL)

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


def _refused_option(word: str, *, has_next: bool) -> str:
    """The option as it may be shown, when it is refused; else nothing."""
    match = _NAME.fullmatch(word)
    if match is None or not is_refused_name(match["name"]):
        return ""
    shown = "--" + "-".join(_show(part) for part in words_of(match["name"]))
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


def _show(word: str) -> str:
    if word in REFUSED_WORDS or word in _PLAIN_WORDS:
        return word
    stem = next((stem for stem in REFUSED_STEMS if word.startswith(stem)), "")
    return f"{stem}{MASK}"
