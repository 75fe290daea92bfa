"""Completion in real shells: what is offered, that it fits the command line, and that nothing leaks or runs."""

import os
import shlex
import shutil
import stat
import subprocess
import sys
from pathlib import Path

import pytest

from cutter.cli.candidates import complete, read_table
from cutter.cli.completion import SHELLS, completion_script, own_program
from tests.support.runs import REPOSITORY
from tests.unit.app.test_index import HOSTILE, OTHER, RUN, keep, result_of, workspace
from tests.unit.cli.test_command_tree import LEAVES, TREE
from tools.commands import command_table

__all__ = ["workspace"]

PROGRAM = own_program()


def answer(line: str, folder: Path, shell: str = "zsh") -> list[str]:
    """What is offered for a line whose last word is being typed, without what is said of it."""
    return [item.partition("\t")[0] for item in complete(shell, line.split(" "), str(folder))]


# the line → what must be offered, and what must not
OFFERED: dict[str, tuple[set[str], set[str]]] = {
    "cutter ": ({"orchestrate", "runs", "doctor", "explain", "help", "completion"}, {"_complete", "list"}),
    "cutter ru": ({"runs"}, {"reject"}),
    "cutter runs ": ({"list", "show", "verify"}, {"runs", "drill"}),
    "cutter runs show ": ({"0f8fad5b", "1a2b3c4d"}, set()),
    "cutter runs show 0f": ({"0f8fad5b"}, {"1a2b3c4d"}),
    "cutter runs show 0f8fad5b-": ({RUN}, {OTHER}),
    "cutter approve 1": ({"1a2b3c4d"}, {"0f8fad5b"}),
    "cutter runs show 0f8fad5b ": (set(), {"0f8fad5b", "list"}),
    "cutter orchestrate ": ({"cut", "void", "resume", "mine"}, {"orchestrate"}),
    "cutter orchestrate cut ": ({"ICX-CONST"}, set()),
    "cutter orchestrate cut --scope ": ({"all", "enacted_only"}, {"ICX-CONST"}),
    "cutter orchestrate cut --scope=a": ({"--scope=all"}, {"--scope=enacted_only"}),
    "cutter orchestrate cut --document-id ": ({"ICX-CONST"}, set()),
    "cutter orchestrate cut --mode live I": ({"ICX-CONST"}, set()),
    "cutter orchestrate cut --": ({"--mode", "--scope", "--output"}, {"mode"}),
    "cutter orchestrate mine --": ({"--mode", "--own-input", "--document-id"}, set()),
    "cutter orchestrate mine ": ({"ICX-CONST"}, set()),
    "cutter orchestrate resume --approval-kb-id ": ({"approvals/x/GATE_A/0f"}, set()),
    "orchestrate ": ({"cut", "resume"}, {"runs"}),
    "/usr/bin/orchestrate cut ": ({"ICX-CONST"}, set()),
    "cutter documents show ": ({"ICX-CONST"}, set()),
    "cutter documents add ": ({"+files"}, set()),
    "cutter pipelines lint ": ({"cut", "+files"}, set()),
    "cutter pipelines lint cut vo": ({"void", "+files"}, {"cut"}),
    "cutter explain STOP_DR": ({"STOP_DRIFT", "STOP_DRILL_REFUSED"}, {"STOP_BUSY"}),
    "cutter explain dr": ({"drift"}, {"STOP_DRIFT"}),
    "cutter explain GATE_M": ({"GATE_MINE"}, set()),
    "cutter explain library.cut": ({"library.cut_leg_a"}, set()),
    "cutter explain 2": ({"20", "21"}, {"10"}),
    "cutter help ga": ({"gates"}, set()),
    "cutter completion ": ({"bash", "zsh", "fish"}, set()),
    "cutter backups show ": ({f"{RUN}/backup.1"}, set()),
    "cutter db url --super": ({"--superuser"}, set()),
    "cutter nonsense ": (set(), {"list"}),
    "cutter runs show -- 0": ({"0f8fad5b"}, set()),
}


@pytest.fixture
def known(workspace: Path) -> Path:
    """A workspace with runs, a backup and a pipeline of its own."""
    keep(workspace, RUN, result=result_of("waiting", more=',\n  "approval_kb_id": "approvals/x/GATE_A/0f"'))
    keep(workspace, OTHER, result=result_of("done"))
    (workspace / ".cutter" / "backups" / RUN / "backup.1").mkdir(parents=True)
    (workspace / "pipelines").mkdir()
    (workspace / "pipelines" / "mine.yaml").write_text(
        "id: mine\ninputs:\n  document_id:\n    type: string\n  own_input: {type: string}\nphases:\n"
        "  - id: ask\n    gate:\n      id: GATE_MINE\n",
        encoding="utf-8",
    )
    return workspace


@pytest.mark.parametrize("line", OFFERED)
def test_offered(line: str, known: Path) -> None:
    """A completion that offers the wrong thing is worse than none: it is accepted without reading."""
    wanted, unwanted = OFFERED[line]
    found = set(answer(line, known))

    assert wanted <= found
    assert not unwanted & found
    assert wanted or not found


