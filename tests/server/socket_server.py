"""A server that listens on a socket, and clients that send it any bytes."""

from __future__ import annotations

import asyncio
import json
import re
import sys
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tests.server.editor import ROOT

# Seconds until a server that starts must listen, and until it must answer.
PATIENCE = 30.0


def framed(**message: Any) -> bytes:
    """Return a message with its header."""
    body = json.dumps({"jsonrpc": "2.0", **message}).encode()
    return b"Content-Length: %d\r\n\r\n%s" % (len(body), body)


def initialize(folder: Path | None = None, **options: Any) -> bytes:
    """Return an ``initialize`` request with the number 1 and these initialization options."""
    params = {
        "processId": None,
        "rootUri": folder.as_uri() if folder is not None else None,
        "capabilities": {},
        "initializationOptions": options,
    }
    return framed(id=1, method="initialize", params=params)


@dataclass(frozen=True)
class SocketClient:
    """A connection to the server."""

    reader: asyncio.StreamReader
    writer: asyncio.StreamWriter

    def send(self, data: bytes) -> None:
        self.writer.write(data)

    async def receive(self) -> Any:
        """Return the next message."""
        header = await asyncio.wait_for(self.reader.readuntil(b"\r\n\r\n"), PATIENCE)
        length = re.search(rb"Content-Length: (\d+)", header)
        assert length is not None
        return json.loads(await self.reader.readexactly(int(length[1])))

    async def reply(self, number: int) -> Any:
        """Return the answer to a request, and drop the messages before it."""
        while (message := await self.receive()).get("id") != number:
            pass
        return message

    async def rest(self) -> bytes:
        """Wait until the server closes the connection; return what it has sent before."""
        try:
            return await asyncio.wait_for(self.reader.read(), PATIENCE)
        except ConnectionError:
            return b""

    async def close(self) -> None:
        self.writer.close()


class SocketServer:
    """A server process; `token` is the one that it has printed, "" if it has printed none."""

    def __init__(self, process: asyncio.subprocess.Process) -> None:
        self.process = process
        self.address: tuple[str, int] | str = ""
        self.token = ""
        self.log = ""

    async def listening(self) -> None:
        """Wait until the server listens."""
        await self.logged(r"listening on ")
        if found := re.search(r"listening on \('([^']+)', (\d+)", self.log):
            self.address = found[1], int(found[2])
        elif found := re.search(r"listening on '?([^'\n]+)", self.log):
            self.address = found[1]
        if not isinstance(self.address, str):
            await self.logged(r"option `token`")
            token = re.search(r"option `token`[^\n]*: (\S+)", self.log)
            self.token = token[1] if token is not None else ""

    async def logged(self, words: str) -> str:
        """Wait for a line of the log that matches a regular expression, and return it."""
        assert self.process.stderr is not None
        while not (found := re.search(rf"[^\n]*(?:{words})[^\n]*\n", self.log)):
            line = await asyncio.wait_for(self.process.stderr.readline(), PATIENCE)
            assert line, self.log
            self.log += line.decode()
        return found[0]

    async def connect(self) -> SocketClient:
        if isinstance(self.address, str):
            return SocketClient(*await asyncio.open_unix_connection(self.address))
        return SocketClient(*await asyncio.open_connection(*self.address))

    async def serve_one(self, **options: Any) -> None:
        """Be served as an editor is, and fail unless the server ends after that."""
        client = await self.connect()
        client.send(initialize(**options))
        reply = await client.receive()
        assert reply["result"]["serverInfo"]["name"] == "export-lsp"
        client.send(framed(id=2, method="shutdown"))
        assert (await client.reply(2))["result"] is None
        client.send(framed(method="exit"))
        assert await asyncio.wait_for(self.process.wait(), PATIENCE) == 0


@asynccontextmanager
async def socket_server(
    environment: Mapping[str, str], *arguments: str
) -> AsyncIterator[SocketServer]:
    """Context manager that starts a server with these options; it need not come to listen."""
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "export_lsp", "server", *arguments),
        stderr=asyncio.subprocess.PIPE,
        env={**environment, "PYTHONPATH": str(ROOT)},
    )
    try:
        yield SocketServer(process)
    finally:
        if process.returncode is None:
            process.kill()
            await process.wait()
