"""The reviewer's page in a real browser: it opens without a complaint, fits a phone, prints, and follows the reader.

Skipped, saying so, where neither chromium nor google-chrome is installed (`sh tools/debian.sh` installs it).
"""

import html
import json
import os
import re
import shutil
import struct
import subprocess
import time
import zlib
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from cutter.report.review import make_page
from tests.unit.report.test_review import CASES, CUT, case_of, document_of, long_law

PROGRAMS = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
DARK = "--blink-settings=preferredColorScheme=0"  # as if the reader's system were dark
LIGHT = "--blink-settings=preferredColorScheme=1"
PHONE = 375  # CSS pixels


@dataclass(frozen=True, slots=True)
class Browser:
    """A browser without a window, with a profile of its own."""

    program: str
    folder: Path

    def open(self, page: bytes, *options: str) -> subprocess.CompletedProcess[str]:
        """Open a page from a file."""
        file = self.folder / "page.html"
        file.write_bytes(page)
        return subprocess.run(
            [
                self.program,
                "--headless",
                *(("--no-sandbox",) if os.geteuid() == 0 else ()),
                "--disable-gpu",
                "--disable-background-networking",
                "--no-first-run",
                "--hide-scrollbars",
                "--enable-logging=stderr",
                f"--user-data-dir={self.folder / 'profile'}",
                *options,
                file.as_uri(),
            ],
            capture_output=True,
            text=True,
            timeout=90,
            check=True,
        )

    def complaints(self, page: bytes) -> list[str]:
        """What the browser writes to its console about a page."""
        told = self.open(page, "--dump-dom").stderr
        return [line for line in told.splitlines() if ":CONSOLE" in line]

    def picture(self, page: bytes, *options: str) -> "Picture":
        """How a page looks in a window of 1280 to 2000 pixels."""
        file = self.folder / "page.png"
        self.open(page, f"--screenshot={file}", "--window-size=1280,2000", *options)
        return Picture(file.read_bytes())

    def measure(self, page: bytes, expression: str) -> Any:
        """The value of a JavaScript expression over `page`, the page's document in a frame as wide as a phone.

        The script is outside of the frame: inside it nothing may run.
        """
        frame = f'<iframe style="width:{PHONE}px;height:700px;border:0" srcdoc="{html.escape(page.decode())}"></iframe>'
        script = (
            "<script>onload = () => { const page = document.querySelector('iframe').contentDocument;"
            f"document.title = JSON.stringify({expression}); }}</script>"
        )
        told = self.open(f"<!doctype html><meta charset=utf-8>{frame}{script}".encode(), "--dump-dom").stdout
        found = re.search(r"<title>(.*?)</title>", told)
        assert found, "the measuring script did not run"
        return json.loads(html.unescape(found[1]))


@dataclass(frozen=True, slots=True)
class Picture:
    """A screenshot, a PNG of 8 bits a channel."""

    data: bytes

    @property
    def size(self) -> tuple[int, int]:
        """Width and height."""
        width, height = struct.unpack(">II", self.data[16:24])
        return width, height

    @property
    def corner(self) -> int:
        """The brightness, 0 to 255, of the pixel at the top left: the same under every filter of PNG."""
        body, at = b"", 8
        while at < len(self.data):
            (length,) = struct.unpack(">I", self.data[at : at + 4])
            if self.data[at + 4 : at + 8] == b"IDAT":
                body += self.data[at + 8 : at + 8 + length]
            at += 12 + length
        return sum(zlib.decompress(body)[1:4]) // 3


@pytest.fixture
def browser(tmp_path: Path) -> Browser:
    """A browser of this machine, or a skip that says what is missing."""
    program = next((found for name in PROGRAMS if (found := shutil.which(name))), None)
    if program is None:
        pytest.skip("no chromium here: `sh tools/debian.sh` installs it")
    return Browser(program, tmp_path)


@pytest.mark.parametrize("name", CASES)
def test_a_page_opens_without_a_complaint(browser: Browser, name: str) -> None:
    """Without it the page could break its own policy, or load something that is not there."""
    assert browser.complaints(make_page(CASES[name])) == []


def test_a_complaint_would_be_seen(browser: Browser) -> None:
    """Without it a browser that says nothing would pass for a page without faults; the policy refuses a script."""
    page = make_page(CUT).replace(b"</body>", b"<script>document.title = 'ran'</script></body>")
    assert any("Content Security Policy" in line for line in browser.complaints(page))
    assert "<title>ran" not in browser.open(page, "--dump-dom").stdout


@pytest.mark.parametrize(
    ("scheme", "bright"), [pytest.param(LIGHT, True, id="light"), pytest.param(DARK, False, id="dark")]
)
def test_a_page_is_drawn_as_the_reader_s_system_asks(browser: Browser, scheme: str, bright: bool) -> None:
    """Without it the page could be blank, or glare at somebody who reads in the dark."""
    picture = browser.picture(make_page(CUT), scheme)
    assert picture.size == (1280, 2000)
    assert len(picture.data) > 100_000
    assert (picture.corner > 200) is bright
    assert (picture.corner < 60) is not bright


@pytest.mark.parametrize("name", CASES)
def test_a_page_fits_a_phone(browser: Browser, name: str) -> None:
    """Without it whoever signs on a phone would have to move the page sideways to read each line."""
    page = make_page(CASES[name]).replace(b'<details class="fold">', b'<details class="fold" open>')
    assert browser.measure(page, "page.documentElement.scrollWidth") <= PHONE


@pytest.mark.parametrize(
    ("choice", "shown"),
    [
        pytest.param("both", ["en", "vi"], id="both"),
        pytest.param("only-en", ["en"], id="English"),
        pytest.param("only-vi", ["vi"], id="Vietnamese"),
    ],
)
def test_a_language_can_be_chosen_without_a_script(browser: Browser, choice: str, shown: list[str]) -> None:
    """Without it one of the languages could not be read alone, or the law's own text could vanish with it."""
    expression = (
        f"(page.getElementById('{choice}').checked = true, ['en', 'vi', 'doc'].filter(name =>"
        " [...page.querySelectorAll('main .' + name)].some(e => getComputedStyle(e).display !== 'none')))"
    )
    assert browser.measure(make_page(CUT), expression) == [*shown, "doc"]


def test_a_page_can_be_printed(browser: Browser) -> None:
    """Without it the page could not be put into a file on paper."""
    file = browser.folder / "page.pdf"
    browser.open(make_page(CUT), f"--print-to-pdf={file}", "--no-pdf-header-footer")
    pages = re.findall(rb"/Type /Page\b", file.read_bytes())
    assert 2 <= len(pages) <= 12


def test_a_long_law_opens_in_seconds(browser: Browser) -> None:
    """Without it the page of a law of five thousand units could hang the browser of whoever has to sign."""
    page = make_page(case_of(document_of(long_law(1000, 4, 60))))
    begun = time.monotonic()
    assert browser.complaints(page) == []
    assert time.monotonic() - begun < 20
