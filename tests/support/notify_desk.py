"""What a live demo lacks to decide on triggers and to send: policies, a directory, and a mail server on loopback."""

import shutil
from pathlib import Path

from tests.support.mail_servers import HOST, PASSWORD, USER, MailServer, authority
from tests.support.notify import OTHER_PATIENT, PATIENT, TEAM, write_directory
from tests.support.runs import REPOSITORY


def furnish(folder: Path, server: MailServer) -> None:
    """Give a workspace the demo's policies, pipelines of its own, a directory and a mail server."""
    shutil.copytree(REPOSITORY / "policies", folder / "policies")
    (folder / "pipelines").mkdir(exist_ok=True)
    shutil.copy(REPOSITORY / "pipelines" / "notify.yaml", folder / "pipelines")
    shutil.copy(authority(), folder / "ca.pem")
    smtp = f"host: {HOST}, port: {server.port}, from: clinic@example.org, user: {USER}, ca_file: ca.pem"
    settings = folder / "cutter.yaml"
    said = settings.read_text(encoding="utf-8")
    settings.write_text(f"{said}\ncomm: {{smtp: {{{smtp}, password: {{file: smtp.password}}}}}}\n", encoding="utf-8")
    credentials = folder / ".cutter" / "credentials"
    (credentials / "smtp.password").touch(mode=0o600)
    (credentials / "smtp.password").write_text(f"{PASSWORD}\n", encoding="utf-8")
    write_directory(credentials, [PATIENT, OTHER_PATIENT, TEAM])
