"""The `keys` fixture: throw-away OpenPGP keys of several persons, made with the real gpg, once a session.

All secret keys are in one home with a short name. No agent outlives a call, so that tests may look for forgotten ones.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

import pytest

from cutter.custody.openpgp.keys import export_public
from cutter.custody.openpgp.process import Gpg, fresh_home, installed
from cutter.custody.signing import GpgSigning

PERSONS = ("operator", "content", "form", "sovereign", "root", "second_root")

ED25519 = "Key-Type: EDDSA\nKey-Curve: ed25519\nKey-Usage: sign\n"
ENCRYPTION = "Subkey-Type: ECDH\nSubkey-Curve: cv25519\nSubkey-Usage: encrypt\n"
LONG_AGO = datetime(2020, 1, 1, tzinfo=UTC)


@dataclass(frozen=True)
class Keys:
    """Secret keys in a home, by name."""

    gpg: Gpg
    home: Path
    fprs: dict[str, str] = field(default_factory=dict)

    def make(
        self, name: str, *, parameters: str = ED25519, days: int = 0, at: datetime | None = None, user_id: str = ""
    ) -> str:
        """Make a key; its primary fingerprint. `at`: the time that gpg believes it is."""
        lines = f"%no-protection\n{parameters}Name-Real: {user_id or name}\nExpire-Date: {f'{days}d' if days else 0}\n"
        status = self.run(["--generate-key"], at=at, data=f"{lines}%commit\n".encode())[1]
        created = [line.split()[-1] for line in status.splitlines() if b" KEY_CREATED " in line]
        self.fprs[name] = created[-1].decode()
        return self.fprs[name]

    def add_subkey(self, name: str, *, days: int = 0, at: datetime | None = None) -> None:
        """Add a subkey for signing."""
        unprotected = ["--pinentry-mode", "loopback", "--passphrase", ""]
        end = f"{days}d" if days else "0"
        self.run([*unprotected, "--quick-add-key", self.fprs[name], "ed25519", "sign", end], at=at)

    def revoke(self, name: str) -> None:
        """Revoke a key with the certificate that gpg wrote when it was made."""
        certificate = (self.home / "openpgp-revocs.d" / f"{self.fprs[name]}.rev").read_bytes()
        self.run(["--import"], data=certificate.replace(b":-----BEGIN", b"-----BEGIN"))

    def public(self, name: str) -> bytes:
        """The binary public key."""
        return export_public(self.home, self.fprs[name], gpg=self.gpg)

    def sign(
        self, name: str, data: bytes, *options: str, how: str = "--detach-sign", at: datetime | None = None
    ) -> bytes:
        """What gpg makes of the data with this key: a binary detached signature, or whatever `how` and options say."""
        return self.run([*options, "--local-user", self.fprs[name], how], at=at, data=data)[0]

    def signing(self) -> GpgSigning:
        """The provider over this home."""
        return GpgSigning(self.home, gpg=self.gpg)

    def run(self, arguments: Sequence[str], *, data: bytes = b"", at: datetime | None = None) -> tuple[bytes, bytes]:
        """Run gpg with the secret keys at hand: what it wrote, and its status lines."""
        faked = [f"--faked-system-time={at:%Y%m%dT%H%M%S}"] if at else []
        with self.gpg.agents(self.home):
            done = self.gpg.run([*faked, *arguments], self.home, data=data, secret=True)
        assert (done.exit_code, done.fault) == (0, ""), done
        return done.output, done.status


@pytest.fixture(scope="session")
def keys() -> Iterator[Keys]:
    """The keys of the persons: each can sign, and decrypt what is encrypted to it. Tests may make more."""
    with fresh_home() as home:
        made = Keys(installed(), home)
        for name in PERSONS:
            made.make(name, parameters=ED25519 + ENCRYPTION, user_id=f"{name} of a test")
        yield made
