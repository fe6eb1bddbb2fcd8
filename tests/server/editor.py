"""An editor that a test drives: it runs the server as a process and keeps every message."""

from __future__ import annotations

import asyncio
import json
import os
import signal
import sys
import time
import uuid
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar

CAPABILITIES = Path(__file__).parent / "capabilities"
ROOT = Path(__file__).parents[2]
# Marks a test's server and every process it starts, in their environments.
MARK = "EXPORT_LSP_TEST"
ERROR, WARNING, INFORMATION, HINT = 1, 2, 3, 4

Json = dict[str, Any]
T = TypeVar("T")


@dataclass(frozen=True)
class Shown:
    """A diagnostic as a user sees it: the rule and the underlined text."""

    code: str | None
    text: str
    severity: int


class Editor:
    """A client that exchanges JSON-RPC messages with a server.

    Attributes:
        configuration: by folder URI, the answer to ``workspace/configuration``.
        answer: the title to choose in ``window/showMessageRequest``; None to close it.
        answering: while cleared, ``window/showMessageRequest`` is not answered.
        toasts: True if the client shows messages with buttons, as our extension does.
        graphs: True if the client shows documents of graphs.
        errors: the errors that do not answer a request.
        claimed: the indexes of the messages that the test has read.
    """

    def __init__(self, client: str, environment: Mapping[str, str]) -> None:
        self.client = client
        self.environment = dict(environment)
        self.mark = uuid.uuid4().hex
        self.notifications: list[tuple[str, Json]] = []
        self.requests: list[tuple[str, Json]] = []
        self.diagnostics: dict[str, Json] = {}
        self.published: list[Json] = []
        self.configuration: dict[str, Json | None] = {}
        self.errors: list[Json] = []
        self.toasts = self.graphs = False
        self.answer: str | None = None
        self.answering = asyncio.Event()
        self.answering.set()
        self.claimed: set[int] = set()
        self.server_capabilities: Json = {}
        self.stderr = bytearray()
        self.documents: dict[Path, tuple[str, int]] = {}
        self._replies: dict[int, asyncio.Future[Any]] = {}
        self.server: Sequence[str] = ("-m", "export_lsp", "server")
        self._number = 0
        self._news = asyncio.Condition()
        self._reading: list[asyncio.Task[None]] = []
        self._replying: list[asyncio.Task[None]] = []
        self.process: asyncio.subprocess.Process

    # --- lifecycle ---------------------------------------------------------------------------

    async def start(
        self, folders: Sequence[Path], options: Json, *, encodings: Sequence[str] | None = None
    ) -> Json:
        """Start the server, initialize it, and return the result of ``initialize``."""
        await self.launch()
        return await self.shake_hands(folders, options, encodings)

    async def launch(self) -> None:
        """Start the server without sending anything."""
        self.process = await asyncio.create_subprocess_exec(
            sys.executable,
            *self.server,
            stdin=asyncio.subprocess.PIPE,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.PIPE,
            env={**self.environment, MARK: self.mark, "PYTHONPATH": self._python_path()},
        )
        self._reading = [
            asyncio.create_task(self._read_messages()),
            asyncio.create_task(self._read_stderr()),
        ]

    async def shake_hands(
        self, folders: Sequence[Path], options: Json, encodings: Sequence[str] | None = None
    ) -> Json:
        """Send ``initialize`` and ``initialized``; return the result of the first."""
        recorded = json.loads((CAPABILITIES / f"{self.client}.json").read_text())
        capabilities = recorded["capabilities"]
        abilities = {"toasts": self.toasts, "graphs": self.graphs}
        if any(abilities.values()):
            capabilities["experimental"] = {"exportLsp": abilities}
        if encodings is not None:
            capabilities.setdefault("general", {})["positionEncodings"] = list(encodings)
        params: Json = {
            "processId": os.getpid(),
            "capabilities": capabilities,
            "clientInfo": recorded.get("clientInfo"),
            "rootUri": folders[0].as_uri() if folders else None,
            "initializationOptions": options,
        }
        if capabilities.get("workspace", {}).get("workspaceFolders"):
            params["workspaceFolders"] = [
                {"uri": folder.as_uri(), "name": folder.name} for folder in folders
            ]
        result: Json = await self.request("initialize", params)
        self.server_capabilities = result["capabilities"]
        self.notify("initialized", {})
        return result

    async def join(self, folder: Path, options: Json) -> None:
        """Add a workspace folder with its own options."""
        self.configuration[folder.as_uri()] = options
        event = {"added": [{"uri": folder.as_uri(), "name": folder.name}], "removed": []}
        self.notify("workspace/didChangeWorkspaceFolders", {"event": event})
        await self.wait_until(lambda: folder.as_uri() in str(self.requests))

    async def leave(self, folder: Path) -> None:
        """Close all files, remove the folder, and wait until no diagnostics are left."""
        for file in list(self.documents):
            self.close(file)
        event = {"added": [], "removed": [{"uri": folder.as_uri(), "name": folder.name}]}
        self.notify("workspace/didChangeWorkspaceFolders", {"event": event})
        await self.wait_until(lambda: not any(p["diagnostics"] for p in self.diagnostics.values()))
        await self.wait_until(lambda: not self.status.get("busy"))

    def _python_path(self) -> str:
        given = self.environment.get("PYTHONPATH")
        return os.pathsep.join([str(ROOT), *([given] if given else [])])

    def forget(self) -> None:
        """Forget all messages, for the next test."""
        for kept in (
            self.notifications,
            self.requests,
            self.published,
            self.claimed,
            self.errors,
        ):
            kept.clear()
        self.diagnostics.clear()
        self.configuration.clear()
        self.stderr.clear()

    async def stop(self) -> int:
        """Shut the server down as an editor does, and return its exit status."""
        await self.request("shutdown", None)
        self.notify("exit", None)
        return await self.exited()

    async def exited(self, timeout: float = 10) -> int:
        """Wait until the server has ended, and return its exit status."""
        status = await asyncio.wait_for(self.process.wait(), timeout)
        for task in self._replying:
            task.cancel()
        await asyncio.gather(*self._reading)
        return status

    def marked_processes(self) -> list[int]:
        """Return the ids of the server and of all processes it started that still run."""
        wanted = f"{MARK}={self.mark}".encode()
        found = []
        for entry in Path("/proc").iterdir():
            if not entry.name.isdigit():
                continue
            try:
                environment = (entry / "environ").read_bytes()
                state = (entry / "stat").read_text().rpartition(")")[2].split()[0]
            except OSError:
                continue
            if wanted in environment.split(b"\0") and state != "Z":
                found.append(int(entry.name))
        return found

    def kill_marked(self) -> None:
        """Kill every process that is left of this editor's server."""
        for pid in self.marked_processes():
            os.kill(pid, signal.SIGKILL)

    # --- messages ----------------------------------------------------------------------------

    async def request(self, method: str, params: Any) -> Any:
        """Send a request and return its result; fail if the answer is an error."""
        self._number += 1
        number = self._number
        self._replies[number] = asyncio.get_running_loop().create_future()
        self._send({"id": number, "method": method, "params": params})
        return await asyncio.wait_for(self._replies[number], 30)

    def notify(self, method: str, params: Any) -> None:
        self._send({"method": method, "params": params})

    def send_raw(self, body: bytes) -> None:
        """Send any bytes as the body of a message."""
        assert self.process.stdin is not None
        self.process.stdin.write(b"Content-Length: %d\r\n\r\n%s" % (len(body), body))

    def _send(self, message: Json) -> None:
        self.send_raw(json.dumps({"jsonrpc": "2.0", **message}).encode())

    async def _read_messages(self) -> None:
        stream = self.process.stdout
        assert stream is not None
        while header := await stream.readline():
            length = int(header.split(b":")[1])
            while (await stream.readline()).strip():
                pass
            await self._receive(json.loads(await stream.readexactly(length)))

    async def _read_stderr(self) -> None:
        assert self.process.stderr is not None
        while data := await self.process.stderr.read(65536):
            self.stderr += data
            await self._notify_waiting()

    async def _receive(self, message: Json) -> None:
        if "method" not in message:
            if message["id"] is None:
                self.errors.append(message["error"])
                await self._notify_waiting()
                return
            reply = self._replies.pop(message["id"])
            if "error" in message:
                reply.set_exception(AssertionError(message["error"]))
            else:
                reply.set_result(message["result"])
            return
        method, params = message["method"], message.get("params") or {}
        if "id" in message:
            self.requests.append((method, params))
            self._replying.append(asyncio.create_task(self._reply(message["id"], method, params)))
        else:
            self.notifications.append((method, params))
            if method == "textDocument/publishDiagnostics":
                self.diagnostics[params["uri"]] = params
                self.published.append(params)
        await self._notify_waiting()

    async def _reply(self, number: Any, method: str, params: Json) -> None:
        result: Any = None
        if method == "workspace/configuration":
            result = [self.configuration.get(item.get("scopeUri")) for item in params["items"]]
        elif method == "window/showMessageRequest":
            await self.answering.wait()
            result = {"title": self.answer} if self.answer is not None else None
        elif method == "workspace/applyEdit":
            result = {"applied": True}
        elif method == "window/showDocument":
            result = {"success": True}
        self._send({"id": number, "result": result})

    async def _notify_waiting(self) -> None:
        async with self._news:
            self._news.notify_all()

    async def wait_until(self, predicate: Callable[[], T], timeout: float = 60) -> T:
        """Return the first true value of `predicate`, which is called after every message."""

        async def look() -> T:
            async with self._news:
                while not (value := predicate()):
                    await self._news.wait()
                return value

        try:
            return await asyncio.wait_for(look(), timeout)
        except asyncio.TimeoutError:
            raise AssertionError(f"never came true; {self.story()}") from None

    def story(self) -> str:
        """Return the messages and the log of the server, for a failing test."""
        sent = [f"{method} {json.dumps(params)[:600]}" for method, params in self.notifications]
        return "\n".join(["it sent:", *sent, "and logged:", self.stderr.decode()[-3000:]])

    # --- documents ---------------------------------------------------------------------------

    def open(self, file: Path, text: str | None = None, *, uri: str | None = None) -> None:
        """Open a file, with unsaved `text` if given."""
        text = file.read_text(encoding="utf-8") if text is None else text
        self.documents[file] = (text, 1)
        item = {"uri": uri or file.as_uri(), "languageId": "python", "version": 1, "text": text}
        self.notify("textDocument/didOpen", {"textDocument": item})

    def change(self, file: Path, text: str) -> None:
        """Replace an open file's text, without saving it."""
        version = self.documents[file][1] + 1
        self.documents[file] = (text, version)
        self.notify(
            "textDocument/didChange",
            {
                "textDocument": {"uri": file.as_uri(), "version": version},
                "contentChanges": [{"text": text}],
            },
        )

    def insert(self, file: Path, line: int, text: str) -> None:
        """Type text at the beginning of a line."""
        before, version = self.documents[file]
        lines = before.split("\n")
        lines[line] = text + lines[line]
        self.documents[file] = ("\n".join(lines), version + 1)
        place = {"line": line, "character": 0}
        change = {"range": {"start": place, "end": place}, "text": text}
        identifier = {"uri": file.as_uri(), "version": version + 1}
        self.notify(
            "textDocument/didChange", {"textDocument": identifier, "contentChanges": [change]}
        )

    def save(self, file: Path, text: str | None = None) -> None:
        """Save an open file, with a new text if given.

        The text is replaced at once: the server, deciding on the save before, may read the file
        at any time, and would drop one that it finds empty until the next notification.
        """
        if text is not None:
            self.change(file, text)
        written = file.with_name(f"{file.name}~")
        written.write_text(self.documents[file][0], encoding="utf-8")
        written.replace(file.resolve())
        self.notify("textDocument/didSave", {"textDocument": {"uri": file.as_uri()}})

    def close(self, file: Path) -> None:
        del self.documents[file]
        self.notify("textDocument/didClose", {"textDocument": {"uri": file.as_uri()}})

    def watched(self, file: Path, kind: int) -> None:
        """Report a change outside the editor: 1 created, 2 changed, 3 deleted."""
        change = {"uri": file.as_uri(), "type": kind}
        self.notify("workspace/didChangeWatchedFiles", {"changes": [change]})

    async def command(self, name: str, *arguments: Any) -> Any:
        return await self.request(
            "workspace/executeCommand", {"command": name, "arguments": list(arguments)}
        )

    def notify_command(self, name: str, *arguments: Any) -> None:
        """Send a command without waiting for its answer."""
        self._number += 1
        self._replies[self._number] = asyncio.get_running_loop().create_future()
        params = {"command": name, "arguments": list(arguments)}
        self._send({"id": self._number, "method": "workspace/executeCommand", "params": params})

    # --- the user's view ---------------------------------------------------------------------

    def raw(self, file: Path) -> list[Json]:
        """Return the published diagnostics of a file."""
        found: list[Json] = self.diagnostics.get(file.as_uri(), {}).get("diagnostics", [])
        return found

    def shown(self, file: Path) -> list[Shown]:
        """Return the diagnostics of a file with the text that each underlines."""
        text = self.documents[file][0] if file in self.documents else file.read_text("utf-8")
        encoding = self.server_capabilities["positionEncoding"]
        return [
            Shown(item.get("code"), underlined(text, item["range"], encoding), item["severity"])
            for item in self.raw(file)
        ]

    def messages(self, method: str = "window/showMessage") -> list[str]:
        """Return the texts of these notifications, and mark them as claimed."""
        found = []
        for index, (name, params) in enumerate(self.notifications):
            if name == method:
                self.claimed.add(index)
                found.append(params["message"])
        return found

    def progress(self) -> list[Json]:
        """Return all work-done progress values."""
        return [params["value"] for method, params in self.notifications if method == "$/progress"]

    def unclaimed(self) -> list[Json]:
        """Return the pop-ups and logged errors that no test has claimed."""
        return [
            params
            for index, (method, params) in enumerate(self.notifications)
            if index not in self.claimed
            and (
                method == "window/showMessage"
                or (method == "window/logMessage" and params["type"] == ERROR)
            )
        ]

    def logged_errors(self) -> list[str]:
        """Return the lines of the server's log at level error."""
        return [line for line in self.stderr.decode().split("\n") if line.startswith("ERROR ")]

    @property
    def status(self) -> Json:
        """The last status notification."""
        states = [params for method, params in self.notifications if method == "exportLsp/status"]
        return states[-1] if states else {}

    async def idle(self) -> None:
        """Wait until the last status is not busy."""
        await self.wait_until(lambda: self.status.get("busy") is False)

    async def checked(self, act: Callable[[], None]) -> None:
        """Call `act`, which starts a check, and wait for its end or for a remembered result."""
        before, remembered = self._times_busy(), self.recalled
        act()
        await self.wait_until(
            lambda: (
                self.recalled > remembered
                or (self._times_busy() > before and self.status.get("busy") is False)
            )
        )

    @property
    def recalled(self) -> int:
        """The number of results that were known from an earlier check."""
        return sum(
            method == "window/logMessage" and "known from an earlier check" in params["message"]
            for method, params in self.notifications
        )

    def _times_busy(self) -> int:
        return sum(
            method == "exportLsp/status" and params["busy"] for method, params in self.notifications
        )


