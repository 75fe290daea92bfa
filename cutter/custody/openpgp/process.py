"""Runs the gpg program: the only module that starts it.

Rules kept here:

- The program is found once, where nobody else can put another (`location`).
- It sees a clean environment, no configuration file, and a home that is given or made for this one call.
- It gets so much time and may say so much; then its process group is killed. Input and output are streamed in one loop,
  without threads.
- Status lines come through a pipe of their own, so that nothing else can be taken for one (CVE-2018-12020). What gpg
  tells people is dropped: it holds names from keys, which are hostile text.
- A failure is a value (`Finished.fault`), never a traceback.
- An agent that was started for a home of cutter's own is ended when the work is done.

Source: approvals-and-evidence §2, §7 rows 15–17.
"""

import errno
import os
import pwd
import re
import selectors
import shutil
import signal
import subprocess
import tempfile
import time
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from functools import cache
from io import FileIO
from pathlib import Path
from typing import TypeAlias

from cutter.custody import files
from cutter.custody.openpgp.location import locate
from cutter.stops import Stop, StopCode

Argument: TypeAlias = str | Path

FINGERPRINT = re.compile(r"[0-9A-F]{40}|[0-9A-F]{64}")

_CHUNK = 1 << 16
# A socket's path has at most 107 bytes, and workspaces lie deep: in a home of cutter's own these names point elsewhere.
_SOCKETS = ("S.gpg-agent", "S.gpg-agent.extra", "S.gpg-agent.browser", "S.gpg-agent.ssh")

_ALWAYS = (
    *("--no-options", "--batch", "--no-tty", "--quiet", "--exit-on-status-write-error"),
    *("--trust-model", "always", "--no-auto-check-trustdb"),
    *("--no-auto-key-retrieve", "--no-auto-key-import", "--no-auto-key-locate", "--disable-dirmngr"),
)
_PUBLIC = ("--no-autostart", "--lock-never")
# A home of cutter's own has keys without passphrase: asking for one is a mistake, and nobody would answer.
_UNATTENDED = ("--pinentry-mode", "error")
# What a person's pinentry needs to show itself; nothing here says where a program or a key is.
_SCREEN = ("GPG_TTY", "TERM", "DISPLAY", "WAYLAND_DISPLAY", "XAUTHORITY", "DBUS_SESSION_BUS_ADDRESS")


@dataclass(frozen=True, slots=True)
class Limits:
    """How long gpg may keep us waiting in all, in seconds, and how many bytes it may answer."""

    seconds: float = 30.0
    output: int = 1 << 20
    status: int = 1 << 16


@dataclass(frozen=True, slots=True)
class Finished:
    """How a gpg ended.

    Attributes:
        exit_code: its exit status; it says little (0 also for revoked keys).
        status: the status lines.
        output: what it wrote, empty where the output was streamed.
        fault: empty, or why the answer counts for nothing: `missing`, `timeout`, `too_much`, `killed`, `input_left`
            (it ended before it had taken all input).
    """

    exit_code: int
    status: bytes
    output: bytes = b""
    fault: str = ""


_LIMITS = Limits()


def check_fingerprint(fpr: str) -> str:
    """A fingerprint as it may stand in a command line.

    Raises:
        Stop: STOP_INVALID_INPUT, detail `fingerprint`: not 40 or 64 upper-case hexadecimal digits.
    """
    if not FINGERPRINT.fullmatch(fpr):
        raise Stop(StopCode.STOP_INVALID_INPUT, detail="fingerprint", needed="40 or 64 upper-case hexadecimal digits")
    return fpr


@contextmanager
def fresh_home() -> Iterator[Path]:
    """An empty private folder with a short name, gone afterwards: a home for work with public keys.

    Raises:
        Stop: STOP_DISK.
    """
    try:
        home = Path(tempfile.mkdtemp(prefix="cutter-", dir=_short_folder()))
    except OSError as error:
        raise Stop(StopCode.STOP_DISK, detail=errno.errorcode.get(error.errno or 0, "EUNKNOWN")) from None
    try:
        yield home
    finally:
        shutil.rmtree(home, ignore_errors=True)


