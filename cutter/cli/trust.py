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
from cutter.app.trust_report import Expiring, TrustedPerson, TrustReport, show_trust
from cutter.cli.exits import epilog
from cutter.cli.root import SETTINGS
from cutter.cli.session import open_settings, own_home
from cutter.cli.view import View
from cutter.messages import Countable, _, counted
from cutter.report.lines import exit_part, head, moment, next_lines, pad
from cutter.report.next_steps import command
from cutter.report.paragraphs import Line
from cutter.report.result import NextStep
from cutter.report.visible import visible, width
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
_NAMES = 9  # least width of the names of rows
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
    told = _("trust bundle version {version}, until {moment}", version=changed.version, moment=moment(changed.expires))
    rows = [
        (_("file"), visible(changed.path)),
        ("sha256", changed.sha256),
        (_("signed by"), ", ".join(changed.signed_by)),
    ]
    steps = [NextStep("look", command("trust", "show"))]
    if changed.missing:
        what = Countable(
            "{count} more root must sign; until then the bundle counts for nothing"
            "|{count} more roots must sign; until then the bundle counts for nothing"
        )
        rows.append((_("missing"), counted(changed.missing, what)))
        steps.insert(0, NextStep("other root", command("trust", "sign")))
    return View(changed, (head(_("DONE"), (told,)), *_rows(rows), *next_lines(steps)), stated=True)


def _shown(found: TrustReport) -> list[str]:
    refused = _("not believed: {refusal}", refusal=found.refusal)
    state = f"{refused} · {exit_part(int(Exit.APPROVAL_REFUSED))}" if found.refusal else _("believed")
    first = (
        _("trust bundle version {version}", version=found.version),
        state,
        _("throw-away keys") if found.throwaway else "",
        _("until {moment}", moment=moment(found.expires)),
    )
    rows = [
        ("sha256", found.sha256),
        (_("roots"), _("{threshold} of {names}", threshold=found.threshold, names=", ".join(found.roots))),
        (_("signed by"), ", ".join(found.signed_by)),
    ]
    for person in found.persons:
        rows += _person(person)
    for key in found.runner_keys:
        until = moment(key.valid_to)
        told = _("{key}, until {moment}: {public}", key=key.key_id, moment=until, public=key.public)
        rows.append((_("runner"), visible(told)))
    rows += [(_("backups"), _("encrypted to {key}", key=fpr)) for fpr in found.backup_recipients]
    for item in found.expiring:
        rows.append((_("ENDED") if item.ended else _("soon"), _ends(item)))
    return [Line(" · ".join(part for part in first if part)), *_rows(rows)]


def _ends(item: Expiring) -> str:
    name, until = visible(item.name), moment(item.at)
    match item.what:
        case "bundle":
            return _("the bundle: {moment}", moment=until)
        case "person":
            return _("person {name}: {moment}", name=name, moment=until)
        case _:
            return _("runner key {name}: {moment}", name=name, moment=until)


def _person(person: TrustedPerson) -> list[tuple[str, str]]:
    known = (", ".join(part) for part in (person.roles, person.logins, person.tenants))
    roles, logins, tenants = known
    told = _(
        "{person} ({name}): {roles}; login {logins} of {tenants}; until {moment}",
        person=person.person_id,
        name=person.name,
        roles=roles,
        logins=logins,
        tenants=tenants,
        moment=moment(person.valid_to),
    )
    keys = [_("{key}, revoked", key=fpr) if fpr in person.revoked else fpr for fpr in person.keys]
    return [(_("person"), visible(told)), *((f"  {_('key')}", key) for key in keys)]


def _rows(rows: list[tuple[str, str]]) -> list[str]:
    """Indented names with what belongs to them."""
    wide = max(_NAMES, *(width(name) for name, _text in rows))
    return [Line(f"  {pad(name, wide)}  {text}", wide + 4) for name, text in rows]
