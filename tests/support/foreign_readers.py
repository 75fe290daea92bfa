"""Other people's readers of what cutter writes, as `tools/node.sh` installs them: mermaid, graphviz, SARIF's schema,
and the language server that editors start for YAML, spoken to over its standard streams.
"""

import json
import shutil
import subprocess
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from queue import Queue
from typing import Any

import pytest

ROOT = Path(__file__).parents[2]
FOLDER = ROOT / "build" / "node"
_SECONDS = 60


def _missing() -> str:
    if shutil.which("node") is None:
        return "node is not here: nothing was read by mermaid, graphviz or an editor's language server"
    lock = ROOT / "tools" / "node" / "package-lock.json"
    installed = FOLDER / "installed"
    if not installed.is_file() or installed.read_bytes() != lock.read_bytes():
        return "build/node is not installed: run sh tools/node.sh"
    return ""


needs_node = pytest.mark.skipif(bool(_missing()), reason=_missing() or "node is here")


def read_with(reader: str, texts: Sequence[str]) -> list[dict[str, Any]]:
    """What a reader of `tools/node` finds in each text."""
    done = subprocess.run(
        ["node", str(FOLDER / reader)],
        input=json.dumps(list(texts)).encode(),
        stdout=subprocess.PIPE,
        cwd=FOLDER,
        timeout=_SECONDS,
        check=True,
    )
    answers: list[dict[str, Any]] = json.loads(done.stdout)
    return answers


def sarif_schema() -> dict[str, Any]:
    """The schema of SARIF 2.1.0."""
    folder = FOLDER / "node_modules" / "@microsoft" / "jest-sarif" / "lib" / "schemas"
    (path,) = folder.glob("sarif-2.1.0*.json")
    schema: dict[str, Any] = json.loads(path.read_bytes())
    return schema


@dataclass(slots=True)
class LanguageServer:
    """`yaml-language-server` as an editor speaks with it (LSP over stdio)."""

    _process: "subprocess.Popen[bytes]"
    _messages: "Queue[dict[str, Any] | None]" = field(default_factory=Queue)
    _last: int = 0

    def open(self, path: Path, text: str) -> list[dict[str, Any]]:
        """Open a document with this text; its diagnostics."""
        document = {"uri": path.as_uri(), "languageId": "yaml", "version": 1, "text": text}
        self._notify("textDocument/didOpen", {"textDocument": document})
        while True:
            message = self._next()
            if message.get("method") == "textDocument/publishDiagnostics" and message["params"]["uri"] == path.as_uri():
                found: list[dict[str, Any]] = message["params"]["diagnostics"]
                return found

    def complete(self, path: Path, line: int, character: int) -> set[str]:
        """The words that are offered at a place, counted from 0."""
        position = {"line": line, "character": character}
        answer = self.ask("textDocument/completion", {"textDocument": {"uri": path.as_uri()}, "position": position})
        return {item["label"] for item in answer["items"]}

    def hover(self, path: Path, line: int, character: int) -> str:
        """What is said of the word at a place."""
        position = {"line": line, "character": character}
        answer = self.ask("textDocument/hover", {"textDocument": {"uri": path.as_uri()}, "position": position})
        return json.dumps(answer, ensure_ascii=False)

    def ask(self, method: str, params: object) -> Any:
        """A request's result."""
        self._last += 1
        asked = self._last
        self._write({"id": asked, "method": method, "params": params})
        while True:
            message = self._next()
            if "method" not in message and message.get("id") == asked:
                return message["result"]

    def start(self, folder: Path) -> None:
        """Begin a session that fetches nothing from anywhere."""
        self.ask(
            "initialize",
            {
                "processId": None,
                "rootUri": folder.as_uri(),
                "workspaceFolders": [{"uri": folder.as_uri(), "name": "workspace"}],
                "capabilities": {
                    "workspace": {"configuration": True, "workspaceFolders": True},
                    "textDocument": {"completion": {"completionItem": {}}, "hover": {"contentFormat": ["plaintext"]}},
                },
            },
        )
        self._notify("initialized", {})

    def listen(self) -> None:
        """Read what the server says, until it ends."""
        assert self._process.stdout is not None
        with suppress(ValueError, OSError):
            while header := self._process.stdout.readline():
                length = int(header.partition(b":")[2]) if header.lower().startswith(b"content-length") else 0
                while header.strip():
                    header = self._process.stdout.readline()
                self._messages.put(json.loads(self._process.stdout.read(length)))
        self._messages.put(None)

    def _next(self) -> dict[str, Any]:
        """The next message; what the server asks of its editor is answered."""
        message = self._messages.get(timeout=_SECONDS)
        assert message is not None, "the language server has ended"
        if "method" in message and "id" in message:
            self._write({"id": message["id"], "result": _configuration(message)})
        return message

    def _notify(self, method: str, params: object) -> None:
        self._write({"method": method, "params": params})

    def _write(self, message: dict[str, Any]) -> None:
        assert self._process.stdin is not None
        body = json.dumps({"jsonrpc": "2.0", **message}).encode()
        self._process.stdin.write(b"Content-Length: %d\r\n\r\n%b" % (len(body), body))
        self._process.stdin.flush()


def _configuration(message: dict[str, Any]) -> list[dict[str, Any]] | None:
    """An editor's settings: no store of schemas on the network."""
    if message["method"] != "workspace/configuration":
        return None
    yaml = {"validate": True, "completion": True, "hover": True, "schemaStore": {"enable": False, "url": ""}}
    return [yaml if item.get("section") == "yaml" else {} for item in message["params"]["items"]]


@contextmanager
def language_server(folder: Path) -> Iterator[LanguageServer]:
    """A language server for a folder, ended afterwards."""
    program = FOLDER / "node_modules" / "yaml-language-server" / "bin" / "yaml-language-server"
    with subprocess.Popen(
        ["node", str(program), "--stdio"],
        cwd=folder,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
    ) as process:
        server = LanguageServer(process)
        reader = threading.Thread(target=server.listen)
        reader.start()
        try:
            server.start(folder)
            yield server
        finally:
            process.kill()
            reader.join()
