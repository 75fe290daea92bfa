"""Policies from an editor's mistake to a second person's yes, as processes of their own, with the gpg of the host."""

import json
import os
import re
import shlex
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

import pytest

from cutter.custody.openpgp.keys import export_public, generate
from tests.support.policy_folders import CONFLICT, GAP, LAX, TRIGGER, write_policies, write_workspace
from tests.support.runs import REPOSITORY


class Host:
    """A workspace without a database, and a home of keys for whoever works in it."""

    def __init__(self, folder: Path) -> None:
        self.office = write_workspace(folder / "office")
        self.homes = folder

    def run(self, words: Sequence[str], home: str = "nobody", given: str = "") -> tuple[int, str]:
        """A command's exit status and what it said."""
        environ = {name: os.environ[name] for name in ("PATH", "HOME")}
        environ |= {"PYTHONPATH": str(REPOSITORY), "GNUPGHOME": str(self.homes / home), "COLUMNS": "200"}
        done = subprocess.run(
            [*words], cwd=self.office, env=environ, input=given, capture_output=True, text=True, timeout=60, check=False
        )
        assert "Traceback" not in done.stderr
        return done.returncode, done.stdout

    def cutter(self, line: str, home: str = "nobody", given: str = "") -> tuple[int, str]:
        """The same of a line of cutter, as a screen shows it."""
        words = shlex.split(line.removeprefix("cutter "))
        return self.run([sys.executable, "-m", "cutter", *words], home, given)


@pytest.fixture
def host(tmp_path: Path) -> Host:
    """The host."""
    return Host(tmp_path)


def suggested(out: str, *words: str) -> list[str]:
    """The commands of a screen that begin with these words."""
    return re.findall(rf"(cutter {' '.join(words)} .*)", out)


def test_a_planted_gap_and_a_planted_conflict_are_found_and_explained(host: Host) -> None:
    """Without it a mistake in policies would be found by a patient, or its witness would be no trigger."""
    write_policies(host.office / "policies", GAP, CONFLICT)
    status, out = host.cutter("cutter policies lint")
    (again,) = suggested(out, "policies", "lint")
    second, told = host.cutter(again)
    explained = [host.cutter(line) for line in suggested(told, "policies", "explain")]

    assert (status, second) == (78, 78)
    assert re.findall(r"^error\[(\w+)\]", told, re.MULTILINE) == ["gap", "conflict"]
    assert [said.splitlines()[0] for _status, said in explained] == [
        "DENIED  lab.result_ready · NO_MATCH",
        "ESCALATED  lab.result_ready · CONFLICT",
    ]
    assert [code for code, _said in explained] == [0, 0]
    assert all(len(said.splitlines()) <= 20 for _status, said in explained)


def test_a_trigger_comes_from_stdin(host: Host) -> None:
    """Without it a trigger would have to be written into a file to be explained."""
    from_stdin = host.cutter("cutter policies explain - --answer recent.under_limit=true", given=TRIGGER)
    (host.office / "trigger.json").write_text(TRIGGER, encoding="utf-8")

    assert from_stdin == host.cutter("cutter policies explain trigger.json --answer recent.under_limit=true")
    assert from_stdin[1].startswith("ALLOWED  lab.result_ready · ROUTINE")


def test_missing_rows_are_filled_in_until_no_mutant_survives(host: Host) -> None:
    """Without it what is generated could be rows that kill nothing."""
    survived = host.cutter("cutter policies test --mutate")
    written = host.cutter(suggested(survived[1], "policies", "test")[-1])
    missing = host.office / "missing.yaml"
    rows = missing.read_text(encoding="utf-8")
    expected = filled_in(host, rows)
    (host.office / "policies" / "tests" / "more.yaml").write_text(expected, encoding="utf-8")
    killed = host.cutter("cutter policies test --mutate")

    assert (survived[0], written[0]) == (20, 0)
    assert " 0 survived" not in survived[1]
    assert (killed[0], " 0 survived" in killed[1]) == (0, True), killed[1]


