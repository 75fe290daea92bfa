"""What the doctor asks the database: version, login, roles, schema, clock, fingerprints, open runs.

Loaded only when there is a server to ask, because it loads the driver. Nothing is written, and no server is started:
the embedded one is known to run when this is called.

Source: issue 6, part 6; DESIGN §6.
"""

from collections.abc import Generator, Iterator
from contextlib import closing
from datetime import UTC, datetime, timedelta

from cutter.app.compose import OPERATOR, Reached, opened, pins_of, reach_database, roles_of
from cutter.app.doctor.findings import Finding, State, fact, of_stop
from cutter.fingerprints import SCHEMAS, compare
from cutter.messages import Message
from cutter.model import Mode
from cutter.postgres import embedded
from cutter.postgres.examination import Examination
from cutter.postgres.fingerprint import take_fingerprint
from cutter.postgres.transact import Committing
from cutter.report.next_steps import command
from cutter.settings import Service, Settings
from cutter.stops import Stop

_MAJORS = range(15, 19)
_SECONDS = 8.0  # how long a statement may take
_DRIFT, _UNSAFE_DRIFT = timedelta(seconds=30), timedelta(minutes=5)
_ENDED = frozenset({"completed", "stopped", "aborted", "declined"})


def examine_database(settings: Settings) -> Iterator[Finding]:
    """All that the database can tell; what cannot be asked after a fault is left out."""
    reached = _reach(settings)
    try:
        with closing(Examination(reached.conninfo, _SECONDS)) as examination:
            if not (yield from _connection(settings, reached, examination)):
                return
    except Stop as stop:
        yield of_stop("database", stop)
        return
    with opened(settings, reached, Mode.LIVE, "doctor") as transactor:
        assert isinstance(transactor, Committing)  # noqa: S101  what LIVE opens
        transactor.limit(_SECONDS)
        for name in SCHEMAS:
            yield _fingerprint(settings, transactor, name)
        yield _open_runs(transactor)


def _reach(settings: Settings) -> Reached:
    """As runs do, but that nothing is started."""
    if isinstance(settings.database, Service):
        return reach_database(settings)
    cluster = embedded.locate(settings.workspace)
    return Reached(embedded.conninfo(cluster, OPERATOR), f"embedded/{embedded.DATABASE}")


def _connection(settings: Settings, reached: Reached, examination: Examination) -> Generator[Finding, None, bool]:
    """Findings of the connection; its value is whether the rest can be asked."""
    major, version = examination.version
    state = State.OK if major in _MAJORS else State.WARN
    told = fact(Message("PostgreSQL {version} · {label}"), version=version, label=reached.label)
    yield Finding("database", state, told, "" if state is State.OK else command("help", "environment"))
    yield _clock(examination)
    try:
        identity = examination.identity()
    except Stop as stop:
        yield of_stop("login", stop)
        return False
    told = fact(
        Message("{login} is {person} of {tenant}"), login=identity.login, person=identity.person, tenant=identity.tenant
    )
    yield Finding("login", State.OK, told)
    roles = roles_of(settings)
    lacking = examination.lacking((roles.survey, roles.writer, roles.appender))
    if lacking:
        told = fact(Message("this login may not take: {roles}"), roles=", ".join(lacking))
        yield Finding("roles", State.WARN, told, command("db", "migrate", "--print"))
    else:
        yield Finding("roles", State.OK, fact(Message("this login may run pipelines")))
    return (yield from _schema(settings, examination))


def _schema(settings: Settings, examination: Examination) -> Generator[Finding, None, bool]:
    """Findings of the migrations; its value is whether none is missing."""
    own = ("--print",) if isinstance(settings.database, Service) else ()
    fix = command("db", "migrate", *own)
    try:
        missing = examination.missing_migrations()
    except Stop as stop:
        yield of_stop("schema", stop)
        return False
    if missing:
        yield Finding("schema", State.FAIL, fact(Message("missing migrations: {count}"), count=len(missing)), fix)
        return False
    yield Finding("schema", State.OK, fact(Message("every migration of this cutter is applied")))
    return True


def _clock(examination: Examination) -> Finding:
    """The two clocks side by side; the way there and back is taken as halves."""
    before = datetime.now(UTC)
    theirs = examination.now()
    ours = before + (datetime.now(UTC) - before) / 2
    apart = abs(theirs - ours)
    told = fact(Message("{seconds} s between this host and the database"), seconds=f"{apart.total_seconds():.1f}")
    if apart <= _DRIFT:
        return Finding("clock", State.OK, told)
    return Finding("clock", State.FAIL if apart > _UNSAFE_DRIFT else State.WARN, told, "timedatectl status")


def _fingerprint(settings: Settings, transactor: Committing, name: str) -> Finding:
    try:
        with transactor.survey() as session:
            found = take_fingerprint(session, name, SCHEMAS[name])
        pinned = pins_of(settings).find(found)
    except Stop as stop:
        return of_stop("fingerprint", stop)
    title = f"{name}.{found.server_major}"
    if pinned is None:
        return Finding(
            "fingerprint", State.FAIL, fact(Message("{name} is not pinned"), name=title), command("fingerprints", "pin")
        )
    differences = len(compare(pinned, found))
    if differences:
        told = fact(Message("{name} differs from its pin · differences: {count}"), name=title, count=differences)
        return Finding("fingerprint", State.FAIL, told, command("fingerprints", "diff"))
    return Finding(
        "fingerprint",
        State.OK,
        fact(Message("{name} as pinned · objects: {count}"), name=title, count=len(found.objects)),
    )


def _open_runs(transactor: Committing) -> Finding:
    runs = [run for run in transactor.runs() if run.last_event and not run.voided and run.last_event not in _ENDED]
    waiting = sum(1 for run in runs if run.last_event.startswith("gate"))
    told = fact(
        Message("waiting for signatures: {waiting}, unfinished: {unfinished}"),
        waiting=waiting,
        unfinished=len(runs) - waiting,
    )
    unfinished = len(runs) > waiting
    return Finding("runs", State.WARN if unfinished else State.OK, told, command("runs", "list") if runs else "")
