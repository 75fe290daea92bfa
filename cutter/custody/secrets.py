"""The password of a login, from a private file or from Google Secret Manager, when a connection needs it.

Rules kept here: it is read at the moment when it is used and kept nowhere; it is one line; no refusal holds any of it;
the client library is imported only where a secret of Google's is named. A service's passfile needs none of this:
libpq reads it.

Source: DESIGN §6 (Secrets); issue 4, part 10.
"""

import stat
from collections.abc import Callable
from dataclasses import dataclass
from importlib import import_module
from pathlib import Path
from typing import Any

from cutter.custody.files import check_private, read_plain
from cutter.stops import Stop, StopCode

SECRET = "cutter_orchestrator"  # noqa: S105  the secret's name, not the secret
_LARGEST_PASSWORD = 1024  # bytes
_ANSWER_SECONDS = 10.0
_CLIENT = "google.cloud.secretmanager_v1"


def read_private(path: Path, limit: int, too_large: StopCode = StopCode.STOP_PATH_UNSAFE) -> bytes:
    """The bytes of a file that only this user can read, in a folder that only this user can enter.

    Args:
        path: the file.
        limit: the largest size that is read, in bytes.
        too_large: the stop for a larger file.

    Raises:
        FileNotFoundError: there is no such file or folder.
        Stop: STOP_PATH_UNSAFE (detail `open_to_others`: file or folder can be read by others; `link_or_folder`,
            `other_owner` …), STOP_DISK.
    """
    check_private(path.parent, path.parent.parent)
    data = read_plain(path, limit, too_large=too_large)
    mode = stat.S_IMODE(path.lstat().st_mode)
    if mode & (stat.S_IRWXG | stat.S_IRWXO):
        found, needed = f"permissions {mode:04o}", "permissions 0600"
        raise Stop(StopCode.STOP_PATH_UNSAFE, "open_to_others", found=found, needed=needed, where=str(path))
    return data


@dataclass(frozen=True, slots=True)
class FilePassword:
    """The password that a file of the credentials folder holds."""

    credentials: Path
    name: str

    def __call__(self) -> str:
        """Read it.

        Raises:
            Stop: STOP_KEY_UNUSABLE (detail `password_missing`, `password_malformed`), STOP_PATH_UNSAFE (detail
                `open_to_others`: file or folder can be read by others; `link_or_folder`, `other_owner` …), STOP_DISK.
        """
        path = self.credentials / self.name
        try:
            data = read_private(path, _LARGEST_PASSWORD)
        except FileNotFoundError:
            raise _unusable("password_missing", str(path)) from None
        return _one_line(data, str(path))


@dataclass(frozen=True, slots=True)
class ManagedPassword:
    """The password that Google Secret Manager holds as `secrets.<environment>.<name>`.

    Attributes:
        environment: which of the office's environments, such as `prod`.
        project: the project's id.
        endpoint: another Secret Manager on this host, reached without encryption; None: Google's, with the host's
            application default credentials.
        name: the secret's name; that of the database's login unless another is given.
    """

    environment: str
    project: str
    endpoint: str | None = None
    name: str = SECRET

    @property
    def resource(self) -> str:
        """The newest version of the secret. An id has no dots, so hyphens stand for them."""
        return f"projects/{self.project}/secrets/secrets-{self.environment}-{self.name}/versions/latest"

    def __call__(self) -> str:
        """Ask for it.

        Raises:
            Stop: STOP_KEY_UNUSABLE (detail `gsm_missing`: the extra is not installed; `gsm_credentials`: this host has
                none; `gsm_refused` with the service's word, such as `NOT_FOUND`; `gsm_unreachable`;
                `password_malformed`).
        """
        try:
            library = import_module(_CLIENT)
            errors = import_module("google.api_core.exceptions")
            auth = import_module("google.auth.exceptions")
        except ImportError:
            raise _unusable(
                "gsm_missing", self.resource, needed="pip install 'google-cloud-secret-manager>=2.20,<3'"
            ) from None
        try:
            data = self._ask(library)
        except auth.GoogleAuthError:
            raise _unusable("gsm_credentials", self.resource) from None
        except (errors.ServiceUnavailable, errors.DeadlineExceeded, errors.RetryError):
            raise _unusable("gsm_unreachable", self.resource) from None
        except errors.GoogleAPICallError as error:
            word = error.grpc_status_code.name if error.grpc_status_code else "unknown"
            raise _unusable("gsm_refused", self.resource, found=word) from None
        return _one_line(data, self.resource)

    def _ask(self, library: Any) -> bytes:
        with self._client(library) as client:
            answer = client.access_secret_version(request={"name": self.resource}, timeout=_ANSWER_SECONDS, retry=None)
        return bytes(answer.payload.data)

    def _client(self, library: Any) -> Any:
        """Google's own client; it closes its channel at the end of a `with` block."""
        if self.endpoint is None:
            return library.SecretManagerServiceClient()
        # A proxy of the environment's would see what is asked of a service on this host.
        channel = import_module("grpc").insecure_channel(self.endpoint, options=(("grpc.enable_http_proxy", 0),))
        transport = library.SecretManagerServiceClient.get_transport_class("grpc")
        return library.SecretManagerServiceClient(transport=transport(channel=channel))


Password = Callable[[], str]


def _one_line(data: bytes, where: str) -> str:
    """The password in the bytes: text on one line, whose end may be there or not."""
    try:
        text = data.decode("utf-8").removesuffix("\n").removesuffix("\r")
    except UnicodeDecodeError:
        text = ""
    if not text or any(character in text for character in "\0\r\n") or len(data) > _LARGEST_PASSWORD:
        raise _unusable("password_malformed", where, needed="one line of text")
    return text


def _unusable(detail: str, where: str, *, found: str = "", needed: str = "") -> Stop:
    return Stop(StopCode.STOP_KEY_UNUSABLE, detail, found=found, needed=needed, where=where)
