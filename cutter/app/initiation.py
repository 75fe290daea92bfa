"""Making a workspace to try live cuts in: the demo's documents, an embedded database, and throw-away keys.

Rules kept here: nothing that exists is written over; the keys have no passphrase, so the trust bundle says that they
are throw-away, and only the embedded database takes it; every key is new in every workspace.

Source: issue 4, part 3; DESIGN §6 (Embedded: the logins and their persons).
"""

from datetime import datetime, timedelta
from pathlib import Path

import msgspec

from cutter.app.system import SystemClock
from cutter.approval.trust import Person, RunnerKey, TrustBundle, TrustedKey
from cutter.approval.trust_changes import trusted_key
from cutter.custody.documents import read_index
from cutter.custody.files import create_exclusive, names_in, private_folder, read_plain, shared_folder
from cutter.custody.machine_key import make_runner_key
from cutter.custody.openpgp.keys import export_public, generate
from cutter.custody.signing import GpgSigning
from cutter.custody.trust import sign_bundle, write_bundle, write_root
from cutter.postgres import embedded
from cutter.resources import shared
from cutter.settings import FILE, FORMAT
from cutter.stops import Stop, StopCode

TENANT = "demo"
ROOT = "root"
RECIPIENTS = ("backup-1", "backup-2")
_VALID_DAYS = 365
_LARGEST_TEXT = 64 * 1024 * 1024  # bytes
_SHARED_MODE = 0o644  # kept in version control, or copied from there

_WORKSPACE = """\
# A workspace to try live cuts in. Its keys are throw-away ones: only the embedded database takes them.
format: {format}
database: embedded
trust:
  roots: ["{root}"]
  threshold: 1
"""


class MadeWorkspace(msgspec.Struct, frozen=True, kw_only=True):
    """A workspace that was made (`cutter.workspace-made/1`): its folder, its documents' ids, who can act in it, and the
    fingerprint of its root of trust.
    """

    format: str = "cutter.workspace-made/1"
    folder: str
    documents: tuple[str, ...]
    persons: tuple[str, ...]
    root: str
    expires: str


def make_live_demo(folder: Path) -> MadeWorkspace:
    """Make a workspace for live cuts with throw-away keys.

    Args:
        folder: where; it is made, or is empty.

    Raises:
        Stop: STOP_INVALID_INPUT, detail `not_empty`; STOP_KEY_UNUSABLE (no gpg), STOP_PATH_UNSAFE, STOP_DISK.
    """
    workspace = folder.absolute()
    if names_in(workspace):
        raise Stop(StopCode.STOP_INVALID_INPUT, "not_empty", where=str(workspace), needed="a new or empty folder")
    shared_folder(workspace)
    demo = private_folder(workspace / ".cutter" / "demo", workspace)
    root = generate(demo / ROOT, "throw-away root")
    bundle = _bundle(workspace, demo)
    trust = workspace / "trust"
    write_root(trust, export_public(demo / ROOT, root))
    write_bundle(trust, bundle, [sign_bundle(bundle, root, GpgSigning(demo / ROOT))])
    documents = _copy_documents(workspace / "documents")
    _create(workspace / ".gitignore", b".cutter/\n")
    _create(workspace / FILE, _WORKSPACE.format(format=FORMAT, root=root).encode())
    return MadeWorkspace(
        folder=str(workspace),
        documents=documents,
        persons=tuple(person.person_id for person in bundle.persons),
        root=root,
        expires=bundle.expires,
    )


def _bundle(workspace: Path, demo: Path) -> TrustBundle:
    now = SystemClock().now()
    begins, ends = _moment(now), _moment(now + timedelta(days=_VALID_DAYS))
    credentials = private_folder(workspace / ".cutter" / "credentials", workspace)
    runner = RunnerKey(key_id="runner-1", public=make_runner_key(credentials), valid_from=begins, valid_to=ends)
    persons = tuple(_person(demo, name, begins, ends) for name in embedded.LOGINS)
    return TrustBundle(
        version=1,
        expires=ends,
        throwaway=True,
        persons=persons,
        revoked=(),
        quorums=(),
        runner_keys=(runner,),
        backup_recipients=tuple(_made_key(credentials / "gnupg", name) for name in RECIPIENTS),
    )


def _person(demo: Path, name: str, begins: str, ends: str) -> Person:
    """A person of the demo: their login and their only role have their name."""
    return Person(
        person_id=name,
        name=name.capitalize(),
        keys=(_made_key(demo / name, name),),
        logins=(name,),
        roles=(name,),
        tenants=(TENANT,),
        valid_from=begins,
        valid_to=ends,
    )


def _made_key(home: Path, name: str) -> TrustedKey:
    fpr = generate(home, f"throw-away {name}", days=_VALID_DAYS)
    return trusted_key(export_public(home, fpr))


def _copy_documents(folder: Path) -> tuple[str, ...]:
    """Copy the demo's texts with their index; the documents' ids."""
    source = shared("documents")
    shared_folder(folder)
    for name in names_in(source):
        _create(folder / name, read_plain(source / name, _LARGEST_TEXT, shared=True))
    return tuple(document.id for document in read_index(folder).documents)


def _create(path: Path, data: bytes) -> None:
    create_exclusive(path, data, _SHARED_MODE)


def _moment(time: datetime) -> str:
    return time.strftime("%Y-%m-%dT%H:%M:%SZ")
