"""The settings of one command: which workspace, which database, who says that it acts.

Rules kept here: settings come from `cutter.yaml` and are read once; no connection, password or database name is taken
from the environment: such a variable is refused by name, and its value is never shown. `PGSERVICEFILE` and
`PGPASSFILE` are allowed, because they only name files.

Source: DESIGN §6 (Secrets), §7 (`--actor`).
"""

import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Literal

import msgspec

from cutter.custody.configuration import Configuration, Place, read_configuration
from cutter.custody.directory import is_address
from cutter.cutting.stamps import StampLevel
from cutter.stops import Stop, StopCode

FORMAT = "cutter.workspace/1"
FILE = "cutter.yaml"
UNKNOWN_ACTOR = "sovereign@unknown"

# Each would choose a server, a database, a login or a secret behind the back of `cutter.yaml`, or how the connection is
# made and how values are written on it.
REFUSED_VARIABLES = (
    "PGHOST",
    "PGHOSTADDR",
    "PGPORT",
    "PGDATABASE",
    "PGUSER",
    "PGPASSWORD",
    "PGOPTIONS",
    "PGSERVICE",
    "PGSSLKEY",
    "PGSSLCERT",
    "PGSSLPASSWORD",
    "PGTARGETSESSIONATTRS",
    "PGREQUIREAUTH",
    "PGREQUIREPEER",
    "PGGSSENCMODE",
    "PGCHANNELBINDING",
    "PGCLIENTENCODING",
    "PGDATESTYLE",
    "PGTZ",
    "DATABASE_URL",
    "CUTTER_DSN",
)

# A service is a section of a libpq service file, and a role a plain identifier: neither holds a connection string.
ServiceName = Annotated[str, msgspec.Meta(pattern=r"^[A-Za-z0-9][A-Za-z0-9_.-]{0,62}\Z")]
RoleName = Annotated[str, msgspec.Meta(pattern=r"^[a-z_][a-z0-9_$]{0,62}\Z")]

KeyFingerprint = Annotated[str, msgspec.Meta(pattern=r"^([0-9A-F]{40}|[0-9A-F]{64})\Z")]
# Names that become a part of a path or of a resource's name; a secret itself matches none of the last three.
FileName = Annotated[str, msgspec.Meta(pattern=r"^[A-Za-z0-9][A-Za-z0-9_.-]{0,99}\Z")]
SecretPart = Annotated[str, msgspec.Meta(pattern=r"^[a-z][a-z0-9_-]{0,62}\Z")]
ProjectId = Annotated[str, msgspec.Meta(pattern=r"^[a-z][a-z0-9-]{4,28}[a-z0-9]\Z")]
LoopbackAddress = Annotated[str, msgspec.Meta(pattern=r"^(127\.0\.0\.1|\[::1\]):[0-9]{1,5}\Z")]
FolderPath = Annotated[str, msgspec.Meta(min_length=1, max_length=4096)]
HostName = Annotated[str, msgspec.Meta(pattern=r"^[A-Za-z0-9]([A-Za-z0-9.-]{0,251}[A-Za-z0-9])?\Z")]
UserName = Annotated[str, msgspec.Meta(pattern=r"^[!-~]{1,254}\Z")]
Port = Annotated[int, msgspec.Meta(ge=1, le=65535)]
# At most ten minutes: what waits on a server waits inside the time after which the database ends a session.
Seconds = Annotated[str, msgspec.Meta(pattern=r"^PT([1-9][0-9]?|[1-5][0-9]{2}|600)S\Z")]


