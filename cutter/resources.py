"""Where cutter's own files are: pipelines, schemas, SQL statements; in a wheel and in a checkout alike.

In a checkout `pipelines/`, `profiles/`, `schemas/`, `fingerprints/` and `documents/` stand beside the package; in a
wheel they travel inside it, under `cutter/shared/`. Nothing else in cutter knows the difference.
"""

from functools import cache
from pathlib import Path

_PACKAGE = Path(__file__).parent


def shared(name: str) -> Path:
    """The folder of shipped files called `name` (`pipelines`, `profiles`, `schemas`, `fingerprints`, `documents`)."""
    packed = _PACKAGE / "shared" / name
    return packed if packed.is_dir() else _PACKAGE.parent / name


@cache
def statement(path: str) -> str:
    """The SQL text of `cutter/<path>`, a `.sql` file with one statement (or one migration)."""
    return (_PACKAGE / path).read_text(encoding="utf-8")


def package_files(suffix: str) -> tuple[Path, ...]:
    """All files of the package that end in `suffix`, in a fixed order."""
    return tuple(sorted(_PACKAGE.rglob(f"*{suffix}")))
