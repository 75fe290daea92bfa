"""A workspace to try live cuts in: complete, private, and of no use for a real database."""

import stat
import time
from pathlib import Path

import pytest

from cutter.app.compose import trust_of
from cutter.app.documents import list_documents
from cutter.app.initiation import make_live_demo
from cutter.custody.machine_key import load_runner_key
from cutter.postgres.embedded import LOGINS
from cutter.settings import load_settings
from cutter.stops import Stop, StopCode
from tests.support.home_keys import secret_fingerprints


@pytest.fixture(scope="module")
def demo(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A workspace that was made once for this module."""
    folder = tmp_path_factory.mktemp("init") / "office"
    make_live_demo(folder)
    return folder


def test_its_trust_is_believed_and_says_that_it_is_throw_away(demo: Path) -> None:
    """Without the flag a demo's keys, which have no passphrase, would open the gates of a real office."""
    loaded = trust_of(load_settings(demo, {})).load()

    assert loaded.refusal == ""
    assert loaded.bundle is not None
    assert loaded.bundle.throwaway


def test_everybody_has_a_login_a_role_and_a_key_of_their_own(demo: Path) -> None:
    """The persons are the embedded logins; a key that two had would make one person of two."""
    settings = load_settings(demo, {})
    bundle = trust_of(settings).load().bundle
    assert bundle is not None

    assert [(p.person_id, p.logins, p.roles, p.tenants) for p in bundle.persons] == [
        (name, (name,), (name,), ("demo",)) for name in LOGINS
    ]
    for person in bundle.persons:
        home = settings.state / "demo" / person.person_id
        assert secret_fingerprints(home) == (person.keys[0].fpr,)


def test_backups_and_checkpoints_have_their_keys(demo: Path) -> None:
    """A live cut needs two recipients, one decryption key for the drill, and the runner's key."""
    settings = load_settings(demo, {})
    bundle = trust_of(settings).load().bundle
    assert bundle is not None

    assert len(bundle.backup_recipients) == 2
    assert set(secret_fingerprints(settings.credentials / "gnupg")) == {k.fpr for k in bundle.backup_recipients}
    assert [key.public for key in bundle.runner_keys] == [load_runner_key(settings.credentials).public]


def test_it_has_the_documents_of_the_demo(demo: Path) -> None:
    """Without documents there would be nothing to cut."""
    assert "ICX-CONST" in {document.document_id for document in list_documents(load_settings(demo, {}))}


def test_keys_are_private_and_not_for_version_control(demo: Path) -> None:
    """Whoever reads the folder could sign; whoever clones it, too."""
    open_to_others = [
        path for path in (demo / ".cutter").rglob("*") if path.is_dir() and stat.S_IMODE(path.stat().st_mode) & 0o077
    ]

    assert open_to_others == []
    assert stat.S_IMODE((demo / ".cutter" / "credentials" / "runner.key").stat().st_mode) == 0o600
    assert (demo / ".gitignore").read_text() == ".cutter/\n"


def test_a_folder_with_anything_in_it_is_left_alone(tmp_path: Path) -> None:
    """A command that is typed in the wrong place must not mix its keys with somebody's work."""
    (tmp_path / "mine.txt").write_text("mine")
    with pytest.raises(Stop) as refused:
        make_live_demo(tmp_path)

    assert (refused.value.code, refused.value.detail) == (StopCode.STOP_INVALID_INPUT, "not_empty")
    assert [path.name for path in tmp_path.iterdir()] == ["mine.txt"]


def test_it_is_quick_and_every_key_is_new(tmp_path: Path) -> None:
    """A demo that takes long is not tried; a key that two workspaces share is nobody's."""
    began = time.monotonic()
    (tmp_path / "empty").mkdir()
    roots = {make_live_demo(tmp_path / name).root for name in ("empty", "new")}

    assert time.monotonic() - began < 6  # three seconds each, with a loaded machine
    assert len(roots) == 2
