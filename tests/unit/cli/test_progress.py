"""Progress: a list that is redrawn on a terminal, plain lines elsewhere, nothing for programs."""

import io
import re
import threading
from collections.abc import Iterator, Mapping

import pytest

from cutter.cli.progress import Lines, LiveList, Progress, Silence, progress_on
from cutter.messages import use_language
from tests.golden.screens.cases import DRIFTED, REHEARSED, WAITING, Told
from tests.support.records import OPENED, PUBLISHED, REFUSED, RESUMED, SIGNED, VERIFIED, acted, number, started
from tests.unit.test_run import WAITED

GOES_ON: Told = (*WAITED, ("", RESUMED), ("plan", VERIFIED), ("gate", started(2, "")), ("gate", SIGNED))
WRITES: Told = (
    ("gate", PUBLISHED),
    ("write", started(3)),
    ("write", OPENED),
    ("write", acted()),
    ("write", PUBLISHED),
    ("write", VERIFIED),
)


class Terminal(io.StringIO):
    """A stream that says that it is a terminal."""

    def isatty(self) -> bool:
        """It is one."""
        return True


@pytest.fixture(autouse=True)
def english() -> Iterator[None]:
    """Each test begins and leaves in English."""
    use_language("en")
    yield
    use_language("en")


def told_by(events: Told, after: int = 0) -> list[str]:
    """The lines that a run's events make."""
    stream = io.StringIO()
    progress = Progress(Lines(stream))
    for record in number(events)[after:]:
        progress(record)
    return stream.getvalue().splitlines()


def drawn(text: str) -> list[str]:
    """What stands on the screen after a terminal has shown this: it knows up, down, erase to the end, and no more."""
    screen: list[str] = [""]
    row = 0
    for part in re.findall(r"\x1b\[[0-9]*[A-Z]|\r|\n|[^\x1b\r\n]+", text):
        if part == "\r":
            continue
        if part == "\n":
            row += 1
            screen += [""] * (row + 1 - len(screen))
        elif part.endswith("A") and part.startswith("\x1b"):
            row -= int(part[2:-1])
            assert row >= 0, "above the screen"
        elif part == "\x1b[K":
            continue  # a part is always the whole line here
        elif part == "\x1b[J":
            screen = [*screen[:row], ""]
        else:
            assert not part.startswith("\x1b"), part
            screen[row] = part
    return screen[:-1] if screen[-1] == "" else screen


def live(events: Told, *, wipes: bool = False) -> tuple[list[str], str]:
    """The screen after a run's events, and all that was written."""
    stream = Terminal()
    teller = LiveList(stream, wipes=wipes)
    progress = Progress(teller)
    for record in number(events):
        progress(record)
    return drawn(stream.getvalue()), stream.getvalue()


def test_a_rehearsal_tells_each_phase_once() -> None:
    """A screen reader or a log needs one plain line for each phase, in order."""
    lines = told_by(REHEARSED)

    assert len(lines) == 12
    assert lines[0] == "phase 1 of 12, discover, ok"
    assert lines[3] == "phase 4 of 12, authorize_cut, would wait"
    assert lines[4] == "phase 5 of 12, backup, would stop (40)"
    assert lines[11] == "phase 12 of 12, report, ok"


def test_phases_are_told_in_the_language() -> None:
    """A person who works in Vietnamese must be able to follow a run in it."""
    use_language("vi")
    lines = told_by(REHEARSED)

    assert lines[2] == "giai đoạn 3/12, plan, đạt"
    assert lines[3] == "giai đoạn 4/12, authorize_cut, sẽ chờ"


def test_a_stop_is_told() -> None:
    """The last line must not look like a phase that went well."""
    assert told_by(DRIFTED)[-1] == "phase 2 of 12, survey, stopped (21)"


def test_a_gate_is_told() -> None:
    """Somebody who watches must see that the run waits for people."""
    assert told_by(WAITING)[-1] == "phase 4 of 12, authorize_cut, waiting"


def test_a_resumed_run_is_told_from_where_it_goes_on() -> None:
    """Without it a resumed run would be told as `phase 0 of 0`, and a governed phase as `opened`."""
    assert told_by((*GOES_ON, *WRITES), len(WAITED)) == [
        "phase, plan, proved again",
        "phase 2, gate, approved",
        "phase 3, write, ok",
    ]


def test_a_refused_approval_is_told() -> None:
    """Somebody who watches must see that the run did not go on."""
    assert told_by((*WAITED, ("", REFUSED)))[-1] == "run refused (11)"


def test_a_long_phase_is_told_every_ten_seconds() -> None:
    """Nobody ends a run because it says nothing for a minute."""
    stream = io.StringIO()
    now = [100.0]
    progress = Progress(Lines(stream), clock=lambda: now[0])
    for record in number(DRIFTED)[:2]:
        progress(record)
    for seconds in (10, 20):
        now[0] = 100.0 + seconds
        progress.look()

    assert Lines(stream).seconds == 10
    assert stream.getvalue().splitlines() == [
        "phase 1 of 12, discover, running for 10 s",
        "phase 1 of 12, discover, running for 20 s",
    ]


