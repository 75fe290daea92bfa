"""A wire between cutter and its server that is cut at a chosen message, as a network is: a proxy on a Unix socket."""

import os
import shutil
import socket
import struct
import tempfile
import threading
from collections.abc import Iterator
from contextlib import closing, contextmanager, suppress
from dataclasses import dataclass
from enum import Enum
from pathlib import Path

_NEVER = b"\0 no message holds this \0"


class Cut(Enum):
    """When the wire is cut: before the message reaches the server, or after it did and before its answer."""

    BEFORE = "before"
    ANSWER = "answer"


@dataclass
class Wire:
    """Where the wire is cut, once: at the first message that holds `at`, after one that held `after`."""

    server: Path
    port: int
    after: bytes
    at: bytes
    cut: Cut
    folder: Path = Path()
    done: bool = False
    _armed: bool = False

    def reaches(self, message: bytes) -> bool:
        """Whether this is the message at which the wire is cut."""
        if self.done or not self._armed or self.at not in message:
            self._armed = self._armed or self.after in message
            return False
        self.done = True
        return True

    def carry(self, client: socket.socket) -> None:
        """Carry one connection until it ends or is cut."""
        with closing(client), closing(socket.socket(socket.AF_UNIX)) as server:
            server.connect(str(self.server / _name(self.port)))
            first = _exactly(client, 4)
            server.sendall(first + _exactly(client, struct.unpack("!I", first)[0] - 4))
            back = threading.Thread(target=self._carry_back, args=(server, client), daemon=True)
            back.start()
            while True:
                head = _exactly(client, 5)
                message = head + _exactly(client, struct.unpack("!I", head[1:])[0] - 4)
                if self.reaches(message):
                    if self.cut is Cut.ANSWER:
                        server.sendall(message)
                        back.join(10)  # the server's answer is read by nobody but us
                    _end(client)
                    _end(server)
                    return
                server.sendall(message)

    def _carry_back(self, server: socket.socket, client: socket.socket) -> None:
        with suppress(OSError):
            while piece := server.recv(65536):
                if self.done:
                    if piece[-6:-1] == b"Z\0\0\0\5":
                        return  # the server is ready for the next question: the last one was answered
                    continue
                client.sendall(piece)
            _end(client)


@contextmanager
def wire(server: Path, port: int, after: bytes = b"", at: bytes = _NEVER, cut: Cut = Cut.BEFORE) -> Iterator[Wire]:
    """A wire to the server whose socket is in this folder; it is never cut unless `at` says where."""
    folder = Path(tempfile.mkdtemp(prefix="wire-", dir="/tmp"))
    made = Wire(server, port, after, at, cut, folder)
    listener = socket.socket(socket.AF_UNIX)
    listener.bind(str(folder / _name(port)))
    listener.listen()

    def accept() -> None:
        with suppress(OSError):
            while True:
                client = listener.accept()[0]
                threading.Thread(target=_quietly, args=(made, client), daemon=True).start()

    threading.Thread(target=accept, daemon=True).start()
    try:
        yield made
    finally:
        _end(listener)
        listener.close()
        shutil.rmtree(folder)


@contextmanager
def rewired(workspace: Path, through: Wire) -> Iterator[None]:
    """Let the office's service name the wire in place of the server, for a while."""
    path = workspace / "pg_service.conf"
    before = path.read_text(encoding="utf-8")
    path.write_text(before.replace(f"host={through.server}", f"host={through.folder}"), encoding="utf-8")
    try:
        yield
    finally:
        path.write_text(before, encoding="utf-8")


def _name(port: int) -> str:
    return f".s.PGSQL.{port}"


def _quietly(made: Wire, client: socket.socket) -> None:
    with suppress(OSError):
        made.carry(client)


def _end(side: socket.socket) -> None:
    with suppress(OSError):
        side.shutdown(socket.SHUT_RDWR)


def _exactly(source: socket.socket, size: int) -> bytes:
    data = b""
    while len(data) < size:
        piece = source.recv(size - len(data))
        if not piece:
            raise ConnectionError(os.strerror(104))
        data += piece
    return data