class Service(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A database that a libpq service names."""

    service: ServiceName


class PasswordFile(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A file of the credentials folder that holds the password of this workspace's login, on one line."""

    file: FileName


class Secrets(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Where the password is, when it is not in the service's passfile: a file, or a secret of Google Secret Manager.

    `endpoint` is another Secret Manager than Google's, on this host only: connections to it are not encrypted.
    """

    password: PasswordFile | None = None
    provider: Literal["gsm"] | None = None
    environment: SecretPart | None = None
    project: ProjectId | None = None
    endpoint: LoopbackAddress | None = None


class Roles(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The names of cutter's roles in this database; an existing installation keeps its own."""

    survey: RoleName = "cutter_survey"
    writer: RoleName = "cutter_writer"
    appender: RoleName = "cutter_appender"
    approver: RoleName = "cutter_approver"
    notifier: RoleName = "cutter_notifier"


class ContinuousIntegration(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What a run may do where `CI` is set."""

    live: Literal["allowed", "refused"] = "refused"


class Trust(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The roots of trust: primary fingerprints of OpenPGP keys, and how many of them must sign the trust bundle."""

    roots: Annotated[tuple[KeyFingerprint, ...], msgspec.Meta(min_length=1)]
    threshold: Annotated[int, msgspec.Meta(ge=1, le=16)] = 1


class Documents(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What the workspace's texts may be: `allow_stamps` lists the stamps of secrecy (`MẬT`, `TỐI MẬT`, `TUYỆT MẬT`)
    that a document may bear to be registered and cut here; without it none.
    """

    allow_stamps: tuple[str, ...] = ()


class CommSecret(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Where the mail server's password is: a file of the credentials folder, or a secret of Google Secret Manager."""

    file: FileName | None = None
    provider: Literal["gsm"] | None = None
    environment: SecretPart | None = None
    project: ProjectId | None = None
    endpoint: LoopbackAddress | None = None


class Smtp(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The mail server that letters are given to; it must offer STARTTLS with a certificate of this host.

    `ca_file` holds the certificates that are believed instead of the system's, `hello` is the name given in EHLO, and
    `deadline` is the time for one whole dialogue.
    """

    host: HostName
    port: Port
    sender: str = msgspec.field(name="from")
    user: UserName | None = None
    password: CommSecret | None = None
    ca_file: FolderPath | None = None
    hello: HostName = "localhost.localdomain"
    deadline: Seconds = "PT30S"


class PrivateFile(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A file of the credentials folder."""

    file: FileName


class Comm(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """How people are reached: the mail server, and the directory of their references and addresses."""

    smtp: Smtp | None = None
    directory: PrivateFile = PrivateFile("directory.yaml")


class WorkspaceFile(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """`cutter.yaml` as it stands (`cutter.workspace/1`)."""

    format: str
    database: Literal["embedded"] | Service
    roles: Roles = Roles()
    ci: ContinuousIntegration = ContinuousIntegration()
    trust: Trust | None = None
    secrets: Secrets | None = None
    credentials: FolderPath | None = None
    backups: FolderPath | None = None
    documents: Documents = Documents()
    comm: Comm = Comm()


@dataclass(frozen=True, slots=True)
class ManagedSecret:
    """A secret of Google Secret Manager: its environment and project, and where the service is if not at Google's."""

    environment: str
    project: str
    endpoint: str | None


@dataclass(frozen=True, slots=True)
class Mail:
    """The mail server, with where its password is (None: nobody authenticates) and the seconds of one dialogue."""

    host: str
    port: int
    sender: str
    user: str
    password: PasswordFile | ManagedSecret | None
    authorities: Path | None
    hello: str
    seconds: int


@dataclass(frozen=True, slots=True)
class Settings:
    """What a command knows before it looks at anything.

    Attributes:
        workspace: the nearest folder with `cutter.yaml`, else the current one.
        database: `embedded`, or a libpq service.
        actor: a label of who acts; it proves nothing and grants nothing.
        roles: the names of cutter's roles.
        live_refused: the run is in continuous integration and the workspace does not allow live runs there.
        secrets: where the password of the login is; None: where libpq looks, such as the service's passfile.
        trust: the roots of trust; None: nothing that people sign can be believed, so live runs are refused.
        credentials: the folder of this host's keys and secrets.
        backups: the folder of encrypted backups.
        user_state: the user's own folder for what must outlive a workspace (checkpoints, trust seen).
        allowed_stamps: the stamps of secrecy that a document may bear here.
        mail: the mail server; None: no letter can be sent.
        directory: the file of references and addresses, in the folder of credentials.
    """

    workspace: Path
    database: Literal["embedded"] | Service
    actor: str
    roles: Roles
    live_refused: bool
    trust: Trust | None
    secrets: PasswordFile | ManagedSecret | None
    credentials: Path
    backups: Path
    user_state: Path
    allowed_stamps: frozenset[StampLevel] = frozenset()
    mail: Mail | None = None
    directory: str = "directory.yaml"

    @property
    def profiles(self) -> Path:
        """The folder of the workspace's own profiles of documents."""
        return self.workspace / "profiles"

    @property
    def documents(self) -> Path:
        """The folder of the workspace's source texts."""
        return self.workspace / "documents"

    @property
    def state(self) -> Path:
        """The folder of what cutter keeps in the workspace; private to the user."""
        return self.workspace / ".cutter"


def load_settings(cwd: Path, environ: Mapping[str, str]) -> Settings:
    """Read the settings.

    Args:
        cwd: the current folder; the workspace is looked for from there upwards.
        environ: the process's environment.

    Raises:
        Stop: STOP_REFUSED_INPUT (a refused variable; `where` is its name), STOP_CONFIG_INVALID with the place,
            STOP_PATH_UNSAFE, STOP_DISK.
    """
    _refuse_variables(environ)
    workspace = next((folder for folder in (cwd, *cwd.parents) if (folder / FILE).exists()), cwd)
    read = _read(workspace / FILE)
    file, secrets = read.value, _secrets(read)
    return Settings(
        workspace=workspace,
        database=file.database,
        actor=environ.get("LARK_AGENT") or UNKNOWN_ACTOR,
        roles=file.roles,
        live_refused=bool(environ.get("CI")) and file.ci.live != "allowed",
        trust=file.trust,
        secrets=secrets,
        credentials=workspace / (file.credentials or ".cutter/credentials"),
        backups=workspace / (file.backups or ".cutter/backups"),
        user_state=_user_state(environ),
        allowed_stamps=_allowed_stamps(read),
        mail=_mail(read, workspace),
        directory=file.comm.directory.file,
    )


def _user_state(environ: Mapping[str, str]) -> Path:
    """Where the user's state is kept (XDG Base Directory Specification); a relative path there is to be ignored."""
    named = Path(environ.get("XDG_STATE_HOME") or ".")
    return (named if named.is_absolute() else Path(environ.get("HOME") or "/") / ".local" / "state") / "cutter"


def _read(path: Path) -> Configuration[WorkspaceFile]:
    """The workspace's file; without one, a workspace with the embedded database."""
    try:
        return read_configuration(path, FORMAT, WorkspaceFile)
    except FileNotFoundError:
        return Configuration(WorkspaceFile(FORMAT, "embedded"), {"$": Place(str(path), 1, 1)})


def _secrets(read: Configuration[WorkspaceFile]) -> PasswordFile | ManagedSecret | None:
    """Where the password is, said in one way and for a service: the embedded database has none."""
    given = read.value.secrets
    if given is None:
        return None
    if not isinstance(read.value.database, Service):
        raise read.refuse("no_service", "$.secrets")
    secret = _one_way(given, given.password)
    if secret is None:
        raise read.refuse("one_way", "$.secrets")
    return secret


def _one_way(given: Secrets | CommSecret, file: PasswordFile | None) -> PasswordFile | ManagedSecret | None:
    """Where a password is, if exactly one way is named."""
    named = (given.provider, given.environment, given.project)
    if file is not None and named == (None, None, None) and given.endpoint is None:
        return file
    if file is None and given.provider and given.environment and given.project:
        return ManagedSecret(given.environment, given.project, given.endpoint)
    return None


def _mail(read: Configuration[WorkspaceFile], workspace: Path) -> Mail | None:
    """The mail server: a user with a password or neither, and a sender that is an address."""
    given = read.value.comm.smtp
    if given is None:
        return None
    if not is_address(given.sender):
        raise read.refuse("address_form", "$.comm.smtp.from")
    if (given.user is None) != (given.password is None):
        raise read.refuse("user_and_password", "$.comm.smtp")
    secret = None
    if given.password is not None:
        secret = _one_way(given.password, PasswordFile(given.password.file) if given.password.file else None)
        if secret is None:
            raise read.refuse("one_way", "$.comm.smtp.password")
    return Mail(
        host=given.host,
        port=given.port,
        sender=given.sender,
        user=given.user or "",
        password=secret,
        authorities=workspace / given.ca_file if given.ca_file is not None else None,
        hello=given.hello,
        seconds=int(given.deadline[2:-1]),
    )


def _allowed_stamps(read: Configuration[WorkspaceFile]) -> frozenset[StampLevel]:
    """The stamps that the workspace allows, typed in any normal form."""
    levels = {level.value: level for level in StampLevel}
    allowed = []
    for number, word in enumerate(read.value.documents.allow_stamps):
        level = levels.get(unicodedata.normalize("NFC", word))
        if level is None:
            raise read.refuse("unknown_stamp", f"$.documents.allow_stamps[{number}]")
        allowed.append(level)
    return frozenset(allowed)


def _refuse_variables(environ: Mapping[str, str]) -> None:
    for name in REFUSED_VARIABLES:
        if name in environ:
            raise Stop(StopCode.STOP_REFUSED_INPUT, detail="environment", found=f"{name}=•••", where=name)
