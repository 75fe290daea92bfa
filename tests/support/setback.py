"""Setting a live office's database back, as its DBA or an attacker does, while the office keeps its checkpoints."""

import subprocess
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass, field
from uuid import uuid4

import msgspec
import psycopg

from cutter.app.comm import build_policies
from cutter.app.documents import open_texts
from cutter.app.ledger import VerifiedLedger, verify_ledger
from cutter.app.orchestration import orchestrate
from cutter.app.pipelines import load_pipeline
from cutter.app.system import SystemClock
from cutter.events import Acted, Facts
from cutter.model import Mode
from cutter.operation import ReadContext
from cutter.operations.custody import find_rollback, recover_ledger
from cutter.postgres.migrate import migrate
from cutter.postgres.statements import Roles
from cutter.postgres.transact import Committing
from cutter.report.result import Result
from tests.support.live import LiveOffice
from tests.support.runs import ignore

DECIDE = "recover-ledger"
SIZE = "SELECT size FROM cutter_governance.ledger_head"


@dataclass
class Setback:
    """A live office whose database can be set back to a moment that was kept."""

    live: LiveOffice
    kept: str = field(default_factory=lambda: f"kept_{uuid4().hex[:12]}")

    @property
    def name(self) -> str:
        """The database."""
        return self.live.database.name

    def keep(self) -> None:
        """Keep the database as it is now."""
        self.administer(f'CREATE DATABASE "{self.kept}" TEMPLATE "{self.name}" STRATEGY file_copy')

    def put_back(self) -> None:
        """Recovery to a point in time: the same database of the same cluster, as it was then."""
        oid = self.live.office.rows("SELECT oid FROM pg_database WHERE datname = current_database()")[0][0]
        self._replace(f'TEMPLATE "{self.kept}" OID = {oid}')

    def restore(self) -> None:
        """A dump of then, restored into a database that is new."""
        tools = self.live.database.server.binaries
        url = self.live.database.url("postgres")
        dump = subprocess.run(
            [tools / "pg_dump", "-Fc", "-d", url.replace(self.name, self.kept)], capture_output=True, check=True
        ).stdout
        self._replace("TEMPLATE template0", migrated=False)
        subprocess.run([tools / "pg_restore", "-d", url], input=dump, capture_output=True, check=True)
        migrate(self.live.database.superuser)

    def move(self) -> None:
        """Everything that there is now, in a database that is new."""
        self.administer(
            f'DROP DATABASE IF EXISTS "{self.kept}"',
            f'CREATE DATABASE "{self.kept}" TEMPLATE "{self.name}" STRATEGY file_copy',
        )
        self._replace(f'TEMPLATE "{self.kept}"')

    def begin_anew(self) -> None:
        """A database with a ledger of its own, where the office's was."""
        self._replace("TEMPLATE template0")

    def administer(self, *statements: str) -> None:
        """Statements about databases, as the superuser."""
        where = self.live.database.superuser.replace(self.name, "postgres")
        with psycopg.connect(where, autocommit=True) as connection:
            for statement in statements:
                connection.execute(statement.encode())

    def _replace(self, by: str, *, migrated: bool = True) -> None:
        self.administer(f'DROP DATABASE "{self.name}" WITH (FORCE)', f'CREATE DATABASE "{self.name}" {by}')
        if migrated:
            migrate(self.live.database.superuser)

    def decide(self, cause: str = "point_in_time_recovery", *signers: str, pipeline: str = DECIDE) -> Result:
        """Ask for a decision, and let these sign it; what the line answers then."""
        asked = self.ask(cause, pipeline=pipeline)
        if asked.exit_code != 10:
            return asked
        self.live.sign(asked.approval_kb_id, *(signers or ("sovereign",)))
        return self.ask(cause, pipeline=pipeline)

    def ask(self, cause: str = "point_in_time_recovery", *, pipeline: str = DECIDE, mode: Mode = Mode.LIVE) -> Result:
        """The line by which people are asked."""
        loaded = load_pipeline(self.live.settings, pipeline)
        given = {item.name: cause if item.name == "cause" else None for item in loaded.inputs}
        return orchestrate(self.live.settings, loaded, pipeline, given, mode, "test@somewhere", ignore)

    def verify(self) -> VerifiedLedger:
        """`cutter ledger verify`."""
        return verify_ledger(self.live.settings)

    def size(self) -> int:
        """How many events the ledger has."""
        return int(self.live.office.rows(SIZE)[0][0])


def found_by(live: LiveOffice, run_id: str) -> find_rollback.Outcome:
    """What a run found."""
    return msgspec.convert(_outcome(live, run_id, "custody.find_rollback@1"), find_rollback.Outcome)


def decided_by(live: LiveOffice, run_id: str) -> recover_ledger.Outcome:
    """What a run recorded as decided."""
    return msgspec.convert(_outcome(live, run_id, "custody.recover_ledger@1"), recover_ledger.Outcome)


@contextmanager
def context_of(live: LiveOffice) -> Iterator[ReadContext]:
    """What `verify` of an operation may use."""
    transactor = _committing(live)
    with closing(transactor), transactor.verify() as session:
        yield ReadContext(
            session=session,
            identity=transactor.identity,
            run_id="",
            plan_sha256="",
            now=SystemClock().now(),
            texts=open_texts(live.settings),
            policies=build_policies(live.settings),
            find_setback=lambda _session, _run_id: None,
        )


def _outcome(live: LiveOffice, run_id: str, operation: str) -> Facts:
    with closing(_committing(live)) as transactor:
        acted = [r.event for r in transactor.history(run_id) if isinstance(r.event, Acted)]
    return next(event.outcome for event in acted if event.operation == operation)


def _committing(live: LiveOffice) -> Committing:
    return Committing(live.database.conninfo("operator"), "cutter/test", Roles())


WAYS: dict[str, tuple[Callable[[Setback], None], str]] = {
    "recovered to a point in time": (Setback.put_back, "point_in_time_recovery"),
    "restored from a dump": (Setback.restore, "restore"),
    "another database, nothing lost": (Setback.move, "failover"),
    "a new ledger": (Setback.begin_anew, "new_database"),
}
