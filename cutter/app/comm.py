"""What stands behind the ports of policies and of sending, of a workspace: each is opened when it is used."""

from collections.abc import Callable, Sequence
from importlib import import_module

from cutter.contracts import Letter, Postbox, Reply
from cutter.custody.commitments import FILE, CommitmentKey
from cutter.custody.directory import DirectoryFile
from cutter.custody.policies import WorkspacePolicies
from cutter.settings import Settings
from cutter.stops import Stop


def build_directory(settings: Settings) -> DirectoryFile:
    """The directory of references and addresses."""
    return DirectoryFile(settings.credentials / settings.directory)


def build_commitments(settings: Settings) -> CommitmentKey:
    """The key of this workspace's commitments."""
    return CommitmentKey(settings.credentials / FILE)


def build_policies(settings: Settings) -> WorkspacePolicies:
    """The workspace's policies, with its directory and the key of its commitments."""
    return WorkspacePolicies(settings.workspace / "policies", build_directory(settings), build_commitments(settings))


class LatePostbox:
    """The workspace's postbox (`contracts.policies.Postbox`), opened when something is to be sent."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings

    def refusals(self, recipient: str) -> Sequence[Stop]:
        """What would stop a send."""
        return self._opened().refusals(recipient)

    def message_id(self, letter: Letter) -> str:
        """What the Message-ID of a letter holds."""
        return self._opened().message_id(letter)

    def send(self, letter: Letter, before_commit: Callable[[], None]) -> Reply:
        """Send."""
        return self._opened().send(letter, before_commit)

    def _opened(self) -> Postbox:
        postbox: Postbox = import_module("cutter.app.mail").build_postbox(self._settings)
        return postbox
