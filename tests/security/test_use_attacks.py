"""Attacks on the moment when an approval is used: what moves after it was verified, and who else uses it.

Rows 3, 19 and 23 of approvals-and-evidence §7, on the whole program.
"""

from collections import Counter
from collections.abc import Callable
from datetime import timedelta

import pytest

from cutter.app.orchestration import resume
from cutter.approval.trust import RevokedKey
from cutter.events import ApprovalVerified, Record
from cutter.report.result import Result, RunEffect
from cutter.stops import StopCode
from tests.plugins.proofs import Proof
from tests.support.attacks import row_counts
from tests.support.forging import CANARY, FIRST, SECOND, forge, plaintexts, signed, superuser
from tests.support.live import ALWAYS, LiveOffice
from tests.support.live_runs import raced
from tests.support.runs import ignore

pytestmark = pytest.mark.attacks

Move = Callable[[LiveOffice, str], object]


def revoke(live: LiveOffice, kb_id: str) -> None:
    """The office revokes the key that signed."""
    live.trust(2, revoked=(RevokedKey(fpr=live.keys.fprs["sovereign"], since=ALWAYS[0], reason_code="lost"),))


def edit_bundle(live: LiveOffice, kb_id: str) -> None:
    """Nobody can believe the trust bundle any more."""
    (live.office.workspace / "trust" / "bundle.json").write_bytes(b"{}")


def take_signature(live: LiveOffice, kb_id: str) -> None:
    """The signature is gone."""
    superuser(live, "DELETE FROM cutter_governance.signature")


def set_policy(live: LiveOffice, kb_id: str) -> None:
    """The office's policy of backups is another one."""
    superuser(
        live,
        "UPDATE cutter_governance.dot_config SET value = value || ' ' WHERE key = 'cutter_orchestrator.backup_policy'",
    )


def shift(live: LiveOffice, kb_id: str) -> None:
    """The host's clock is set back."""
    live.office.clock.ahead = timedelta(minutes=-10)


MOVES: dict[str, tuple[Move, StopCode, str, int]] = {
    "the key is revoked": (revoke, StopCode.STOP_SIGNER_REFUSED, "key_revoked", 11),
    "the bundle is edited": (edit_bundle, StopCode.STOP_TRUST_REFUSED, "trust_malformed", 11),
    "the signature is gone": (take_signature, StopCode.STOP_SIGNER_REFUSED, "quorum", 11),
    "somebody signs a no": (
        lambda live, kb_id: live.reject(kb_id, "sovereign"),
        StopCode.STOP_APPROVAL_REJECTED,
        "",
        11,
    ),
    "another request hides it": (
        lambda live, kb_id: forge(live, kb_id, nonce="0" * 32),
        StopCode.STOP_APPROVAL_EXPIRED,
        "superseded",
        12,
    ),
    "the policy of backups moves": (set_policy, StopCode.STOP_DRIFT, "backup_policy", 21),
    "the clock is set back": (shift, StopCode.STOP_CLOCK_UNSAFE, "clock_skew", 31),
}


@pytest.mark.parametrize("name", MOVES)
def test_what_moves_after_the_verification_stops_the_use(
    live: LiveOffice, name: str, monkeypatch: pytest.MonkeyPatch, proof: Proof
) -> None:
    """Row 19. Without it minutes of backup would lie between what was judged and what is written."""
    move, code, detail, status = MOVES[name]
    monkeypatch.setattr("cutter.app.compose.SystemClock", lambda: live.office.clock)
    kb_id = signed(live)
    before = _governed(live)

    result = _resume(live, kb_id, move)

    told = (result.stop_code, result.exit_code, result.effect)
    assert told == (code.name, status, RunEffect.NONE), result
    assert result.detail == detail or not detail
    assert _governed(live) == before
    assert plaintexts(live, CANARY) == []
    proof("19", f"after the verification {name}", f"{result.stop_code} {result.detail}, nothing written")


def _resume(live: LiveOffice, kb_id: str, move: Move) -> Result:
    def hear(record: Record) -> None:
        if isinstance(record.event, ApprovalVerified):
            move(live, kb_id)

    return resume(live.settings, kb_id, "test@somewhere", hear)


def _governed(live: LiveOffice) -> list[tuple[str, object]]:
    """How many governed rows there are, and rows of used approvals."""
    kept = ("library.", "cutter_governance.approval_use", "cutter_governance.review", "cutter_governance.trust")
    return [(name, count) for name, count in row_counts(live.office) if name.startswith(kept)]


def test_a_use_raises_the_floor(live: LiveOffice, proof: Proof) -> None:
    """Row 18. Without it a bundle from before somebody was revoked could be put back after a run has used the newer."""
    bundle = live.trust(4)
    kb_id = signed(live)
    assert live.resume(kb_id).gate == SECOND
    assert live.office.rows("SELECT version, sha256 FROM cutter_governance.trust_floor") == [(4, bundle.sha256)]

    live.trust(3)
    result = live.resume(kb_id)

    assert (result.stop_code, result.detail) == ("STOP_TRUST_REFUSED", "trust_rollback")
    proof("18", "an older bundle after a newer one was used", f"{result.stop_code} {result.detail}")


def test_twenty_resumes_of_one_approval(live: LiveOffice, proof: Proof) -> None:
    """Row 23. Without it a double click could use one approval twice."""
    kb_id = signed(live)

    statuses = Counter(raced([lambda: resume(live.settings, kb_id, "test@somewhere", ignore)] * 20, 4, 5))

    assert set(statuses) <= {10, 30}, statuses
    assert statuses[10] >= 1
    assert live.office.rows("SELECT gate_id FROM cutter_governance.approval_use") == [(FIRST,)]
    assert live.office.rows("SELECT count(*) FROM library.source_version") == [(1,)]
    proof("23", "twenty resumes of one approval", f"one use; exits {dict(sorted(statuses.items()))}")
