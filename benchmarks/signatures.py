"""What gpg costs: processes for a signature that is made and one that is judged, and their time beside bare gpg."""

import subprocess
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from benchmarks.measure import Row, in_turns
from cutter.approval.envelope import pae
from cutter.approval.request import PAYLOAD_TYPE
from cutter.custody.openpgp.keys import export_public, generate
from cutter.custody.signing import GpgSigning

ROUNDS = 9


def measure() -> list[Row]:
    """The rows of these goals. The counts are told in seconds' places as they are: one process is 1."""
    data = pae(PAYLOAD_TYPE, b"{}" * 1000)
    with tempfile.TemporaryDirectory(prefix="sig-", dir="/tmp") as folder:  # short: gpg's sockets are in it
        home = Path(folder) / "home"
        fpr = generate(home, "bench")
        public = export_public(home, fpr)
        signing = GpgSigning(home)
        signature = signing.sign(data, fpr)
        bare_sign, sign = in_turns(lambda: _gpg(home, data), lambda: _quietly(signing.sign, data, fpr), ROUNDS)
        keyring = Path(folder) / "keyring.pgp"
        keyring.write_bytes(public)
        detached = Path(folder) / "data.sig"
        detached.write_bytes(signature)
        bare_verify, verify = in_turns(
            lambda: _gpgv(keyring, detached, data), lambda: _quietly(signing.verify, signature, data, (public,)), ROUNDS
        )
        with _counted() as signed:
            signing.sign(data, fpr)
        with _counted() as verified:
            signing.verify(signature, data, (public,))
    return [
        Row("gpg programs to sign, a signature (1 = 1 ms)", "one", 0.001, len(signed) / 1000, 1.0),
        Row("gpg programs to verify, a signature (1 = 1 ms)", "one", 0.001, len(verified) / 1000, 1.0),
        Row("a signature made", "gpg --detach-sign", bare_sign, sign, 2.0),
        Row("a signature judged", "gpgv", bare_verify, verify, 2.0),
    ]


def _quietly(work: Callable[..., object], *arguments: object) -> None:
    work(*arguments)


@contextmanager
def _counted() -> Iterator[list[str]]:
    """The gpg programs that are started in the block, by name; agents that gpg starts by itself are not seen."""
    started: list[str] = []
    begin = subprocess.Popen.__init__

    def count(self: "subprocess.Popen[bytes]", args: list[str], *rest: object, **options: object) -> None:
        if Path(str(args[0])).name in ("gpg", "gpgv", "gpgsm"):
            started.append(str(args[0]))
        begin(self, args, *rest, **options)  # type: ignore[call-overload]

    subprocess.Popen.__init__ = count  # type: ignore[assignment,method-assign]
    try:
        yield started
    finally:
        subprocess.Popen.__init__ = begin  # type: ignore[method-assign]


def _gpg(home: Path, data: bytes) -> None:
    _run(["gpg", "--homedir", str(home), "--batch", "--no-options", "--detach-sign", "--output", "-"], data)
    subprocess.run(["gpgconf", "--homedir", str(home), "--kill", "all"], check=True, capture_output=True)


def _gpgv(keyring: Path, signature: Path, data: bytes) -> None:
    _run(["gpgv", "--keyring", str(keyring), str(signature), "-"], data)


def _run(command: list[str], data: bytes) -> None:
    subprocess.run(command, input=data, check=True, capture_output=True)
