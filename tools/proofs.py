"""Prints what the tests of walls and kills wrote: each attack and what happened, the kills and how they ended.

The file has one JSON object a line, written by the tests after their assertions (`CUTTER_PROOFS` names it):

    {"row": "45", "attack": "ROLLBACK as a survey", "answer": "STOP_SURVEY_REFUSED"}
    {"kills": "every event boundary", "runs": 50, "ended": {"same end state": 50}}

The exit status is 1 when one of the two kinds is missing: then nothing was proved.
"""

import re
import sys
from pathlib import Path

import msgspec


class Attack(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """An attempt against a wall; `row` is its row in the table of attacks."""

    row: str
    attack: str
    answer: str


class Kills(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Runs that were killed and resumed."""

    kills: str
    runs: int
    ended: dict[str, int]


def read(lines: list[bytes]) -> tuple[list[Attack], list[Kills]]:
    """Both kinds, in the order of the table of attacks."""
    attacks, kills = [], []
    for line in lines:
        if b'"kills"' in line:
            kills.append(msgspec.json.decode(line, type=Kills))
        else:
            attacks.append(msgspec.json.decode(line, type=Attack))
    return sorted(attacks, key=_place), kills


def report(attacks: list[Attack], kills: list[Kills]) -> str:
    """The two tables as text."""
    width = max((len(attack.attack) for attack in attacks), default=0)
    rows = {attack.row for attack in attacks}
    lines = [f"Walls: {len(attacks)} attacks on {len(rows)} rows of the table, every one answered as it must be"]
    left = max((len(attack.row) for attack in attacks), default=0)
    lines += [f"  {attack.row:>{left}}  {attack.attack:<{width}}  {attack.answer}" for attack in attacks]
    lines += ["", f"Kills: {sum(kill.runs for kill in kills)} runs killed and resumed"]
    for kill in kills:
        ended = ", ".join(f"{count} {how}" for how, count in kill.ended.items())
        lines.append(f"  {kill.kills}: {kill.runs} runs: {ended}")
    return "\n".join(lines)


def main(arguments: list[str]) -> int:
    """Read the file and print."""
    path = Path(arguments[0])
    attacks, kills = read(path.read_bytes().splitlines() if path.exists() else [])
    print(report(attacks, kills))
    return 0 if attacks and kills else 1


def _place(attack: Attack) -> tuple[int, str, str]:
    number = re.match(r"\d+", attack.row)
    return (int(number[0]) if number else 0, attack.row, attack.attack)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