def test_runs_say_what_they_are(known: Path) -> None:
    """Eight digits tell nobody which run it was."""
    found = list(complete("fish", ["cutter", "runs", "show", "0"], str(known)))

    assert found == ["0f8fad5b\twaiting cut ICX-CONST"]


def test_the_table_is_the_tree() -> None:
    """The table is read in place of the commands; when they change, `make docs` makes it anew."""
    table = read_table("/nowhere")

    assert {path for path in table if path} == {path[1:] for path in TREE if path[1:]}
    assert (REPOSITORY / "cutter" / "cli" / "commands.tsv").read_text(encoding="utf-8") == command_table()
    assert all("--output" in table[path[1:]].options for path in LEAVES)


BASH = """
eval "$({program} completion bash)"
complete -p cutter orchestrate >&2
COMP_WORDS=({words}); COMP_CWORD={last}
_cutter_complete
printf '%s\\0' "${{COMPREPLY[@]}}"
"""

# The words as bash parts them (at `=`), and COMPREPLY.
IN_BASH: dict[tuple[str, ...], list[str]] = {
    ("cutter", "orchestrate", "cut", "I"): ["ICX-CONST", "ICX-RULES"],
    ("cutter", "orchestrate", "cut", "--mode", "=", ""): ["dryrun", "live"],
    ("cutter", "orchestrate", "cut", "--mode", "="): ["dryrun", "live"],
    ("cutter", "orchestrate", "cut", "--mode", "=", "l"): ["live"],
    ("cutter", "orchestrate", "cut", "--mode", "l"): ["live"],
    ("cutter", "runs", "show", ""): ["0f8fad5b", "1a2b3c4d"],
    ("cutter", "runs", "show", '"0'): ["0f8fad5b"],
    ("orchestrate", "vo"): ["void"],
    ("cutter", "documents", "add", "x"): [],
    ("cutter", "$(touch pwned)", ""): [],
    ("cutter", "runs", "show", "`touch pwned`"): [],
    ("cutter", "orchestrate", "cut", "postgres://u:hunter2@h/d", "--sco"): ["--scope"],
}


def bash(folder: Path, *words: str) -> "subprocess.CompletedProcess[bytes]":
    """A real bash with the script loaded completes a line."""
    script = BASH.format(program=shlex.join(PROGRAM), words=" ".join(map(shlex.quote, words)), last=len(words) - 1)
    return subprocess.run(
        ["bash", "--norc", "--noprofile", "-c", script],
        cwd=folder,
        env={"PATH": os.environ["PATH"], "HOME": str(folder), "LC_ALL": "C.UTF-8"},
        capture_output=True,
        timeout=60,
        check=True,
    )


def replies(done: "subprocess.CompletedProcess[bytes]") -> list[str]:
    """COMPREPLY."""
    return [item for item in done.stdout.decode().split("\0") if item]


@pytest.mark.parametrize("words", IN_BASH, ids=" ".join)
def test_in_bash(words: tuple[str, ...], known: Path) -> None:
    """Whoever presses TAB in bash gets exactly these; nothing that is typed is run."""
    os.utime(known / ".cutter" / "runs" / OTHER, (1, 1))
    done = bash(known, *words)

    assert sorted(replies(done)) == sorted(IN_BASH[words])
    assert b"_cutter_complete cutter" in done.stderr
    assert not (known / "pwned").exists()


def test_foreign_names_are_not_offered_in_bash(known: Path) -> None:
    """A repository that somebody else made must not reach the command line of whoever presses TAB in it."""
    for name in HOSTILE:
        if name != "..":
            (known / "pipelines" / f"{name}.yaml").write_text("", encoding="utf-8")
    rows = "".join(f"  - id: {name}\n" for name in HOSTILE)
    (known / "documents" / "index.yaml").write_text(f"documents:\n{rows}", encoding="utf-8")
    found = replies(bash(known, "cutter", "orchestrate", "")) + replies(bash(known, "cutter", "documents", "show", ""))

    assert set(found) == {"cut", "mine", "notify", "recover-ledger", "restore", "resume", "void"}
    assert not (known / "pwned").exists()


def break_program(folder: Path, text: str) -> tuple[str, ...]:
    """A program that misbehaves, in a folder with a strange name."""
    path = folder / 'it\'s a "folder" $HOME' / "cutter"
    path.parent.mkdir()
    path.write_text(f"#!/bin/sh\n{text}\n", encoding="utf-8")
    path.chmod(path.stat().st_mode | stat.S_IXUSR)
    return (str(path),)


BROKEN = {
    "it fails and talks": "echo leaked; echo leaked >&2; exit 1",
    "it talks on the other stream": "echo leaked >&2",
    "it waits for input": "cat; echo leaked >&2",
    "it is killed": "kill -9 $$",
}


