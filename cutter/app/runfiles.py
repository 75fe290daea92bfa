"""The files of a run in its folder: what it started from, its events, its sidecars and their index, its result.

Rules kept here: they are written from the run's events alone, so they can be written again on another host.

Source: DESIGN §8.
"""

import re
from collections.abc import Sequence

import msgspec

from cutter import canon, chain
from cutter.contracts import Identity, Notify
from cutter.custody.sidecar import EVENTS, INDEX, RESULT, START, RunFolders
from cutter.events import Record
from cutter.evidence import file_name, index_of, sidecars, start_document
from cutter.order import Order
from cutter.report.result import Result
from cutter.settings import Settings

_SIDECAR = re.compile(r"[0-9]{2,}-[a-z][a-z0-9_]*\.json")


def keep_start(settings: Settings, order: Order) -> None:
    """Write what the run starts from before it does anything, so that one that was killed can still be told."""
    RunFolders(settings.state).write(order.run_id, START, start_document(order.start()).body)


def keep_run(settings: Settings, order: Order, records: Sequence[Record], identity: Identity) -> str:
    """Write the run's events, the sidecars that they make and their index. Returns the folder.

    The engine has written the sidecar of every phase that ended; that of an interrupted one is written here.
    """
    folders = RunFolders(settings.state)
    links = chain.link(records, chain.rehearsal_genesis(order.run_id), identity.tenant, identity.person)
    made = sidecars(order.run_id, order.story, records)
    index = index_of(order.run_id, order.story, made, links[-1].sha256)
    for item in made:
        body = canon.encode(item)
        if folders.read(order.run_id, file_name(item)) != body:
            folders.write(order.run_id, file_name(item), body)
    for stale in set(filter(_SIDECAR.fullmatch, folders.names(order.run_id))) - {file_name(item) for item in made}:
        folders.remove(order.run_id, stale)  # of a phase that is to be done anew
    folders.write(order.run_id, EVENTS, b"".join(link.body + b"\n" for link in links))
    folders.write(order.run_id, INDEX, canon.encode(index))
    return str(folders.folder(order.run_id))


def keep_result(settings: Settings, result: Result) -> None:
    """Write what a run answered. Raises STOP_PATH_UNSAFE, STOP_DISK."""
    RunFolders(settings.state).write(result.run_id, RESULT, msgspec.json.format(msgspec.json.encode(result)))


def hear(heard: list[Record], notify: Notify) -> Notify:
    """Keep the events as they happen; one with an earlier number replaces what was rolled back."""

    def listen(record: Record) -> None:
        del heard[record.number - 1 :]
        heard.append(record)
        notify(record)

    return listen
