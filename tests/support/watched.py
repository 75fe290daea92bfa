"""Runs `cutter` and writes down every path that it opens for writing, makes, moves, changes or removes.

    python tests/support/watched.py LOG WORDS…

Python tells its audit hooks of every such call (PEP 578) before it is made. Paths stand in the log one a line, as they
were given: where the call names a folder by a descriptor, the path is of a name in it.
"""

import os
import runpy
import sys
from typing import Any

_CHANGING = frozenset(
    {"os.rename", "os.remove", "os.rmdir", "os.mkdir", "os.link", "os.symlink", "os.truncate", "os.chmod", "os.chown"}
)
_WRITING = os.O_WRONLY | os.O_RDWR | os.O_CREAT | os.O_TRUNC | os.O_APPEND


def watch(log: int) -> None:
    """Let every change of a file from now on be written to a descriptor; it cannot be undone."""

    def hear(event: str, arguments: tuple[Any, ...]) -> None:
        if event == "open":
            changed = arguments[:1] if isinstance(arguments[2], int) and arguments[2] & _WRITING else ()
        else:
            changed = arguments[:2] if event in _CHANGING else ()
        for path in changed:
            if isinstance(path, (str, bytes, os.PathLike)):
                os.write(log, os.fsencode(path) + b"\n")

    sys.addaudithook(hear)


if __name__ == "__main__":
    descriptor = os.open(sys.argv[1], os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
    sys.argv[1:] = sys.argv[2:]
    watch(descriptor)
    runpy.run_module("cutter", run_name="__main__", alter_sys=True)
