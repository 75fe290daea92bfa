"""What the doctor looks at among keys: this host's own, and the trust bundle with what of it ends soon.

Rules kept here: a private key is loaded to see that it is one, and only its public half is compared.

Source: issue 6, part 6; approvals-and-evidence §3.
"""

from collections.abc import Iterator
from datetime import datetime, timedelta

from cutter.app.doctor.findings import Finding, State, fact, of_stop
from cutter.app.system import SystemClock
from cutter.approval.reading import moment
from cutter.approval.trust import LoadedTrust, TrustBundle
from cutter.custody.machine_key import load_runner_key
from cutter.custody.signing import GpgSigning
from cutter.custody.trust import TrustFiles
from cutter.messages import Message
from cutter.report.next_steps import command
from cutter.settings import Settings
from cutter.stops import Stop

_SOON = timedelta(days=30)


def check_runner_key(settings: Settings) -> Iterator[Finding]:
    """The key of this host, which signs checkpoints and evidence, and whether the bundle knows it."""
    loaded = _load(settings)
    if loaded is None:
        return
    try:
        public = load_runner_key(settings.credentials).public
    except Stop as stop:
        words = ("trust", "rotate-runner", "--help") if loaded.bundle else ("trust", "init", "--help")
        yield of_stop("runner key", stop, fix=command(*words))
        return
    known = loaded.bundle.runner_keys if loaded.bundle else ()
    if loaded.bundle and public not in {key.public for key in known}:
        told = fact(Message("{key}… is not in the trust bundle"), key=public[:16])
        yield Finding("runner key", State.FAIL, told, command("trust", "rotate-runner", "--help"))
        return
    yield Finding("runner key", State.OK, fact(Message("{key}… · {path}"), key=public[:16], path=settings.credentials))


def check_trust(settings: Settings) -> Iterator[Finding]:
    """Whether the bundle is believed, and until when."""
    loaded = _load(settings)
    if loaded is None:
        yield Finding(
            "trust", State.OK, fact(Message("no roots of trust in cutter.yaml: rehearsals work, live runs are refused"))
        )
        return
    if loaded.bundle is None:
        told = fact(Message("the bundle is not believed: {refusal}"), refusal=loaded.refusal)
        yield Finding("trust", State.FAIL, told, command("explain", "STOP_TRUST_REFUSED"))
        return
    yield from _expiry(loaded.bundle, SystemClock().now())


def _load(settings: Settings) -> LoadedTrust | None:
    if settings.trust is None:
        return None
    return TrustFiles(settings.workspace / "trust", settings.trust.roots, settings.trust.threshold, GpgSigning()).load()


def _expiry(bundle: TrustBundle, now: datetime) -> Iterator[Finding]:
    ends = moment(bundle.expires)
    version = bundle.version
    if ends < now:
        told = fact(Message("version {version} ended on {date}"), version=version, date=bundle.expires)
        yield Finding("trust", State.FAIL, told, command("trust", "renew"))
        return
    kept = [key.fpr for key in bundle.backup_recipients]
    told = fact(
        Message("version {version} until {date} · persons: {persons} · backups are read by: {recipients}"),
        version=version,
        date=bundle.expires,
        persons=len(bundle.persons),
        recipients=len(kept),
    )
    soon = ends < now + _SOON
    yield Finding("trust", State.WARN if soon else State.OK, told, command("trust", "renew") if soon else "")
    people = [(person.person_id, person.valid_to) for person in bundle.persons]
    machines = [(key.key_id, key.valid_to) for key in bundle.runner_keys]
    for name, until in (*people, *machines):
        if moment(until) < now + _SOON:
            yield Finding(
                "trust",
                State.WARN,
                fact(Message("{name} until {date}"), name=name, date=until),
                command("trust", "show"),
            )
