"""Witnesses as files: each a trigger that `cutter policies explain` reads.

Rules kept here: the folder is made when it is missing; a file of the same name is written anew, because its name says
what it is a witness of; nothing else in the folder is touched.
"""

import os
from collections.abc import Sequence
from pathlib import Path

import msgspec

from cutter.custody.files import shared_folder, write_atomic
from cutter.report.policies.results import ShownWitness
from cutter.report.policies.witnesses import trigger_bytes

_PLAIN = 0o644


def keep_witness(found: ShownWitness, folder: Path | None, words: Sequence[str]) -> ShownWitness:
    """Write a witness into a folder, under a name of these words; without a folder, nowhere.

    Raises:
        Stop: STOP_PATH_UNSAFE, STOP_DISK.
    """
    if folder is None:
        return found
    shared_folder(folder.absolute())
    name = "-".join(word.replace("/", ".") for word in words if word)
    path = folder / f"{name}.json"
    write_atomic(path.absolute(), trigger_bytes(found), _PLAIN)
    return msgspec.structs.replace(found, path=os.fspath(path))
