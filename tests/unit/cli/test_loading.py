"""What a command loads: help and lint are fast because they load little."""

import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[3]

# arguments → modules that must not be loaded
UNLOADED = {
    "cutter": ([], ("psycopg", "msgspec", "typer", "rich", "ruamel", "jsonschema", "gnupg")),
    "cutter --help": (["--help"], ("psycopg", "msgspec", "typer", "rich", "ruamel", "jsonschema", "gnupg")),
    "cutter --version": (["--version"], ("psycopg", "msgspec", "typer", "rich", "ruamel")),
    "cutter orchestrate --help": (["orchestrate", "--help"], ("psycopg", "typer", "rich", "gnupg")),
    "cutter pipelines lint": (["pipelines", "lint"], ("psycopg", "rich", "gnupg")),
    "cutter pipelines graph": (["pipelines", "graph", "cut"], ("psycopg", "rich", "gnupg")),
    "cutter policies lint": (["policies", "lint"], ("psycopg", "rich", "gnupg", "http")),
    "cutter policies diff": (["policies", "diff", "policies", "policies"], ("psycopg", "rich", "gnupg", "http")),
    "cutter pipelines show": (["pipelines", "show", "cut"], ("psycopg", "rich", "gnupg")),
    "cutter schema": (["schema", "result"], ("psycopg", "rich", "ruamel", "gnupg", "jsonschema")),
    "cutter documents list": (["documents", "list"], ("psycopg", "rich", "gnupg")),
    "cutter explain": (["explain", "drift"], ("psycopg", "typer", "rich", "ruamel", "gnupg")),
    "cutter help": (["help", "gates"], ("psycopg", "typer", "rich", "ruamel", "gnupg")),
    "cutter completion": (["completion", "bash"], ("psycopg", "typer", "rich", "ruamel", "gnupg")),
    "what TAB asks": (["_complete"], ("psycopg", "msgspec", "typer", "rich", "ruamel", "gnupg", "json")),
    "cutter documents cut": (["documents", "cut", "documents/ICX-RULES.txt"], ("psycopg", "rich", "gnupg", "http")),
    "cutter documents cite": (["documents", "cite", "ICX-RULES", "ART-01"], ("psycopg", "rich", "gnupg", "http")),
    "a usage error": (["--hunter2"], ("psycopg", "typer", "rich", "ruamel")),
}

_PROBE = """
import sys
from cutter.cli.main import run
status = run("cutter", sys.argv[1:])
sys.stdout.flush()
print(" ".join(sorted({name.partition(".")[0] for name in sys.modules})), file=sys.stderr)
"""


@pytest.mark.parametrize("name", UNLOADED)
def test_heavy_modules_are_not_loaded(name: str) -> None:
    """The database driver alone costs three times what `--help` takes; a misplaced import would bring it back."""
    arguments, unloaded = UNLOADED[name]
    command = [sys.executable, "-c", _PROBE, *arguments]
    done = subprocess.run(command, capture_output=True, text=True, cwd=ROOT, timeout=60, check=True)
    loaded = set(done.stderr.split())

    assert "click" in loaded
    assert loaded.isdisjoint(unloaded)


def test_a_terminal_without_vietnamese_letters() -> None:
    """On a latin-1 terminal the first «ắ» would end the program with an error (command-line.md §3 row 10)."""
    done = subprocess.run(
        [sys.executable, "-X", "utf8=0", "-m", "cutter", "documents", "list"],
        capture_output=True,
        cwd=ROOT,
        env={"PYTHONIOENCODING": "latin-1", "PATH": "/usr/bin:/bin"},
        timeout=60,
        check=False,
    )

    assert (done.returncode, done.stderr) == (0, b"")
    assert b"Hi\\u1ebfn ch\\u01b0\\u01a1ng" in done.stdout