def filled_in(host: Host, rows: str) -> str:
    """The rows with what a person would say of each: here, what is decided, because the policies are good."""
    parts = rows.split("    expect: {}\n")
    (host.office / "rows.yaml").write_text(rows.replace("expect: {}", WRONG), encoding="utf-8")
    found = json.loads(host.cutter("cutter policies test rows.yaml --output json")[1])["failures"]
    told = {(item["row"], item["fault"]): item["found"] for item in found if item["row"] and item["fault"] in OTHERWISE}
    text = ""
    for number, part in enumerate(parts[:-1], start=1):
        said = [told.get((number, fault), usual) for fault, usual in OTHERWISE.items()]
        text += f'{part}    expect: {{decision: {said[0]}, rule: "{said[1]}", reason: {said[2]}, do: "{said[3]}"}}\n'
    return text + parts[-1]


WRONG = 'expect: {decision: deny, rule: "", reason: NEVER_SAID, do: nothing}'
OTHERWISE = {"other_decision": "deny", "other_rule": "", "other_reason": "", "other_action": ""}


@pytest.fixture
def trusted(host: Host) -> Host:
    """The same with a bundle that trusts An, who works here, and Bình, who works elsewhere."""
    fprs = {name: generate(host.homes / name, f"{name} key") for name in ("root", "an", "binh")}
    with (host.office / "cutter.yaml").open("a", encoding="utf-8") as file:
        file.write(f'trust: {{roots: ["{fprs["root"]}"], threshold: 1}}\n')
    assert host.cutter("cutter trust init", "root")[0] == 0
    for name in ("an", "binh"):
        (host.homes / f"{name}.pgp").write_bytes(export_public(host.homes / name, fprs[name]))
        line = f"cutter trust add --person {name} --key ../{name}.pgp --role sovereign --tenant office"
        assert host.cutter(line, "root")[0] == 0
    return host


def test_what_is_newly_allowed_waits_for_a_second_person(trusted: Host) -> None:
    """Without it one person could let automation do more than before; plain gpg is all that the other one needs."""
    write_policies(trusted.office / "new", LAX)
    waiting = trusted.cutter("cutter policies diff policies new", "an")
    exported = trusted.cutter(suggested(waiting[1], "policies", "diff")[-1], "an")
    signing = re.findall(r"^ +(gpg .*)$", exported[1], re.MULTILINE)[0]
    judge = suggested(exported[1], "policies", "diff")[-1]
    assert trusted.run(["sh", "-c", signing], "an")[0] == 0
    own = trusted.cutter(judge, "an")
    (trusted.office / "policies.pae.sig").unlink()
    assert trusted.run(["sh", "-c", signing], "binh")[0] == 0
    other = trusted.cutter(judge, "an")

    assert (waiting[0], exported[0]) == (10, 10)
    assert (own[0], "self_approval" in own[1]) == (11, True)
    assert (other[0], other[1].split("  ")[0]) == (0, "APPROVED")
    assert "Signed   binh" in other[1]
    write_policies(trusted.office / "new", LAX, CONFLICT)
    assert trusted.cutter(judge, "an")[0] == 11


def test_two_selections_of_one_folder(host: Host) -> None:
    """Without it a change of the selection alone could not be looked at before it is made."""
    folder = host.office / "policies"
    text = (folder / "rules" / "ready.yaml").read_text(encoding="utf-8")
    newer = text.replace(*LAX).replace('version: "1.0"\ntitle', 'version: "1.1"\ntitle')
    (folder / "rules" / "newer.yaml").write_text(newer, encoding="utf-8")
    chosen = (folder / "selection.yaml").read_text(encoding="utf-8")
    (folder / "next.yaml").write_text(chosen.replace('result-ready: "1.0"}\nviews', 'result-ready: "1.1"}\nviews'))

    assert host.cutter("cutter policies diff policies/selection.yaml policies/next.yaml")[0] == 10
    assert host.cutter("cutter policies diff policies/next.yaml policies/selection.yaml")[0] == 0
    assert host.cutter("cutter policies diff policies/next.yaml policies/next.yaml")[1].startswith("EQUAL")
