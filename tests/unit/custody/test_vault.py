"""The vault of a workspace without recipients."""

from collections.abc import Iterator

import pytest

from cutter.contracts import Vault
from cutter.custody.vault import NoVault
from cutter.stops import Exit, Stop, StopCode


def test_without_recipients_no_backup_is_kept() -> None:
    """Without it a backup could be written unencrypted, or be claimed without being kept."""
    taken = []

    def chunks() -> Iterator[bytes]:
        taken.append(1)
        yield b"row"

    vault: Vault = NoVault()
    assert list(vault.recipients()) == []
    with pytest.raises(Stop) as caught:
        vault.store("backup", chunks())
    assert (caught.value.code, caught.value.detail) == (StopCode.STOP_BACKUP_REFUSED, "no_recipients")
    assert caught.value.code.exit is Exit.BACKUP
    assert taken == []
    assert vault.find("backup") is None
