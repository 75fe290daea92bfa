"""What stands behind the ports of sending: the postbox, the directory and the key of commitments of a workspace."""

from typing import assert_never

from cutter.custody.commitments import FILE, CommitmentKey
from cutter.custody.directory import DirectoryFile
from cutter.custody.policies import WorkspacePolicies
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


def build_directory(settings: Settings) -> DirectoryFile:
    """The directory of references and addresses."""
    return DirectoryFile(settings.credentials / settings.directory)


def build_commitments(settings: Settings) -> CommitmentKey:
    """The key of this workspace's commitments."""
    return CommitmentKey(settings.credentials / FILE)


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


def build_policies(settings: Settings) -> WorkspacePolicies:
    """The workspace's policies, with its directory and the key of its commitments."""
    return WorkspacePolicies(settings.workspace / "policies", build_directory(settings), build_commitments(settings))