def test_nothing_is_said_between_phases() -> None:
    """A phase that has ended must not be told as one that goes on."""
    stream = io.StringIO()
    progress = Progress(Lines(stream))
    progress.look()
    for record in number(REHEARSED):
        progress(record)
    before = stream.getvalue()
    progress.look()

    assert stream.getvalue() == before


def test_the_clock_is_looked_at_by_itself_and_in_the_language() -> None:
    """Inside a phase nothing happens that could be heard; and a thread begins without the language of the others."""
    looked = threading.Event()
    words: list[str] = []

    class Quick(Lines):
        seconds = 0.01

        def end(self, step: object, word: str) -> None:
            words.append(word)
            looked.set()

    use_language("vi")
    with Progress(Quick(io.StringIO())) as progress:
        for record in number(DRIFTED)[:2]:
            progress(record)
        assert looked.wait(10)
    told = len(words)

    assert words[0] == "đang chạy được 0 giây"
    assert threading.active_count() >= 1
    assert len(words) <= told + 1


def test_the_list_holds_all_phases() -> None:
    """On a terminal the phases stand below each other as in the result, none of them twice."""
    screen, written = live(REHEARSED)

    assert len(screen) == 12
    assert screen[2] == "   3 plan             ok"
    assert screen[3] == "   4 authorize_cut    would wait"
    assert screen[11] == "  12 report           ok"
    assert "\x1b[K" in written


def test_the_list_says_what_goes_on_now() -> None:
    """The phase that runs is the last, with its time."""
    stream = Terminal()
    now = [0.0]
    progress = Progress(LiveList(stream, wipes=False), clock=lambda: now[0])
    begun = next(n for n, (_phase, event) in enumerate(REHEARSED) if getattr(event, "index", 0) == 3)
    for record in number(REHEARSED)[: begun + 1]:
        progress(record)
    now[0] = 12.0
    progress.look()

    assert drawn(stream.getvalue())[-1] == "   3 plan      running for 12 s"


def test_the_list_is_taken_away() -> None:
    """The result is shown in its place: two lists below each other would be read as two runs."""
    stream = Terminal("above\n")
    stream.seek(0, io.SEEK_END)
    with Progress(LiveList(stream, wipes=True)) as progress:
        for record in number(REHEARSED):
            progress(record)

    assert drawn(stream.getvalue()) == ["above"]


def test_a_list_that_is_higher_than_the_screen(monkeypatch: pytest.MonkeyPatch) -> None:
    """The cursor cannot go above the screen: what does not fit is left out, or lines would pile up."""
    monkeypatch.setenv("LINES", "8")
    monkeypatch.setenv("COLUMNS", "60")
    screen, _written = live(REHEARSED)

    assert len(screen) == 6
    assert screen[-1].startswith("  12 report")


def test_a_line_that_is_wider_than_the_screen(monkeypatch: pytest.MonkeyPatch) -> None:
    """A line that the terminal breaks takes two, and the next drawing would begin one too low."""
    monkeypatch.setenv("LINES", "24")
    monkeypatch.setenv("COLUMNS", "16")
    screen, _written = live(REHEARSED)

    assert all(len(line) <= 15 for line in screen)


KINDS: Mapping[str, tuple[bool, dict[str, str], bool, type]] = {
    "a terminal": (True, {"TERM": "xterm"}, False, LiveList),
    "a dumb terminal": (True, {"TERM": "dumb"}, False, Lines),
    "a terminal that says nothing of itself": (True, {}, False, Lines),
    "a screen reader": (True, {"TERM": "xterm", "CUTTER_ACCESSIBLE": "1"}, False, Lines),
    "a file": (False, {"TERM": "xterm"}, False, Lines),
    "GitHub": (False, {"TERM": "xterm", "GITHUB_ACTIONS": "true", "FORCE_COLOR": "1"}, False, Lines),
    "JSON, and a person beside it": (True, {"TERM": "xterm"}, True, LiveList),
    "JSON, and a person who listens": (True, {"TERM": "xterm", "CUTTER_ACCESSIBLE": "1"}, True, Lines),
    "JSON for a program": (False, {}, True, Silence),
}


@pytest.mark.parametrize("name", KINDS)
def test_how_progress_is_told(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """What redraws itself fills a log with escapes; what is silent looks dead (command-line.md §1 row 14)."""
    monkeypatch.setenv("COLUMNS", "80")
    terminal, environ, json, kind = KINDS[name]
    stream = Terminal() if terminal else io.StringIO()
    made = progress_on(stream, Terminal(), environ, json=json)
    with made as progress:
        for record in number(REHEARSED):
            progress(record)

    assert isinstance(made, Silence) is (kind is Silence)
    assert ("\x1b" in stream.getvalue()) is (kind is LiveList)
    assert (len(stream.getvalue().splitlines()) == 12) is (kind is Lines)


@pytest.mark.parametrize("error", [BrokenPipeError, ValueError], ids=["went away", "closed"])
def test_a_terminal_that_went_away_stops_nothing(error: type[Exception]) -> None:
    """Progress decides nothing: a run must not end because a terminal closed."""

    class Gone(io.StringIO):
        def write(self, text: str, /) -> int:
            raise error

    with Progress(LiveList(Gone(), wipes=True)) as progress:
        for record in number(REHEARSED):
            progress(record)
