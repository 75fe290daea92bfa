"""What every command starts from: the settings of the workspace that it is run in, whose keys are here, and which
repository it is in.
"""

import os
from pathlib import Path

from cutter.settings import Settings, load_settings


def own_home() -> Path:
    """The gpg home of whoever runs this: `$GNUPGHOME` names a folder, no secret; else the usual one."""
    return Path(os.environ.get("GNUPGHOME") or Path.home() / ".gnupg").absolute()


def repository() -> Path:
    """The folder that reports for a code host name files from: `$GITHUB_WORKSPACE`, else the current one."""
    return Path(os.environ.get("GITHUB_WORKSPACE") or Path.cwd())


def open_settings() -> Settings:
    """The settings here and now. Raises STOP_REFUSED_INPUT (a variable), STOP_CONFIG_INVALID, STOP_PATH_UNSAFE."""
    return load_settings(Path.cwd(), os.environ)
