"""`cutter documents …` as a process of its own: statuses, streams, files, and a terminal."""

import json
import os
import pty
import subprocess
import sys
import time
from pathlib import Path

import pytest

from tests.e2e.conftest import ROOT, Workspace

LAW = "Điều 1. Phạm vi\n1. Một;\n2. Hai.\nĐiều 2. Hiệu lực\nLuật này có hiệu lực ngay.\n"


def test_from_a_file_to_its_quotation(fresh: Workspace) -> None:
    """Without it the steps that a document office takes every day might not fit together."""
    (fresh.folder / "luật.txt").write_text(LAW, encoding="utf-8")
    steps = [
        fresh.cutter("documents", "cut", "luật.txt"),
        fresh.cutter("documents", "add", "luật.txt", "--document-id", "LUAT-1"),
        fresh.cutter("documents", "show", "LUAT-1"),
        fresh.cutter("documents", "show", "LUAT-1", "Điều 1"),
        fresh.cutter("documents", "cite", "LUAT-1", "ART-01/CL-2"),
        fresh.cutter("documents", "verify-quote", "LUAT-1", "có hiệu lực ngay", "--cite", "ART-02"),
        fresh.cutter("documents", "diff", "LUAT-1", "luật.txt"),
        fresh.cutter("documents", "export", "LUAT-1", "--format", "akn", "--to", "luat.xml"),
        fresh.cutter("documents", "profiles", "vi.law"),
    ]

    assert [(step.status, step.err) for step in steps] == [(0, b"")] * len(steps)
    assert (fresh.folder / "luat.xml").read_bytes().startswith(b"<?xml")
    assert not (fresh.folder / ".cutter").exists()


def test_an_export_is_only_the_export(fresh: Workspace) -> None:
    """Without it a word to the user in the stream would break whoever reads it."""
    told = fresh.cutter("documents", "export", "ICX-CONST", "--format", "jsonl")
    units = [json.loads(line) for line in told.out.splitlines()]

    assert (told.status, told.err) == (0, b"")
    assert (
        "".join(unit["own_text"] for unit in units).encode()
        == (fresh.folder / "documents" / "ICX-CONST.txt").read_bytes()
    )


def test_on_a_terminal_an_export_goes_into_a_file(fresh: Workspace) -> None:
    """Without it a hundred pages of JSON would run over the screen of whoever only forgot to say where to."""
    terminal, other = pty.openpty()
    command = [sys.executable, "-m", "cutter", "documents", "export", "ICX-RULES", "--format", "csv"]
    environ = {**os.environ, "PYTHONPATH": str(ROOT)}
    done = subprocess.run(command, cwd=fresh.folder, env=environ, stdout=other, timeout=60, check=False)
    os.close(other)
    shown = os.read(terminal, 10_000).decode()
    os.close(terminal)

    assert done.returncode == 0
    assert "ICX-RULES-2024-07-01.csv" in shown
    assert (fresh.folder / "ICX-RULES-2024-07-01.csv").is_file()


def test_a_reader_that_goes_away_ends_an_export_quietly(fresh: Workspace) -> None:
    """Without it `| head` would end in a traceback."""
    command = [sys.executable, "-m", "cutter", "documents", "export", "ICX-CONST", "--format", "jsonl"]
    environ = {**os.environ, "PYTHONPATH": str(ROOT)}
    with subprocess.Popen(
        command, cwd=fresh.folder, env=environ, stdout=subprocess.PIPE, stderr=subprocess.PIPE
    ) as process:
        assert process.stdout is not None
        process.stdout.readline()
        process.stdout.close()
        _out, error = process.communicate(timeout=60)

    assert error == b""


def test_a_full_disk_is_told(fresh: Workspace) -> None:
    """Without it half an export would look like a whole one."""
    full = Path("/dev/full")
    if not full.exists():
        pytest.skip("this system has no /dev/full")
    command = [sys.executable, "-m", "cutter", "documents", "export", "ICX-CONST", "--format", "jsonl"]
    environ = {**os.environ, "PYTHONPATH": str(ROOT)}
    with full.open("wb") as stdout:
        done = subprocess.run(
            command, cwd=fresh.folder, env=environ, stdout=stdout, stderr=subprocess.PIPE, timeout=60, check=False
        )

    assert (done.returncode, b"STOP_DISK" in done.stderr) == (78, True)


def test_a_hostile_text_ends_in_bounded_time(fresh: Workspace) -> None:
    """Without it a made-up text could keep a command busy for hours."""
    lines = [f"{'  ' * (n % 40)}({'i' * (n % 9 + 1)}) Điều {n}. x “" for n in range(20_000)]
    (fresh.folder / "hostile.txt").write_text("Điều 1. Một\n" + "\n".join(lines), encoding="utf-8")
    start = time.monotonic()
    told = fresh.cutter("documents", "cut", "hostile.txt", "--profile", "vi.law")

    assert told.status in (0, 20)
    assert time.monotonic() - start < 30
