"""`cutter trust init|add|revoke|renew|rotate-runner|sign|show`: whose signatures count, as the roots of trust say.

Rules kept here: every change is signed by a root's own key, where that key is; nothing is asked and nothing is skipped.

Source: DESIGN §7; docs/trust.md.
"""

from pathlib import Path
from typing import Annotated

import click
import typer

from cutter.app.trust import (
    NewPerson,
    TrustChanged,
    add_backup_recipient,
    add_trusted_person,
    init_trust,
    remove_backup_recipient,
    remove_trusted_person,
    renew_trust,
    revoke_trusted_key,
    rotate_runner,
    sign_trust,
)
from cutter.app.trust_report import TrustedPerson, TrustReport, show_trust
from cutter.cli.exits import epilog
from cutter.cli.root import SETTINGS
from cutter.cli.session import open_settings, own_home
from cutter.cli.view import View
from cutter.report.lines import moment, next_lines
from cutter.report.next_steps import command
from cutter.report.result import NextStep
from cutter.report.visible import visible
from cutter.stops import Exit, Stop, StopCode

APP = typer.Typer(
    name="trust",
    help="Say whose signatures count: persons, keys and roots.",
    rich_markup_mode=None,
    add_completion=False,
    pretty_exceptions_enable=False,
    context_settings=dict(SETTINGS),
)

_EXITS = (Exit.APPROVAL_REFUSED,)
RootKeys = Annotated[
    list[Path] | None, typer.Option("--key", metavar="FILE", help="Public key of a root whose secret key is elsewhere.")
]
PersonName = Annotated[str | None, typer.Option("--person", metavar="ID")]
Recipient = Annotated[bool, typer.Option("--recipient", help="The key is one that backups are encrypted to.")]


def make_group() -> click.Command:
    """The group."""
    group = typer.main.get_command(APP)
    group.epilog = epilog(*_EXITS)
    return group


@APP.command(epilog=epilog(*_EXITS))
def init(key: RootKeys = None) -> View:
    """Make the first bundle. The roots that cutter.yaml pins sign it; persons are added after it."""
    return _changed(init_trust(open_settings(), own_home(), key or ()))


@APP.command(epilog=epilog(*_EXITS))
def add(
    key: Annotated[Path | None, typer.Option(metavar="FILE", help="Their public key. [required]")] = None,
    person: PersonName = None,
    name: Annotated[str, typer.Option(metavar="TEXT", help="[default: the id]")] = "",
    role: Annotated[list[str] | None, typer.Option(metavar="ROLE", help="What they sign as; several times.")] = None,
    account: Annotated[
        list[str] | None, typer.Option(metavar="NAME", help="Their database login. [default: the id]")
    ] = None,
    tenant: Annotated[list[str] | None, typer.Option(metavar="NAME", help="[default: as the others]")] = None,
    recipient: Recipient = False,
) -> View:
    """Trust a person, by a key. A known person gets one more key; backups are encrypted to recipients."""
    if key is None or (person is None) != recipient:
        raise Stop(StopCode.STOP_INVALID_INPUT, "missing", needed="--key, and --person or --recipient")
    if person is None:
        return _changed(add_backup_recipient(open_settings(), own_home(), key))
    new = NewPerson(person, name, tuple(role or ()), tuple(account or ()), tuple(tenant or ()))
    return _changed(add_trusted_person(open_settings(), own_home(), new, key))


@APP.command(epilog=epilog(*_EXITS))
def revoke(
    person: PersonName = None,
    key: Annotated[str | None, typer.Option(metavar="FPR", help="The whole fingerprint of a key.")] = None,
    reason: Annotated[str, typer.Option(metavar="WORD", help="Why a key counts no longer.")] = "unspecified",
    recipient: Recipient = False,
) -> View:
    """Trust a person or a key no longer. What was signed before and not used yet counts no longer either."""
    settings = open_settings()
    if (person is None) == (key is None) or (person is not None and recipient):
        raise Stop(StopCode.STOP_INVALID_INPUT, "missing", needed="--person, or --key with or without --recipient")
    if key is None:
        return _changed(remove_trusted_person(settings, own_home(), person or ""))
    if recipient:
        return _changed(remove_backup_recipient(settings, own_home(), key))
    return _changed(revoke_trusted_key(settings, own_home(), key, reason))


@APP.command(epilog=epilog(*_EXITS))
def renew() -> View:
    """Trust the same persons and keys for another year. Who has ended stays ended."""
    return _changed(renew_trust(open_settings(), own_home()))


@APP.command("rotate-runner", epilog=epilog(*_EXITS))
def rotate() -> View:
    """Give this host a new runner key. It signs checkpoints and evidence; the old one is kept."""
    return _changed(rotate_runner(open_settings(), own_home()))


@APP.command(epilog=epilog(*_EXITS))
def sign(key: RootKeys = None) -> View:
    """Sign the bundle as it stands. The roots whose keys are here do, where several must sign or a root is new."""
    return _changed(sign_trust(open_settings(), own_home(), key or ()))


@APP.command(epilog=epilog(*_EXITS))
def show() -> View:
    """Show whom the bundle trusts. And whether it is believed, and what of it ends soon."""
    found = show_trust(open_settings())
    return View(found, tuple(_shown(found)), int(Exit.APPROVAL_REFUSED if found.refusal else Exit.DONE))


def _changed(changed: TrustChanged) -> View:
    lines = [
        f"DONE  trust bundle version {changed.version}, until {moment(changed.expires)}",
        f"  file       {visible(changed.path)}",
        f"  sha256     {changed.sha256}",
        f"  signed by  {', '.join(changed.signed_by)}",
    ]
    steps = [NextStep("look", command("trust", "show"))]
    if changed.missing:
        lines.append(f"  missing    {changed.missing} more roots must sign; until then the bundle counts for nothing")
        steps.insert(0, NextStep("other root", command("trust", "sign")))
    return View(changed, (*lines, *next_lines(steps)), stated=True)


def _shown(found: TrustReport) -> list[str]:
    state = f"not believed: {found.refusal} · exit {int(Exit.APPROVAL_REFUSED)}" if found.refusal else "believed"
    throwaway = " · throw-away keys" if found.throwaway else ""
    return [
        f"trust bundle version {found.version} · {state}{throwaway} · until {moment(found.expires)}",
        f"  sha256     {found.sha256}",
        f"  roots      {found.threshold} of {', '.join(found.roots)}",
        f"  signed by  {', '.join(found.signed_by)}",
        *(line for person in found.persons for line in _person(person)),
        *(
            f"  runner     {visible(key.key_id)}, until {moment(key.valid_to)}: {key.public}"
            for key in found.runner_keys
        ),
        *(f"  backups    encrypted to {fpr}" for fpr in found.backup_recipients),
        *(
            f"  {'ENDED' if item.ended else 'soon':<9}  {item.what} {visible(item.name)}: {moment(item.at)}"
            for item in found.expiring
        ),
    ]


def _person(person: TrustedPerson) -> list[str]:
    known = (", ".join(part) for part in (person.roles, person.logins, person.tenants))
    roles, logins, tenants = (visible(part) for part in known)
    head = f"  person     {visible(person.person_id)} ({visible(person.name)}): {roles}"
    keys = [f"    key      {fpr}{'  revoked' if fpr in person.revoked else ''}" for fpr in person.keys]
    return [f"{head}; login {logins} of {tenants}; until {moment(person.valid_to)}", *keys]
