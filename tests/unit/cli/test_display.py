"""`--output` and `--color` as they are read from argv and the environment."""

import pytest

from cutter.cli.display import asked_display, without_language

ASKED = {
    "nothing": ([], False, "auto"),
    "json": (["runs", "list", "--output", "json"], True, "auto"),
    "json, one word": (["--output=json", "x"], True, "auto"),
    "the last counts": (["--output=json", "--output", "human"], False, "auto"),
    "an unknown form": (["--output", "xml"], False, "auto"),
    "an unknown form behind a known one": (["--output=json", "--output=xml"], True, "auto"),
    "a word that is no option": (["json", "always"], False, "auto"),
    "after the end of options": (["--", "--output=json"], False, "auto"),
    "without its value": (["--output"], False, "auto"),
    "colour": (["--color=always"], False, "always"),
    "no colour": (["--color", "never"], False, "never"),
}

COLORED = {
    "a terminal": ("auto", {}, True, True),
    "no terminal": ("auto", {}, False, False),
    "a dumb terminal": ("auto", {"TERM": "dumb"}, True, False),
    "NO_COLOR": ("auto", {"NO_COLOR": "1"}, True, False),
    "an empty NO_COLOR": ("auto", {"NO_COLOR": ""}, True, True),
    "NO_COLOR wins over FORCE_COLOR": ("auto", {"NO_COLOR": "1", "FORCE_COLOR": "1"}, True, False),
    "FORCE_COLOR": ("auto", {"FORCE_COLOR": "1"}, False, True),
    "FORCE_COLOR=0": ("auto", {"FORCE_COLOR": "0"}, False, False),
    "GITHUB_ACTIONS": ("auto", {"GITHUB_ACTIONS": "true"}, False, False),
    "always": ("always", {"NO_COLOR": "1"}, False, True),
    "never": ("never", {"FORCE_COLOR": "1"}, True, False),
}


@pytest.mark.parametrize("name", ASKED)
def test_asked(name: str) -> None:
    """A refusal that comes before the parser must still have the form that a program asked for."""
    arguments, json, color = ASKED[name]
    display = asked_display(arguments)

    assert (display.json, display.color) == (json, color)


LINES = {
    "one a line": (["--output", "jsonl"], True, True),
    "one document": (["--output", "json"], True, False),
    "lines for a person": (["--output", "human"], False, False),
    "the last counts": (["--output=jsonl", "--output=json"], True, False),
}


@pytest.mark.parametrize("name", LINES)
def test_one_document_a_line(name: str) -> None:
    """Without it a refusal before the parser would be told in words to a program that reads line by line."""
    arguments, json, lines = LINES[name]
    display = asked_display(arguments)

    assert (display.json, display.lines) == (json, lines)


@pytest.mark.parametrize("name", COLORED)
def test_colored(name: str) -> None:
    """Escapes in a pipe break whoever reads it; NO_COLOR is a promise (command-line.md §1 row 10)."""
    color, environ, terminal, colored = COLORED[name]

    assert asked_display([f"--color={color}"]).colored(environ, terminal=terminal) is colored


LANGUAGE = {
    "none": ([], ""),
    "named": (["runs", "list", "--lang", "vi"], "vi"),
    "in one word": (["--lang=vi", "runs"], "vi"),
    "the last counts": (["--lang", "vi", "--lang=en"], "en"),
    "one that there is not": (["--lang", "de"], ""),
    "after the end of options": (["--", "--lang=vi"], ""),
}


@pytest.mark.parametrize("name", LANGUAGE)
def test_asked_language(name: str) -> None:
    """A refusal that comes before the parser must be in the language that was asked for."""
    arguments, language = LANGUAGE[name]

    assert asked_display(arguments).language == language


@pytest.mark.parametrize(
    ("arguments", "left"),
    [
        (["runs", "list"], ("runs", "list")),
        (["--lang", "vi", "runs", "--lang=en"], ("runs", "--lang=en")),
        (["--lang=vi", "--lang", "en", "runs"], ("runs",)),
        (["--lang"], ()),
        (["--language", "x"], ("--language", "x")),
        ([], ()),
    ],
)
def test_the_command_stands_behind_the_language(arguments: list[str], left: tuple[str, ...]) -> None:
    """Which command was meant is told by the first word that is one."""
    assert without_language(arguments) == left
