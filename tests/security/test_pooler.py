"""A transaction pooler between cutter and the server: savepoints, roles and locks would belong to somebody else."""

import shutil
import socket
import struct
import tempfile
import threading
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, closing, contextmanager, suppress
from pathlib import Path

import pytest
from psycopg.conninfo import conninfo_to_dict, make_conninfo

from cutter.postgres.connect import check_connection, connect
from cutter.stops import Stop, StopCode
from tests.plugins.proofs import Proof
from tests.security.ground import Walls


def _exactly(source: socket.socket, size: int) -> bytes:
    data = b""
    while len(data) < size:
        piece = source.recv(size - len(data))
        if not piece:
            raise ConnectionError
        data += piece
    return data


def _message(source: socket.socket) -> bytes:
    head = _exactly(source, 5)
    return head + _exactly(source, struct.unpack("!I", head[1:])[0] - 4)


def _until(source: socket.socket, kinds: bytes) -> list[bytes]:
    """The messages up to one of these kinds."""
    messages = [_message(source)]
    while messages[-1][:1] not in kinds:
        messages.append(_message(source))
    return messages


def _pool(client: socket.socket, pool: Sequence[socket.socket], target: str) -> None:
    """Serve one client from several connections, another one for each transaction, as a transaction pooler does."""
    size = _exactly(client, 4)
    startup = size + _exactly(client, struct.unpack("!I", size)[0] - 4)
    for server in pool:
        server.connect(target)
        server.sendall(startup)
        greeting = _until(server, b"Z")
    # a pooler answers with a process number of its own, by which it knows the client again
    client.sendall(b"".join(b"K" + struct.pack("!III", 12, 7, 7) if m[:1] == b"K" else m for m in greeting))
    turn = 0
    while True:
        request = _until(client, b"QSX")
        if request[-1][:1] == b"X":
            return
        server = pool[turn % len(pool)]
        server.sendall(b"".join(request))
        answer = _until(server, b"Z")
        client.sendall(b"".join(answer))
        turn += answer[-1][5:] == b"I"


@contextmanager
def _pooler(conninfo: str, servers: int) -> Iterator[str]:
    """A pooler before the server, and how to reach the database through it."""
    parts = conninfo_to_dict(conninfo)
    port = parts.get("port", "5432")
    folder = Path(tempfile.mkdtemp(prefix="pooler-", dir="/tmp"))
    listener = socket.socket(socket.AF_UNIX)
    listener.bind(str(folder / f".s.PGSQL.{port}"))
    listener.listen()

    def serve() -> None:
        with ExitStack() as opened:
            client = opened.enter_context(listener.accept()[0])
            pool = [opened.enter_context(socket.socket(socket.AF_UNIX)) for _ in range(servers)]
            with suppress(ConnectionError):
                _pool(client, pool, f"{parts['host']}/.s.PGSQL.{port}")

    thread = threading.Thread(target=serve, daemon=True)
    thread.start()
    try:
        yield make_conninfo(conninfo, host=str(folder))
    finally:
        thread.join(10)
        listener.close()
        shutil.rmtree(folder)


@pytest.mark.parametrize("servers", [1, 2])
def test_a_transaction_pooler_is_refused(walls: Walls, servers: int, proof: Proof) -> None:
    """Without it a savepoint or a role could be taken on one server process and a survey asked on another."""
    with (
        _pooler(walls.database.conninfo("operator"), servers) as through,
        closing(connect(through, "cutter/test")) as conn,
        pytest.raises(Stop) as caught,
    ):
        check_connection(conn)
    assert (caught.value.code, caught.value.detail) == (StopCode.STOP_CONNECTION_UNSAFE, "pooler")
    proof("sessions", f"a transaction pooler with {servers} server connections", "STOP_CONNECTION_UNSAFE pooler")
