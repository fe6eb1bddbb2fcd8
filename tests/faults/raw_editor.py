"""An editor that sends arbitrary bytes, and reads when a test lets it."""

from __future__ import annotations

import asyncio
import json
from pathlib import Path
from typing import Any

from tests.conftest import clean_environment
from tests.server.editor import Editor, Json


class RawEditor(Editor):
    """An editor that sends bytes as they are and keeps unexpected answers.

    Attributes:
        replies: the answers to requests that the base class did not send, in order.
        reading: while set, messages are read.
        reading_log: once set, stderr is read.
    """

    def __init__(self, home: Path) -> None:
        super().__init__("vscode-1.139", clean_environment(home))
        self.replies: list[Json] = []
        self.reading = asyncio.Event()
        self.reading.set()
        self.reading_log = asyncio.Event()
        self.reading_log.set()

    def send(self, data: bytes) -> None:
        """Send any bytes."""
        assert self.process.stdin is not None
        self.process.stdin.write(data)

    def ask(self, number: Any, method: str, params: Any = None) -> None:
        """Send a request with any id."""
        self.send(framed(message(id=number, method=method, params=params)))

    async def reply(self, number: Any) -> Json:
        """Wait for an answer with this id; return and remove it."""
        found = await self.wait_until(
            lambda: [each for each in self.replies if each["id"] == number], 20
        )
        self.replies.remove(found[0])
        return found[0]

    @property
    def unsent(self) -> int:
        """The number of bytes that the server has not read yet."""
        assert self.process.stdin is not None
        return self.process.stdin.transport.get_write_buffer_size()

    async def stalled(self) -> int:
        """Wait until the server has stopped reading; return the number of unread bytes."""
        unchanged = 0
        while unchanged < 25:
            before = self.unsent
            await asyncio.sleep(0.02)
            unchanged = unchanged + 1 if self.unsent == before else 0
        return self.unsent

    def peak_memory(self) -> float:
        """Return the server's peak resident memory since `reset_peak_memory`, in MB."""
        status = Path(f"/proc/{self.process.pid}/status").read_text()
        line = next(line for line in status.splitlines() if line.startswith("VmHWM"))
        return int(line.split()[1]) / 1024

    def reset_peak_memory(self) -> float:
        """Restart the measurement of the peak; return the memory resident now, in MB."""
        Path(f"/proc/{self.process.pid}/clear_refs").write_text("5")
        return self.peak_memory()

    async def check_alive(self) -> None:
        """Fail unless the server answers an ordinary request."""
        place = {"line": 0, "character": 0}
        document = {"uri": "file:///nowhere/model.py"}
        hover = {"textDocument": document, "position": place}
        assert await self.request("textDocument/hover", hover) is None

    async def _read_stderr(self) -> None:
        await self.reading_log.wait()
        await super()._read_stderr()

    async def _receive(self, message: Json) -> None:
        await self.reading.wait()
        if "method" not in message and message["id"] not in self._replies:
            self.replies.append(message)
            await self._notify_waiting()
            return
        await super()._receive(message)


def message(**fields: Any) -> bytes:
    """Return the body of a message."""
    return json.dumps({"jsonrpc": "2.0", **fields}).encode()


def framed(body: bytes) -> bytes:
    """Return a body with its header."""
    return b"Content-Length: %d\r\n\r\n%s" % (len(body), body)
