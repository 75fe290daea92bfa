"""`cutter help`: topics in the package, every command in them parses, and what is named that does not exist."""

import json
import re
import unicodedata
from collections.abc import Iterator
from pathlib import Path

import pytest

from cutter.app.topics import FOLDER, find_topic, topic_names
from cutter.cli.main import run
from cutter.custody.profiles import shipped_ids
from cutter.messages import LANGUAGES, _, use_language
from cutter.report.paragraphs import set_text
from cutter.settings import REFUSED_VARIABLES
from cutter.stops import Exit
from tests.support.parsing import parse

TOPICS = {"gates", "exit-codes", "environment", "addresses", "citation", "profiles"}
FILES = sorted(FOLDER.glob("*/*.txt"))
# A command stands indented, and is followed by its end of line or by two spaces and what it does.
_COMMAND = re.compile(r"^  (cutter(?: \S+)*)", re.MULTILINE)
# What nobody translates: commands, codes, ids and options, between backticks or in capitals.
_CODE = re.compile(r"`[^`]+`|\b[A-Z]+_[A-Z_]+\b|\b[A-Z]+-[0-9]\S*[0-9a-z]|--[a-z-]+")


@pytest.fixture
def english() -> Iterator[None]:
    """The language of the process, as it was."""
    yield
    use_language("en")


def commands() -> list[tuple[str, str]]:
    """Every command of every topic, with the file that names it."""
    return sorted(
        {
            (f"{path.parent.name}/{path.name}", line)
            for path in FILES
            for line in _COMMAND.findall(path.read_text(encoding="utf-8"))
        }
    )


def test_the_topics_are_there() -> None:
    """A topic that other screens name must be found offline."""
    assert set(topic_names()) == TOPICS


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_language_has_every_topic(language: str) -> None:
    """A topic that one language lacks is shown in another, and nobody is told."""
    found = [topic for name in TOPICS if (topic := find_topic(name, language))]

    assert {path.stem for path in (FOLDER / language).iterdir()} == TOPICS
    assert {topic.language for topic in found} == {language}


def test_no_other_language_has_topics() -> None:
    """A folder that no language names is never read."""
    assert {path.name for path in FOLDER.iterdir()} == set(LANGUAGES)


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("name", sorted(TOPICS))
def test_a_translation_names_the_same(name: str, language: str) -> None:
    """Commands, codes and ids are the same in every language, and so is what a topic tells of them."""
    plain, spoken = find_topic(name, "en"), find_topic(name, language)

    assert plain is not None
    assert spoken is not None
    assert _COMMAND.findall(spoken.text) == _COMMAND.findall(plain.text)
    assert set(_CODE.findall(spoken.text)) == set(_CODE.findall(plain.text))


@pytest.mark.parametrize("path", FILES, ids=lambda path: f"{path.parent.name}/{path.name}")
def test_a_topic_is_a_title_and_a_text(path: Path) -> None:
    """The first line is shown in the list; a line that is wider than a screen would be broken anywhere."""
    title, blank, *lines = path.read_text(encoding="utf-8").splitlines()

    assert title
    assert blank == ""
    assert lines
    assert path.stem in TOPICS
    assert max(map(len, [title, *lines])) <= 77
    assert unicodedata.is_normalized("NFC", path.read_text(encoding="utf-8"))
    assert "\t" not in path.read_text(encoding="utf-8")


@pytest.mark.parametrize(("file", "line"), commands())
def test_commands_of_topics_parse(file: str, line: str) -> None:
    """A command in a topic is typed as it stands; `RUN` and the like are put in by the reader."""
    parse(line)


def test_the_pattern_finds_commands() -> None:
    """A pattern that finds none would let every mistake pass."""
    assert len(commands()) > 15


