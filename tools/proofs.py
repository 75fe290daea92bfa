"""Prints what the tests of walls and kills wrote: each attack and what happened, the kills and how they ended.

The file has one JSON object a line, written by the tests themselves while they run (`CUTTER_PROOFS` names it):

    {"kind": "attack", "row": 45, "attack": "commit a rehearsal", "happened": "refused: 23514", "held": true}
    {"kind": "kill", "at": "after Acted of cut_leg_a", "ended": "same end state, every row once", "held": true}

The exit status is 1 when something did not hold, or when nothing was proved.
"""

import sys
from collections import Counter
from pathlib import Path

import msgspec


class Attack(msgspec.Struct, frozen=True, tag_field="kind", tag="attack", forbid_unknown_fields=True):
    """An attempt against a wall; `row` is its row in the table of attacks."""

    row: int
    attack: str
    happened: str
    held: bool


class Kill(msgspec.Struct, frozen=True, tag_field="kind", tag="kill", forbid_unknown_fields=True):
    """A run that was killed at a moment and then resumed."""

    at: str
    ended: str
    held: bool


def report(proofs: list[Attack | Kill]) -> str:
    """The two tables as text."""
    attacks = sorted((proof for proof in proofs if isinstance(proof, Attack)), key=lambda a: (a.row, a.attack))
    kills = [proof for proof in proofs if isinstance(proof, Kill)]
    width = max((len(attack.attack) for attack in attacks), default=0)
    lines = [f"Walls: {len(attacks)} attacks, {sum(a.held for a in attacks)} held"]
    lines += [
        f"  {attack.row:>3}  {attack.attack:<{width}}  {'held' if attack.held else 'BROKEN':<6}  {attack.happened}"
        for attack in attacks
    ]
    lines += ["", f"Kills: {len(kills)} runs killed and resumed, {sum(k.held for k in kills)} held"]
    lines += [f"  {count:>5}  {ended}" for ended, count in Counter(kill.ended for kill in kills).most_common()]
    lines += [f"  BROKEN at {kill.at}: {kill.ended}" for kill in kills if not kill.held]
    return "\n".join(lines)


def main(arguments: list[str]) -> int:
    """Read the file and print."""
    path = Path(arguments[0])
    lines = path.read_bytes().splitlines() if path.exists() else []
    proofs = [msgspec.json.decode(line, type=Attack | Kill) for line in lines]
    print(report(proofs))
    proved = {type(proof) for proof in proofs}
    return 0 if proved == {Attack, Kill} and all(proof.held for proof in proofs) else 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
