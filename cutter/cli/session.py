"""What every command starts from: the settings of the workspace that it is run in, and whose keys are here."""

import os
from pathlib import Path

from cutter.settings import Settings, load_settings


def own_home() -> Path:
    """The gpg home of whoever runs this: `$GNUPGHOME` names a folder, no secret; else the usual one."""
    return Path(os.environ.get("GNUPGHOME") or Path.home() / ".gnupg").absolute()


def open_settings() -> Settings:
    """The settings here and now. Raises STOP_REFUSED_INPUT (a variable), STOP_CONFIG_INVALID, STOP_PATH_UNSAFE."""
    return load_settings(Path.cwd(), os.environ)
