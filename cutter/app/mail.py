"""The postbox of a workspace's mail server.

A module of its own: TLS and letters are loaded only where something is about to be sent.
"""

from typing import assert_never

from cutter.app.comm import build_directory
from cutter.custody.postbox import MailServer, NoPostbox, SmtpPostbox
from cutter.custody.secrets import FilePassword, ManagedPassword, Password
from cutter.settings import Mail, ManagedSecret, PasswordFile, Settings

SECRET = "cutter_smtp"  # noqa: S105  the secret's name, not the secret


def build_postbox(settings: Settings) -> SmtpPostbox | NoPostbox:
    """The postbox of the mail server that `cutter.yaml` names; without one, one that only says so."""
    mail = settings.mail
    if mail is None:
        return NoPostbox()
    server = MailServer(
        host=mail.host,
        port=mail.port,
        sender=mail.sender,
        user=mail.user,
        authorities=mail.authorities,
        hello=mail.hello,
        seconds=mail.seconds,
    )
    return SmtpPostbox(server, build_directory(settings), _password(settings, mail))


def _password(settings: Settings, mail: Mail) -> Password | None:
    match mail.password:
        case None:
            return None
        case PasswordFile(file=name):
            return FilePassword(settings.credentials, name)
        case ManagedSecret(environment=environment, project=project, endpoint=endpoint):
            return ManagedPassword(environment, project, endpoint, SECRET)
        case _ as never:
            assert_never(never)
