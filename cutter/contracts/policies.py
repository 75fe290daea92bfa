"""Policies, the directory of references, and what sends: how runs that a policy started reach the world."""

from collections.abc import Callable, Sequence
from enum import Enum
from typing import Protocol

import msgspec

from cutter.policies.policy import Selection
from cutter.stops import Stop


class Policies(Protocol):
    """The workspace's policies and directory. Nothing is cached: every call reads anew."""

    def select(self) -> Selection:
        """What `selection.yaml` names. Raises STOP_CONFIG_INVALID with the place, STOP_PATH_UNSAFE, STOP_DISK."""
        ...

    def knows(self, references: Sequence[str]) -> frozenset[str]:
        """Those of these references that the directory knows. Raises STOP_CONFIG_INVALID, STOP_PATH_UNSAFE."""
        ...

    def reaches(self, reference: str) -> bool:
        """Whether the directory has an address for a reference, which it keeps to itself. Raises as `knows`."""
        ...

    def commitment(self, purpose: str, *parts: str) -> str:
        """HMAC-SHA-256 (64 hex digits) of references and words, under this workspace's key.

        `purpose` keeps commitments of different uses apart (`trigger`, `correlation`, `message_id`).
        """
        ...


class SendOutcome(Enum):
    """How a send ended: `ACCEPTED` says that the server took responsibility, never that anybody received it."""

    ACCEPTED = "accepted"
    UNREACHABLE = "unreachable"
    REFUSED = "refused"
    TIMEOUT = "timeout"
    REJECTED = "rejected"
    UNKNOWN = "unknown"


class Reply(msgspec.Struct, frozen=True):
    """How a send ended, with the reply code and the enhanced code (RFC 3463) where one came; never the reply's text.

    `at` is where in the dialogue it ended, before the final dot: a word of `custody.smtp_dialogue.Phase`.
    """

    outcome: SendOutcome
    code: int = 0
    enhanced: str = ""
    at: str = ""

    @property
    def codes(self) -> str:
        """Both codes in a word, such as `550/5.1.1`; empty where no reply came."""
        return "/".join(filter(None, (str(self.code), self.enhanced))) if self.code else ""


class Letter(msgspec.Struct, frozen=True):
    """What is to be sent: text from a template, to the reference of a recipient."""

    recipient: str
    subject: str
    body: str
    message_id: str
    correlation_id: str
    date: str


class Postbox(Protocol):
    """Sends one letter to one recipient, whose address is looked up at that moment and kept nowhere."""

    def refusals(self, recipient: str) -> Sequence[Stop]:
        """What would stop a send: configuration, secret, directory, the server's greeting, STARTTLS, authentication."""
        ...

    def message_id(self, letter: Letter) -> str:
        """What the letter's Message-ID header holds as it goes out, `DIGEST@DOMAIN`. Raises STOP_CONFIG_INVALID."""
        ...

    def send(self, letter: Letter, before_commit: Callable[[], None]) -> Reply:
        """Send.

        Args:
            letter: what is to be sent.
            before_commit: called once, immediately before the final dot, after everything else was accepted; what it
                records must be durable when it returns. When it raises, the dot is not sent.

        Raises:
            Stop: STOP_CONFIG_INVALID and the like before anything was connected; what the server does is a `Reply`.
        """
        ...
