"""Clock, ids and environment of this machine: the ports that are not the database and not files."""

import hashlib
import platform
import secrets
import time
import uuid
from datetime import UTC, datetime

from cutter import __version__
from cutter.chain import token
from cutter.custody.openpgp.process import installed
from cutter.events import Environment
from cutter.resources import package_files


class SystemClock:
    """The machine's clock."""

    def now(self) -> datetime:
        """The time in UTC."""
        return datetime.now(UTC)

    def monotonic(self) -> float:
        """Seconds that never go back."""
        return time.monotonic()


class RandomIds:
    """Fresh identifiers."""

    def run_id(self) -> str:
        """A UUIDv4."""
        return str(uuid.uuid4())

    def change_set_id(self) -> str:
        """A UUIDv7 (RFC 9562 §5.7): 48 bits of milliseconds, then chance; ids of later change sets sort later."""
        milliseconds = time.time_ns() // 1_000_000
        value = (milliseconds << 80) | secrets.randbits(80)
        value = (value & ~(0xF << 76)) | (0x7 << 76)
        value = (value & ~(0x3 << 62)) | (0x2 << 62)
        return str(uuid.UUID(int=value))

    def nonce(self) -> str:
        """128 bits of chance."""
        return secrets.token_hex(16)


def describe_environment(server: str, *, signatures: bool = True) -> Environment:
    """With what a run is made.

    Args:
        server: the server's version as it tells it; a distribution adds words of its own (`15.14 (Debian …)`), which an
            event has no place for.
        signatures: whether any is judged or backup made here; else gpg is not asked, and told as `unused`.
    """
    return Environment(
        cutter=__version__,
        package_sha256=_package_sha256(),
        python=platform.python_version(),
        server=server.partition(" ")[0],
        gpg=_gpg_version() if signatures else "unused",
    )


def _package_sha256() -> str:
    """The digest over the package's own code and SQL, as installed."""
    whole = hashlib.sha256()
    for suffix in (".py", ".sql"):
        for path in package_files(suffix):
            whole.update(hashlib.sha256(path.read_bytes()).digest())
    return whole.hexdigest()


def _gpg_version() -> str:
    """The version of the very program that judges signatures, never of another that PATH names."""
    return token(installed().version()) or "unknown"
