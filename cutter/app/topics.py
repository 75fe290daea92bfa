"""Help topics: texts in the package, one file a topic and language, read offline.

Rules kept here: a topic exists where it exists in English; a language that lacks one gets the English text; the first
line of a file is its title.

Source: issue 6, part 6; command-line.md §1 row 12.
"""

import re
from pathlib import Path

import msgspec

from cutter.messages import LANGUAGES

FOLDER = Path(__file__).parents[1] / "topics"
_NAME = re.compile(r"[a-z][a-z0-9-]{0,40}")
_PLAIN = LANGUAGES[0]


class Topic(msgspec.Struct, frozen=True):
    """A topic in one language. `text` is paragraphs, and indented lines that stay as they are."""

    name: str
    language: str
    title: str
    text: str


def topic_names() -> tuple[str, ...]:
    """All topics, by name."""
    return tuple(sorted(path.stem for path in (FOLDER / _PLAIN).glob("*.txt")))


def find_topic(name: str, language: str) -> Topic | None:
    """A topic in a language, else in English; None when there is no such topic."""
    if not _NAME.fullmatch(name):
        return None
    for spoken in (language, _PLAIN):
        path = FOLDER / spoken / f"{name}.txt"
        if path.is_file():
            title, _, text = path.read_text(encoding="utf-8").partition("\n")
            return Topic(name, spoken, title, text.strip("\n"))
    return None


def list_topics(language: str) -> tuple[Topic, ...]:
    """Every topic in a language."""
    return tuple(topic for name in topic_names() if (topic := find_topic(name, language)))
