"""The office's policy of backups, and what a drill's receipt is worth. Pure.

Rules kept here: a receipt counts for the backup and the host that it names, and not for ever; what cannot be read is
refused, never taken as «no limit».

Source: approvals-and-evidence §6 (Drill), §7 row 35.
"""

import re
from datetime import datetime, timedelta
from typing import Annotated

import msgspec

from cutter.custody.manifest import refused
from cutter.stops import Stop, StopCode

KEY = "cutter_orchestrator.backup_policy"
_DURATION = re.compile(r"PT(?:(?P<hours>[1-9]\d{0,3})H)?(?:(?P<minutes>[1-9]\d{0,3})M)?(?:(?P<seconds>[1-9]\d{0,5})S)?")
_SKEW = timedelta(minutes=5)


class BackupPolicy(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """`dot_config cutter_orchestrator.backup_policy`: how many can read a backup at least, how old a drill may be."""

    recipients_min: Annotated[int, msgspec.Meta(ge=1, le=64)]
    drill_max_age: str

    @property
    def max_age(self) -> timedelta:
        """`drill_max_age` as a duration. Raises STOP_BACKUP_REFUSED, detail `policy`."""
        match = _DURATION.fullmatch(self.drill_max_age)
        if match is None or self.drill_max_age == "PT":
            raise refused("policy", KEY, needed="PT24H")
        return timedelta(**{unit: int(number) for unit, number in match.groupdict().items() if number})


class DrillReceipt(msgspec.Struct, frozen=True):
    """A drill that held: of which manifest, when (UTC, `…Z`), on which host, and the rows that it restored."""

    manifest_sha256: str
    at: str
    host: str
    rows: int


def read_policy(value: str) -> BackupPolicy:
    """The policy from its JSON. Raises STOP_BACKUP_REFUSED, detail `policy`, when it is missing or unreadable."""
    try:
        policy = msgspec.json.decode(value.encode(), type=BackupPolicy)
    except msgspec.MsgspecError:
        raise refused("policy", KEY) from None
    if not policy.max_age:
        raise refused("policy", KEY)
    return policy


def check_receipt(
    receipt: DrillReceipt, manifest_sha256: str, policy: BackupPolicy, now: datetime, host: str
) -> Stop | None:
    """Judge a receipt before a governed write.

    Args:
        receipt: of the outcome of `custody.backup@1`.
        manifest_sha256: the manifest that the same outcome names.
        policy: the policy now.
        now: the time, in UTC.
        host: `Vault.host()`, where the write is to happen.

    Returns:
        None when it holds; else STOP_DRILL_REFUSED, detail `drill_mismatch` (another manifest or host) or
        `drill_stale` (too old, or from the future).
    """
    if receipt.manifest_sha256 != manifest_sha256:
        return _refused("drill_mismatch", receipt.manifest_sha256[:16], manifest_sha256[:16])
    if receipt.host != host:
        return _refused("drill_mismatch", f"host:{receipt.host[:16]}", f"host:{host[:16]}")
    try:
        age = now - datetime.fromisoformat(receipt.at)
    except (ValueError, TypeError):  # no time, or one without a zone
        return _refused("drill_mismatch", "at", "")
    if not -_SKEW <= age <= policy.max_age:
        return _refused("drill_stale", receipt.at, policy.drill_max_age)
    return None


def _refused(detail: str, found: str, needed: str) -> Stop:
    return Stop(StopCode.STOP_DRILL_REFUSED, detail=detail, found=found, needed=needed)
