"""An editor that says what no editor should, and reads when it likes."""

from __future__ import annotations

import asyncio
import json
from pathlib import Path
from typing import Any

from tests.conftest import clean_environment
from tests.server.editor import Editor, Json


class Wire(Editor):
    """Sends bytes as they are; `replies` are all that came, in their order.

    It reads messages while `reading` is set, and the log once `listening` is.
    """

    def __init__(self, home: Path) -> None:
        super().__init__("vscode-1.139", clean_environment(home))
        self.replies: list[Json] = []
        self.reading = asyncio.Event()
        self.reading.set()
        self.listening = asyncio.Event()
        self.listening.set()

    def send(self, data: bytes) -> None:
        """Bytes, whatever they are."""
        assert self.process.stdin is not None
        self.process.stdin.write(data)

    def ask(self, number: Any, method: str, params: Any = None) -> None:
        """A request with an id of one's own choice."""
        self.send(framed(message(id=number, method=method, params=params)))

    async def reply(self, number: Any) -> Json:
        """The first answer with this id that no test has been given."""
        found = await self.wait_until(
            lambda: [each for each in self.replies if each["id"] == number], 20
        )
        self.replies.remove(found[0])
        return found[0]

    @property
    def unsent(self) -> int:
        """How many bytes the server has not taken yet."""
        assert self.process.stdin is not None
        return self.process.stdin.transport.get_write_buffer_size()

    async def stalled(self) -> int:
        """Wait until the server takes nothing more for a while; what it has not taken, in bytes."""
        unchanged = 0
        while unchanged < 25:
            before = self.unsent
            await asyncio.sleep(0.02)
            unchanged = unchanged + 1 if self.unsent == before else 0
        return self.unsent

    def peak(self) -> float:
        """The most that the server had resident since `new_peak`, in megabytes."""
        status = Path(f"/proc/{self.process.pid}/status").read_text()
        line = next(line for line in status.splitlines() if line.startswith("VmHWM"))
        return int(line.split()[1]) / 1024

    def new_peak(self) -> float:
        """What the server has resident now, from which on the peak counts."""
        Path(f"/proc/{self.process.pid}/clear_refs").write_text("5")
        return self.peak()

    async def works(self) -> None:
        """An ordinary request gets its ordinary answer."""
        place = {"line": 0, "character": 0}
        document = {"uri": "file:///nowhere/model.py"}
        hover = {"textDocument": document, "position": place}
        assert await self.request("textDocument/hover", hover) is None

    async def _read_stderr(self) -> None:
        await self.listening.wait()
        await super()._read_stderr()

    async def _receive(self, message: Json) -> None:
        await self.reading.wait()
        if "method" not in message and message["id"] not in self._replies:
            self.replies.append(message)
            await self._tell()
            return
        await super()._receive(message)


def message(**fields: Any) -> bytes:
    """The body of a message."""
    return json.dumps({"jsonrpc": "2.0", **fields}).encode()


def framed(body: bytes) -> bytes:
    """A body with its header."""
    return b"Content-Length: %d\r\n\r\n%s" % (len(body), body)
