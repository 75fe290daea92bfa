"""The folder of a run: every file that was changed, added or taken away is found and named."""

import json
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.e2e.conftest import Workspace

DEMO = "ICX-CONST"


@pytest.fixture(scope="module")
def kept(running: Workspace, tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    """The folder of a rehearsal, and a copy of it."""
    folder = Path(running.cutter("orchestrate", "cut", DEMO, "--output=json").document["sidecar_dir"])
    copy = tmp_path_factory.mktemp("kept") / "run"
    shutil.copytree(folder, copy)
    return folder, copy


@pytest.fixture
def folder(kept: tuple[Path, Path]) -> Path:
    """The folder as it was, private as it was."""
    folder, copy = kept
    shutil.rmtree(folder)
    shutil.copytree(copy, folder)
    return folder


def _replace(name: str, old: bytes, new: bytes) -> Callable[[Path], None]:
    def damage(folder: Path) -> None:
        path = folder / name
        body = path.read_bytes()
        assert old in body
        path.write_bytes(body.replace(old, new, 1))

    return damage


def _drop(name: str) -> Callable[[Path], None]:
    return lambda folder: (folder / name).unlink()


def _shorten(name: str) -> Callable[[Path], None]:
    def damage(folder: Path) -> None:
        path = folder / name
        path.write_bytes(path.read_bytes()[:-1])

    return damage


def _add(name: str) -> Callable[[Path], None]:
    def damage(folder: Path) -> None:
        (folder / name).write_bytes(b"{}")
        (folder / name).chmod(0o600)

    return damage


DROPPED = _drop("05-backup.json")

# what is done → exit status, stop code, detail
DAMAGE: dict[str, tuple[Callable[[Path], None], int, str, str]] = {
    "the index changed": (_replace("index.json", b'"cut"', b'"cuT"'), 22, "STOP_SIDECAR_CHANGED", "index.json"),
    "the start laid out anew": (_replace("start.json", b":", b": "), 22, "STOP_SIDECAR_CHANGED", "start.json"),
    "a sidecar too many": (_add("13-extra.json"), 22, "STOP_SIDECAR_CHANGED", "not_of_this_run"),
    "no start": (_drop("start.json"), 60, "STOP_LEDGER_BROKEN", "start"),
    "no events": (_drop("events.jsonl"), 60, "STOP_LEDGER_BROKEN", "no_events"),
    "an event that is none": (_replace("events.jsonl", b"{", b"["), 60, "STOP_LEDGER_BROKEN", "unreadable_at_1"),
    "another line end": (_replace("events.jsonl", b"}\n", b"}\r\n"), 60, "STOP_LEDGER_BROKEN", ""),
    "no last line end": (_shorten("events.jsonl"), 22, "STOP_SIDECAR_CHANGED", "events.jsonl"),
}


@pytest.mark.parametrize("name", [name for name in DAMAGE if name != "another line end"])
def test_damage_is_found_and_named(running: Workspace, folder: Path, name: str) -> None:
    """Evidence with a part that nobody compares would let that part be changed."""
    damage, status, code, detail = DAMAGE[name]
    damage(folder)
    document = running.cutter("runs", "verify", folder.name, "--sidecars", "--output=json").document

    assert (document["exit_code"], document["stop_code"], document["detail"]) == (status, code, detail)
    assert document["where"].startswith(str(folder))


def test_a_sidecar_that_is_gone_is_folded_again_and_said(running: Workspace, folder: Path) -> None:
    """Row 20. A crash looks the same as a deletion: neither hides anything, because the events tell it again."""
    DROPPED(folder)
    answer = running.cutter("runs", "verify", folder.name, "--sidecars", "--output=json")

    assert answer.status == 0
    assert "05-backup.json" in answer.text


def test_events_with_other_line_ends_are_found(running: Workspace, folder: Path) -> None:
    """An editor that rewrites line ends changes bytes that others have hashed."""
    DAMAGE["another line end"][0](folder)

    assert running.cutter("runs", "verify", folder.name, "--sidecars").status in (22, 60)


def _unknown_code(folder: Path) -> None:
    path = folder / "result.json"
    path.write_text(json.dumps({**json.loads(path.read_bytes()), "stop_code": "STOP_NOPE"}), encoding="utf-8")


def _open(folder: Path) -> None:
    (folder / "result.json").chmod(0o666)


@pytest.mark.parametrize("damage", [_unknown_code, _open, _add("result.json")], ids=["code", "open", "empty"])
def test_a_damaged_result_hides_no_other_run(running: Workspace, folder: Path, damage: Callable[[Path], None]) -> None:
    """Without it one file would turn the list of all runs into a refusal, or a look at this one into a fault."""
    damage(folder)
    listed = running.cutter("runs", "list", "--output=json")

    assert listed.status == 0
    assert folder.name in [run["run_id"] for run in listed.document["runs"]]
    assert running.cutter("runs", "show", folder.name).status in (0, 78)


def test_what_follows_a_look_at_a_run_is_its_proof(running: Workspace, folder: Path) -> None:
    """To suggest the command that was just run leads in a circle."""
    shown = running.cutter("runs", "show", folder.name[:8]).text
    last = shown.splitlines()[-1]

    assert last.endswith(f"cutter runs verify {folder.name[:8]}")
    assert f"cutter runs show {folder.name[:8]}" not in shown
