"""Takes out each check of an approval in turn, and asks the tests: one of them must fail.

Every mutant is a text of one file with its replacement. It is made in a copy of the tree that is thrown away; the
working tree is never touched. The fast tests are asked first, the attacks on a database only when those see nothing.

    python tools/mutants.py           all checks
    python tools/mutants.py 7 8       these checks

The exit status is 1 when a mutant survives, cannot be made or run, or when a check has no mutant.
"""

import sys
from dataclasses import dataclass
from pathlib import Path

from tools.mutation import Change, Ran, ask, copied, count, planted

CHECKS = range(1, 16)
FAST = ("tests/unit/approval",)
SLOW = (
    "tests/security/test_approval_walls.py",
    "tests/security/test_write_walls.py",
    "tests/security/test_use_attacks.py",
    "tests/security/test_approval_attacks.py",
    "tests/security/test_signer_attacks.py",
    "tests/security/test_host_attacks.py",
)


@dataclass(frozen=True)
class Mutant:
    """A part of a check taken out: a text that stands once in a file, and what stands there instead."""

    check: int
    what: str
    file: str
    text: str
    replacement: str


def _never(check: int, what: str, file: str, condition: str) -> Mutant:
    """A mutant in which a condition for refusing is never true."""
    return Mutant(check, what, file, f"if {condition}:", "if False:")


STRICT, ENVELOPE = "cutter/approval/strict.py", "cutter/approval/envelope.py"
READING, IDENTIFICATION = "cutter/approval/reading.py", "cutter/approval/identification.py"
CHECKED, AGREEMENT, STATUS = "cutter/approval/checks.py", "cutter/approval/agreement.py", "cutter/approval/status.py"
KEEPING = "cutter/gatekeeping.py"
USE = "cutter/postgres/sql/migrations/0008_approvals.sql"