@pytest.mark.usefixtures("english")
@pytest.mark.parametrize("language", LANGUAGES)
def test_topics_say_what_the_program_does(language: str) -> None:
    """Tables that are written by hand go out of date."""
    use_language(language)
    statuses = find_topic("exit-codes", language)
    environment = find_topic("environment", language)

    assert statuses is not None
    assert environment is not None
    assert re.findall(r"^ +(\d+)  (.+)$", statuses.text, re.MULTILINE) == [(str(int(s)), _(s.meaning)) for s in Exit]
    assert set(REFUSED_VARIABLES) <= set(environment.text.split())


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_topic_names_every_profile(language: str) -> None:
    """A profile that is taken only when it is named must be named somewhere."""
    topic = find_topic("profiles", language)

    assert topic is not None
    assert set(shipped_ids()) <= set(re.findall(r"[a-z][a-z.]+[a-z]", topic.text))


def test_a_language_without_a_topic_gets_english() -> None:
    """A missing translation is English, never an empty screen."""
    assert find_topic("gates", "xx") == find_topic("gates", "en")


@pytest.mark.parametrize("name", ["../en/gates", "gates.txt", "", "/etc/passwd", "Gates", "a" * 5000])
def test_a_topic_is_a_name_and_no_path(name: str) -> None:
    """A topic's name becomes a path; nothing outside may be read by it."""
    assert find_topic(name, "en") is None


def test_the_list(capfdbinary: pytest.CaptureFixture[bytes]) -> None:
    """Nobody knows the topics by heart."""
    status = run("cutter", ["help", "--output", "json"])
    document = json.loads(capfdbinary.readouterr().out)

    assert (status, document["format"]) == (0, "cutter.topics/1")
    assert {topic["name"] for topic in document["topics"]} == TOPICS
    assert run("cutter", ["help"]) == 0
    out = capfdbinary.readouterr().out.decode()
    for line in re.findall(r"cutter [a-z-].*$", out, re.MULTILINE):
        parse(line)


@pytest.mark.parametrize("topic", sorted(TOPICS))
def test_a_topic(topic: str, capfdbinary: pytest.CaptureFixture[bytes]) -> None:
    """The screen and the JSON hold the whole text."""
    assert run("cutter", ["help", topic]) == 0
    shown = capfdbinary.readouterr().out.decode()
    assert run("cutter", ["help", topic, "--output", "json"]) == 0
    document = json.loads(capfdbinary.readouterr().out)

    assert document["name"] == topic
    assert shown.split() == [*document["title"].split(), *document["text"].split()]


@pytest.mark.parametrize("name", ["runs", "explain", "orchestrate"])
def test_the_name_of_a_command_shows_its_help(name: str, capfdbinary: pytest.CaptureFixture[bytes]) -> None:
    """`help COMMAND` is what many type first."""
    assert run("cutter", ["help", name]) == 0
    asked = capfdbinary.readouterr().out
    assert run("cutter", [name, "--help"]) == 0

    assert asked == capfdbinary.readouterr().out


def test_an_unknown_topic(capfdbinary: pytest.CaptureFixture[bytes]) -> None:
    """The nearest topics are told, and the word itself is not."""
    assert run("cutter", ["help", "gatez", "--output", "json"]) == 2
    document = json.loads(capfdbinary.readouterr().out)
    assert run("cutter", ["help", "hunter2"]) == 2

    assert document["suggestions"][0] == "gates"
    assert b"hunter2" not in capfdbinary.readouterr().out


@pytest.mark.parametrize("cells", [40, 59, 77])
def test_paragraphs_are_broken_and_commands_are_not(cells: int) -> None:
    """A command that is broken into two lines cannot be copied."""
    topic = find_topic("gates", "en")
    assert topic is not None
    shown = list(set_text(topic.text, cells))

    assert all(len(line) <= cells for line in shown if not line.startswith(" "))
    assert [line for line in shown if line.startswith(" ")] == [
        line for line in topic.text.splitlines() if line.startswith(" ")
    ]
