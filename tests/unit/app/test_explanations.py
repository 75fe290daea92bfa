"""What codes and statuses mean: every one has a meaning, a cause, a remedy, and commands that exist."""

import tomllib
from pathlib import Path

import pytest

from cutter.app.explained_policies import explain_reasons
from cutter.app.explanations import explain_exit, explain_stop, explain_word, translatable_texts
from cutter.policies.decision import Reason
from cutter.stops import Category, Exit, StopCode
from tests.support.parsing import parse
from tools.docs import stop_codes

TEXTS = Path(__file__).parents[3] / "cutter" / "stops"


@pytest.mark.parametrize("code", StopCode, ids=lambda code: code.name)
def test_a_code_has_meaning_cause_and_remedy(code: StopCode) -> None:
    """A refusal that cannot be explained leaves its reader alone; a new code without texts would be one."""
    told = explain_stop(code)

    assert told.meaning == code.value.meaning
    assert len(told.cause) > 60
    assert len(told.remedy) > 15
    assert told.cause.endswith((".", ")"))
    assert told.remedy.endswith(".")
    assert told.cause not in (told.meaning, told.remedy)
    assert told.next


@pytest.mark.parametrize("status", Exit, ids=lambda status: str(int(status)))
def test_a_status_has_meaning_cause_and_remedy(status: Exit) -> None:
    """`cutter explain 51` is what somebody types who has nothing but a number in a log."""
    told = explain_exit(status)

    assert (told.name, told.exit_code) == (str(int(status)), int(status))
    assert told.cause
    assert told.remedy
    assert set(told.codes) == {code.name for code in StopCode if code.exit is status}


REASONS = {told.name: told for told in explain_reasons()}


@pytest.mark.parametrize("name", [*(reason.value for reason in Reason), "AS_OF_IN_FUTURE"])
def test_a_reason_has_a_sentence_and_a_remedy_in_a_page(name: str) -> None:
    """A denial that cannot be looked up leaves whoever sends triggers alone, as a new reason without words would."""
    told = REASONS[name]

    assert (told.kind, told.name) == ("reason", name)
    for sentence in (told.meaning, told.remedy):
        assert len(sentence) > 30
        assert sentence.endswith(".")
    assert f"| `{name}` | {told.exit_code} | {told.meaning} |" in stop_codes()
    assert told.next


def test_no_text_is_of_a_reason_that_is_gone() -> None:
    """A text that nothing shows would be translated and kept for ever."""
    assert set(REASONS) == {*(reason.value for reason in Reason), "AS_OF_IN_FUTURE"}


@pytest.mark.parametrize("line", sorted({step.command for told in REASONS.values() for step in told.next}))
def test_commands_of_reasons_parse(line: str) -> None:
    """The same as for codes and statuses."""
    parse(line)


@pytest.mark.parametrize(
    "line", sorted({step.command for code in StopCode for step in explain_stop(code).next}), ids=lambda line: line
)
def test_related_commands_parse(line: str) -> None:
    """A command that does not exist, or lacks an argument, would send its reader away with nothing."""
    parse(line)


@pytest.mark.parametrize("line", sorted({step.command for status in Exit for step in explain_exit(status).next}))
def test_commands_of_statuses_parse(line: str) -> None:
    """The same for statuses."""
    parse(line)


def test_no_text_is_of_a_code_that_is_gone() -> None:
    """A text that nothing shows would be translated and kept for ever."""
    causes = tomllib.loads((TEXTS / "causes.toml").read_text(encoding="utf-8"))
    exits = tomllib.loads((TEXTS / "exits.toml").read_text(encoding="utf-8"))

    assert set(causes) == set(StopCode.__members__)
    assert set(exits) == {str(int(status)) for status in Exit}


SPELLINGS = {
    "STOP_DRIFT": "STOP_DRIFT",
    "stop_drift": "STOP_DRIFT",
    "drift": "STOP_DRIFT",
    "fingerprint-drift": "STOP_FINGERPRINT_DRIFT",
    " Busy ": "STOP_BUSY",
    "21": "21",
    "not-found": "NOT_FOUND",
}


@pytest.mark.parametrize("word", SPELLINGS)
def test_codes_are_found_as_people_write_them(word: str) -> None:
    """Nobody types capitals and underscores who can avoid it."""
    found = explain_word(word)

    assert found is not None
    assert found.name == SPELLINGS[word]


@pytest.mark.parametrize("word", ["", "3", "021", "２１", "STOP_", "x" * 9999, "[STOP_DRIFT]", "21\n[0]"])
def test_other_words_mean_nothing(word: str) -> None:
    """A word must not be searched for in the files of texts, where it could match anything."""
    assert explain_word(word) is None


def test_every_text_can_be_translated() -> None:
    """A text that is missing here would stay English on a Vietnamese screen, and no test of the catalogue would see."""
    texts = set(translatable_texts())

    for code in StopCode:
        told = explain_stop(code)
        assert {told.meaning, told.cause, told.remedy, code.value.remedy, told.exit_meaning} <= texts
    assert all(explain_word(category.value).meaning in texts for category in Category)  # type: ignore[union-attr]
    assert all("\n" not in text and text == text.strip() for text in texts)
