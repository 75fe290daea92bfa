"""The directory: what is asked for comes out and nothing else, and no mistake shows a word of it."""

import os
import time
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from cutter.custody.directory import DirectoryFile, is_address
from cutter.policies.references import issue
from cutter.stops import Stop, StopCode
from tests.support.tracebacks import shown

FIRST, SECOND, THIRD = (issue("RCP", payload) for payload in ("7K3M9Q", "00AA11BB", "ZZZZ"))
ADDRESS = "canary.person@example.org"
HEAD = "format: cutter.directory/1\nreferences:\n"
GOOD = f"{HEAD}  {FIRST}: {{address: {ADDRESS}}}\n  {SECOND}: {{}}\n"


@pytest.fixture
def directory(tmp_path: Path) -> DirectoryFile:
    """A directory of two references, one without an address."""
    folder = tmp_path / "credentials"
    folder.mkdir(mode=0o700)
    write(folder / "directory.yaml", GOOD)
    return DirectoryFile(folder / "directory.yaml")


def write(path: Path, text: str | bytes, mode: int = 0o600) -> None:
    """Put a directory there."""
    path.write_bytes(text if isinstance(text, bytes) else text.encode())
    path.chmod(mode)


def test_what_is_asked_for_comes_out(directory: DirectoryFile) -> None:
    """Without it a reference that nobody gave out would be taken for one of a person."""
    assert directory.known([FIRST, SECOND, THIRD, "", "format"]) == {FIRST, SECOND}
    assert directory.known([]) == frozenset()
    assert [directory.address(one) for one in (FIRST, SECOND, THIRD, "")] == [ADDRESS, None, None, None]


def test_it_is_read_anew_each_time(directory: DirectoryFile) -> None:
    """Without it somebody who asked to be forgotten would be written to until the program ends."""
    assert directory.address(FIRST) == ADDRESS
    write(directory.path, f"{HEAD}  {FIRST}: {{}}\n")

    assert directory.address(FIRST) is None
    assert directory.known([SECOND]) == frozenset()


def test_nothing_of_it_is_kept(directory: DirectoryFile) -> None:
    """Without it whatever shows the directory would show its people."""
    directory.address(FIRST)

    assert ADDRESS not in f"{directory} {directory!r}"
    assert not hasattr(directory, "__dict__")


LINES = st.sampled_from(
    [
        *(f"  {reference}: {{}}" for reference in (FIRST, SECOND)),
        *(f"  {reference}: {{address: {ADDRESS}}}" for reference in (FIRST, SECOND, THIRD)),
        f"  {THIRD}: {{address: 5@example.org}}",
        f"  {THIRD}: {{address: a+b@example.org}}  # a comment",
        f"  {THIRD}:\n    address: a@example.org",
        f"  {THIRD}: {{address: a..b@example.org}}",
        f"  {THIRD}: {{address: 'a@example.org'}}",
        f"  {THIRD}: {{ address: a@example.org }}",
        f"  {THIRD}: {{address: a@example.org, }}",
        f" {FIRST}: {{}}",
        f"  {FIRST[:-2]}00: {{}}",
        "# a comment",
        "  # a comment",
        "# chú thích",
        "# \x07",
        "\t",
        "",
        "references:",
        "format: cutter.directory/1",
        "...",
    ]
)


