"""The composition root: how the database is reached, and which adapter stands behind each port.

Rules kept here: every adapter is built here, once a command; the embedded server is created and migrated at its first
start and never migrated by a run later.

Source: DESIGN §3 (app), §6 (Embedded).
"""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from typing import assert_never

from cutter.app.checkpoints import take_checkpoint
from cutter.app.comm import LatePostbox, build_policies
from cutter.app.documents import open_texts
from cutter.app.outside import compare_outside
from cutter.app.reviews import ReviewPages
from cutter.app.system import RandomIds, SystemClock
from cutter.app.vaults import build_vault
from cutter.approval.trust import LoadedTrust, TrustStore
from cutter.contracts import Notify
from cutter.custody.pins import PinFiles
from cutter.custody.secrets import FilePassword, ManagedPassword, Password
from cutter.custody.sidecar import RunFolders
from cutter.custody.signing import GpgSigning
from cutter.custody.trust import TrustFiles
from cutter.model import Mode
from cutter.operations import CATALOGUE
from cutter.order import ApprovalPorts, Ports
from cutter.postgres import embedded
from cutter.postgres.approvals import PostgresApprovals
from cutter.postgres.connect import Conninfo
from cutter.postgres.fingerprint import take_fingerprint
from cutter.postgres.migrate import migrate
from cutter.postgres.statements import Roles
from cutter.postgres.transact import Committing, Rehearsing
from cutter.report.next_steps import SERVICE
from cutter.resources import shared
from cutter.settings import ManagedSecret, PasswordFile, Service, Settings
from cutter.stops import Stop

OPERATOR = "operator"


@dataclass(frozen=True, slots=True)
class Reached:
    """A database that can be connected to: its connection string and its name on screens."""

    conninfo: str
    label: str


def reach_database(settings: Settings) -> Reached:
    """The workspace's database; the embedded one is started, and created and migrated if it is not there yet.

    Raises:
        Stop: STOP_EMBEDDED_UNUSABLE, STOP_PATH_UNSAFE.
    """
    match settings.database:
        case Service(service=name):
            return Reached(Conninfo(f"service={name}", _password(settings)), name)
        case _:
            cluster = embedded.locate(settings.workspace)
            embedded.ensure_running(cluster, finish=migrate)
            return Reached(embedded.conninfo(cluster, OPERATOR), f"embedded/{embedded.DATABASE}")


def _password(settings: Settings) -> Password | None:
    """Where the password of the login is; None: where libpq looks by itself."""
    match settings.secrets:
        case None:
            return None
        case PasswordFile(file=name):
            return FilePassword(settings.credentials, name)
        case ManagedSecret(environment=environment, project=project, endpoint=endpoint):
            return ManagedPassword(environment, project, endpoint)
        case _ as never:
            assert_never(never)


def roles_of(settings: Settings) -> Roles:
    """The database roles as the adapters take them."""
    roles = settings.roles
    return Roles(survey=roles.survey, writer=roles.writer, appender=roles.appender, notifier=roles.notifier)


def pins_of(settings: Settings) -> PinFiles:
    """The pins of fingerprints: the workspace's own before the shipped ones."""
    return PinFiles((settings.workspace / "fingerprints", shared("fingerprints")))


@contextmanager
def opened(settings: Settings, reached: Reached, mode: Mode, run_id: str) -> Iterator[Committing | Rehearsing]:
    """The transactor of a run, closed at the end of the block."""
    transactor = _open(settings, reached, mode, run_id)
    try:
        yield transactor
    finally:
        transactor.close()


def _open(settings: Settings, reached: Reached, mode: Mode, run_id: str) -> Committing | Rehearsing:
    kind = Rehearsing if mode is Mode.DRYRUN else Committing
    try:
        return kind(reached.conninfo, f"cutter/{run_id[:8]}", roles_of(settings))
    except Stop as stop:
        if not isinstance(settings.database, Service) or stop.where:
            raise
        place = f"{SERVICE}{settings.database.service}"
        raise Stop(stop.code, stop.detail, found=stop.found, needed=stop.needed, where=place) from None


def build_ports(settings: Settings, transactor: Committing | Rehearsing, notify: Notify, label: str = "") -> Ports:
    """Every port of the engine; `label` is the database's name for reviewers."""
    texts = open_texts(settings)
    trust, policies = trust_of(settings), build_policies(settings)
    return Ports(
        transactor=transactor,
        texts=texts,
        vault=build_vault(settings, trust.load().bundle),
        sidecars=RunFolders(settings.state),
        clock=SystemClock(),
        ids=RandomIds(),
        notify=notify,
        catalogue=CATALOGUE,
        take_fingerprint=take_fingerprint,
        pins=pins_of(settings),
        approvals=ApprovalPorts(
            records=PostgresApprovals(),
            signing=GpgSigning(),
            trust=trust,
            reviews=ReviewPages(RunFolders(settings.state), texts, trust, policies, label),
            throwaway_allowed=not isinstance(settings.database, Service),
        ),
        checkpoint=partial(_take_checkpoint, settings, transactor),
        policies=policies,
        postbox=LatePostbox(settings),
        find_setback=partial(compare_outside, settings, trust, GpgSigning(), transactor.target),
    )


def _take_checkpoint(settings: Settings, transactor: Committing | Rehearsing) -> None:
    if isinstance(transactor, Committing):
        take_checkpoint(settings, transactor)


def trust_of(settings: Settings) -> TrustStore:
    """The trust bundle, believed by the roots that `cutter.yaml` pins; without any, nothing is believed."""
    if settings.trust is None:
        return NoTrust()
    return TrustFiles(settings.workspace / "trust", settings.trust.roots, settings.trust.threshold, GpgSigning())


class NoTrust:
    """The trust of a workspace that pins no roots (`approval.trust.TrustStore`)."""

    def load(self) -> LoadedTrust:
        """Nothing that could be believed."""
        return LoadedTrust(None, "trust_missing")