def underlined(text: str, place: Json, encoding: str) -> str:
    """Return the text of a range whose columns count code units of `encoding`."""
    lines = text.split("\n")
    codec = {"utf-8": "utf-8", "utf-16": "utf-16-le", "utf-32": "utf-32-le"}[encoding]
    width = {"utf-8": 1, "utf-16": 2, "utf-32": 4}[encoding]

    def cut(line: str, start: int | None, end: int | None) -> str:
        data = line.encode(codec)
        first = start * width if start is not None else None
        last = end * width if end is not None else None
        return data[first:last].decode(codec)

    start, end = place["start"], place["end"]
    if start["line"] == end["line"]:
        return cut(lines[start["line"]], start["character"], end["character"])
    between = lines[start["line"] + 1 : end["line"]]
    first = cut(lines[start["line"]], start["character"], None)
    return "\n".join([first, *between, cut(lines[end["line"]], None, end["character"])])


def resident_megabytes(pid: int) -> float:
    """Return the resident memory of a process, in MB.

    Raises:
        OSError: The process has ended; it may still be a zombie.
    """
    for line in Path(f"/proc/{pid}/status").read_text().splitlines():
        if line.startswith("VmRSS"):
            return int(line.split()[1]) / 1024
    raise ProcessLookupError(pid)


async def gone(pids: Callable[[], list[int]], timeout: float = 5) -> None:
    """Wait until `pids` returns none; no event reports the end of a process, so this polls."""
    deadline = time.monotonic() + timeout
    while left := pids():
        if time.monotonic() > deadline:
            raise AssertionError(f"still running: {left}")
        await asyncio.sleep(0.02)
