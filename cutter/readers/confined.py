"""Reading in a process of its own, with bounded time and memory: the caller's side (`child` is the other).

The parsers of HTML and XML are C libraries, some of whose work grows with the square of what a hostile file asks for,
and nothing in Python can interrupt them. So the file goes to a child process on its standard input, which sets its own
limits first, and the answer comes back on its standard output; the child writes no file and gets none of the caller's
environment.

Rules kept here: a reading that ends in any other way than with an answer is STOP_FILE_UNREADABLE; what the child
printed on its standard error is not passed on.
"""

import signal
import subprocess
import sys
from dataclasses import dataclass
from os import pathsep

import msgspec

from cutter.readers.extracted import Kind, Reading
from cutter.stops import Stop, StopCode


@dataclass(frozen=True, slots=True)
class Limits:
    """What one reading may take: seconds of work, seconds in all, bytes of address space."""

    cpu_seconds: int
    wall_seconds: int
    memory_bytes: int


# A law of 1 MB takes less than two seconds; the largest file that a reader takes makes a tree of about 1 GB.
LIMITS = Limits(cpu_seconds=60, wall_seconds=180, memory_bytes=3 * 1024 * 1024 * 1024)


class Refused(msgspec.Struct, frozen=True, tag="refused"):
    """A stop on its way between processes."""

    code: str
    detail: str
    found: str
    needed: str


class Read(msgspec.Struct, frozen=True, tag="read"):
    """A reading on its way between processes."""

    reading: Reading


def read_confined(kind: Kind, data: bytes, limits: Limits = LIMITS) -> Reading:
    """Read a file of a kind (`html`, `docx`) in a child process.

    Raises:
        Stop: what the reader raises; STOP_FILE_UNREADABLE with detail `time_limit`, `memory_limit`, `too_deep` or
            `reader_failed`.
    """
    numbers = (str(limits.cpu_seconds), str(limits.memory_bytes))
    command = [sys.executable, "-B", "-P", "-m", "cutter.readers.child", kind, *numbers]
    environment = {"PYTHONPATH": pathsep.join(part for part in sys.path if part), "LC_ALL": "C"}
    try:
        done = subprocess.run(
            command,
            input=data,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            env=environment,
            timeout=limits.wall_seconds,
            check=False,
        )
    except subprocess.TimeoutExpired:
        raise _unreadable("time_limit", f"{limits.wall_seconds} seconds") from None
    if done.returncode in (-signal.SIGXCPU, -signal.SIGKILL):
        raise _unreadable("time_limit", f"{limits.cpu_seconds} seconds of work")
    return _answer(done)


def _answer(done: subprocess.CompletedProcess[bytes]) -> Reading:
    try:
        answer = msgspec.msgpack.decode(done.stdout, type=Read | Refused)
    except msgspec.DecodeError:
        raise _unreadable("reader_failed", f"exit status {done.returncode}") from None
    if isinstance(answer, Refused):
        raise Stop(StopCode[answer.code], answer.detail, found=answer.found, needed=answer.needed)
    return answer.reading


def _unreadable(detail: str, found: str) -> Stop:
    return Stop(StopCode.STOP_FILE_UNREADABLE, detail, found=found)
