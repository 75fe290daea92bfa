"""What a run is given: the ports through which it reaches the world, and the order that says what is to be run.

Source: DESIGN §3, §4.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Protocol

from cutter.approval.request import ApprovalRequest
from cutter.approval.trust import TrustStore
from cutter.contracts import (
    ApprovalRecords,
    Clock,
    FindSetback,
    Ids,
    Notify,
    Pins,
    Policies,
    Postbox,
    Sidecars,
    SigningProvider,
    TakeFingerprint,
    Texts,
    Transactor,
    Vault,
)
from cutter.events import Environment, Record
from cutter.evidence import Start, Story
from cutter.model import Gate, Inputs, Mode, Pipeline
from cutter.operation import Catalogue
from cutter.plan import Plan


@dataclass(frozen=True, slots=True)
class Asked:
    """What a gate asks, for the page that its reviewers read: the request but for the page's own digest.

    Attributes:
        gate: the gate, with what its policy asks for now.
        request: the request; its `review_sha256` is not yet the page's.
        plan: the frozen plan.
        records: the run's events so far.
    """

    gate: Gate
    request: ApprovalRequest
    plan: Plan
    records: tuple[Record, ...]


class Reviews(Protocol):
    """Keeps the pages that reviewers read."""

    def write(self, order: "Order", asked: Asked, /) -> str:
        """Write the page of a request; its sha256. Raises STOP_PATH_UNSAFE, STOP_DISK."""
        ...


@dataclass(frozen=True, slots=True)
class ApprovalPorts:
    """What gates reach the world through. `throwaway_allowed`: the database is a demo's, and takes a demo's keys."""

    records: ApprovalRecords
    signing: SigningProvider
    trust: TrustStore
    reviews: Reviews
    throwaway_allowed: bool


@dataclass(frozen=True, slots=True)
class Ports:
    """Everything that the engine reaches the world through.

    `checkpoint` signs the ledger's head and keeps it in other places; called at the end of every pass of a live run.
    """

    transactor: Transactor
    texts: Texts
    vault: Vault
    sidecars: Sidecars
    clock: Clock
    ids: Ids
    notify: Notify
    catalogue: Catalogue
    take_fingerprint: TakeFingerprint
    pins: Pins
    approvals: ApprovalPorts
    checkpoint: Callable[[], None]
    find_setback: FindSetback
    policies: Policies
    postbox: Postbox


@dataclass(frozen=True, slots=True)
class Order:
    """What is to be run: the pipeline with its inputs, and how it is told in documents.

    `approval_kb_id` is the request that the caller says was signed; empty when only the run was named.
    """

    run_id: str
    pipeline: Pipeline
    inputs: Inputs
    mode: Mode
    actor: str
    lock_key: str
    story: Story
    environment: Environment
    approval_kb_id: str = ""

    def start(self) -> Start:
        """What a resume needs besides the ledger."""
        return Start(
            run_id=self.run_id,
            story=self.story,
            mode=self.mode,
            inputs=self.inputs,
            pipeline=self.pipeline.source.decode(),
        )