@given(lines=st.lists(LINES, max_size=6), end=st.sampled_from(["", "\n", "\r\n", "\n\n"]))
@example(lines=[f"  {FIRST}: {{address: {ADDRESS}}}", "# a comment", f"  {SECOND}: {{}}"], end="\n")
@settings(max_examples=400, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_the_short_way_to_read_finds_what_the_long_one_does(
    directory: DirectoryFile, lines: list[str], end: str
) -> None:
    """Without it a file could say one thing to a person with a YAML reader, and another to this program."""
    write(directory.path, HEAD + "\n".join(lines) + end)
    with pytest.MonkeyPatch.context() as patch:
        short = answers(directory)
        patch.setattr("cutter.custody.directory._plain", lambda data: None)
        assert short == answers(directory)


def answers(directory: DirectoryFile) -> object:
    """Everything that the directory says, or where it stops."""
    try:
        return [directory.address(one) for one in (FIRST, SECOND, THIRD)], directory.known([FIRST, SECOND, THIRD])
    except Stop as stop:
        return stop.code, stop.detail, stop.where


def test_a_large_directory_is_read_in_no_time(directory: DirectoryFile) -> None:
    """Without it a workspace of thousands of people would wait seconds for each question to the directory."""
    references = [issue("RCP", f"{number:06d}") for number in range(15_000)]
    write(directory.path, HEAD + "".join(f"  {one}: {{address: {ADDRESS}}}\n" for one in references))
    began = time.monotonic()

    assert directory.known(references) == set(references)
    assert time.monotonic() - began < 2


CANARY = "Nguyen_Thi_Canary"
MISTAKES: dict[str, tuple[str | bytes, str, str]] = {
    "a name for a reference": (f"{HEAD}  {CANARY}: {{}}\n", "reference_form", "3:3"),
    "wrong check digits": (f"{HEAD}  {FIRST[:-1]}{(int(FIRST[-1]) + 1) % 10}: {{}}\n", "reference_form", "3:3"),
    "a name beside the address": (f"{HEAD}  {FIRST}: {{name: {CANARY}, address: a@b}}\n", "entry_form", "3:3"),
    "an unknown key": (f"{HEAD}  {FIRST}: {{{CANARY}: a@b}}\n", "entry_form", "3:3"),
    "an address without its key": (f"{HEAD}  {FIRST}: {CANARY}@example.org\n", "entry_form", "3:3"),
    "nothing": (f"{HEAD}  {FIRST}:\n", "entry_form", "3:3"),
    "a number": (f"{HEAD}  {SECOND}: {{}}\n  {FIRST}: {{address: 5}}\n", "entry_form", "4:3"),
    "a list": (f"{HEAD}  {FIRST}: {{address: [{CANARY}]}}\n", "entry_form", "3:3"),
    "no address": (f"{HEAD}  {FIRST}: {{address: {CANARY}}}\n", "address_form", "3:19"),
    "two addresses": (f"{HEAD}  {FIRST}: {{address: '{CANARY}@b,c@d'}}\n", "address_form", "3:19"),
    "a line end": (f'{HEAD}  {FIRST}: {{address: "{CANARY}@b\\r\\nRCPT TO:<c@d>"}}\n', "forbidden_character", "3:28"),
    "letters beyond ASCII": (f"{HEAD}  {FIRST}: {{address: {CANARY}@thư.example}}\n", "address_not_ascii", "3:19"),
    "a reference twice": (f"{HEAD}  {FIRST}: {{}}\n  {FIRST}: {{address: {CANARY}@b}}\n", "duplicate_key", "4:3"),
    "a name twice": (f"{HEAD}  {CANARY}: {{}}\n  {CANARY}: {{}}\n", "duplicate_key", "4:3"),
    "a name at the top": (f"{HEAD}  {FIRST}: {{}}\n{CANARY}: 5\n", "unknown_key", "4:1"),
    "no mapping": (f"format: cutter.directory/1\nreferences: [{CANARY}]\n", "wrong_value", "2:1"),
    "no references": ("format: cutter.directory/1\n", "missing_key", "1:1"),
    "another format": (f"format: cutter.{CANARY}/1\nreferences: {{}}\n", "wrong_format", "1:1"),
    "a newer format": ("format: cutter.directory/2\nreferences: {}\n", "newer_format", "1:1"),
    "a newer one, else plain": (f"format: cutter.directory/2\nreferences:\n  {FIRST}: {{}}\n", "newer_format", "1:1"),
    "an anchor": (f"{HEAD}  {FIRST}: &{CANARY} {{}}\n", "anchor", "3:18"),
    "no YAML": (f"{HEAD}  {FIRST}: {{address: {CANARY}\n", "not_yaml", "4:1"),
    "no text": (b"\xff" + CANARY.encode(), "not_utf8", "1:1"),
}


@pytest.mark.parametrize("name", MISTAKES)
def test_a_mistake_is_told_by_its_place_alone(directory: DirectoryFile, name: str) -> None:
    """Without it a mistyped line would put a person's name or address onto a screen, into a record, into a log."""
    text, detail, place = MISTAKES[name]
    write(directory.path, text)

    for ask in (lambda: directory.address(FIRST), lambda: directory.known([FIRST])):
        with pytest.raises(Stop) as caught:
            ask()
        stop = caught.value
        assert (stop.code, stop.detail) == (StopCode.STOP_CONFIG_INVALID, detail)
        assert stop.where == f"{directory.path}:{place}"
        assert (stop.__context__, stop.__cause__) == (None, None)
        texts = list(shown(stop))
        assert not [text for text in texts if CANARY in text or ADDRESS in text]


def _linked(path: Path) -> None:
    path.rename(path.with_name("elsewhere"))
    path.symlink_to(path.with_name("elsewhere"))


UNSAFE: dict[str, tuple[Callable[[Path], object], StopCode, str]] = {
    "missing": (Path.unlink, StopCode.STOP_CONFIG_INVALID, "directory_missing"),
    "readable by the group": (lambda path: path.chmod(0o640), StopCode.STOP_PATH_UNSAFE, "open_to_others"),
    "writable by others": (lambda path: path.chmod(0o602), StopCode.STOP_PATH_UNSAFE, "writable_by_others"),
    "a link": (_linked, StopCode.STOP_PATH_UNSAFE, "link_or_folder"),
    "two names": (lambda path: path.with_name("b").hardlink_to(path), StopCode.STOP_PATH_UNSAFE, "hard_link"),
    "in an open folder": (lambda path: path.parent.chmod(0o755), StopCode.STOP_PATH_UNSAFE, "open_to_others"),
    "too large": (lambda path: write(path, "#" * 1_048_577), StopCode.STOP_CONFIG_INVALID, "limit_1048576_bytes"),
}


@pytest.mark.parametrize("name", UNSAFE)
def test_a_directory_that_is_not_private_is_refused(directory: DirectoryFile, name: str) -> None:
    """Without it anybody on the host could read the addresses, or put their own in their place."""
    damage, code, detail = UNSAFE[name]
    damage(directory.path)
    with pytest.raises(Stop) as caught:
        directory.address(FIRST)

    assert (caught.value.code, caught.value.detail) == (code, detail)


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can give a file away")
def test_a_directory_of_another_owner_is_refused(directory: DirectoryFile) -> None:
    """Without it another user of the host could choose who gets the letters."""
    os.chown(directory.path, 65534, 65534)
    with pytest.raises(Stop) as caught:
        directory.known([FIRST])

    assert (caught.value.code, caught.value.detail) == (StopCode.STOP_PATH_UNSAFE, "other_owner")


ADDRESSES = {
    "name@example.org": True,
    "first.last+tag@mail.example.org": True,
    "o'neil@example.org": True,
    "-x@example.org": True,
    "a@localhost": True,
    "a" * 64 + "@example.org": True,
    "a" * 65 + "@example.org": False,
    "a@" + "b" * 63 + ".org": True,
    "a@" + "b" * 64 + ".org": False,
    "a@" + ".".join(["b" * 60] * 5): False,
    "example.org": False,
    "@example.org": False,
    "a@": False,
    "a@b@c": False,
    "a b@example.org": False,
    '"a b"@example.org': False,
    "a..b@example.org": False,
    ".a@example.org": False,
    "a@-example.org": False,
    "a@example..org": False,
    "a@example.org.": False,
    "a@[127.0.0.1]": False,
    "<a@example.org>": False,
    "a@example.org\n": False,
    "a@example.org>\r\nRCPT TO:<b@example.org": False,
    "thư@example.org": False,
    "a@thư.example": False,
    "": False,
}


@pytest.mark.parametrize("text", ADDRESSES)
def test_an_address_is_one_plain_address(text: str) -> None:
    """Without it an address could be two, or a command; or the server would have to guess what is meant."""
    assert is_address(text) is ADDRESSES[text]
