"""The table of stop codes: complete, unambiguous, and unable to carry a value."""

import pytest

from cutter.stops import Category, Exit, Stop, StopCode


def test_codes_have_names_of_their_own() -> None:
    """Without it two codes with equal declarations would silently become one, and a screen would show the other."""
    assert len(StopCode.__members__) == len(list(StopCode))
    assert all(name.startswith("STOP_") for name in StopCode.__members__)


@pytest.mark.parametrize("code", StopCode, ids=lambda code: code.name)
def test_a_code_says_what_happened_and_what_to_do(code: StopCode) -> None:
    """Without it a refusal would leave the user without a next step."""
    assert code.value.meaning.endswith(".")
    assert len(code.value.remedy) > 10
    assert code.exit not in (Exit.DONE, Exit.WAITING)
    assert isinstance(code.value.category, Category)


@pytest.mark.parametrize(
    ("status", "number"),
    [
        (Exit.DONE, 0),
        (Exit.INTERNAL, 1),
        (Exit.USAGE, 2),
        (Exit.WAITING, 10),
        (Exit.APPROVAL_REFUSED, 11),
        (Exit.APPROVAL_EXPIRED, 12),
        (Exit.STOPPED, 20),
        (Exit.DRIFT, 21),
        (Exit.CHANGED, 22),
        (Exit.BUSY, 30),
        (Exit.UNSAFE, 31),
        (Exit.BACKUP, 40),
        (Exit.FAILED, 50),
        (Exit.PARTIAL, 51),
        (Exit.EVIDENCE, 60),
        (Exit.UNREACHABLE, 69),
        (Exit.CONFIGURATION, 78),
        (Exit.INTERRUPTED, 130),
        (Exit.TERMINATED, 143),
    ],
)
def test_exit_statuses_never_change(status: Exit, number: int) -> None:
    """Without it scripts that branch on an exit status would take the wrong branch after an upgrade."""
    assert status == number


@pytest.mark.parametrize("detail", ["byte_1234", "23505:unit_key", "cut@1", "limit_5_bytes", ""])
def test_a_detail_is_a_word(detail: str) -> None:
    """Without it the words that the program itself uses as details could be refused."""
    assert Stop(StopCode.STOP_INTERNAL, detail).detail == detail


@pytest.mark.parametrize("detail", ["two words", "line\nend", "word\n", "Điều", "x" * 201, "'; DROP", "-x", "a=b"])
def test_a_detail_cannot_be_a_sentence_or_a_value(detail: str) -> None:
    """Without it document text or a connection string could travel into ledgers and logs as a detail."""
    with pytest.raises(ValueError, match="word"):
        Stop(StopCode.STOP_INTERNAL, detail)
