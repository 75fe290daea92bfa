"""Cutting a text: beside a search for the same starts and a sha256 a unit, growth with size, and peak memory."""

import re
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from hashlib import sha256
from itertools import pairwise
from pathlib import Path

from benchmarks.measure import Row, in_turns
from benchmarks.texts import code, law
from cutter import cutting
from cutter.custody.profiles import shipped_profile

PROFILE = "vi.law"
ROUNDS = 9
# Megabytes of the text that is beside the floor, and of the one that shows growth and memory.
SMALL, LARGE = 10, 100
# Units of the text whose units are shorter than those of any law.
SHORT_UNITS = 100_000
# What begins a unit in a Vietnamese law, in the words and letter cases of the profile: all that the floor knows.
STARTS = re.compile(
    (
        "^(?:(?:Quyển|QUYỂN|Phần|PHẦN|Chương|CHƯƠNG|Mục|MỤC|Tiểu mục|TIỂU MỤC) (?:thứ |[IVXLCDM]+|[0-9]+)"
        "|(?:Điều|ĐIỀU) [0-9]+[a-zđ]?\\.|[0-9]+[a-zđ]?\\.|(?:[a-z]|đ)\\)"
        "|(?:Phụ lục|PHỤ LỤC|LỜI NÓI ĐẦU)(?: [IVXLCDM]+)?$)"
    ).encode(),
    re.MULTILINE,
)


def measure() -> list[Row]:
    """The rows of these goals; memory is told as one millisecond a megabyte."""
    small, short = code(SMALL).encode(), law(SHORT_UNITS).encode()
    _agree(small)
    _agree(short)
    floor, ours = in_turns(lambda: _search(small), lambda: _cut(small), ROUNDS, min)
    short_floor, short_ours = in_turns(lambda: _search(short), lambda: _cut(short), ROUNDS, min)
    large, peak, size = _of_a_large_text()
    beside = "re on bytes + sha256 a unit"
    return [
        Row(f"cut and hash a law of {SMALL} MB, {len(small) // _units(small)} bytes a unit", beside, floor, ours, 3.0),
        Row(f"the same, {len(short) // _units(short)} bytes a unit", beside, short_floor, short_ours, 3.0),
        Row(f"growth of its time, {SMALL} to {LARGE} MB", f"{SMALL} MB", ours, large, 12.0),
        Row(f"peak memory of a cut of {LARGE} MB", "its size (1 MB = 1 ms)", size / 1000, peak / 1000, 4.0),
    ]


def _search(source: bytes) -> None:
    _hashes(source)


def _cut(source: bytes) -> None:
    for unit in cutting.cut(source, "BENCH", shipped_profile(PROFILE)).units:
        assert unit.sha256


def _hashes(source: bytes) -> list[str]:
    places = [0, *(found.start() for found in STARTS.finditer(source)), len(source)]
    return [sha256(source[start:end]).hexdigest() for start, end in pairwise(places)]


def _agree(source: bytes) -> None:
    """The floor does the same work: its regions have the same hashes."""
    found = [unit.sha256 for unit in cutting.cut(source, "BENCH", shipped_profile(PROFILE)).units]
    if found != _hashes(source):
        raise RuntimeError("the floor finds other units than the cut")


def _units(source: bytes) -> int:
    return len(cutting.cut(source, "BENCH", shipped_profile(PROFILE)).units)


def _of_a_large_text() -> tuple[float, float, float]:
    """Seconds of a cut, by how many megabytes a process of its own grew, the text included, and those of the text."""
    with tempfile.TemporaryDirectory(prefix="cutting-") as folder:
        path = Path(folder) / "code.txt"
        path.write_text(code(LARGE), encoding="utf-8")
        command = [sys.executable, "-m", __name__, str(path)]
        printed = [subprocess.run(command, check=True, capture_output=True, text=True).stdout for _ in range(3)]
        seconds, megabytes = zip(*(map(float, line.split()) for line in printed), strict=True)
        return min(seconds), max(megabytes), path.stat().st_size / 1e6


def main(arguments: Sequence[str]) -> None:
    """Cut one file, and print seconds and megabytes."""
    shipped_profile(PROFILE)
    before = _peak()
    source = Path(arguments[0]).read_bytes()
    begun = time.perf_counter()
    _cut(source)
    print(time.perf_counter() - begun, _peak() - before)


def _peak() -> float:
    """The largest memory of this program so far, in megabytes; `ru_maxrss` counts that of its parent too."""
    found = re.search(r"VmHWM:\s+([0-9]+) kB", Path("/proc/self/status").read_text(encoding="ascii"))
    assert found is not None
    return int(found[1]) * 1024 / 1e6


if __name__ == "__main__":
    main(sys.argv[1:])
