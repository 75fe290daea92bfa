"""The process that reads one original: its limits, standard input, the reader, the answer on standard output.

Run as `python -m cutter.readers.child KIND CPU_SECONDS MEMORY_BYTES` by `confined`.
"""

import resource
import sys
from collections.abc import Callable
from contextlib import suppress

import msgspec

from cutter.readers.confined import Read, Refused
from cutter.readers.docx.document import read_docx
from cutter.readers.extracted import Reading
from cutter.readers.html import read_html
from cutter.stops import Stop, StopCode

READERS: dict[str, Callable[[bytes], Reading]] = {"html": read_html, "docx": read_docx}


def main(kind: str, cpu_seconds: int, memory_bytes: int) -> None:
    """Read standard input as a file of this kind within these limits."""
    _limit(cpu_seconds, memory_bytes)
    sys.stdout.buffer.write(msgspec.msgpack.encode(_answer(READERS[kind], memory_bytes)))


def _answer(reader: Callable[[bytes], Reading], memory_bytes: int) -> Read | Refused:
    unreadable = StopCode.STOP_FILE_UNREADABLE.name
    try:
        return Read(reader(sys.stdin.buffer.read()))
    except Stop as stop:
        return Refused(stop.code.name, stop.detail, stop.found, stop.needed)
    except MemoryError:
        return Refused(unreadable, "memory_limit", f"{memory_bytes >> 20} MiB", "")
    except RecursionError:
        return Refused(unreadable, "too_deep", "", "")


def _limit(cpu_seconds: int, memory_bytes: int) -> None:
    for what, most in (
        (resource.RLIMIT_CPU, cpu_seconds),
        (resource.RLIMIT_AS, memory_bytes),
        (resource.RLIMIT_FSIZE, 0),
        (resource.RLIMIT_CORE, 0),
    ):
        # A system that does not know a limit (macOS and the address space) still has the others.
        with suppress(ValueError, OSError):
            _, hard = resource.getrlimit(what)
            resource.setrlimit(what, (most if hard == resource.RLIM_INFINITY else min(most, hard), hard))


if __name__ == "__main__":
    main(sys.argv[1], int(sys.argv[2]), int(sys.argv[3]))
