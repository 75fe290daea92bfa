"""The vault of a workspace: its folder, the recipients of the trust bundle, this host's key."""

import platform
from contextlib import suppress
from pathlib import Path

from cutter import canon
from cutter.approval.trust import TrustBundle
from cutter.custody.openpgp.encryption import OpenPgpCipher, recipients_of
from cutter.custody.openpgp.process import installed
from cutter.custody.vault import BackupVault
from cutter.settings import Settings

_MACHINE = Path("/etc/machine-id")


def build_vault(settings: Settings, bundle: TrustBundle | None) -> BackupVault:
    """The vault.

    Args:
        settings: the workspace.
        bundle: whom a new backup is encrypted for; None: nobody, and no live run can make one. A bundle is believed
            before it comes here.
    """
    workspace = settings.workspace.resolve()
    cipher = OpenPgpCipher(installed(workspace), recipients_of(bundle), settings.credentials.resolve() / "gnupg")
    return BackupVault(settings.backups, cipher, this_host())


def this_host() -> str:
    """A digest that names this host: receipts of drills tell hosts apart by it, and it tells nobody the name."""
    machine = ""
    with suppress(OSError):
        machine = _MACHINE.read_text(encoding="ascii", errors="replace").strip()
    return canon.digest([platform.node(), machine])
