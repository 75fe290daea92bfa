"""What every command starts from: the settings of the workspace that it is run in."""

import os
from pathlib import Path

from cutter.settings import Settings, load_settings


def open_settings() -> Settings:
    """The settings here and now. Raises STOP_REFUSED_INPUT (a variable), STOP_CONFIG_INVALID, STOP_PATH_UNSAFE."""
    return load_settings(Path.cwd(), os.environ)
