"""Where the gpg program is on this host.

Rules kept here: the usual places come first, then PATH; a program counts only where nobody but the system's owner or
this user can replace it, and never in the workspace or the current folder. Its real path is what is run.

Source: approvals-and-evidence §7 row 16.
"""

import os
import stat
from pathlib import Path

_PLACES = ("/usr/bin", "/bin", "/usr/local/bin", "/opt/homebrew/bin", "/opt/local/bin", "/usr/pkg/bin")
_WRITABLE_BY_OTHERS = stat.S_IWGRP | stat.S_IWOTH


def locate(workspace: Path | None = None) -> Path | None:
    """The real path of gpg; nothing where this host has none that may be trusted.

    Args:
        workspace: a folder whose programs are not trusted, besides the current one.
    """
    distrusted = tuple(folder.resolve() for folder in (workspace, _current_folder()) if folder is not None)
    for place in _PLACES:
        if found := _trusted(Path(place, "gpg"), ()):
            return found
    for place in os.environ.get("PATH", "").split(os.pathsep):
        if place.startswith("/") and (found := _trusted(Path(place, "gpg"), distrusted)):
            return found
    return None


def _current_folder() -> Path | None:
    """The current folder; nothing when it was removed."""
    try:
        return Path.cwd()
    except OSError:
        return None


def _trusted(path: Path, distrusted: tuple[Path, ...]) -> Path | None:
    """The real path of a program that nobody else can replace."""
    try:
        real = path.resolve(strict=True)
        looked_at = [part.stat() for part in (real, *real.parents)]
    except (OSError, RuntimeError):
        return None
    owned = all(found.st_uid in (0, os.geteuid()) and not _replaceable(found.st_mode) for found in looked_at)
    plain = stat.S_ISREG(looked_at[0].st_mode) and os.access(real, os.X_OK)
    foreign = not any(real.is_relative_to(folder) or path.is_relative_to(folder) for folder in distrusted)
    return real if owned and plain and foreign else None


def _replaceable(mode: int) -> bool:
    """Whether others may change a file, or replace what is in a folder: a sticky one keeps to each what is theirs."""
    sticky_folder = stat.S_ISDIR(mode) and mode & stat.S_ISVTX
    return bool(mode & _WRITABLE_BY_OTHERS) and not sticky_folder
