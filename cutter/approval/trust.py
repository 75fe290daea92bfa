"""Whom an office trusts: the persons with their keys, logins and roles; and what the trust bundle's rules are.

Rules kept here: a bundle is believed only with the signatures of enough roots, until it expires, and never one that is
older than one seen before; persons are counted, never keys.

Source: approvals-and-evidence §3 (People).
"""

import base64
from typing import Annotated, Literal, Protocol

import msgspec

from cutter import canon
from cutter.approval.request import Moment, Number, Part, Word
from cutter.model import RoleQuorum

PAYLOAD_TYPE = "application/vnd.cutter.trust-bundle.v1+json"

Fingerprint = Annotated[str, msgspec.Meta(pattern=r"^([0-9A-F]{40}|[0-9A-F]{64})\Z")]
Base64 = Annotated[str, msgspec.Meta(pattern=r"^[A-Za-z0-9+/]+={0,2}\Z", max_length=65536)]


class TrustedKey(Part, frozen=True, kw_only=True):
    """An OpenPGP key: its primary fingerprint, and the binary public key in base64."""

    fpr: Fingerprint
    pubkey: Base64


class Person(Part, frozen=True, kw_only=True):
    """Somebody who may ask, sign or run. `logins` are database logins; times bound when signatures count."""

    person_id: Word
    name: Annotated[str, msgspec.Meta(min_length=1, max_length=200)]
    keys: tuple[TrustedKey, ...]
    logins: tuple[Word, ...]
    roles: tuple[Word, ...]
    tenants: tuple[Word, ...]
    valid_from: Moment
    valid_to: Moment


class RevokedKey(Part, frozen=True, kw_only=True):
    """A key that counts no longer, whatever it signed before."""

    fpr: Fingerprint
    since: Moment
    reason_code: Word


class GateQuorum(Part, frozen=True, kw_only=True):
    """What the office asks of a gate in every pipeline; a pipeline may ask for more, never for less."""

    gate_id: Word
    roles: Annotated[tuple[RoleQuorum, ...], msgspec.Meta(min_length=1)]


class RunnerKey(Part, frozen=True, kw_only=True):
    """An Ed25519 key of a host that runs cutter, for checkpoints and evidence: its public bytes in hex."""

    key_id: Word
    public: Annotated[str, msgspec.Meta(pattern=r"^[0-9a-f]{64}\Z")]
    valid_from: Moment
    valid_to: Moment


class TrustBundle(Part, frozen=True, kw_only=True):
    """The bundle (`cutter.trust/1`). A `throwaway` one is a demo's: only the embedded database takes it."""

    format: Literal["cutter.trust/1"] = "cutter.trust/1"
    version: Number
    expires: Moment
    throwaway: bool
    persons: tuple[Person, ...]
    revoked: tuple[RevokedKey, ...]
    quorums: tuple[GateQuorum, ...]
    runner_keys: tuple[RunnerKey, ...]
    backup_recipients: tuple[TrustedKey, ...]

    @property
    def body(self) -> bytes:
        """The canonical bytes that the roots sign."""
        return canon.encode(self)

    @property
    def sha256(self) -> str:
        """The digest that requests name."""
        return canon.digest(self)

    def person(self, person_id: str) -> Person | None:
        """A person by id."""
        return next((person for person in self.persons if person.person_id == person_id), None)

    def owner_of(self, fpr: str) -> Person | None:
        """Whose primary key this is."""
        return next((p for p in self.persons if any(key.fpr == fpr for key in p.keys)), None)

    def is_revoked(self, fpr: str) -> bool:
        """Whether the key counts no longer."""
        return any(item.fpr == fpr for item in self.revoked)


def public_keys(bundle: TrustBundle | None, fpr: str) -> tuple[bytes, ...]:
    """The binary public key with this primary fingerprint, whoever has it; empty when nobody has."""
    persons = bundle.persons if bundle is not None else ()
    return tuple(base64.b64decode(key.pubkey) for person in persons for key in person.keys if key.fpr == fpr)


class LoadedTrust(msgspec.Struct, frozen=True):
    """A bundle as it was found: believed by its roots, or why not.

    `refusal` is `trust_missing`, `trust_malformed`, `trust_root` (too few roots signed), `gpg_failed`, or empty.
    """

    bundle: TrustBundle | None
    refusal: str = ""


class TrustStore(Protocol):
    """Where the bundle is kept."""

    def load(self) -> LoadedTrust:
        """The bundle, its root signatures verified. Whether it is too old is judged elsewhere."""
        ...