class Running:
    """A gpg at work. Iterate over its output; then `finished` says how it ended."""

    def __init__(
        self, process: subprocess.Popen[bytes] | None, status: FileIO | None, chunks: Iterable[bytes], limits: Limits
    ) -> None:
        self._process = process
        self._status_pipe = status
        self._chunks = iter(chunks)
        self._rest = memoryview(b"")
        self._limits = limits
        self._left = limits.seconds
        self._status = bytearray()
        self._size = 0
        self._fault = "" if process else "missing"
        self._input_taken = False

    def __iter__(self) -> Iterator[bytes]:
        """The output in pieces. Ends early when gpg takes too long or says too much. The source's errors pass."""
        if self._process is None or self._status_pipe is None:
            return
        taken, given = self._pipes(self._process)
        with selectors.DefaultSelector() as selector:
            selector.register(taken, selectors.EVENT_WRITE)
            for pipe in (given, self._status_pipe):
                selector.register(pipe, selectors.EVENT_READ)
            while selector.get_map() and not self._fault:
                for pipe in self._wait(selector):
                    if pipe is taken:
                        self._feed(selector, taken)
                    elif chunk := self._read(selector, pipe):
                        yield chunk
        self._await_exit()

    @property
    def finished(self) -> Finished:
        """How it ended. To be asked once the output was read to its end."""
        code = self._process.returncode if self._process is not None else None
        fault = self._fault
        if not fault and (code is None or code < 0):
            fault = "killed"
        if not fault and not self._input_taken:
            fault = "input_left"
        return Finished(-1 if code is None else code, bytes(self._status), fault=fault)

    def end(self) -> None:
        """Kill what is left of the process group, and close the pipes."""
        if self._process is None or self._status_pipe is None:
            return
        if self._process.returncode is None:
            with suppress(ProcessLookupError, PermissionError):
                os.killpg(self._process.pid, signal.SIGKILL)
            self._process.wait()
        for pipe in (*self._pipes(self._process), self._status_pipe):
            pipe.close()

    @staticmethod
    def _pipes(process: subprocess.Popen[bytes]) -> tuple[FileIO, FileIO]:
        taken, given = process.stdin, process.stdout
        assert isinstance(taken, FileIO)  # noqa: S101  both were asked for, unbuffered
        assert isinstance(given, FileIO)  # noqa: S101
        return taken, given

    def _wait(self, selector: selectors.BaseSelector) -> list[FileIO]:
        """The pipes that are ready; only the time that gpg lets us wait is counted."""
        began = time.monotonic()
        ready = selector.select(self._left)
        self._left -= time.monotonic() - began
        if not ready:
            self._fault = "timeout"
        return [key.fileobj for key, _ in ready if isinstance(key.fileobj, FileIO)]

    def _feed(self, selector: selectors.BaseSelector, pipe: FileIO) -> None:
        while not self._rest and not self._input_taken:
            chunk = next(self._chunks, None)
            self._input_taken = chunk is None
            self._rest = memoryview(chunk or b"")
        try:
            written = pipe.write(self._rest) if self._rest else 0
        except BrokenPipeError:
            self._close(selector, pipe)
            return
        self._rest = self._rest[written or 0 :]
        if self._input_taken:
            self._close(selector, pipe)

    def _read(self, selector: selectors.BaseSelector, pipe: FileIO) -> bytes:
        """What the pipe has: a piece of the output, or nothing after status lines were kept."""
        data = pipe.read(_CHUNK)
        if data is None:
            return b""
        if not data:
            self._close(selector, pipe)
        if pipe is self._status_pipe:
            self._status += data
            data = b""
        self._size += len(data)
        if self._size > self._limits.output or len(self._status) > self._limits.status:
            self._fault = "too_much"
            return b""
        return data

    @staticmethod
    def _close(selector: selectors.BaseSelector, pipe: FileIO) -> None:
        selector.unregister(pipe)
        pipe.close()

    def _await_exit(self) -> None:
        if self._process is None or self._fault:
            return
        try:
            self._process.wait(max(self._left, 0.001))
        except subprocess.TimeoutExpired:
            self._fault = "timeout"


