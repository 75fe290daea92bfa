"""Fingerprints of the workspace's database: pinning them, and comparing them with their pins.

Rules kept here: the database is only read, as the ordinary login; a pin is written into the workspace.

Source: DESIGN §4 (Fingerprints), §7.
"""

import msgspec

from cutter.app.compose import opened, pins_of, reach_database
from cutter.contracts import Fingerprint
from cutter.fingerprints import SCHEMAS, Difference, check, compare
from cutter.model import Mode
from cutter.postgres.fingerprint import take_fingerprint
from cutter.settings import Settings
from cutter.stops import Stop, StopCode


class ComparedFingerprint(msgspec.Struct, frozen=True):
    """A fingerprint of the database beside its pin. `pinned_sha256` is empty when there was none."""

    name: str
    server_major: int
    objects: int
    sha256: str
    pinned_sha256: str
    differences: tuple[Difference, ...]


class PinnedFingerprint(msgspec.Struct, frozen=True):
    """A fingerprint that was pinned: where, and how it differs from the pin before."""

    compared: ComparedFingerprint
    path: str


def pin_fingerprint(settings: Settings, name: str) -> PinnedFingerprint:
    """Pin what the database has now. Raises STOP_INVALID_INPUT, STOP_PATH_UNSAFE, STOP_DISK, and as connecting does."""
    found, pinned = _take(settings, name)
    path = pins_of(settings).write(found)
    return PinnedFingerprint(_compared(found, pinned), str(path))


def check_fingerprint(settings: Settings, name: str) -> ComparedFingerprint:
    """Compare the database with its pin. Raises STOP_FINGERPRINT_DRIFT, and as connecting does."""
    found, pinned = _take(settings, name)
    check(pinned, found, StopCode.STOP_FINGERPRINT_DRIFT)
    return _compared(found, pinned)


def diff_fingerprint(settings: Settings, name: str) -> ComparedFingerprint:
    """Everything in which the database differs from its pin. Raises STOP_FINGERPRINT_DRIFT when nothing is pinned."""
    found, pinned = _take(settings, name)
    if pinned is None:
        check(None, found, StopCode.STOP_FINGERPRINT_DRIFT)
    return _compared(found, pinned)


def _take(settings: Settings, name: str) -> tuple[Fingerprint, Fingerprint | None]:
    if name not in SCHEMAS:
        raise Stop(StopCode.STOP_INVALID_INPUT, detail="fingerprint", needed="|".join(SCHEMAS))
    with (
        opened(settings, reach_database(settings), Mode.LIVE, "fingers") as transactor,
        transactor.survey() as session,
    ):
        found = take_fingerprint(session, name, SCHEMAS[name])
    return found, pins_of(settings).find(found)


def _compared(found: Fingerprint, pinned: Fingerprint | None) -> ComparedFingerprint:
    before = pinned or msgspec.structs.replace(found, objects=())
    return ComparedFingerprint(
        name=found.name,
        server_major=found.server_major,
        objects=len(found.objects),
        sha256=found.sha256,
        pinned_sha256=pinned.sha256 if pinned else "",
        differences=compare(before, found),
    )
