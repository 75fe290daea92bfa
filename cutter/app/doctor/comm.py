"""What the doctor looks at where policies start runs: what is selected, and what a message needs to be sent.

Rules kept here: the mail server is not called, for a rehearsal does that up to its authentication; a secret is read to
see that it can be, and nothing of it is told; a mistake in the directory is told by its place alone.

Source: issue 6, part 6; issue 7.
"""

from collections.abc import Iterator
from pathlib import Path

from cutter.app.comm import build_directory
from cutter.app.doctor.findings import Finding, Phrase, State, fact, of_stop
from cutter.custody.commitments import FILE
from cutter.custody.policies import load_selection
from cutter.custody.secrets import FilePassword, read_private
from cutter.messages import Message
from cutter.policies.analysis.availability import unavailable
from cutter.policies.analysis.findings import Severity
from cutter.report.next_steps import command
from cutter.settings import Mail, PasswordFile, Settings
from cutter.stops import Stop

_LARGEST_KEY = 1024  # bytes


def check_policies(settings: Settings) -> Iterator[Finding]:
    """Whether what `policies/selection.yaml` names can be loaded, or where it cannot; and is all that rules need."""
    folder = _folder(settings)
    if not folder.is_dir():
        yield Finding("policies", State.OK, fact(Message("none here: no trigger is taken")))
        return
    try:
        selection = load_selection(folder)
    except Stop as stop:
        yield of_stop("policies", stop, fix=command("policies", "lint"))
        return
    if any(each.severity is Severity.ERROR for each in unavailable(selection)):
        lacking = fact(
            Message("a view or a template that a rule needs is not selected, or withdrawn: its triggers are denied")
        )
        yield Finding("policies", State.WARN, lacking, command("policies", "lint"))
        return
    told = fact(
        Message("selected: {policies}, with views: {views}, templates: {templates} · trigger types: {types}"),
        policies=len(selection.policies),
        views=len(selection.views),
        templates=len(selection.templates),
        types=len(selection.triggers.types),
    )
    yield Finding("policies", State.OK, told)


def check_comm(settings: Settings) -> Iterator[Finding]:
    """Whether the directory, the keyed commitments and the mail server's password can be read by who runs this."""
    mail = settings.mail
    if mail is None and not (settings.credentials / settings.directory).exists():
        yield Finding("comm", State.OK, fact(Message("no mail server and no directory: no message can be sent")))
        return
    faults = [finding for look in (_directory, _key, _password) if (finding := look(settings)) is not None]
    yield from faults
    if faults:
        return
    if mail is None:
        told = Message("the directory is readable · no mail server in cutter.yaml: no message can be sent")
        yield Finding("comm", State.OK, fact(told))
        return
    yield Finding("comm", State.OK, _asked_by_rehearsals(mail))


def _asked_by_rehearsals(mail: Mail) -> Phrase:
    told = Message("the directory and the secrets are readable · {host}:{port} is asked by rehearsals, not here")
    return fact(told, host=mail.host, port=mail.port)


def _folder(settings: Settings) -> Path:
    return settings.workspace / "policies"


def _directory(settings: Settings) -> Finding | None:
    try:
        build_directory(settings).known(())
    except Stop as stop:
        return of_stop("comm", stop)
    return None


def _key(settings: Settings) -> Finding | None:
    """The key of commitments is made when it is first used; one that is there is private."""
    try:
        read_private(settings.credentials / FILE, _LARGEST_KEY)
    except FileNotFoundError:
        return None
    except Stop as stop:
        return of_stop("comm", stop)
    return None


def _password(settings: Settings) -> Finding | None:
    """The password's file; a secret that is elsewhere is not asked for."""
    mail = settings.mail
    if mail is None or not isinstance(mail.password, PasswordFile):
        return None
    try:
        FilePassword(settings.credentials, mail.password.file)()
    except Stop as stop:
        return of_stop("comm", stop)
    return None