@dataclass(frozen=True, slots=True)
class Gpg:
    """The gpg program at an absolute path; `None` where this host has none that may be trusted.

    `limits` hold for every call that has none of its own.
    """

    path: Path | None
    limits: Limits = _LIMITS

    def run(
        self,
        arguments: Sequence[Argument],
        home: Path,
        *,
        data: bytes = b"",
        secret: bool = False,
        attended: bool = False,
        limits: Limits | None = None,
    ) -> Finished:
        """Run gpg to its end and return what it wrote. Arguments as for `stream`."""
        with self.stream(arguments, home, chunks=(data,), secret=secret, attended=attended, limits=limits) as running:
            output = b"".join(running)
        found = running.finished
        return Finished(found.exit_code, found.status, output, found.fault)

    @contextmanager
    def stream(
        self,
        arguments: Sequence[Argument],
        home: Path,
        *,
        chunks: Iterable[bytes] = (),
        secret: bool = False,
        attended: bool = False,
        limits: Limits | None = None,
    ) -> Iterator[Running]:
        """Start gpg, and kill it at the block's end if it still runs.

        Args:
            arguments: command and options, with files as absolute `Path`s; a fingerprint was checked before
                (`check_fingerprint`).
            home: its home folder, absolute.
            chunks: its input, taken as gpg takes it.
            secret: secret keys are needed, so an agent may be started: within `agents` for a home of cutter's own.
            attended: a person's own home, whose agent may ask for a passphrase on that person's screen.
            limits: time and sizes, when not the program's.

        Raises:
            Stop: STOP_INVALID_INPUT, detail `path_not_absolute`.
        """
        command = [str(self.path), *_options(home, secret=secret, attended=attended)]
        command += [_text(argument) for argument in arguments]
        running = _start(self.path, command, _environment(home, attended=attended), chunks, limits or self.limits)
        try:
            yield running
        finally:
            running.end()

    @contextmanager
    def agents(self, home: Path) -> Iterator[None]:
        """Hold a home of cutter's own for work with its secret keys; its agents are ended afterwards.

        An agent that a killed process left behind is ended first.

        Raises:
            Stop: STOP_PATH_UNSAFE, STOP_DISK: of the home.
        """
        with files.one_writer(home), fresh_home() as sockets:
            if (home / _SOCKETS[0]).exists():
                self._end_agent(home)
            for name in _SOCKETS:
                files.write_atomic(home / name, f"%Assuan%\nsocket={sockets / name}\n".encode(), lasting=False)
            try:
                yield
            finally:
                self._end_agent(home)
                for name in _SOCKETS:
                    (home / name).unlink(missing_ok=True)

    @cache  # noqa: B019  there is one program, and it is asked once
    def version(self) -> str:
        """The version as the program tells it, such as `2.2.40`; `absent` without a program or an answer."""
        with fresh_home() as home:
            found = self.run(["--version"], home)
        first = found.output.split(b"\n", 1)[0].decode("ascii", "replace").split()
        return first[-1] if first and not found.fault and found.exit_code == 0 else "absent"

    def _end_agent(self, home: Path) -> None:
        """What the agent has started ends with it."""
        if self.path is None:
            return
        program = str(self.path.with_name("gpg-connect-agent"))
        command = [program, "--homedir", str(home), "--no-autostart", "KILLAGENT", "/bye"]
        with suppress(OSError, subprocess.SubprocessError):
            subprocess.run(command, env=_environment(home), capture_output=True, check=False, timeout=_LIMITS.seconds)


@cache
def installed(workspace: Path | None = None) -> Gpg:
    """The gpg of this host: from the usual places, then from PATH; looked for once.

    Args:
        workspace: a folder whose programs are not trusted, besides the current one.
    """
    return Gpg(locate(workspace))


def _options(home: Path, *, secret: bool, attended: bool) -> list[str]:
    options = ["--homedir", _text(home), *_ALWAYS]
    if not secret and not attended:
        options += _PUBLIC
    if not attended:
        options += _UNATTENDED
    return options


def _environment(home: Path, *, attended: bool = False) -> dict[str, str]:
    """Nothing of the caller's environment but, for a person's own home, what shows a question on the screen.

    gpg finds the sockets of a person's running agent by that person's home folder.
    """
    plain = {"PATH": "/usr/bin:/bin", "HOME": str(home), "LC_ALL": "C"}
    if not attended:
        return plain
    screen = {name: os.environ[name] for name in _SCREEN if name in os.environ}
    return plain | {"HOME": pwd.getpwuid(os.geteuid()).pw_dir} | screen


def _text(argument: Argument) -> str:
    if isinstance(argument, Path) and not argument.is_absolute():
        raise Stop(StopCode.STOP_INVALID_INPUT, detail="path_not_absolute")
    return str(argument)


def _start(
    program: Path | None, command: list[str], environment: dict[str, str], chunks: Iterable[bytes], limits: Limits
) -> Running:
    if program is None:
        return Running(None, None, chunks, limits)
    reading, writing = os.pipe()
    status = FileIO(reading, "rb")
    command[1:1] = ["--status-fd", str(writing)]
    try:
        process = subprocess.Popen(
            command,
            bufsize=0,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            cwd="/",
            env=environment,
            pass_fds=(writing,),
            start_new_session=True,
        )
    except OSError:
        status.close()
        return Running(None, None, chunks, limits)
    finally:
        os.close(writing)
    for pipe in (*Running._pipes(process), status):
        os.set_blocking(pipe.fileno(), False)
    return Running(process, status, chunks, limits)


def _short_folder() -> str | None:
    """`/tmp` where there is one: the system's choice may be too long for a socket."""
    return "/tmp" if Path("/tmp").is_dir() else None  # noqa: S108  made with mkdtemp: new, private, unguessable