MUTANTS = (
    _never(1, "the id's form", READING, "not KB_ID.fullmatch(presented.kb_id)"),
    _never(1, "the id's digest", READING, "stored.kb_id != presented.kb_id or not stored.sha256.startswith(named)"),
    _never(1, "the digest of what is stored", READING, "found != sha256"),
    _never(1, "the size of what is stored", READING, "len(body) > LIMIT"),
    _never(1, "whose signature it is", READING, "signature.request_sha256 != request_sha256"),
    _never(2, "the byte order mark", STRICT, "data.startswith(codecs.BOM_UTF8)"),
    _never(2, "duplicate keys", STRICT, "len(members) != len(pairs)"),
    _never(2, "unknown fields", STRICT, "plain.keys() - fields.keys()"),
    _never(2, "missing fields", STRICT, "fields.keys() - plain.keys()"),
    _never(2, "large integers", STRICT, "len(digits) > _DIGITS or abs(int(digits)) > canon.LARGEST_INTEGER"),
    _never(2, "depth", STRICT, "left == 0 and children"),
    _never(2, "base64", ENVELOPE, "_encode(data) != text"),
    _never(2, "one key twice", ENVELOPE, "len({signature.keyid for signature in signatures}) != len(signatures)"),
    _never(2, "one signature", READING, "len(envelope.signatures) != 1"),
    _never(3, "canonical bytes", STRICT, "not _is_canonical(value, data)"),
    _never(3, "the format", STRICT, '"format" in fields and plain["format"] != fields["format"].default'),
    _never(3, "the payload's type", READING, "envelope.payload_type != expected"),
    _never(3, "the payload", READING, "not _is_over(stored.kind, envelope.payload, request)"),
    Mutant(4, "why a bundle is refused", CHECKED, "if trust.refusal or bundle is None:", "if bundle is None:"),
    _never(4, "the bundle's end", CHECKED, "timestamp(now) > bundle.expires"),
    _never(4, "an older bundle", CHECKED, "bundle.version < lowest"),
    Mutant(4, "the floor", CHECKED, "floor.version if floor else 0", "0"),
    Mutant(4, "the request's bundle", CHECKED, "lowest = max(least, ", "lowest = max(0, "),
    Mutant(4, "throw-away keys", CHECKED, "if bundle.throwaway and not throwaway_allowed:", "if False:"),
    _never(5, "what gpg says", IDENTIFICATION, "refused"),
    Mutant(
        6, "weak signatures", IDENTIFICATION, 'next(iter(weaknesses(report)), "") or _untimeliness', "_untimeliness"
    ),
    Mutant(6, "untimely signatures", IDENTIFICATION, 'return "" if earliest', 'return "" if True or earliest'),
    _never(7, "whose key it is", IDENTIFICATION, "unlisted"),
    _never(7, "revoked keys", IDENTIFICATION, "bundle.is_revoked(fpr) or bundle.is_revoked(report.fpr)"),
    _never(7, "the key that is named", IDENTIFICATION, "offer.keyid != fpr"),
    _never(7, "tenants", IDENTIFICATION, "asking.tenant not in owner.tenants"),
    _never(7, "roles", IDENTIFICATION, "not set(owner.roles) & set(asking.roles)"),
    Mutant(8, "the quorum", CHECKED, "if not tally.assignment.complete:", "if False:"),
    Mutant(8, "bad signatures among too few", CHECKED, "\n    _check_quorum,", ""),
    Mutant(8, "the policy", CHECKED, "\n    _check_policy,", ""),
    _never(8, "who asked or runs", CHECKED, "looked.person.person_id in concerned"),
    _never(8, "what they hand in", CHECKED, "offer.person in concerned"),
    Mutant(9, "a no", CHECKED, "\n    _check_rejections,", ""),
    Mutant(10, "the place", CHECKED, "\n    _check_place,", ""),
    Mutant(11, "the contents", CHECKED, "\n    _check_contents,", ""),
    Mutant(12, "the times", CHECKED, "\n    _check_times,", ""),
    Mutant(12, "the clocks", CHECKED, "return _check_clocks(case.moments) or ", "return "),
    Mutant(12, "the spans", CHECKED, " or _check_spans(case.read.request, case.holds)", ""),
    Mutant(12, "the ends", CHECKED, " or _check_ends(case, tally)", ""),
    Mutant(
        12, "the clocks, before anything is recorded", KEEPING, "check_skew(moments) or check_trust(", "check_trust("
    ),
    Mutant(13, "the ledger", CHECKED, "\n    _check_ledger,", ""),
    _never(13, "its log", CHECKED, "head.log_id != seen.log_id"),
    _never(13, "its size", CHECKED, "head.size < seen.size"),
    _never(13, "its hash", CHECKED, "case.seen_sha256 != seen.head_sha256"),
    Mutant(14, "a used approval", CHECKED, "\n    _check_unused,", ""),
    Mutant(
        14,
        "the end, in the database",
        USE,
        "IF ((v_request ->> 'execute_by')::timestamptz >= clock_timestamp()) IS NOT TRUE",
        "IF false",
    ),
    Mutant(
        14,
        "the persons, in the database",
        USE,
        "IF (v_persons >= (v_request #>> '{quorum,threshold}')::bigint) IS NOT TRUE",
        "IF false",
    ),
    Mutant(
        14,
        "others than who asked",
        USE,
        "s.person_id NOT IN (v_run.requester, cutter_governance.current_person())",
        "true",
    ),
    Mutant(
        4,
        "the bundle, before the write",
        KEEPING,
        "        self._trust = None\n        self._reports.clear()\n",
        "",
    ),
    Mutant(
        14,
        "the use",
        KEEPING,
        "transaction.consume(Consumption(approved.kb_id, approved.sha256, gate_id, approved.counted))",
        "pass",
    ),
    Mutant(
        4,
        "the floor, after a use",
        KEEPING,
        "transaction.raise_floor(TrustFloor(bundle.version, bundle.sha256))",
        "pass",
    ),
    Mutant(15, "what an approval covers", USE, "WHERE pg_catalog.split_part(c.operation, '@', 1) = p_operation", ""),
    Mutant(15, "how many rows it covers", USE, "AND (p_row_count IS NULL OR u.row_count = p_row_count)", ""),
)


def kill(copy: Path, mutant: Mutant) -> tuple[bool, str]:
    """Make a mutant, run the tests, and put the file back; whether a test failed, and which."""
    change = Change(mutant.file, mutant.text, mutant.replacement)
    if (times := count(copy, change)) != 1:
        return False, f"stands {times} times in {mutant.file}: {mutant.text!r}"
    with planted(copy, change):
        for paths in (FAST, SLOW):
            asked = ask(copy, paths)
            if asked.ran is Ran.FAILED:
                return True, asked.said
            if asked.ran is not Ran.PASSED:
                return False, f"{asked.ran.value}: {asked.said}"
    return False, "SURVIVED"


def main(arguments: list[str]) -> int:
    """Kill the mutants of the checks that are named, or of all."""
    chosen = {int(argument) for argument in arguments} or set(CHECKS)
    mutants = [mutant for mutant in MUTANTS if mutant.check in chosen]
    alive = [f"check {check} has no mutant" for check in sorted(chosen - {mutant.check for mutant in mutants})]
    with copied() as copy:
        asked = ask(copy, FAST + SLOW)
        if asked.ran is not Ran.PASSED:
            print(f"the tests fail without any mutant: {asked.said}")
            return 1
        for mutant in mutants:
            killed, said = kill(copy, mutant)
            print(f"check {mutant.check:>2}  {mutant.what:<32} {said}", flush=True)
            if not killed:
                alive.append(f"check {mutant.check}, {mutant.what}: {said}")
    print(*(alive or [f"all {len(mutants)} mutants were killed"]), sep="\n")
    return 1 if alive else 0


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