@pytest.mark.parametrize("name", BROKEN)
def test_nothing_leaks_into_the_prompt(name: str, tmp_path: Path) -> None:
    """Whatever is wrong with the program, the line that is being typed stays as it is."""
    script = completion_script("bash", break_program(tmp_path, BROKEN[name]))
    lines = f'{script}\nCOMP_WORDS=(cutter runs ""); COMP_CWORD=2; _cutter_complete; echo "${{#COMPREPLY[@]}}"'
    done = subprocess.run(
        ["bash", "--norc", "-c", lines], capture_output=True, text=True, timeout=20, check=True, stdin=subprocess.PIPE
    )

    assert (done.stdout, done.stderr) == ("0\n", "")


def test_a_program_that_is_gone(tmp_path: Path) -> None:
    """The script outlives the virtual environment that made it; then there is no completion, and no noise."""
    script = completion_script("bash", (str(tmp_path / "gone" / "cutter"),))
    lines = f'{script}\nCOMP_WORDS=(cutter ""); COMP_CWORD=1; _cutter_complete; echo "${{#COMPREPLY[@]}}"'
    done = subprocess.run(["bash", "--norc", "-c", lines], capture_output=True, text=True, timeout=20, check=True)

    assert (done.stdout, done.stderr) == ("0\n", "")


def test_the_program_is_named_by_its_whole_path() -> None:
    """TAB in a folder with a program called `cutter`, or a package of that name, must not start it."""
    assert Path(PROGRAM[0]).is_absolute()
    assert completion_script("bash", own_program()).count(" cutter _complete") == 0


def test_what_is_typed_is_in_no_argument(tmp_path: Path) -> None:
    """Other users of the host see the arguments of every process; a secret on a half-typed line is not for them."""
    program = break_program(tmp_path, 'printf "%s" "$*" > "$OUT"')
    for shell in SHELLS:
        assert "_CUTTER_WORDS=" in completion_script(shell, program)
    lines = f"{completion_script('bash', program)}\nCOMP_WORDS=(cutter hunter2 x); COMP_CWORD=2; _cutter_complete"
    environ = {"PATH": os.environ["PATH"], "OUT": str(tmp_path / "out")}
    subprocess.run(["bash", "--norc", "-c", lines], env=environ, timeout=20, check=True)

    assert (tmp_path / "out").read_text(encoding="utf-8") == "_complete"


@pytest.mark.parametrize("words", ["", "cutter", "\x1f", "cutter\x1f\udcff", "cutter\x1f--=\x1f", "x" * 100_000])
def test_the_answer_never_fails(words: str, known: Path) -> None:
    """Half-typed lines are of every form; a fault would write a report into the folder at every TAB."""
    os.chmod(known / ".cutter" / "runs", 0o000)  # noqa: PTH101
    try:
        done = subprocess.run(
            [sys.executable, "-m", "cutter", "_complete"],
            cwd=known,
            env={"PATH": os.environ["PATH"], "_CUTTER_WORDS": words, "_CUTTER_SHELL": "bash"},
            capture_output=True,
            timeout=60,
            check=False,
        )
    finally:
        os.chmod(known / ".cutter" / "runs", 0o700)  # noqa: PTH101

    assert (done.returncode, done.stderr) == (0, b"")
    assert not (known / ".cutter" / "faults").exists()


ZSH = """
autoload -Uz compinit && compinit -u -d {dump}
eval "$({program} completion zsh)"
compadd() {{ print -rl -- "${{values[@]}}" }}
_files() {{ print -r -- FILES }}
print -r -- "${{_comps[cutter]}} ${{_comps[orchestrate]}}"
words=(cutter runs show 0); CURRENT=4; _cutter
words=(cutter orchestrate cut --mode=l); CURRENT=4; _cutter
words=(cutter documents add x); CURRENT=4; _cutter
"""


@pytest.mark.skipif(shutil.which("zsh") is None, reason="zsh is not installed")
def test_in_zsh(known: Path) -> None:
    """The script is loaded by a real zsh, registers itself, and offers what bash offers."""
    script = ZSH.format(program=shlex.join(PROGRAM), dump=shlex.quote(str(known / "zcompdump")))
    done = subprocess.run(["zsh", "-f", "-c", script], cwd=known, capture_output=True, timeout=60, check=True)

    assert done.stdout.decode().split() == ["_cutter", "_cutter", "0f8fad5b", "--mode=live", "FILES"]
    assert done.stderr == b""


FISH = """
{program} completion fish | source
complete -C "cutter runs show 0"
complete -C "cutter orchestrate cut --mode=l"
complete -C "orchestrate vo"
"""


@pytest.mark.skipif(shutil.which("fish") is None, reason="fish is not installed")
def test_in_fish(known: Path) -> None:
    """The same in fish, with what each run is behind a tab."""
    script = FISH.format(program=shlex.join(PROGRAM))
    environ = {"PATH": os.environ["PATH"], "HOME": str(known), "TERM": "dumb"}
    loader = {name: os.environ[name] for name in ("LD_LIBRARY_PATH",) if name in os.environ}
    done = subprocess.run(
        ["fish", "-N", "-c", script], cwd=known, env=environ | loader, capture_output=True, timeout=60, check=True
    )

    assert done.stdout.decode().splitlines() == ["0f8fad5b\twaiting cut ICX-CONST", "--mode=live", "void"]
    assert done.stderr == b""
